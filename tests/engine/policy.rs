//! Rules as data: what may pass alone, and what never passes.

use countersign::domain::{RunStatus, Tier};

use crate::story::Story;
use crate::workflows::{Sheet, order, row};

/// What becomes of one write under these rules.
fn judged(policy: &str) -> &'static str {
    limited(policy, "1000000.00 USD")
}

fn limited(policy: &str, limit: &str) -> &'static str {
    let sheet = Sheet {
        policy,
        limit,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile("bank.pay"));
    story.start(row());
    match story.status() {
        RunStatus::Running => "sent",
        RunStatus::Waiting => "asked",
        RunStatus::Rejected => "blocked",
        other => panic!("{other}"),
    }
}

#[test]
fn deny_beats_ask_beats_allow() {
    let allow = "{ id: a, when: 'true', then: allow }";
    let ask = "{ id: b, when: 'true', then: ask }";
    let deny = "{ id: c, when: 'true', then: deny }";
    assert_eq!(judged(&format!("[{allow}]")), "sent");
    for rules in [[allow, ask], [ask, allow]] {
        assert_eq!(judged(&format!("[{}]", rules.join(", "))), "asked");
    }
    for rules in [[allow, ask, deny], [deny, ask, allow], [deny, allow, ask]] {
        assert_eq!(judged(&format!("[{}]", rules.join(", "))), "blocked");
    }
}

#[test]
fn no_rule_that_allows_means_ask() {
    assert_eq!(judged("[]"), "asked");
    assert_eq!(judged("[{ id: a, when: 'false', then: allow }]"), "asked");
    assert_eq!(judged("[{ id: a, when: 'false', then: deny }]"), "asked");
}

#[test]
fn a_rule_that_cannot_be_evaluated_asks_whatever_it_would_have_said() {
    for then in ["allow", "ask", "deny"] {
        let broken = format!("{{ id: broken, when: 'state.gone == \"x\"', then: {then} }}");
        let rules = format!("[{{ id: a, when: 'true', then: allow }}, {broken}]");
        assert_eq!(judged(&rules), "asked", "{then}");
    }
}

#[test]
fn another_currency_cannot_be_compared_so_it_asks() {
    let rules = "[{ id: a, when: 'true', then: allow }, { id: big, when: 'at_least(effect.amount, \"5.00 EUR\")', then: deny }]";
    assert_eq!(judged(rules), "asked");
    assert_eq!(
        limited("[{ id: a, when: 'true', then: allow }]", "9999.00 EUR"),
        "asked"
    );
}

#[test]
fn the_contract_s_limit_is_never_passed() {
    let rules = "[{ id: a, when: 'true', then: allow }]";
    assert_eq!(limited(rules, "119.99 USD"), "blocked");
    assert_eq!(limited(rules, "120.00 USD"), "sent");
    assert_eq!(limited(rules, "120.01 USD"), "sent");
}

#[test]
fn the_limit_itself_asks_and_a_cent_less_passes() {
    for (amount, asks) in [
        ("4999.99", false),
        ("5000.00", true),
        ("5000.01", true),
        ("0.01", false),
        ("10000000.00", true),
    ] {
        let story = order(amount, true, 0.97);
        assert_eq!(story.state().packet.is_some(), asks, "{amount}");
        assert_eq!(story.intents().is_empty(), asks, "{amount}");
    }
    assert_eq!(
        order("10000000.01", true, 0.97).status(),
        RunStatus::Rejected
    );
}

#[test]
fn an_unvalidated_vendor_asks_at_any_amount() {
    let story = order("10.00", false, 0.97);
    let packet = story.state().packet.as_ref().unwrap();
    assert_eq!(packet.tier, Tier::Elevated);
    assert_eq!(packet.flags[0].code, "unvalidated_vendor");
}

#[test]
fn confidence_below_the_mark_asks_and_the_mark_passes() {
    for (confidence, asks) in [(0.85, false), (0.8499, true), (0.8501, false), (0.0, true)] {
        let story = order("10.00", true, confidence);
        assert_eq!(story.state().packet.is_some(), asks, "{confidence}");
    }
}

#[test]
fn every_rule_s_result_is_kept_with_the_packet() {
    let story = order("7850.00", true, 0.97);
    let packet = story.state().packet.as_ref().unwrap();
    let results: Vec<_> = packet
        .policy
        .iter()
        .map(|result| (result.rule.as_str(), result.matched))
        .collect();
    assert_eq!(
        results,
        [
            ("routine", Some(true)),
            ("amount.limit", Some(true)),
            ("vendor.known", Some(false)),
            ("vendor.match", Some(false))
        ]
    );
}
