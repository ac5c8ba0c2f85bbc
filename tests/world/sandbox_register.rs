//! The register knows its vendors by their exact names.

use countersign::sandbox::{Sandbox, SandboxOptions};
use serde_json::json;
use tempfile::TempDir;

use crate::raw::{get, ledger, once};

#[test]
fn a_known_vendor_is_validated_and_an_unknown_one_is_not() {
    let dir = TempDir::new().unwrap();
    let sandbox = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    let known = get(&sandbox, "/register/vendors?name=Alpha%20Tech%20Systems");
    assert_eq!(
        known,
        json!({
            "vendor": "Alpha Tech Systems", "validated": true, "match": 1.0,
            "registration": {
                "number": "VR-89224785", "name": "Alpha Tech Systems", "country": "n/a",
                "registered_on": "2016-01-04", "status": "active"
            }
        })
    );
    let unknown = get(&sandbox, "/register/vendors?name=Cipla%20Ltd");
    assert_eq!(unknown["validated"], false);
    assert_eq!(unknown["registration"], json!(null));
    let likeness = unknown["match"].as_f64().unwrap();
    assert!(likeness > 0.0 && likeness < 0.85, "{likeness}");
    let nameless = once(&sandbox, "GET", "/register/vendors", None, "").unwrap();
    assert_eq!(nameless.status, 422);
    assert_eq!(ledger(&sandbox).len(), 0);
}
