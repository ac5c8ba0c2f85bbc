//! Tools: which can be used, and what each brings with it.

use countersign::domain::ToolName;
use countersign::domain::tool::{EffectKind, Method};
use countersign::expr::Scope;
use countersign::workflow::{SourceFile, ToolBox, shipped};
use serde_json::{Value, json};

use crate::files::{tools, yaml_files};
use crate::right::compiled;

#[test]
fn a_tool_that_needs_a_broken_one_cannot_be_used() {
    let known = tools();
    assert!(known.get("broken.tool").is_none() && known.get("needs.broken").is_none());
    assert_eq!(known.broken_file("broken.tool"), Some("broken.tool.yaml"));
    assert_eq!(known.broken_file("needs.broken"), Some("broken.tool.yaml"));
    assert!(known.get("payments.refund").is_some());
}

#[test]
fn tools_that_undo_each_other_are_pinned_together() {
    let definition = compiled("everything.yaml");
    let names: Vec<&str> = definition.tools.keys().map(ToolName::as_str).collect();
    assert_eq!(
        names,
        ["payments.refund", "payments.reverse", "register.lookup"]
    );
}

#[test]
fn a_manifest_is_compiled_as_it_is_written() {
    let known = tools();
    let commit = known.get("erp.commit_order").unwrap();
    assert!(commit.is_write());
    assert_eq!(commit.manifest.effect, EffectKind::Write);
    assert_eq!(commit.manifest.method, Method::Post);
    assert_eq!(commit.manifest.nothing_done, [429, 503]);
    assert_eq!(commit.timeout_ms, 10_000);
    assert_eq!(commit.key_kept_ms, Some(24 * 3_600_000));
    assert_eq!(commit.identity.len(), 1);
    assert_eq!(
        commit.probe.as_ref().unwrap().tool.as_str(),
        "erp.find_order"
    );
    assert!(!known.get("register.lookup").unwrap().is_write());
}

#[test]
fn a_pin_follows_the_meaning_of_a_file_and_nothing_else() {
    let files = yaml_files("tools");
    let file = files
        .iter()
        .find(|file| file.name == "payments.reverse.yaml");
    let refund = files
        .iter()
        .find(|file| file.name == "payments.refund.yaml");
    let pin = |text: &str| {
        let file = SourceFile::new("t.yaml", text);
        let (known, found) = ToolBox::load(&[file, refund.unwrap().clone()]);
        assert_eq!(found, []);
        known.get("payments.reverse").unwrap().pin
    };
    let text = &file.unwrap().text;
    assert_eq!(pin(&format!("# A comment.\n{text}")), pin(text));
    assert_eq!(
        pin(&text.replace(
            "'${ args.refund }' } }\nargs",
            "\"${ args.refund }\" } }\nargs"
        )),
        pin(text)
    );
    assert_ne!(
        pin(&text.replace("/payments/reversals", "/payments/reversal")),
        pin(text)
    );
}

#[test]
fn the_first_of_two_tools_of_one_name_counts() {
    let mut files = shipped().tools.clone();
    let second = files[0].text.replace("/erp/orders", "/erp/other");
    files.push(SourceFile::new("second.yaml", second));
    let (known, found) = ToolBox::load(&files);
    assert_eq!(found.len(), 1);
    let tool = known.get("erp.commit_order").unwrap();
    assert_eq!(tool.manifest.path, "/erp/orders");
}

#[test]
fn an_order_counts_as_found_only_where_it_came_under_our_key() {
    let found = |orders: Vec<Value>, has_more: bool| {
        let output = json!({ "orders": orders, "has_more": has_more });
        let args = json!({ "po_id": "PO-1" });
        let key = json!("k-1");
        let scope = Scope::new().value("args", &args).value("output", &output);
        let scope = scope.value("key", &key);
        let tool = tools().get("erp.commit_order").unwrap();
        tool.probe.as_ref().unwrap().found.holds(&scope)
    };
    let under = |reference: Value| {
        json!({
            "order_id": "ORD-1", "po_id": "PO-1", "vendor": "Alpha Tech Systems",
            "amount": "7850.00", "currency": "USD", "cancelled": false, "reference": reference,
        })
    };
    let (ours, other, nameless) = (under(json!("k-1")), under(json!("k-2")), under(Value::Null));
    assert_eq!(found(vec![other.clone(), ours], false), Ok(true));
    assert_eq!(found(Vec::new(), false), Ok(false));
    // Equal in all else, and not ours.
    assert_eq!(found(vec![other.clone(), nameless], false), Ok(false));
    let inconclusive = found(vec![other], true);
    assert!(inconclusive.is_err(), "{inconclusive:?}");
}
