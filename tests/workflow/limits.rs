//! Files past a limit are told which, and cost no more than the limit.

use std::fmt::Write as _;
use std::fs;

use countersign::domain::limits::{
    DEFINITION_BYTES_MAX, DEFINITION_NESTING_MAX, DIAGNOSTICS_MAX, PACKET_EFFECTS_MAX,
    POLICY_RULES_MAX, STEPS_MAX,
};
use countersign::workflow::{Code, Diagnostic, SourceFile, check, shipped};

use crate::files::{folder, tools};

fn found(text: String) -> Vec<Diagnostic> {
    check(&SourceFile::new("w.yaml", text), tools()).diagnostics
}

fn base() -> String {
    shipped().workflow("purchase-order").unwrap().text.clone()
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let text = format!("# {}\n{}", "x".repeat(DEFINITION_BYTES_MAX), base());
    let found = found(text);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].code, Code::OverLimit);
}

#[test]
fn a_file_of_the_largest_size_is_read() {
    let comment = "x".repeat(DEFINITION_BYTES_MAX - base().len() - 3);
    let text = format!("# {comment}\n{}", base());
    assert_eq!(text.len(), DEFINITION_BYTES_MAX);
    assert_eq!(found(text), []);
}

#[test]
fn too_many_rules_are_refused() {
    let rules = |count: usize| {
        let rules: Vec<String> = (0..count)
            .map(|index| format!("  - {{ id: r{index}, when: 'true', then: ask }}\n"))
            .collect();
        base().replace("policy:\n", &format!("policy:\n{}", rules.concat()))
    };
    // Four rules stand there already.
    assert_eq!(found(rules(POLICY_RULES_MAX - 4)), []);
    let over = found(rules(POLICY_RULES_MAX - 3));
    assert_eq!(over.len(), 1);
    assert_eq!(over[0].code, Code::OverLimit);
}

#[test]
fn a_gate_covers_what_one_packet_holds_and_no_more() {
    let path = folder("wrong").join("gate_over_one_packet.yaml");
    let over = fs::read_to_string(path).unwrap();
    let last = format!("        w{PACKET_EFFECTS_MAX},\n");
    assert!(over.contains(&last));
    let codes: Vec<Code> = found(over.clone()).iter().map(|found| found.code).collect();
    assert_eq!(codes, [Code::TooManyCovers]);
    assert_eq!(found(over.replace(&last, "")), []);
}

#[test]
fn the_most_steps_are_allowed_and_one_more_is_not() {
    let steps = |count: usize| {
        let mut text = "workflow: w
intent: { purpose: P., owner: o, done_when: 'true' }
authority: { decide: [r] }
policy: []
scope: { agent: a, tools: [] }
meaning: { state: { type: object, properties: { x: { type: string } } } }
steps:
"
        .to_owned();
        for index in 1..count {
            let next = index + 1;
            writeln!(text, "  s{index}: {{ compute: {{ x: a }}, next: s{next} }}").unwrap();
        }
        text + &format!("  s{count}: {{ compute: {{ x: a }}, next: end }}\n")
    };
    assert_eq!(found(steps(STEPS_MAX)), []);
    let over = found(steps(STEPS_MAX + 1));
    assert_eq!(over.len(), 1);
    assert_eq!(over[0].code, Code::OverLimit);
}

#[test]
fn nesting_ends_before_the_stack_does() {
    let nested = |depth: usize| {
        let lists = depth - 1;
        found(format!("a: {}{}", "[".repeat(lists), "]".repeat(lists)))
    };
    let at_limit = std::thread::Builder::new()
        .stack_size(1024 * 1024)
        .spawn(move || nested(DEFINITION_NESTING_MAX))
        .unwrap();
    let at_limit = at_limit.join().unwrap();
    assert!(at_limit.iter().all(|found| found.code != Code::YamlSyntax));
    let over = nested(DEFINITION_NESTING_MAX + 1);
    assert_eq!(over.len(), 1);
    assert_eq!(over[0].code, Code::YamlSyntax);
}

#[test]
fn mistakes_past_the_limit_are_not_kept() {
    let keys: Vec<String> = (0..DIAGNOSTICS_MAX * 2)
        .map(|index| format!("k{index}: 1\n"))
        .collect();
    assert_eq!(found(keys.concat()).len(), DIAGNOSTICS_MAX);
}

/// Every mistake here names a word that is compared with all the others.
#[test]
fn a_file_full_of_mistakes_is_checked_to_its_end() {
    let head = base();
    let (head, _) = head.split_once("steps:\n").unwrap();
    let mut text = format!("{head}steps:\n  start:\n    next: end\n    compute:\n");
    while text.len() < DEFINITION_BYTES_MAX - 60 {
        let index = text.len();
        writeln!(
            text,
            "      f{index}: '${{ state.g{index} + steps.h{index} }}'"
        )
        .unwrap();
    }
    assert_eq!(found(text).len(), DIAGNOSTICS_MAX);
}
