//! A write step reached with a grant, with none, or with one that fell.

use countersign::domain::{RunStatus, Verdict};
use countersign::engine::{Command, Event};
use countersign::views::{Came, tries};
use serde_json::json;

use crate::people::{jane, person};
use crate::story::Story;
use crate::workflows::{ALLOW, ASK, GATED, Sheet, asking, committed, order, row};

fn reached(policy: &str, gated: bool) -> Story {
    let mut sheet = Sheet {
        policy,
        ..Sheet::default()
    };
    if gated {
        sheet.steps = GATED;
    }
    let mut story = Story::of(&sheet.compile("bank.pay"));
    story.start(row());
    story
}

#[test]
fn a_write_without_a_gate_is_judged_on_the_spot() {
    let story = reached(ALLOW, false);
    assert_eq!(story.count("effect_intended"), 1);
    assert_eq!(story.count("gate_passed"), 0);
    let story = reached(ASK, false);
    assert_eq!(story.status(), RunStatus::Waiting);
    let packet = story.state().packet.as_ref().unwrap();
    assert_eq!(packet.step.as_str(), "act");
}

#[test]
fn a_write_s_own_packet_goes_on_with_the_write_once_it_is_approved() {
    let mut story = reached(ASK, false);
    let shown = story.state().packet.clone().unwrap();
    story.verdict(&jane(), Verdict::Approve).unwrap();
    assert_eq!(*story.sending(), shown.effects[0]);
    story.answer(json!({}));
    assert_eq!(story.status(), RunStatus::Succeeded);
    assert_eq!(story.state().steps_taken, 1);
}

#[test]
fn a_write_s_own_packet_rejected_ends_the_run() {
    let mut story = reached(ASK, false);
    story.verdict(&jane(), Verdict::Reject).unwrap();
    assert_eq!(story.status(), RunStatus::Rejected);
    assert_eq!(story.count("effect_blocked"), 1);
    assert_eq!(story.intents().len(), 0);
}

#[test]
fn a_write_denied_on_the_spot_is_recorded_and_never_sent() {
    let story = reached("[{ id: never, when: 'true', then: deny }]", false);
    assert_eq!(story.status(), RunStatus::Rejected);
    assert_eq!(story.count("effect_blocked"), 1);
    assert_eq!(story.intents().len(), 0);
}

#[test]
fn what_is_denied_names_the_rule_that_denies() {
    let rules = "[{ id: people, when: 'true', then: ask, reason: Somebody looks. },
        { id: never, when: 'true', then: deny, reason: Not this. }]";
    for gated in [true, false] {
        let story = reached(rules, gated);
        let blocked = story
            .journal
            .iter()
            .find_map(|recorded| match &recorded.event {
                Event::EffectBlocked { reason, .. } => Some(reason.as_str()),
                _ => None,
            });
        assert_eq!(blocked, Some("never: Not this."));
    }
}

#[test]
fn an_amount_changed_after_approval_is_not_sent_but_asked_about_anew() {
    let mut story = order("7850.00", true, 0.97);
    let first = story.state().packet.clone().unwrap();
    story.pause(&jane()).unwrap();
    story.verdict(&jane(), Verdict::Approve).unwrap();
    let then = story
        .override_value(&person("ADMIN"), "amount", json!("100.00"))
        .unwrap();
    assert_eq!(then.kinds(), ["state_overridden", "grant_voided"]);
    let Event::GrantVoided { packet, reason, .. } = &then.events[1] else {
        panic!("{:?}", then.events[1]);
    };
    assert_eq!(*packet, Some(first.packet));
    assert_eq!(reason, "ADMIN changed amount after it was granted.");
    let then = story.resume(&jane()).unwrap();
    assert_eq!(then.kinds(), ["run_resumed", "packet_opened"]);
    // A hundred dollars would pass alone; a person said yes to something else, so one is asked.
    let second = story.state().packet.clone().unwrap();
    assert_ne!(second.packet, first.packet);
    assert!(second.flags.iter().any(|flag| flag.code == "approval_void"));
    assert_eq!(story.intents().len(), 0);
    story.verdict(&jane(), Verdict::Approve).unwrap();
    assert_eq!(story.sending().amount.unwrap().minor, 10_000);
    assert_eq!(story.intents().len(), 1);
}

#[test]
fn an_override_that_is_taken_back_still_voids_the_approval() {
    let mut story = order("7850.00", true, 0.97);
    story.pause(&jane()).unwrap();
    story.verdict(&jane(), Verdict::Approve).unwrap();
    for amount in ["100.00", "7850.00"] {
        story
            .override_value(&jane(), "amount", json!(amount))
            .unwrap();
    }
    story.resume(&jane()).unwrap();
    assert_eq!(story.status(), RunStatus::Waiting);
    assert_eq!(story.intents().len(), 0);
}

#[test]
fn leave_that_rules_gave_falls_with_the_amount_and_the_rules_judge_again() {
    let mut story = order("10.00", true, 0.97);
    assert_eq!(story.intents().len(), 1);
    // The same, but held between the gate and the write.
    let mut held = Story::of(&story.definition);
    held.executes = false;
    held.start(crate::workflows::order_row("10.00"));
    held.executes = true;
    held.system(Command::Proceed);
    held.executes = false;
    held.answer(crate::workflows::registered(true, 0.97));
    held.pause(&jane()).unwrap();
    held.override_value(&jane(), "amount", json!("5000.00"))
        .unwrap();
    held.executes = true;
    let then = held.resume(&jane()).unwrap();
    assert_eq!(then.kinds(), ["run_resumed", "packet_opened"]);
    story.answer(crate::workflows::committed());
    assert_eq!(story.status(), RunStatus::Succeeded);
}

