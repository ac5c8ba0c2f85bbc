//! One business act, planned by two runs: the second is asked about.

use countersign::domain::{
    EffectState, Holder, PlannedEffect, Question, RunId, RunStatus, Tier, Verdict,
};
use countersign::engine::{Command, FailureClass, Settled};
use countersign::views::rows_of;
use serde_json::json;
use uuid::Uuid;

use crate::people::jane;
use crate::story::{START, Story};
use crate::workflows::{ALLOW, GATED, Sheet, asking, row, sending};

const TOOL: &str = "bank.refund";

/// Another run, or another effect of the same one, that holds what `effect` would.
fn held_by(run: u128, effect: &PlannedEffect, number: u32) -> Holder {
    let mut identity = effect.identity.expect("the tool declares an identity");
    identity.number = number;
    Holder {
        identity,
        run: RunId(Uuid::from_u128(run)),
        key: countersign::domain::IdempotencyKey(countersign::domain::Digest::of(b"another")),
        state: EffectState::Confirmed,
        at: START,
    }
}

/// What this run would send, as a look before tells.
fn planned(tool: &str) -> PlannedEffect {
    sending(tool).sending().clone()
}

fn started(policy: &str, gated: bool, holders: Vec<Holder>) -> Story {
    let mut sheet = Sheet {
        policy,
        ..Sheet::default()
    };
    if gated {
        sheet.steps = GATED;
    }
    let mut story = Story::of(&sheet.compile(TOOL));
    story.holders = holders;
    story.start(row());
    story
}

#[test]
fn an_identity_is_what_the_tool_declares_and_the_run_has_no_part_in_it() {
    let one = planned(TOOL);
    let mut story = Story::of(&Sheet::default().compile(TOOL));
    story.run = RunId(Uuid::from_u128(7));
    story.start(row());
    let other = story.sending();
    assert_ne!(one.key, other.key);
    assert_eq!(one.identity, other.identity);
    let mut story = Story::of(&Sheet::default().compile(TOOL));
    story.start(json!({ "payee": "Alpha", "amount": "120.01" }));
    assert_ne!(one.identity, story.sending().identity);
    assert_eq!(planned("bank.pay").identity, None);
}

