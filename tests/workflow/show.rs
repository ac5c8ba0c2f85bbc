//! A definition as text.

use std::fs;

use countersign::workflow::{graph, shipped, show};

use crate::files::folder;
use crate::right::{compile, compiled};

/// Compares with a file that `BLESS=1` rewrites.
fn expect(name: &str, found: &str) {
    let path = folder("shown").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(folder("shown")).unwrap();
        fs::write(&path, found).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), found);
}

#[test]
fn the_purchase_order_can_be_read_aloud() {
    let definition = compile(shipped().workflow("purchase-order").unwrap());
    let text = show(&definition, 80).replace(&definition.digest.to_string()[..12], "DIGEST");
    expect("purchase-order.txt", &text);
}

#[test]
fn every_kind_of_step_is_drawn() {
    let definition = compiled("everything.yaml");
    let text = show(&definition, 80).replace(&definition.digest.to_string()[..12], "DIGEST");
    expect("everything.txt", &text);
}

#[test]
fn no_line_is_wider_and_no_reason_is_cut() {
    let definition = compile(shipped().workflow("purchase-order").unwrap());
    for width in [60, 80, 140] {
        let text = show(&definition, width);
        for line in text.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let words = words.join(" ");
        for rule in &definition.policy {
            if let Some(reason) = &rule.reason {
                assert!(words.contains(reason.as_str()), "{reason}");
            }
        }
    }
}

#[test]
fn the_graph_draws_each_step_once_and_names_it() {
    for definition in [
        compile(shipped().workflow("purchase-order").unwrap()),
        compiled("everything.yaml"),
    ] {
        let lines = graph(&definition);
        let mut drawn: Vec<_> = lines.iter().filter_map(|line| line.step.clone()).collect();
        let steps = drawn.len();
        drawn.sort();
        drawn.dedup();
        assert_eq!(drawn.len(), steps);
        assert!(drawn.iter().eq(definition.steps.keys()), "{drawn:?}");
        assert_eq!(lines[0].step.as_ref(), Some(&definition.first));
    }
}
