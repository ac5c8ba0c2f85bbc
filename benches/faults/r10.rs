//! R10: somebody sets the wall clock, a week back and a month on, again and again.
//!
//! Packets wait. No jump may approve or expire one, or send anything; each is told as an alert, and
//! the journal's order is that of its numbers, with times that do not run back. Orders that pass
//! alone are committed meanwhile, each once.

use std::collections::BTreeSet;
use std::time::Duration;

use countersign::domain::{PacketStatus, RunStatus};
use countersign::runtime::{Drive, Handle};
use countersign::store::{AlertFilter, EventFilter, PacketFilter};
use serde_json::{Value, json};

use crate::Ask;
use crate::faults::chance::Chance;
use crate::faults::go_between::Manner;
use crate::faults::inside::{self, Hands, open_packets};
use crate::faults::ledger::held;
use crate::faults::scene::Scene;
use crate::faults::tally::Tally;
use crate::support::Outcome;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Where the clock is set to, seen from where it stands.
const JUMPS_MS: [i64; 2] = [-7 * DAY_MS, 30 * DAY_MS];
/// Packets that wait for each jump: 1,000 for 50.
const WAITING_A_JUMP: usize = 20;
/// Longer than a watching process takes to see that the clock was set.
const LOOKS: Duration = Duration::from_millis(200);
/// What was decided at one moment may be committed the other way round.
const ORDER_MS: i64 = 60_000;

pub(crate) fn run(ask: &Ask<'_>) -> Outcome<Tally> {
    let scene = Scene::set(ask)?;
    let runtime = crate::support::exchange::runtime()?;
    let tally = runtime.block_on(jumps(&scene, ask))?;
    scene.end()?;
    Ok(tally)
}

async fn jumps(scene: &Scene, ask: &Ask<'_>) -> Outcome<Tally> {
    let mut chance = Chance::new(ask.seed);
    let clock = Hands::begin()?;
    let handle = inside::open(scene, &scene.store, &clock, Drive::Everything).await?;
    let definition = handle.definition("purchase-order")?;
    let waiting = ask.n * WAITING_A_JUMP;
    let parked = orders("WAIT", 0..waiting, 7_850);
    inside::settled(&handle, &definition, parked).await?;
    let mut due = BTreeSet::new();
    for jump in 0..ask.n {
        let [back, on] = JUMPS_MS;
        let by = if chance.within(0, 2) == 0 { back } else { on };
        clock.set(by);
        tokio::time::sleep(LOOKS).await;
        let rows = orders("MEANWHILE", jump..jump + 1, 10);
        for run in inside::settled(&handle, &definition, rows).await? {
            if handle.run(run)?.row.status == RunStatus::Succeeded {
                due.insert(format!("MEANWHILE-{jump}"));
            }
        }
    }
    if ask.twin {
        // What an engine that let silence approve would have done.
        scene.between.behave(Manner::Faithful);
        let order = r#"{"po_id":"WAIT-0","vendor":"Alpha","amount":"1.00","currency":"USD"}"#;
        scene.act("/erp/orders", order)?;
    }
    let stands = held(&scene.ledger_after(0)?, &due);
    let closed = waiting.abs_diff(open_packets(&handle)?.len());
    let mut tally = Tally::default();
    tally.need("jumps", ask.n, ask.n);
    tally.need("alerts", handle.alerts(&AlertFilter::default())?.len(), 1);
    tally.note(format!("{waiting} packets waited"));
    tally.none("of them closed", closed);
    tally.none("expired", expired(&handle)?);
    tally.caught("effects that nobody approved", stands.strange);
    tally.need(
        "orders committed meanwhile",
        stands.done - stands.strange,
        ask.n,
    );
    tally.none("lost", stands.lost);
    tally.none("double", stands.double);
    tally.none("times that run back", back_in_time(&handle)?);
    handle.shutdown().await?;
    tally.none("broken journals", usize::from(!scene.verifies()?));
    Ok(tally)
}

fn expired(handle: &Handle) -> Outcome<usize> {
    let expired = handle.packets(&PacketFilter {
        status: Some(PacketStatus::Expired),
        ..PacketFilter::default()
    })?;
    Ok(expired.len())
}

/// Events whose time lies before that of the event before them.
fn back_in_time(handle: &Handle) -> Outcome<usize> {
    let events = handle.events(&EventFilter::default())?;
    let pairs = events.iter().zip(events.iter().skip(1));
    Ok(pairs
        .filter(|(before, after)| after.at.ms_since(before.at) < -ORDER_MS)
        .count())
}

fn orders(name: &str, rows: std::ops::Range<usize>, amount: u32) -> Vec<Value> {
    rows.map(|row| {
        json!({"po_id": format!("{name}-{row}"), "vendor": "Alpha Tech Systems", "amount": amount})
    })
    .collect()
}