#[test]
fn what_another_run_did_is_asked_about_whatever_the_rules_allow() {
    for gated in [true, false] {
        let story = started(ALLOW, gated, vec![held_by(9, &planned(TOOL), 1)]);
        assert_eq!(story.status(), RunStatus::Waiting);
        assert_eq!(story.intents().len(), 0);
        let packet = story.state().packet.as_ref().unwrap();
        let flag = packet.flags.iter().find(|flag| flag.code == "duplicate");
        let text = &flag.unwrap().message;
        for part in [
            "00000000-0000-0000-0000-000000000009",
            "confirmed",
            "number 2",
            &START.to_string(),
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(packet.tier >= Tier::Elevated);
        assert_eq!(packet.effects[0].identity.unwrap().number, 2);
        assert_eq!(packet.duplicates.len(), 1);
    }
}

#[test]
fn a_person_names_it_another_operation_and_it_is_sent_as_that() {
    let mut story = started(ALLOW, true, vec![held_by(9, &planned(TOOL), 1)]);
    let shown = story.state().packet.clone().unwrap();
    let then = story.verdict(&jane(), Verdict::Approve).unwrap();
    assert_eq!(
        then.kinds(),
        ["vote_cast", "packet_closed", "effect_intended"]
    );
    assert_eq!(*story.sending(), shown.effects[0]);
    assert_eq!(story.sending().identity.unwrap().named(), Some(2));
    story.answer(json!({}));
    assert_eq!(story.status(), RunStatus::Succeeded);
}

#[test]
fn a_person_says_that_it_is_the_same_and_nothing_is_sent() {
    for (gated, status) in [(true, RunStatus::Rejected), (false, RunStatus::Rejected)] {
        let mut story = started(ALLOW, gated, vec![held_by(9, &planned(TOOL), 1)]);
        let then = story.verdict(&jane(), Verdict::Reject).unwrap();
        assert!(then.kinds().contains(&"effect_blocked"));
        assert_eq!(story.status(), status);
        assert_eq!(story.intents().len(), 0);
        assert_eq!(
            *story.field("note"),
            json!(if gated { "refused" } else { "" })
        );
    }
}

#[test]
fn an_approval_falls_where_another_run_was_faster() {
    let mut story = asking(TOOL);
    let shown = story.state().packet.clone().unwrap();
    assert!(shown.flags.iter().all(|flag| flag.code != "duplicate"));
    // The store refused the INTENT; the verdict is decided again with that fact.
    story.holders = vec![held_by(9, &shown.effects[0], 1)];
    let then = story.verdict(&jane(), Verdict::Approve).unwrap();
    assert_eq!(
        then.kinds(),
        [
            "vote_cast",
            "packet_closed",
            "grant_voided",
            "packet_opened"
        ]
    );
    let asked = story.state().packet.clone().unwrap();
    let codes: Vec<_> = asked.flags.iter().map(|flag| flag.code.as_str()).collect();
    assert!(codes.contains(&"duplicate") && codes.contains(&"approval_void"));
    assert_ne!(asked.digest, shown.digest);
    story.verdict(&jane(), Verdict::Approve).unwrap();
    assert_eq!(story.sending().identity.unwrap().number, 2);
}

#[test]
fn two_who_were_both_named_the_second_are_asked_again() {
    let first = planned(TOOL);
    let mut story = started(ALLOW, true, vec![held_by(9, &first, 1)]);
    story.holders.push(held_by(10, &first, 2));
    let then = story.verdict(&jane(), Verdict::Approve).unwrap();
    assert!(then.kinds().contains(&"packet_opened"));
    assert_eq!(story.intents().len(), 0);
    let packet = story.state().packet.clone().unwrap();
    assert_eq!(packet.effects[0].identity.unwrap().number, 3);
    assert_eq!(packet.duplicates.len(), 2);
    story.verdict(&jane(), Verdict::Approve).unwrap();
    assert_eq!(story.sending().identity.unwrap().number, 3);
}

#[test]
fn the_same_effect_is_never_a_duplicate_of_itself() {
    // Every retry, resend, redrive and take-over goes under the key that holds the identity.
    let own = |story: &Story| Holder {
        key: story.intents()[0].key,
        run: story.run,
        ..held_by(0, story.intents()[0], 1)
    };
    let mut story = sending(TOOL);
    story.holders = vec![own(&story)];
    story.fail(FailureClass::Safe, "status_503");
    assert_eq!(story.wake().kinds(), ["effect_intended"]);
    story.fail(FailureClass::Unknown, "reset");
    assert_eq!(story.wake().kinds(), ["effect_intended"]);
    assert!(story.recover());
    for _ in 0..8 {
        if story.state().packet.is_some() {
            break;
        }
        story.fail(FailureClass::Unknown, "reset");
        if story.state().packet.is_none() {
            story.wake();
        }
    }
    let settle = Command::SettleEffect {
        key: story.intents()[0].key,
        settled: Settled::NotHappened,
        output: None,
        reason: None,
    };
    let then = story.when(&jane(), settle).unwrap();
    assert_eq!(then.kinds(), ["effect_settled", "effect_intended"]);
    for _ in 0..4 {
        story.fail(FailureClass::Safe, "status_503");
        if story.state().timer().is_some() {
            story.wake();
        }
    }
    let then = redrive(&mut story, None);
    assert_eq!(then, ["dead_letter_redriven", "effect_intended"]);
    let keys: Vec<_> = story.intents().iter().map(|effect| effect.key).collect();
    assert!(keys.len() > 6 && keys.iter().all(|key| *key == keys[0]));
}

fn redrive(story: &mut Story, amount: Option<&str>) -> Vec<&'static str> {
    let countersign::engine::Phase::Parked { letter, .. } = &story.state().phase else {
        panic!("{:?}", story.state().phase);
    };
    let command = Command::RedriveDeadLetter {
        dead_letter: letter.dead_letter,
        set: amount
            .map(|amount| ("amount".to_owned(), json!(amount)))
            .into_iter()
            .collect(),
        output: None,
        reason: Some("Again.".to_owned()),
    };
    story.when(&jane(), command).unwrap().kinds()
}

/// A named operation whose every try was turned away.
fn named_and_parked() -> Story {
    let mut story = started(ALLOW, true, vec![held_by(9, &planned(TOOL), 1)]);
    story.verdict(&jane(), Verdict::Approve).unwrap();
    for _ in 0..4 {
        story.fail(FailureClass::Safe, "status_503");
        if story.state().timer().is_some() {
            story.wake();
        }
    }
    assert_eq!(story.status(), RunStatus::DeadLettered);
    story
}

