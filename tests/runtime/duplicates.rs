//! The same act begun by two runs at the same moment: one is sent, a person is asked of the other.

use std::sync::Arc;

use countersign::domain::{Question, RunId, RunStatus, Verdict};
use countersign::runtime::{Drive, Handle, Started, Would};
use countersign::store::DeadLetterFilter;
use countersign::workflow::{Definition, SourceFile, ToolBox, check};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::target::Reply;
use crate::world::{
    World, give, kinds, open_packet, order, person, process, row_of, start, until, verified,
};

const RACES: usize = 50;

/// The runs of a pair, the one that succeeded first.
async fn settle(handle: &Handle, pair: [Started; 2]) -> [Started; 2] {
    let mut done = Vec::new();
    let mut asked = Vec::new();
    for one in pair {
        match handle.settled(one.run).await.unwrap().status {
            RunStatus::Succeeded => done.push(one),
            RunStatus::Waiting => asked.push(one),
            other => panic!("{other}"),
        }
    }
    assert_eq!((done.len(), asked.len()), (1, 1));
    [done[0], asked[0]]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_order_started_twice_is_committed_once() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    for round in 0..RACES {
        let mut rows = vec![
            order(&format!("PO-{round}"), "10.00"),
            order(&format!("PO-{round}"), "10.00"),
        ];
        rows[1].key = Some(format!("again-{round}"));
        let started = start(&handle, rows).await;
        let [done, asked] = settle(&handle, [started[0], started[1]]).await;
        let packet = open_packet(&handle, asked.run);
        assert!(packet.flags.iter().any(|flag| flag.code == "duplicate"));
        assert_eq!(packet.duplicates[0].run, done.run);
        assert_eq!(world.target.done().len(), round + 1);
    }
    let run = handle.runs(&countersign::store::RunFilter::default());
    assert_eq!(run.unwrap().len(), 2 * RACES);
    verified(&handle);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewer_sees_the_duplicate_before_approving() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    let first = start(&handle, vec![order("PO-1", "7850.00")]).await[0];
    handle.settled(first.run).await.unwrap();
    let mut row = order("PO-1", "7850.00");
    row.key = Some("again".to_owned());
    let second = start(&handle, vec![row]).await[0];
    handle.settled(second.run).await.unwrap();
    // Neither was begun, so neither stands in the other's way.
    let packets = [first, second].map(|one| open_packet(&handle, one.run));
    assert!(packets.iter().all(|packet| packet.duplicates.is_empty()));
    give(&handle, &packets[0], Verdict::Approve, "ANNA")
        .await
        .unwrap();
    handle.settled(first.run).await.unwrap();
    // The approval of the second falls, and whoever gave it is shown why.
    give(&handle, &packets[1], Verdict::Approve, "BERT")
        .await
        .unwrap();
    handle.settled(second.run).await.unwrap();
    let asked = open_packet(&handle, second.run);
    assert_eq!(asked.duplicates[0].run, first.run);
    // A third sees it from the beginning.
    let mut row = order("PO-1", "7850.00");
    row.key = Some("once more".to_owned());
    let third = start(&handle, vec![row]).await[0];
    handle.settled(third.run).await.unwrap();
    let seen = open_packet(&handle, third.run);
    assert_eq!((seen.step.as_str(), seen.duplicates.len()), ("review", 1));
    assert_eq!(world.target.done().len(), 1);
    give(&handle, &asked, Verdict::Approve, "ANNA")
        .await
        .unwrap();
    let row = handle.settled(second.run).await.unwrap();
    assert_eq!(row.status, RunStatus::Succeeded);
    assert_eq!(world.target.done().len(), 2);
    verified(&handle);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_first_act_is_a_duplicate_starts_and_asks() {
    let world = World::new();
    world.target.script("mail.send", [Reply::Silence]);
    let handle = world.open(Drive::Everything).await;
    let definition = mail();
    let rows = |to: &str| row_of(&definition, json!({ "to": to }), None);
    let started = handle
        .start(
            &definition,
            vec![rows("a"), rows("a"), rows("b")],
            &person("STARTER"),
        )
        .await
        .unwrap();
    assert_eq!(started.len(), 3);
    let row = handle.settled(started[1].run).await.unwrap();
    assert_eq!(row.status, RunStatus::Waiting);
    let packet = open_packet(&handle, started[1].run);
    assert_eq!(packet.duplicates[0].run, started[0].run);
    let row = handle.settled(started[2].run).await.unwrap();
    assert_eq!(row.status, RunStatus::Succeeded);
    verified(&handle);
}

/// A second order of the same number, named another operation and done.
async fn named_and_done(handle: &Handle) -> RunId {
    let mut row = order("PO-1", "10.00");
    row.key = Some("again".to_owned());
    let second = start(handle, vec![row]).await[0].run;
    handle.settled(second).await.unwrap();
    give(
        handle,
        &open_packet(handle, second),
        Verdict::Approve,
        "ANNA",
    )
    .await
    .unwrap();
    let row = handle.settled(second).await.unwrap();
    assert_eq!(row.status, RunStatus::Succeeded);
    second
}

#[test]
fn what_died_in_flight_is_sent_again_beside_another_operation() {
    let world = World::new();
    world.target.script("erp.commit_order", [Reply::Swallowed]);
    let first = process(async {
        let handle = world.open(Drive::Everything).await;
        let first = start(&handle, vec![order("PO-1", "10.00")]).await[0].run;
        until("it is in flight", || {
            world.target.arrivals("erp.commit_order").len() == 1
        })
        .await;
        named_and_done(&handle).await;
        first
    });
    process(async {
        let handle = world.open(Drive::Everything).await;
        let row = handle.settled(first).await.unwrap();
        assert_eq!(row.status, RunStatus::Succeeded);
        assert_eq!(world.target.done().len(), 2);
        verified(&handle);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unknown_is_sent_again_beside_another_operation() {
    let world = World::new();
    world.target.script("erp.commit_order", [Reply::Lost]);
    let handle = world.open(Drive::Everything).await;
    let first = start(&handle, vec![order("PO-1", "10.00")]).await[0].run;
    until("its answer is lost", || {
        kinds(&handle, first).contains(&"effect_unknown".to_owned())
    })
    .await;
    named_and_done(&handle).await;
    world.clock.later(1_100);
    let row = handle.settled(first).await.unwrap();
    assert_eq!(row.status, RunStatus::Succeeded);
    assert!(world.target.done().values().all(|times| *times == 1));
    assert_eq!(world.target.done().len(), 2);
    verified(&handle);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_parked_is_redriven_beside_another_operation_as_its_preview_says() {
    let world = World::new();
    world
        .target
        .script("erp.commit_order", vec![Reply::Busy; 4]);
    let handle = world.open(Drive::Everything).await;
    let first = start(&handle, vec![order("PO-1", "10.00")]).await[0].run;
    let letters = || handle.dead_letters(&DeadLetterFilter::default()).unwrap();
    until("it is parked", || {
        world.clock.later(100);
        letters().len() == 1
    })
    .await;
    named_and_done(&handle).await;
    let (letter, by) = (letters()[0].dead_letter, person("ANNA"));
    let told = handle
        .preview_redrive(letter, (Vec::new(), None), &by)
        .await;
    assert_eq!(told.unwrap().would, Would::Send);
    let edits = (Vec::new(), None);
    handle.redrive(letter, edits, &by).await.unwrap();
    let row = handle.settled(first).await.unwrap();
    assert_eq!(row.status, RunStatus::Succeeded);
    assert_eq!(world.target.done().len(), 2);
    verified(&handle);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_and_the_next_write_are_recorded_beside_another_operation() {
    let world = World::new();
    let gate = Arc::new(Semaphore::new(0));
    world
        .target
        .script("mail.send", [Reply::Gated(Arc::clone(&gate))]);
    let handle = world.open(Drive::Everything).await;
    let definition = mail_then(
        "
  copy: { tool: mail.send, args: { to: archive }, next: end }",
    );
    let by = person("STARTER");
    let begin = || vec![row_of(&definition, json!({ "to": "a" }), None)];
    let first = handle.start(&definition, begin(), &by).await.unwrap()[0].run;
    until("it is in flight", || {
        world.target.arrivals("mail.send").len() == 1
    })
    .await;
    let second = handle.start(&definition, begin(), &by).await.unwrap()[0].run;
    handle.settled(second).await.unwrap();
    let asked = open_packet(&handle, second);
    give(&handle, &asked, Verdict::Approve, "ANNA")
        .await
        .unwrap();
    handle.settled(second).await.unwrap();
    gate.add_permits(1);
    handle.settled(first).await.unwrap();
    let seen = kinds(&handle, first);
    assert!(seen.contains(&"effect_confirmed".to_owned()), "{seen:?}");
    verified(&handle);
}

#[test]
fn a_probe_that_finds_another_operation_settles_nothing() {
    let world = World::new();
    let definition = order_by_hand();
    world.target.script("erp.enter", [Reply::Swallowed]);
    let begin = || vec![row_of(&definition, json!({ "po_id": "PO-1" }), None)];
    let by = person("STARTER");
    let first = process(async {
        let handle = world.open(Drive::Everything).await;
        let first = handle.start(&definition, begin(), &by).await.unwrap()[0].run;
        until("it is in flight", || {
            world.target.arrivals("erp.enter").len() == 1
        })
        .await;
        let second = handle.start(&definition, begin(), &by).await.unwrap()[0].run;
        handle.settled(second).await.unwrap();
        let asked = open_packet(&handle, second);
        give(&handle, &asked, Verdict::Approve, "ANNA")
            .await
            .unwrap();
        let row = handle.settled(second).await.unwrap();
        assert_eq!(row.status, RunStatus::Succeeded);
        first
    });
    process(async {
        let handle = world.open(Drive::Everything).await;
        let row = handle.settled(first).await.unwrap();
        assert_eq!(row.status, RunStatus::Waiting);
        let seen = kinds(&handle, first);
        assert!(!seen.contains(&"effect_confirmed".to_owned()), "{seen:?}");
        let Question::Outcome { message, .. } = open_packet(&handle, first).question else {
            panic!("something else is asked");
        };
        assert!(message.contains("another operation"), "{message}");
        assert_eq!(world.target.done().len(), 1);
        verified(&handle);
    });
}

/// An order under a number, which a target without keys is asked after by that number alone.
fn order_by_hand() -> Arc<Definition> {
    let tool = SourceFile::new(
        "erp.enter.yaml",
        "{ tool: erp.enter, connector: erp, effect: write, method: POST, path: /enter,
           body: { json: '${ args }' }, output: { type: object },
           identity: ['${ args.po_id }'],
           probe: { tool: erp.seek, args: { po_id: '${ args.po_id }' }, found: output.vendor != '' },
           args: { type: object, required: [po_id], properties: { po_id: { type: string } } } }",
    );
    let seek = SourceFile::new(
        "erp.seek.yaml",
        "{ tool: erp.seek, connector: erp, effect: read, method: GET, path: '/seek/${ args.po_id }',
           args: { type: object, required: [po_id], properties: { po_id: { type: string } } },
           output: { type: object, properties: { vendor: { type: string } } } }",
    );
    let text = "workflow: by-hand
intent: { purpose: Enter one order., owner: desk, done_when: 'true' }
authority: { decide: [desk] }
policy: [{ id: all, when: 'true', then: allow }]
scope: { agent: desk-agent, tools: [erp.enter] }
meaning: { state: { type: object, required: [po_id], properties: { po_id: { type: string } } } }
effects: { erp.enter: {} }
budget: { steps: 5 }
steps:
  enter: { tool: erp.enter, args: { po_id: '${ state.po_id }' }, next: end }
";
    let (tools, mistakes) = ToolBox::load(&[tool, seek]);
    assert_eq!(mistakes, []);
    let checked = check(&SourceFile::new("by-hand.yaml", text), &tools);
    assert_eq!(checked.diagnostics, []);
    checked.definition.unwrap()
}

/// A mail that rules let through, and of which one may go to each.
fn mail() -> Arc<Definition> {
    mail_then("")
}

/// The same, and what comes after it.
fn mail_then(after: &str) -> Arc<Definition> {
    let tool = SourceFile::new(
        "mail.send.yaml",
        "{ tool: mail.send, connector: mail, effect: write, method: POST, path: /send,
           body: { json: '${ args }' }, output: { type: object }, unverifiable: true,
           identity: ['${ args.to }'],
           args: { type: object, properties: { to: { type: string } } } }",
    );
    let text = "workflow: mail
intent: { purpose: Send one mail., owner: desk, done_when: 'true' }
authority: { decide: [desk] }
policy: [{ id: all, when: 'true', then: allow }]
scope: { agent: desk-agent, tools: [mail.send] }
meaning: { state: { type: object, required: [to], properties: { to: { type: string } } } }
effects: { mail.send: {} }
budget: { steps: 5 }
steps:
  send: { tool: mail.send, args: { to: '${ state.to }' }, next: NEXT }AFTER
";
    let next = if after.is_empty() { "end" } else { "copy" };
    let text = text.replace("NEXT", next).replace("AFTER", after);
    let (tools, mistakes) = ToolBox::load(&[tool]);
    assert_eq!(mistakes, []);
    let checked = check(&SourceFile::new("mail.yaml", text), &tools);
    assert_eq!(checked.diagnostics, []);
    checked.definition.unwrap()
}
