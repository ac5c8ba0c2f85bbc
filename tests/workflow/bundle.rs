//! Stored definitions: they compile again, and their digest follows what they mean.

use std::collections::BTreeMap;

use countersign::domain::{Digest, ToolName};
use countersign::workflow::{BundleError, SourceFile, from_bundle};
use serde_json::{Value, json};

use crate::files::yaml_files;
use crate::right::{compile, compiled};

const BASE: &str = "workflow: w
intent: { purpose: P., owner: o, done_when: 'true' }
authority: { decide: [r], window: 24h }
policy: [{ id: a, when: 'true', then: allow }]
scope: { agent: a, tools: [] }
meaning: { state: { type: object, properties: { x: { type: string }, y: { type: string } } } }
steps:
  one: { compute: { x: a, y: b }, next: two }
  two: { compute: { x: b }, next: end }
";

fn digest(text: &str) -> Digest {
    compile(&SourceFile::new("w.yaml", text)).digest
}

fn changed(from: &str, to: &str) -> Digest {
    let text = BASE.replace(from, to);
    assert_ne!(text, BASE, "{from} is not in the base");
    digest(&text)
}

#[test]
fn a_stored_definition_compiles_to_the_same_one() {
    for file in yaml_files("right") {
        let definition = compile(&file);
        let again = from_bundle(&definition.bundle).unwrap();
        assert_eq!(again.digest, definition.digest);
        assert_eq!(again.bundle, definition.bundle);
        assert_eq!(again.order, definition.order);
        assert_eq!(again.first, definition.first);
        let names = |tools: &BTreeMap<ToolName, _>| tools.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&again.tools), names(&definition.tools));
    }
}

#[test]
fn formatting_comments_and_key_order_do_not_change_the_digest() {
    assert_eq!(
        changed("workflow: w\n", "# A comment.\n\nworkflow:   'w'\n"),
        digest(BASE)
    );
    assert_eq!(
        changed("{ x: a, y: b }", "{ y: \"b\", x: a }"),
        digest(BASE)
    );
    let moved = BASE.replace("workflow: w\n", "") + "workflow: w\n";
    assert_eq!(digest(&moved), digest(BASE));
}

#[test]
fn meaning_changes_the_digest() {
    let digests = [
        digest(BASE),
        changed("workflow: w", "workflow: v"),
        changed("24h", "23h"),
        changed("{ x: b }", "{ x: c }"),
        changed("then: allow", "then: ask"),
    ];
    for (index, digest) in digests.iter().enumerate() {
        assert!(!digests[..index].contains(digest), "{index}");
    }
}

#[test]
fn the_order_of_the_steps_is_part_of_the_digest() {
    let one =
        "  one: { compute: { x: a }, next: [{ when: 'state.y == \"\"', to: two }, { to: end }] }\n";
    let two =
        "  two: { compute: { x: b }, next: [{ when: 'state.y == \"\"', to: one }, { to: end }] }\n";
    let (head, _) = BASE.split_once("steps:\n").unwrap();
    let head = format!("budget: {{ steps: 9 }}\n{head}steps:\n");
    let straight = compile(&SourceFile::new("w.yaml", format!("{head}{one}{two}")));
    let turned = compile(&SourceFile::new("w.yaml", format!("{head}{two}{one}")));
    assert_eq!(
        (straight.first.as_str(), turned.first.as_str()),
        ("one", "two")
    );
    assert_eq!(straight.bundle["workflow"], turned.bundle["workflow"]);
    assert_ne!(straight.digest, turned.digest);
    assert_eq!(from_bundle(&turned.bundle).unwrap().first.as_str(), "two");
}

#[test]
fn probes_and_undos_are_part_of_the_bundle() {
    let shipped = countersign::workflow::shipped()
        .workflow("purchase-order")
        .unwrap();
    let definition = compile(shipped);
    let tools = definition.bundle["tools"].as_object().unwrap();
    let names: Vec<&str> = tools.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "erp.cancel_order",
            "erp.commit_order",
            "erp.find_order",
            "register.lookup"
        ]
    );
}

#[test]
fn a_bundle_that_was_tampered_with_is_refused() {
    let bundle = compiled("everything.yaml").bundle.clone();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut bundle = bundle.clone();
        change(&mut bundle);
        from_bundle(&bundle).unwrap_err()
    };
    assert!(matches!(
        with(&|bundle| bundle["workflow"]["steps"]["pause"]["next"] = json!("nowhere")),
        BundleError::Mistakes { .. }
    ));
    assert!(matches!(
        with(&|bundle| bundle["tools"]["payments.refund"]["method"] = json!("GET")),
        BundleError::Mistakes { .. }
    ));
    assert!(matches!(
        with(&|bundle| bundle["order"] = json!(["look"])),
        BundleError::Order
    ));
    assert!(matches!(
        with(&|bundle| bundle["order"][1] = json!("look")),
        BundleError::Order
    ));
    assert!(matches!(
        with(&|bundle| *bundle = json!({})),
        BundleError::Missing("tools")
    ));
}