#[test]
fn a_named_operation_that_was_not_done_keeps_its_name_and_approval() {
    for freed in [false, true] {
        let mut story = named_and_parked();
        if freed {
            story.holders.clear();
        }
        let then = redrive(&mut story, None);
        assert_eq!(then, ["dead_letter_redriven", "effect_intended"]);
        assert_eq!(story.sending().identity.unwrap().number, 2);
    }
}

#[test]
fn what_was_begun_first_goes_on_beside_what_was_named_another_operation() {
    // In flight: answered, unknown, or put off.
    let beside = || {
        let mut story = sending(TOOL);
        let own = Holder {
            key: story.sending().key,
            run: story.run,
            state: EffectState::Intent,
            ..held_by(0, story.sending(), 1)
        };
        story.holders = vec![own, held_by(9, story.sending(), 2)];
        story
    };
    let mut story = beside();
    story.answer(json!({}));
    assert_eq!(story.status(), RunStatus::Succeeded);
    let mut story = beside();
    story.fail(FailureClass::Unknown, "reset");
    assert_eq!(story.wake().kinds(), ["effect_intended"]);
    let mut story = beside();
    for _ in 0..3 {
        story.fail(FailureClass::Safe, "status_503");
        assert_eq!(story.wake().kinds(), ["effect_intended"]);
    }
    story.fail(FailureClass::Safe, "status_503");
    assert_eq!(story.status(), RunStatus::DeadLettered);
}

#[test]
fn what_was_parked_beside_another_operation_is_redriven_as_it_was() {
    // A person let the other one in beside it, and knew of it.
    let mut story = asking(TOOL);
    story.verdict(&jane(), Verdict::Approve).unwrap();
    for _ in 0..3 {
        story.fail(FailureClass::Safe, "status_503");
        story.wake();
    }
    story.fail(FailureClass::Safe, "status_503");
    story.holders = vec![held_by(9, story.intents()[0], 2)];
    let before = story.clone();
    let then = redrive(&mut story, None);
    assert_eq!(then, ["dead_letter_redriven", "effect_intended"]);
    assert_eq!(story.sending().key, story.intents()[0].key);
    // What is changed is another act, and is asked about as a duplicate.
    let mut story = before;
    story.later(48 * 3_600_000);
    let then = redrive(&mut story, None);
    assert_eq!(
        then,
        ["dead_letter_redriven", "grant_voided", "packet_opened"]
    );
    let packet = story.state().packet.as_ref().unwrap();
    assert!(packet.flags.iter().any(|flag| flag.code == "duplicate"));
    assert_eq!(packet.effects[0].identity.unwrap().number, 3);
}

/// What was asked of the target says that it happened.
fn found(story: &mut Story) -> Vec<&'static str> {
    let then = story.fail(FailureClass::Unknown, "reset");
    assert_eq!(then.kinds().last(), Some(&"probe_started"));
    story
        .answer(json!({ "found": true, "order": "W-7" }))
        .kinds()
}

