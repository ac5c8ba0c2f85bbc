//! A gate judges what it covers before any of it runs.

use countersign::domain::{PacketStatus, RunStatus, Tier, Verdict};
use countersign::engine::{Command, Event, Rejection};
use serde_json::json;

use crate::people::{jane, person};
use crate::story::Story;
use crate::workflows::{ASK, GATED, Sheet, TWO, asking, order, row, two_approvals};

fn two(policy: &str, authority: &str) -> Story {
    let sheet = Sheet {
        policy,
        authority,
        steps: TWO,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(""));
    story.start(row());
    story
}

/// A step before the gate.
const LOOK: &str =
    "\n  look: { tool: desk.look, args: { payee: '${ state.payee }' }, next: review }";

const ONE_REVIEWER: &str = "{ decide: [reviewer] }";

#[test]
fn what_every_rule_allows_passes_alone() {
    let story = order("4999.99", true, 0.97);
    assert_eq!(story.count("gate_passed"), 1);
    assert_eq!(story.count("packet_opened"), 0);
    let review = story.state().review.clone().unwrap();
    assert_eq!(
        (review.verdict.as_str(), review.by.as_str()),
        ("autonomous", "SYSTEM_AUTO_APPROVE")
    );
}

#[test]
fn one_packet_gathers_what_belongs_together() {
    let story = two(ASK, ONE_REVIEWER);
    let packet = story.state().packet.as_ref().unwrap();
    let steps: Vec<_> = packet
        .effects
        .iter()
        .map(|effect| effect.step.as_str())
        .collect();
    assert_eq!(steps, ["first", "second"]);
    assert_eq!(packet.amount.unwrap().minor, 24_000);
    assert_eq!(story.intents().len(), 0);
}

#[test]
fn approval_of_all_sends_each_without_asking_again() {
    let mut story = two(ASK, ONE_REVIEWER);
    story.verdict(&jane(), Verdict::Approve).unwrap();
    story.answer(json!({}));
    assert_eq!(story.sending().step.as_str(), "second");
    story.answer(json!({}));
    assert_eq!(story.status(), RunStatus::Succeeded);
    assert_eq!(story.count("packet_opened"), 1);
}

#[test]
fn items_are_decided_one_by_one_and_the_run_moves_on_with_the_last() {
    let mut story = two(ASK, ONE_REVIEWER);
    let then = story.verdict_on(&jane(), Verdict::Reject, Some(0)).unwrap();
    assert_eq!(then.kinds(), ["vote_cast"]);
    assert_eq!(story.status(), RunStatus::Waiting);
    let then = story
        .verdict_on(&jane(), Verdict::Approve, Some(1))
        .unwrap();
    assert_eq!(
        then.kinds(),
        [
            "vote_cast",
            "effect_blocked",
            "packet_closed",
            "step_completed",
            "effect_intended"
        ]
    );
    assert!(matches!(
        then.events[2],
        Event::PacketClosed {
            status: PacketStatus::Decided,
            ..
        }
    ));
    // The refused one is passed over, the approved one is sent.
    assert_eq!(story.sending().step.as_str(), "second");
    story.answer(json!({}));
    assert_eq!(story.status(), RunStatus::Succeeded);
    assert_eq!(story.intents().len(), 1);
    assert_eq!(story.field("note"), "second done");
}

#[test]
fn all_items_rejected_one_by_one_reject_the_packet() {
    let mut story = two(ASK, ONE_REVIEWER);
    story.verdict_on(&jane(), Verdict::Reject, Some(1)).unwrap();
    story.verdict_on(&jane(), Verdict::Reject, Some(0)).unwrap();
    assert_eq!(story.status(), RunStatus::Rejected);
    assert_eq!(story.count("effect_blocked"), 2);
    assert_eq!(story.intents().len(), 0);
}

#[test]
fn an_item_is_decided_once_and_must_exist() {
    let mut story = two(ASK, ONE_REVIEWER);
    story
        .verdict_on(&jane(), Verdict::Approve, Some(0))
        .unwrap();
    let again = story
        .verdict_on(&jane(), Verdict::Reject, Some(0))
        .unwrap_err();
    assert_eq!(again.code(), "already_voted");
    let other = story
        .verdict_on(&person("other"), Verdict::Reject, Some(0))
        .unwrap_err();
    assert_eq!(other.code(), "already_voted");
    let none = story
        .verdict_on(&jane(), Verdict::Approve, Some(2))
        .unwrap_err();
    assert!(
        matches!(
            none,
            Rejection::NoSuchItem {
                item: 2,
                items: 2,
                ..
            }
        ),
        "{none}"
    );
    // A verdict on the whole would mean less than it says.
    let whole = story.verdict(&jane(), Verdict::Reject).unwrap_err();
    assert_eq!(whole.code(), "partly_decided");
    story.verdict_on(&jane(), Verdict::Reject, Some(1)).unwrap();
    assert_eq!(story.sending().step.as_str(), "first");
}

