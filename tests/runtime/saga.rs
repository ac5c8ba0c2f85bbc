//! A run of five writes that fails and is undone, with a process that dies at each of them.

use std::sync::Arc;

use countersign::domain::RunStatus;
use countersign::engine::Event;
use countersign::runtime::{Drive, Handle};
use countersign::workflow::{Definition, SourceFile, check, shipped};
use serde_json::json;

use crate::target::Reply;
use crate::world::{World, journal, person, process, row_of, until, verified};

const WRITES: usize = 5;

/// Five orders, and a step more than the budget allows.
fn five_orders() -> Arc<Definition> {
    let steps = (1..=WRITES).map(|n| {
        let next = if n == WRITES {
            "last".to_owned()
        } else {
            format!("order{}", n + 1)
        };
        format!(
            "  order{n}: {{ tool: erp.commit_order, args: {{ po_id: 'PO-{n}', vendor: Alpha,
    amount: {{ minor: {n}00, currency: USD }} }}, amount: '{n}.00 USD', next: {next} }}\n"
        )
    });
    let steps: String = steps.collect();
    let text = format!(
        "workflow: five
intent: {{ purpose: Order five things., owner: desk, done_when: 'true' }}
authority: {{ decide: [desk] }}
policy: [{{ id: all, when: 'true', then: allow }}]
scope: {{ agent: desk-agent, tools: [erp.commit_order] }}
meaning: {{ state: {{ type: object, properties: {{ note: {{ type: string }} }} }} }}
effects: {{ erp.commit_order: {{}}, erp.cancel_order: {{}} }}
budget: {{ steps: {WRITES}, on_breach: fail }}
steps:
{steps}  last: {{ compute: {{ note: done }}, next: end }}
"
    );
    let checked = check(&SourceFile::new("five.yaml", text), &shipped().tool_box());
    assert_eq!(checked.diagnostics, []);
    checked.definition.unwrap()
}

/// Each INTENT's tool and order, the first time its key appears.
fn intents(handle: &Handle, run: countersign::domain::RunId) -> Vec<(String, String, String)> {
    let mut seen: Vec<(String, String, String)> = Vec::new();
    for stored in journal(handle, run) {
        let Some(recorded) = stored.recorded().unwrap() else {
            continue;
        };
        if let Event::EffectIntended {
            tool, key, values, ..
        } = recorded.event
        {
            let key = key.to_string();
            if !seen.iter().any(|(known, ..)| *known == key) {
                let order = values.effect.arguments["po_id"]
                    .as_str()
                    .unwrap()
                    .to_owned();
                seen.push((key, tool.to_string(), order));
            }
        }
    }
    seen
}

#[test]
fn a_process_that_dies_at_any_write_leaves_each_done_and_undone_once_in_reverse() {
    let definition = five_orders();
    for tool in ["erp.commit_order", "erp.cancel_order"] {
        for nth in 0..WRITES {
            for reply in [Reply::Silence, Reply::Swallowed] {
                let world = World::new();
                let mut script = vec![Reply::Done; nth];
                script.push(reply.clone());
                world.target.script(tool, script);
                let run = process(async {
                    let handle = world.open(Drive::Everything).await;
                    let row = row_of(&definition, json!({}), None);
                    let by = person("STARTER");
                    let started = handle.start(&definition, vec![row], &by).await;
                    let run = started.unwrap()[0].run;
                    until("the write arrives", || {
                        world.target.arrivals(tool).len() == nth + 1
                    })
                    .await;
                    run
                });
                process(async {
                    let handle = world.open(Drive::Everything).await;
                    let row = handle.settled(run).await.unwrap();
                    let place = format!("{tool} {nth} {reply:?}");
                    assert_eq!(row.status, RunStatus::Failed, "{place}");
                    let done = world.target.done();
                    assert_eq!(done.len(), 2 * WRITES, "{place}");
                    assert!(done.values().all(|times| *times == 1), "{place}: {done:?}");
                    let intents = intents(&handle, run);
                    let orders: Vec<&str> =
                        intents.iter().map(|(.., order)| order.as_str()).collect();
                    assert_eq!(
                        orders,
                        [
                            "PO-1", "PO-2", "PO-3", "PO-4", "PO-5", "PO-5", "PO-4", "PO-3", "PO-2",
                            "PO-1"
                        ],
                        "{place}"
                    );
                    // The target saw them in that order too, and nothing else.
                    let mut arrived: Vec<String> = Vec::new();
                    for tool in ["erp.commit_order", "erp.cancel_order"] {
                        for arrival in world.target.arrivals(tool) {
                            let key = arrival.key.unwrap();
                            if arrived.last() != Some(&key) {
                                arrived.push(key);
                            }
                        }
                    }
                    let keys: Vec<String> = intents.into_iter().map(|(key, ..)| key).collect();
                    assert_eq!(arrived, keys, "{place}");
                    verified(&handle);
                });
            }
        }
    }
}

#[test]
fn a_late_answer_is_recorded_and_the_run_is_undone_later() {
    let world = World::new();
    let definition = five_orders();
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    world
        .target
        .script("erp.commit_order", [Reply::Gated(Arc::clone(&gate))]);
    process(async {
        let handle = world.open(Drive::Everything).await;
        let row = row_of(&definition, json!({}), None);
        let by = person("STARTER");
        let run = handle.start(&definition, vec![row], &by).await.unwrap()[0].run;
        until("the write arrives", || {
            world.target.arrivals("erp.commit_order").len() == 1
        })
        .await;
        let other = world.open(Drive::Nothing).await;
        let how = ("Enough.", false);
        let moved = other.terminate(run, how, &person("ADMIN")).await.unwrap();
        assert_eq!(moved.status, RunStatus::Terminated);
        assert_eq!(moved.effects[0].fate, "unknown");
        gate.add_permits(1);
        until("the late answer is recorded", || {
            handle.fates(run).unwrap().effects[0].fate == "confirmed"
        })
        .await;
        assert_eq!(handle.fates(run).unwrap().status, RunStatus::Terminated);
        assert_eq!(world.target.arrivals("erp.commit_order").len(), 1);
        assert!(world.target.arrivals("erp.cancel_order").is_empty());
        handle
            .terminate(run, ("Undo it.", true), &person("ADMIN"))
            .await
            .unwrap();
        let row = handle.settled(run).await.unwrap();
        assert_eq!(row.status, RunStatus::Terminated);
        assert_eq!(world.target.arrivals("erp.cancel_order").len(), 1);
        verified(&handle);
    });
}
