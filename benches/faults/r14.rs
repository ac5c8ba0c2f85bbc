//! R14: a target that answers 503 to everything.
//!
//! Every run is to be given up after four requests at most, by the count of the target itself, and
//! to be listed as a dead letter; the target, once seen to be down, is left alone but for trials. Nothing is asked for again while the outage lasts, whatever
//! process comes. Once the target is back all of them are redriven, and each is done once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use countersign::domain::limits::BREAKER_FAILURES_DEFAULT;

use crate::Ask;
use crate::faults::go_between::Manner;
use crate::faults::ledger::held;
use crate::faults::scene::Scene;
use crate::faults::tally::Tally;
use crate::support::Outcome;

/// The first try and three retries.
const TRIES_MAX: usize = 4;
/// More than ever come.
const STRIKES: usize = 1_000_000;

pub(crate) fn run(ask: &Ask<'_>) -> Outcome<Tally> {
    let scene = Scene::set(ask)?;
    scene.fault(("erp", "commit_order"), "status_503", (STRIKES, 0))?;
    if ask.twin {
        // Left alone, the target would not even be asked for four times as much.
        scene.never_leave_alone()?;
        scene.between.behave(Manner::Doubles);
    }
    let numbers: Vec<String> = (0..ask.n).map(|row| format!("PO-{row}")).collect();
    let mut rows = "po_number,vendor,amount_usd\n".to_owned();
    for number in &numbers {
        writeln!(rows, "{number},Alpha Tech Systems,10")?;
    }
    let path = scene.file("rows.csv", &rows)?.display().to_string();
    let start = [
        "start",
        "purchase-order",
        "--key",
        "po_number",
        "--input",
        &path,
    ];
    scene.call(&start)?;
    // Another process, while the outage lasts: it finds nothing to do.
    scene.call(&start)?;
    let struck = STRIKES - usize::try_from(scene.strikes_left("commit_order")?)?;
    let most = most_requests(&scene);
    let listed = listed(&scene)?;
    scene.clear_faults()?;
    scene.between.behave(Manner::Faithful);
    scene.call(&["dead-letters", "redrive", "--all", "--reason", "it is back"])?;
    let due: BTreeSet<String> = numbers.into_iter().collect();
    let after = held(&scene.ledger_after(0)?, &due);
    let left = self::listed(&scene)?;
    let verifies = scene.verifies()?;
    scene.end()?;

    let mut tally = Tally::default();
    let noticed = usize::try_from(BREAKER_FAILURES_DEFAULT)?.min(ask.n);
    tally.need("requests met the outage", struck.min(noticed), noticed);
    tally.note(format!(
        "{struck} requests counted by the target, {most} at most for one run"
    ));
    let allowed = TRIES_MAX * ask.n;
    tally.caught("requests too many", struck.saturating_sub(allowed));
    tally.none("not listed", ask.n.saturating_sub(listed));
    tally.need("done once redriven", after.done, ask.n);
    tally.none("lost", after.lost);
    tally.none("double", after.double);
    tally.none("still listed", left);
    tally.none("broken journals", usize::from(!verifies));
    Ok(tally)
}

/// The most requests that one order was asked for with.
fn most_requests(scene: &Scene) -> usize {
    let mut requests: BTreeMap<String, usize> = BTreeMap::new();
    for exchange in scene.between.log() {
        if exchange.is_write() {
            *requests.entry(exchange.body).or_default() += 1;
        }
    }
    requests.into_values().max().unwrap_or_default()
}

fn listed(scene: &Scene) -> Outcome<usize> {
    let list = scene.call(&["dead-letters", "list", "--status", "open"])?;
    let list = list.document()?;
    Ok(list
        .as_array()
        .map_or(0, |letters: &Vec<Value>| letters.len()))
}