#[test]
fn two_approvals_are_two_people() {
    let mut story = two_approvals();
    story.verdict(&person("ANNA"), Verdict::Approve).unwrap();
    assert_eq!(story.status(), RunStatus::Waiting);
    let again = story
        .verdict(&person("ANNA"), Verdict::Approve)
        .unwrap_err();
    assert!(matches!(again, Rejection::AlreadyVoted { .. }), "{again}");
    let anna = person("ANNA");
    let again = story.verdict_on(&anna, Verdict::Approve, Some(0));
    assert_eq!(again.unwrap_err().code(), "already_voted");
    assert_eq!(story.intents().len(), 0);
    story.verdict(&person("BERT"), Verdict::Approve).unwrap();
    assert_eq!(story.intents().len(), 1);
    assert_eq!(story.state().review.as_ref().unwrap().by, "ANNA, BERT");
}

#[test]
fn one_rejection_is_enough() {
    let mut story = two_approvals();
    story.verdict(&person("ANNA"), Verdict::Approve).unwrap();
    story.verdict(&person("BERT"), Verdict::Reject).unwrap();
    assert_eq!(story.status(), RunStatus::Rejected);
    assert_eq!(story.intents().len(), 0);
}

#[test]
fn a_denied_effect_is_recorded_and_the_run_takes_the_rejected_edge() {
    let sheet = Sheet {
        policy: "[{ id: all, when: 'true', then: allow }, { id: never, when: 'true', then: deny, reason: Never. }]",
        steps: GATED,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile("bank.pay"));
    let then = story.start(row());
    assert_eq!(
        then.kinds(),
        [
            "run_started",
            "effect_blocked",
            "step_completed",
            "run_ended"
        ]
    );
    assert_eq!(story.status(), RunStatus::Rejected);
    assert_eq!(story.field("note"), "refused");
}

#[test]
fn what_the_gate_sets_on_asking_cannot_talk_it_out_of_asking() {
    let sheet = Sheet {
        policy: "[{ id: all, when: 'true', then: allow }, { id: fresh, when: 'state.note == \"\"', then: ask }]",
        steps: GATED,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile("bank.pay"));
    story.start(row());
    assert_eq!(story.field("note"), "asked");
    assert_eq!(story.status(), RunStatus::Waiting);
    assert_eq!(story.intents().len(), 0);
}

#[test]
fn missing_evidence_that_is_required_asks() {
    for (required, asks) in [("true", true), ("false", false)] {
        let evidence = format!(
            "[{{ id: paper, title: Paper, value: '${{ state.gone }}', source: input, required: {required} }}]"
        );
        let sheet = Sheet {
            evidence: &evidence,
            steps: GATED,
            ..Sheet::default()
        };
        let mut story = Story::of(&sheet.compile("bank.pay"));
        story.start(row());
        let packet = story.state().packet.as_ref();
        assert_eq!(packet.is_some(), asks);
        if let Some(packet) = packet {
            assert_eq!(packet.flags[0].code, "missing_evidence");
            assert!(packet.evidence[0].missing);
        }
    }
}

#[test]
fn a_confidence_that_is_no_number_from_zero_to_one_asks() {
    for (confidence, asks) in [
        ("1.0", false),
        ("0.0", false),
        ("1.01", true),
        ("-0.1", true),
        ("\"high\"", true),
    ] {
        let steps = GATED.replace(
            "covers: [act],",
            &format!("covers: [act], confidence: '${{ {confidence} }}',"),
        );
        let sheet = Sheet {
            steps: &steps,
            ..Sheet::default()
        };
        let mut story = Story::of(&sheet.compile("bank.pay"));
        story.start(row());
        assert_eq!(story.state().packet.is_some(), asks, "{confidence}");
    }
}

#[test]
fn an_effect_that_cannot_be_planned_parks_the_gate() {
    let steps = GATED.replace("payee: '${ state.payee }'", "payee: '${ state.gone }'");
    let sheet = Sheet {
        steps: &steps,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile("bank.pay"));
    story.start(row());
    assert_eq!(story.status(), RunStatus::DeadLettered);
    assert_eq!(story.state().error.as_ref().unwrap().code, "cannot_plan");
    assert_eq!(story.intents().len(), 0);
}

