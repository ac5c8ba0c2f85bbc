//! The sandbox's directory: what a second start finds there, and what a killed one leaves.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use countersign::sandbox::{Sandbox, SandboxError, SandboxOptions};
use tempfile::TempDir;

use crate::raw::{ledger, once, order};

#[test]
fn the_configuration_names_every_connector_and_no_actor() {
    let dir = TempDir::new().unwrap();
    let sandbox = Sandbox::start(&SandboxOptions::new(dir.path().join("new/box"))).unwrap();
    let text = fs::read_to_string(sandbox.config_path()).unwrap();
    let table: toml::Table = text.parse().unwrap();
    assert_eq!(table.keys().collect::<Vec<_>>(), ["connectors"]);
    let connectors = table["connectors"].as_table().unwrap();
    for name in ["erp", "register", "payments", "crm", "mail", "model"] {
        assert_eq!(
            connectors[name]["base_url"].as_str(),
            Some(sandbox.url()),
            "{name}"
        );
    }
    let mode = fs::metadata(sandbox.config_path())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_second_start_has_the_same_port_and_the_same_ledger() {
    let dir = TempDir::new().unwrap();
    let first = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    let url = first.url().to_owned();
    once(&first, "POST", "/erp/orders", Some("k"), &order("PO-1")).unwrap();
    let before = ledger(&first);
    first.stop().await;
    let second = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    assert_eq!(second.url(), url);
    assert_eq!(ledger(&second), before);
    let replayed = once(&second, "POST", "/erp/orders", Some("k"), &order("PO-1")).unwrap();
    assert_eq!(replayed.status, 200);
    second.stop().await;
}

#[test]
fn a_port_in_use_is_named() {
    let dir = TempDir::new().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap();
    let options = SandboxOptions {
        listen: Some(address),
        ..SandboxOptions::new(dir.path())
    };
    let refused = Sandbox::start(&options).unwrap_err();
    assert!(
        matches!(refused, SandboxError::PortInUse { .. }),
        "{refused}"
    );
    assert!(
        refused.to_string().contains(&address.port().to_string()),
        "{refused}"
    );
}

#[test]
fn one_directory_serves_one_sandbox() {
    let dir = TempDir::new().unwrap();
    let _first = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    let same_port = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap_err();
    assert!(
        matches!(same_port, SandboxError::PortInUse { .. }),
        "{same_port}"
    );
    let options = SandboxOptions {
        listen: Some("127.0.0.1:0".parse().unwrap()),
        ..SandboxOptions::new(dir.path())
    };
    let other_port = Sandbox::start(&options).unwrap_err();
    assert!(
        matches!(other_port, SandboxError::DirInUse { .. }),
        "{other_port}"
    );
}

#[test]
fn it_never_listens_to_others() {
    let dir = TempDir::new().unwrap();
    let options = SandboxOptions {
        listen: Some("0.0.0.0:0".parse().unwrap()),
        ..SandboxOptions::new(dir.path())
    };
    let refused = Sandbox::start(&options).unwrap_err();
    assert!(
        matches!(refused, SandboxError::NotLoopback { .. }),
        "{refused}"
    );
}