#[test]
fn leave_is_good_for_one_effect() {
    let steps = "
  review:
    gate: { covers: [act] }
    approved: act
  act:
    tool: bank.pay
    args: { payee: '${ state.payee }', cents: '${ state.amount.minor }' }
    amount: '${ state.amount }'
    save: { passes: '${ state.passes + 1 }' }
    next: [{ when: 'state.passes < 3', to: act }, { to: end }]
    visits: 3";
    let sheet = Sheet {
        policy: ASK,
        steps,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(""));
    story.start(row());
    story.verdict(&jane(), Verdict::Approve).unwrap();
    story.answer(json!({}));
    assert_eq!(story.status(), RunStatus::Waiting);
    assert_eq!(story.intents().len(), 1);
    story.verdict(&jane(), Verdict::Approve).unwrap();
    let keys: Vec<_> = story.intents().iter().map(|effect| effect.key).collect();
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn a_packet_approved_twice_over_sends_one_effect() {
    let mut story = asking("mail.send");
    story.verdict(&jane(), Verdict::Approve).unwrap();
    for command in [Command::Proceed, Command::Proceed] {
        story.system(command);
    }
    assert_eq!(story.intents().len(), 1);
}

#[test]
fn the_intent_names_the_packet_that_allowed_it_and_none_where_rules_did() {
    let mut asked = reached(ASK, true);
    let packet = asked.state().packet.as_ref().unwrap().packet;
    asked.verdict(&jane(), Verdict::Approve).unwrap();
    let alone = reached(ALLOW, true);
    for (story, expected) in [(asked, Some(packet)), (alone, None)] {
        let Some(Event::EffectIntended { packet, .. }) =
            story.journal.last().map(|recorded| &recorded.event)
        else {
            panic!("{:?}", story.journal.last());
        };
        assert_eq!(*packet, expected);
    }
}

#[test]
fn what_a_reviewer_refused_is_never_sent_by_rules_alone() {
    // The gate asks because its confidence is none; beyond it every rule allows.
    let steps = GATED
        .replace(
            "covers: [act],",
            "covers: [act], confidence: '${ \"high\" }',",
        )
        .replace(
            "rejected: refuse\n  refuse: { compute: { note: refused }, end: rejected }",
            "rejected: again\n  again: { compute: { done: false }, next: act }",
        )
        .replace("    rejected: refuse\n", "");
    let sheet = Sheet {
        steps: &steps,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile("bank.pay"));
    story.start(row());
    story.verdict(&jane(), Verdict::Reject).unwrap();
    assert_eq!(story.status(), RunStatus::Waiting);
    assert_eq!(story.intents().len(), 0);
    let packet = story.state().packet.as_ref().unwrap();
    assert!(
        packet
            .flags
            .iter()
            .any(|flag| flag.code == "refused_before")
    );
    // A person may think again.
    story.verdict(&jane(), Verdict::Approve).unwrap();
    assert_eq!(story.intents().len(), 1);
}

/// A run that waited longer than the target keeps keys.
fn approved_after(wait_ms: i64) -> (Story, Vec<&'static str>) {
    let mut story = order("7850.00", true, 0.97);
    story.later(wait_ms);
    let then = story.verdict(&jane(), Verdict::Approve).unwrap();
    let kinds = then.kinds();
    (story, kinds)
}

#[test]
fn after_a_wait_longer_than_keys_are_kept_the_target_is_asked_before_the_first_send() {
    let day_ms = 24 * 3_600_000;
    let (_, kinds) = approved_after(day_ms - 1);
    assert_eq!(kinds.last(), Some(&"effect_intended"));

    let (mut story, kinds) = approved_after(day_ms);
    assert_eq!(kinds.last(), Some(&"probe_started"));
    let tried = tries(&story.journal, story.intents()[0].key);
    let first = tried.last().unwrap();
    assert_eq!(first.came, Some(Came::AskedFirst), "nothing was sent by it");
    let then = story.answer(json!({"orders": [], "has_more": false}));
    // Nothing was under way: one "no" is enough.
    assert_eq!(
        then.kinds(),
        ["probe_answered", "effect_deferred", "effect_intended"]
    );
    let then = story.answer(committed());
    assert_eq!(then.kinds()[0], "effect_confirmed");
    assert_eq!(story.status(), RunStatus::Succeeded);

    let (mut story, _) = approved_after(day_ms);
    let mut ours = committed();
    ours["cancelled"] = false.into();
    ours["reference"] = story.state().live_effect().unwrap().key.to_string().into();
    let then = story.answer(json!({"orders": [ours], "has_more": false}));
    assert_eq!(then.kinds()[..2], ["probe_answered", "effect_confirmed"]);
    assert_eq!(story.intents().len(), 1);
}

#[test]
fn after_an_older_copy_was_taken_what_it_may_have_sent_is_asked_about_first() {
    // The target keeps keys: sent again, it does it once.
    let asked = |tool: &str, lost_ms: i64| {
        let mut story = asking(tool);
        story.lost_before = Some(story.state().started_at.plus_ms(lost_ms));
        let then = story.verdict(&jane(), Verdict::Approve).unwrap();
        then.kinds().last().copied().unwrap()
    };
    assert_eq!(asked("bank.pay", 0), "effect_intended");
    assert_eq!(asked("bank.transfer", 0), "probe_started");
    assert_eq!(asked("mail.send", 0), "packet_opened");
    // A run that started later is not in question.
    assert_eq!(asked("bank.transfer", -1), "effect_intended");
    assert_eq!(asked("mail.send", -1), "effect_intended");
}
