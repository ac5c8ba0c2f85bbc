//! What a verdict and an effect are bound to: any input of a digest changes it, nothing else does.

use std::collections::BTreeSet;

use countersign::domain::{
    Actor, ConnectorUrls, Digest, Fields, IdempotencyKey, Packet, PacketId, PlannedEffect, RunId,
    Timestamp, Vote,
};
use countersign::domain::{Money, Verdict};
use countersign::engine::{Command, FailureClass};
use serde_json::json;
use uuid::Uuid;

use crate::people::{jane, person};
use crate::story::Story;
use crate::workflows::{Sheet, order, row, sending, two_approvals};

/// What is changed, and how.
type Change<T> = (&'static str, fn(&mut T));

fn packet() -> Packet {
    *order("7850.00", true, 0.97).state().packet.clone().unwrap()
}

#[test]
fn every_input_of_a_packet_s_digest_changes_it() {
    let changes: Vec<Change<Packet>> = vec![
        ("packet", |p| p.packet = PacketId(Uuid::nil())),
        ("version", |p| p.version += 1),
        ("run", |p| p.run = RunId(Uuid::nil())),
        ("step", |p| p.step = "other".into()),
        ("state version", |p| p.state_version += 1),
        ("definition", |p| p.definition = Digest::of(b"other")),
        ("validity", |p| p.valid_ms += 1),
        ("an effect", |p| p.effects[0].digest = Digest::of(b"other")),
        ("fewer effects", |p| p.effects.clear()),
        ("another effect", |p| p.effects.push(p.effects[0].clone())),
        ("evidence", |p| p.evidence[0].digest = Digest::of(b"other")),
        ("evidence's name", |p| p.evidence[0].id = "other".to_owned()),
        ("less evidence", |p| {
            p.evidence.pop();
        }),
    ];
    let mut seen = BTreeSet::from([packet().digest]);
    for (what, change) in changes {
        let mut other = packet();
        change(&mut other);
        assert!(seen.insert(other.digest_of_parts()), "{what}");
    }
    assert_eq!(packet().digest, packet().digest_of_parts());
}

#[test]
fn votes_and_deadline_change_no_digest() {
    let mut later = packet();
    later.due_at = Timestamp(later.due_at.0 + 86_400_000);
    later.votes.push(Vote {
        by: "ANNA".to_owned(),
        verdict: Verdict::Approve,
        item: 0,
        digest: later.digest,
        at: later.opened_at,
        reason: None,
    });
    assert_eq!(later.digest_of_parts(), packet().digest);
    let mut story = two_approvals();
    let shown = story.state().packet.as_ref().unwrap().digest;
    story.verdict(&person("ANNA"), Verdict::Approve).unwrap();
    assert_eq!(story.state().packet.as_ref().unwrap().digest, shown);
}

#[test]
fn every_part_of_an_effect_changes_its_digest() {
    let effect = packet().effects.remove(0);
    let changes: Vec<Change<PlannedEffect>> = vec![
        ("step", |e| e.step = "other".into()),
        ("tool", |e| e.tool = "other.tool".into()),
        ("pin", |e| e.pin = Digest::of(b"other")),
        ("ordinal", |e| e.ordinal += 1),
        ("operation", |e| e.operation.push('x')),
        ("arguments", |e| e.arguments["vendor"] = json!("Beta")),
        ("amount", |e| e.amount = None),
        ("a cent", |e| {
            let amount = e.amount.unwrap();
            e.amount = Some(Money {
                minor: amount.minor + 1,
                ..amount
            });
        }),
        ("key", |e| e.key = IdempotencyKey(Digest::of(b"other"))),
        ("method", |e| e.request.method = "PUT".to_owned()),
        ("url", |e| e.request.url.push('x')),
        ("a header", |e| {
            e.request.headers.pop();
        }),
        ("body", |e| e.request.body = Some("{}".to_owned())),
    ];
    let mut seen = BTreeSet::from([effect.digest]);
    for (what, change) in changes {
        let mut other = effect.clone();
        change(&mut other);
        assert!(seen.insert(other.digest_of_parts().unwrap()), "{what}");
    }
    assert_eq!(effect.digest, effect.digest_of_parts().unwrap());
}

#[test]
fn a_target_that_moved_voids_the_approval() {
    let mut story = order("7850.00", true, 0.97);
    story.executes = false;
    story.verdict(&jane(), Verdict::Approve).unwrap();
    story.executes = true;
    story.connectors = ConnectorUrls::from_iter([("erp", "http://elsewhere.test")]);
    let then = story.system(Command::Proceed);
    assert_eq!(then.kinds(), ["grant_voided", "packet_opened"]);
    assert_eq!(story.intents().len(), 0);
}

/// The key of the one write of a run that differs from the usual in one thing.
fn key_of(change: impl FnOnce(&mut Story), row: serde_json::Value) -> IdempotencyKey {
    let mut story = Story::of(&Sheet::default().compile("bank.pay"));
    change(&mut story);
    story.start(row);
    story.sending().key
}

fn op(operation: &str, payee: &str) -> serde_json::Value {
    json!({ "payee": payee, "amount": "120.00", "operation": operation })
}

#[test]
fn keys_differ_by_run_operation_and_arguments() {
    let keys = BTreeSet::from([
        key_of(|_| {}, op("op", "Alpha")),
        key_of(
            |story| story.run = RunId(Uuid::from_u128(7)),
            op("op", "Alpha"),
        ),
        key_of(|_| {}, op("op-2", "Alpha")),
        key_of(|_| {}, op("op", "Beta")),
        key_of(|_| {}, json!({ "payee": "Alpha", "amount": "120.01" })),
        sending("bank.transfer").sending().key,
    ]);
    // The last two writes have the same arguments, run, step and operation, at another tool.
    assert_eq!(keys.len(), 5);
}

#[test]
fn keys_differ_by_step_and_by_ordinal() {
    let steps = "
  first: { tool: bank.pay, args: { payee: a, cents: 1 }, operation: op, amount: '${ state.amount }', next: second }
  second: { tool: bank.pay, args: { payee: a, cents: 1 }, operation: op, amount: '${ state.amount }', visits: 2, next: [{ when: 'state.done', to: end }, { to: second }] }";
    let sheet = Sheet {
        steps,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(""));
    story.start(row());
    story.answer(json!({}));
    story.answer(json!({}));
    let keys: BTreeSet<_> = story.intents().iter().map(|effect| effect.key).collect();
    assert_eq!(keys.len(), 3);
}

#[test]
fn a_separator_in_a_name_makes_no_two_operations_one() {
    let keys: BTreeSet<_> = [
        ("a:b", "c"),
        ("a", "b:c"),
        ("a:b:c", "-"),
        ("a|b", "c"),
        ("a\0b", "c"),
    ]
    .into_iter()
    .map(|(operation, payee)| key_of(|_| {}, op(operation, payee)))
    .collect();
    assert_eq!(keys.len(), 5);
}

#[test]
fn a_key_survives_retry_restart_and_time() {
    let mut story = sending("bank.pay");
    let first = story.sending().key;
    story.fail(FailureClass::Safe, "status_503");
    story.wake();
    story.later(3_600_000);
    let journal = story.journal.clone();
    let mut reopened = story.given(&journal);
    reopened.luck = 200;
    reopened.system(Command::Recover);
    assert_eq!(reopened.sending().key, first);
    // Neither who acts nor what is drawn is in it.
    let again = key_of(|story| story.luck = 9, row());
    assert_eq!(again, first);
}

#[test]
fn who_started_a_run_is_in_no_key() {
    let definition = Sheet::default().compile("bank.pay");
    let start = |by: &Actor| {
        let mut story = Story::of(&definition);
        let input: Fields = crate::story::fields(row());
        let state = definition.meaning.state.admit(&input).unwrap();
        let command = Command::StartRun {
            run: story.run,
            key: None,
            input,
            state,
        };
        story.when(by, command).unwrap();
        story.sending().clone()
    };
    assert_eq!(start(&person("ANNA")), start(&person("BERT")));
}