#[test]
fn separation_keeps_initiator_agent_owner_and_last_editor_from_approving() {
    let sheet = Sheet {
        authority: "{ decide: [reviewer], separation: true }",
        policy: ASK,
        steps: GATED,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile("bank.pay"));
    story.start(row());
    for name in ["STARTER", "desk-owner", "desk-agent"] {
        let refused = story.verdict(&person(name), Verdict::Approve).unwrap_err();
        assert!(
            matches!(refused, Rejection::Separation { .. }),
            "{name}: {refused}"
        );
    }
    story
        .amend(&person("EDITOR"), "note", json!("new"))
        .unwrap();
    let refused = story
        .verdict(&person("EDITOR"), Verdict::Approve)
        .unwrap_err();
    assert_eq!(refused.code(), "separation_of_duties");
    story.verdict(&jane(), Verdict::Approve).unwrap();
    assert_eq!(story.intents().len(), 1);
}

#[test]
fn separation_keeps_whoever_overrode_a_value_from_approving_what_came_of_it() {
    let sheet = Sheet {
        authority: "{ decide: [reviewer], separation: true }",
        policy: ASK,
        steps: GATED,
        ..Sheet::default()
    };
    // Once with the packet open, once with the approval given, once before the gate was reached.
    for moment in ["open", "approved", "before"] {
        let mut story = Story::of(&sheet.compile("bank.pay"));
        let editor = person("EDITOR");
        if moment == "before" {
            let steps = format!("{LOOK}{GATED}");
            let sheet = Sheet {
                steps: &steps,
                ..sheet
            };
            story = Story::of(&sheet.compile("bank.pay"));
        }
        story.start(row());
        story.pause(&editor).unwrap();
        match moment {
            "approved" => {
                story.verdict(&jane(), Verdict::Approve).unwrap();
            }
            "before" => {
                story.answer(json!({ "ready": true }));
            }
            _ => {}
        }
        story
            .override_value(&editor, "amount", json!("130.00"))
            .unwrap();
        story.resume(&editor).unwrap();
        let refused = story.verdict(&editor, Verdict::Approve).unwrap_err();
        assert_eq!(refused.code(), "separation_of_duties", "{moment}");
        story.verdict(&jane(), Verdict::Approve).unwrap();
        assert_eq!(story.sending().amount.unwrap().minor, 13_000);
    }
}

#[test]
fn anybody_may_decide_where_separation_is_not_asked_for() {
    let mut story = asking("bank.pay");
    story.verdict(&person("STARTER"), Verdict::Approve).unwrap();
    assert_eq!(story.intents().len(), 1);
}

#[test]
fn a_gate_reached_again_judges_again_and_earlier_leave_is_gone() {
    let steps = "
  review:
    gate: { covers: [first, second] }
    approved: first
    returned: loop
  loop: { compute: { note: returned }, next: second }
  first:
    tool: bank.pay
    args: { payee: '${ state.payee }', cents: '${ state.amount.minor }' }
    amount: '${ state.amount }'
    visits: 3
    next: review
  second:
    tool: bank.transfer
    args: { payee: '${ state.payee }', cents: '${ state.amount.minor }' }
    amount: '${ state.amount }'
    next: end";
    let sheet = Sheet {
        policy: ASK,
        steps,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(""));
    story.start(row());
    story.verdict(&jane(), Verdict::Approve).unwrap();
    story.answer(json!({}));
    let second = story.state().packet.clone().unwrap();
    assert_eq!(second.effects[0].ordinal, 2);
    // The second packet is sent back: nobody has said yes to what it holds.
    story.verdict(&jane(), Verdict::Return).unwrap();
    assert_eq!(story.intents().len(), 1);
    assert_eq!(
        story.state().packet.as_ref().unwrap().step.as_str(),
        "second"
    );
}

#[test]
fn tiers_flags_and_reasons_add_up_and_the_highest_tier_wins() {
    let story = order("5000.00", false, 0.80);
    let packet = story.state().packet.as_ref().unwrap();
    assert_eq!(packet.tier, Tier::Critical);
    let flags: Vec<_> = packet.flags.iter().map(|flag| flag.code.as_str()).collect();
    assert_eq!(flags, ["over_limit", "unvalidated_vendor"]);
    assert_eq!(packet.reasons.len(), 2);
}

#[test]
fn what_was_blocked_by_a_reviewer_is_not_sent_by_going_on() {
    let mut story = asking("bank.pay");
    story.verdict(&jane(), Verdict::Reject).unwrap();
    for command in [Command::Proceed, Command::Recover, Command::FireTimer] {
        assert_eq!(
            story.when(&jane(), command).unwrap_err().code(),
            "run_ended"
        );
    }
}