#[test]
fn what_a_probe_finds_may_be_the_other_operation_and_a_person_is_asked() {
    let inconclusive = ["probe_answered", "effect_unknown", "packet_opened"];
    let confirmed = [
        "probe_answered",
        "effect_confirmed",
        "step_completed",
        "run_ended",
    ];
    // The first is in flight while a second is done.
    let mut story = sending("bank.wire");
    story.holders = vec![held_by(9, story.sending(), 2)];
    assert_eq!(found(&mut story), inconclusive);
    let packet = story.state().packet.as_ref().unwrap();
    let Question::Outcome { message, .. } = &packet.question else {
        panic!("{:?}", packet.question);
    };
    for part in ["W-7", "another operation", "Run 00000000", "confirmed"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    // A second is in flight, whatever is known of the first.
    for forgotten in [false, true] {
        let sheet = Sheet {
            steps: GATED,
            ..Sheet::default()
        };
        let mut story = Story::of(&sheet.compile("bank.wire"));
        story.holders = vec![held_by(9, &planned("bank.wire"), 1)];
        story.start(row());
        story.verdict(&jane(), Verdict::Approve).unwrap();
        assert_eq!(story.sending().identity.unwrap().number, 2);
        if forgotten {
            story.holders.clear();
        }
        assert_eq!(found(&mut story), inconclusive);
    }
    // It stands alone, or is asked after by its own key.
    assert_eq!(found(&mut sending("bank.wire")), confirmed);
    let mut story = sending("bank.draft");
    story.holders = vec![held_by(9, story.sending(), 2)];
    assert_eq!(found(&mut story), confirmed);
}

#[test]
fn what_was_not_done_and_is_changed_stands_in_nobodys_way() {
    let mut story = named_and_parked();
    let before = story.state().clone();
    let old = story.intents()[0].clone();
    story.holders = vec![Holder {
        key: old.key,
        run: story.run,
        ..held_by(0, &old, 2)
    }];
    let at = story.journal.len();
    let then = redrive(&mut story, Some("77.00"));
    assert!(then.contains(&"packet_opened"), "{then:?}");
    let packet = story.state().packet.as_ref().unwrap();
    assert!(packet.duplicates.is_empty());
    let rows = rows_of(Some(&before), &story.journal[at..], story.state());
    let given_up = rows
        .effects
        .iter()
        .find(|row| row.idempotency_key == old.key);
    let given_up = given_up.expect("the old effect's row");
    assert_eq!(
        (given_up.state, given_up.identity),
        (EffectState::Planned, None)
    );
}

#[test]
fn an_identity_is_held_while_the_act_may_have_happened_and_by_nothing_else() {
    let held = |story: &Story, since: usize| {
        let before = story.given(&story.journal[..since]);
        let rows = rows_of(Some(before.state()), &story.journal[since..], story.state());
        let row = rows.effects.last().unwrap().clone();
        (row.state, row.identity.is_some())
    };
    let mut story = sending(TOOL);
    let at = story.journal.len();
    story.answer(json!({}));
    assert_eq!(held(&story, at), (EffectState::Confirmed, true));
    for (class, state, holds) in [
        (FailureClass::Refused, EffectState::Refused, false),
        (FailureClass::Unknown, EffectState::Unknown, true),
        (FailureClass::Safe, EffectState::Planned, true),
    ] {
        let mut story = sending(TOOL);
        let at = story.journal.len();
        story.fail(class, "failed");
        assert_eq!(held(&story, at), (state, holds));
    }
    let mut story = named_and_parked();
    let at = story.journal.len();
    let countersign::engine::Phase::Parked { letter, .. } = &story.state().phase else {
        panic!();
    };
    let discard = Command::DiscardDeadLetter {
        dead_letter: letter.dead_letter,
        reason: "Enough.".to_owned(),
    };
    story.when(&jane(), discard).unwrap();
    assert_eq!(held(&story, at), (EffectState::Blocked, false));
}

#[test]
fn an_edit_while_the_outcome_is_unknown_makes_no_second_key() {
    let mut story = sending(TOOL);
    story.fail(FailureClass::Unknown, "reset");
    story.pause(&jane()).unwrap();
    let refused = story
        .override_value(&jane(), "amount", json!("1.00"))
        .unwrap_err();
    assert_eq!(refused.code(), "effect_in_flight");
    story.resume(&jane()).unwrap();
    while story.state().packet.is_none() {
        story.wake();
        story.fail(FailureClass::Unknown, "reset");
    }
    let refused = story.amend(&jane(), "amount", json!("1.00")).unwrap_err();
    assert_eq!(refused.code(), "asks_outcome");
    let keys: std::collections::BTreeSet<_> =
        story.intents().iter().map(|effect| effect.key).collect();
    assert_eq!(keys.len(), 1);
}

#[test]
fn the_digests_cover_what_the_person_agreed_to() {
    let plain = planned(TOOL);
    let named = plain.clone().numbered(Some(2)).unwrap();
    assert_ne!(plain.digest, named.digest);
    assert_eq!(named.digest_of_parts().unwrap(), named.digest);
    // What nobody named is hashed as it was before identities were compared.
    let mut bare = plain.clone();
    bare.identity = None;
    assert_eq!(bare.digest_of_parts().unwrap(), plain.digest);
    let story = started(ALLOW, true, vec![held_by(9, &plain, 1)]);
    let shown = story.state().packet.clone().unwrap();
    for other in [
        Holder {
            state: EffectState::Unknown,
            ..shown.duplicates[0].clone()
        },
        Holder {
            run: RunId(Uuid::from_u128(8)),
            ..shown.duplicates[0].clone()
        },
    ] {
        let mut changed = shown.as_ref().clone();
        changed.duplicates = vec![other];
        assert_ne!(changed.digest_of_parts(), shown.digest);
    }
}
