//! An edit of the state under an open packet.

use countersign::domain::{RunStatus, Severity, Tier, Verdict};
use countersign::engine::{Command, DigestPrefix, Rejection};
use serde_json::json;

use crate::people::{jane, person, with_roles};
use crate::story::usd;
use crate::workflows::{order, row};

#[test]
fn an_edit_makes_the_next_version_with_another_digest() {
    let mut story = order("7850.00", true, 0.97);
    let before = story.state().packet.clone().unwrap();
    story.later(60_000);
    let then = story.amend(&jane(), "amount", json!("6000.00")).unwrap();
    assert_eq!(then.kinds(), ["packet_amended"]);
    let after = story.state().packet.clone().unwrap();
    assert_eq!(after.packet, before.packet);
    assert_eq!(after.version, 2);
    assert_ne!(after.digest, before.digest);
    assert_ne!(after.effects[0].key, before.effects[0].key);
    assert_eq!(after.edited_by.as_deref(), Some("MGR_JANE_DOE"));
    assert_eq!(*story.field("amount"), usd(600_000));
    // The review window began when the packet first opened.
    assert_eq!(after.due_at, before.due_at);
    assert!(after.flags.iter().any(|flag| flag.code == "edited"));
}

#[test]
fn a_later_edit_hides_no_earlier_one() {
    let mut story = order("7850.00", true, 0.97);
    story.amend(&jane(), "vendor", json!("Beta")).unwrap();
    story
        .amend(&person("editor"), "po_date", json!("-"))
        .unwrap();
    story
        .amend(&person("editor"), "po_date", json!("--"))
        .unwrap();
    let packet = story.state().packet.clone().unwrap();
    let edited = packet.flags.iter().find(|flag| flag.code == "edited");
    let edited = edited.unwrap();
    let told = [
        "MGR_JANE_DOE edited vendor after the evidence was gathered.",
        "editor edited po_date after the evidence was gathered.",
    ];
    assert_eq!(edited.message, told.join(" "));
    assert_eq!(edited.severity, Severity::Danger);
    for text in told {
        assert!(packet.reasons.iter().any(|reason| reason.text == text));
    }
}

#[test]
fn an_edit_below_the_limit_still_asks() {
    let mut story = order("7850.00", true, 0.97);
    story.amend(&jane(), "amount", json!("10.00")).unwrap();
    assert_eq!(story.status(), RunStatus::Waiting);
    assert_eq!(story.state().packet.as_ref().unwrap().tier, Tier::Critical);
    assert_eq!(story.intents().len(), 0);
    story.verdict(&jane(), Verdict::Approve).unwrap();
    assert_eq!(story.sending().amount.unwrap().minor, 1_000);
}

#[test]
fn an_edit_voids_earlier_votes() {
    let mut story = crate::workflows::two_approvals();
    story.verdict(&person("first"), Verdict::Approve).unwrap();
    story
        .amend(&person("editor"), "note", json!("new"))
        .unwrap();
    assert_eq!(story.state().packet.as_ref().unwrap().votes, []);
    story.verdict(&person("second"), Verdict::Approve).unwrap();
    assert_eq!(story.status(), RunStatus::Waiting);
    story.verdict(&person("first"), Verdict::Approve).unwrap();
    assert_eq!(story.intents().len(), 1);
}

#[test]
fn an_edit_the_schema_does_not_know_is_refused() {
    let mut story = order("7850.00", true, 0.97);
    let before = story.state().clone();
    for (path, value) in [
        ("amount", json!("-5.00")),
        ("amount", json!("NaN")),
        ("amount", json!("5.005")),
        ("amount", json!({ "minor": 5, "currency": "EUR" })),
        ("vendor", json!("")),
        ("nothing.like.it", json!(1)),
    ] {
        let refused = story.amend(&jane(), path, value.clone()).unwrap_err();
        assert!(
            matches!(refused, Rejection::InvalidEdit { .. }),
            "{path} {value}: {refused}"
        );
    }
    assert_eq!(*story.state(), before);
}

#[test]
fn an_edit_that_changes_nothing_is_refused() {
    let mut story = order("7850.00", true, 0.97);
    let refused = story
        .amend(&jane(), "amount", json!("7850.00"))
        .unwrap_err();
    assert_eq!(refused.code(), "invalid_edit");
}

#[test]
fn an_edit_that_policy_denies_is_refused() {
    let mut story = order("7850.00", true, 0.97);
    let refused = story
        .amend(&jane(), "amount", json!("10000000.01"))
        .unwrap_err();
    let Rejection::DeniedByPolicy { rule, .. } = refused else {
        panic!("{refused}");
    };
    assert_eq!(rule, "contract.effects");
    story
        .amend(&jane(), "amount", json!("10000000.00"))
        .unwrap();
}

#[test]
fn an_edit_of_what_is_no_longer_so_is_refused() {
    let mut story = order("7850.00", true, 0.97);
    let seen = story.state().packet.clone().unwrap();
    story.amend(&jane(), "amount", json!("6000.00")).unwrap();
    let command = Command::AmendPacket {
        packet: seen.packet,
        digest: DigestPrefix::parse(&seen.digest.to_string()).unwrap(),
        set: vec![("amount".to_owned(), json!("1.00"))],
        reason: String::new(),
    };
    let refused = story.when(&jane(), command).unwrap_err();
    assert_eq!(refused.code(), "stale_digest");
    assert_eq!(*story.field("amount"), usd(600_000));
}

#[test]
fn an_edit_of_a_closed_packet_is_refused() {
    let mut story = order("7850.00", true, 0.97);
    let seen = story.state().packet.clone().unwrap();
    story.verdict(&jane(), Verdict::Approve).unwrap();
    let command = Command::AmendPacket {
        packet: seen.packet,
        digest: DigestPrefix::parse(&seen.digest.to_string()).unwrap(),
        set: vec![("amount".to_owned(), json!("1.00"))],
        reason: String::new(),
    };
    let refused = story.when(&jane(), command).unwrap_err();
    assert_eq!(refused.code(), "already_decided");
}

#[test]
fn an_edit_by_somebody_who_may_not_decide_is_refused() {
    let mut story = order("7850.00", true, 0.97);
    let clerk = with_roles("clerk", &["purchasing"]);
    let refused = story.amend(&clerk, "amount", json!("1.00")).unwrap_err();
    assert_eq!(refused.code(), "not_permitted");
}

#[test]
fn an_edit_that_leaves_nothing_to_send_is_refused() {
    let mut story = crate::workflows::asking("bank.pay");
    assert_eq!(row()["amount"], "120.00");
    // The tool takes at most 900,000 cents.
    let refused = story
        .amend(&jane(), "amount", json!("9000.01"))
        .unwrap_err();
    assert_eq!(refused.code(), "invalid_edit");
}
