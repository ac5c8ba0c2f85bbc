//! E8: many runs wait for a person, and the process is away for three hours.
//!
//! First inside this process, with a clock that is turned. The windows of half of the runs end while
//! nobody is there: each is escalated once, in due order, whoever opens the store how often. Nothing
//! else may be asked, sent or written for a run, and every packet is as it was. Then verdicts
//! are given, and the time is taken until each effect arrives at the target. Then by the program:
//! it ends by itself once all runs wait, so that a waiting run costs its rows and nothing else;
//! another process finds nothing to do; verdicts are given by processes of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use countersign::domain::{Packet, Timestamp, Verdict};
use countersign::runtime::{Drive, Handle, VerdictRequest};
use countersign::store::EventFilter;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use crate::Ask;
use crate::faults::go_between::{Exchange, Manner};
use crate::faults::http;
use crate::faults::inside::{self, Hands, open_packets, person};
use crate::faults::ledger::held;
use crate::faults::scene::Scene;
use crate::faults::tally::Tally;
use crate::support::Outcome;
use crate::support::figures::{median, percentile, short};
use crate::support::machine::{Stopwatch, flush_p50_ms, pause};

const HOUR_MS: i64 = 60 * 60 * 1_000;
const AWAY_MS: i64 = 3 * HOUR_MS;
/// So much earlier half of the runs began to wait, for 24 hours.
const EARLIER_MS: i64 = 22 * HOUR_MS;
/// In which what fell due has happened.
const PATIENCE_MS: f64 = 120_000.0;
/// Longer than a watching process takes to see what there is to do.
const LOOKS_MS: u64 = 500;
/// One in so many waiting runs is decided, and one in so many by a process of its own.
const DECIDED_ONE_IN: usize = 5;
const PROCESSES_ONE_IN: usize = 50;
const TABLES: [&str; 5] = ["events", "event_values", "runs", "packets", "effects"];

#[derive(Debug, Default)]
struct Found {
    repeated: usize,
    changed: usize,
    written: usize,
    fell_due: usize,
    out_of_order: usize,
    decided: usize,
    lost: usize,
    double: usize,
    to_effect_ms: Vec<f64>,
    cost: String,
}

pub(crate) fn run(ask: &Ask<'_>) -> Outcome<Tally> {
    let mut scene = Scene::set(ask)?;
    if ask.twin {
        scene.between.behave(Manner::Doubles);
    }
    let runtime = crate::support::exchange::runtime()?;
    let mut tally = Tally::default();
    let found = runtime.block_on(inside(&scene, ask))?;
    told(&mut tally, "away three hours", &found, ask.n);
    scene.use_store("processes.db");
    let found = processes(&scene, ask)?;
    told(&mut tally, "by processes", &found, ask.n);
    tally.none("broken journals", usize::from(!scene.verifies()?));
    tally.note(format!(
        "floor: flush {:.2} ms",
        flush_p50_ms(scene.folder.path())?
    ));
    scene.end()?;
    Ok(tally)
}

fn told(tally: &mut Tally, how: &str, found: &Found, n: usize) {
    tally.note(format!("{how}: {n} waiting, {}", found.cost));
    tally.caught("requests while nobody decided", found.repeated);
    tally.none("other events of runs", found.written);
    tally.none("packets changed", found.changed);
    tally.note(format!("{} timers fell due", found.fell_due));
    tally.none("of them twice or out of order", found.out_of_order);
    tally.need("decided", found.decided, 1);
    tally.none("lost", found.lost);
    tally.caught("double", found.double);
    tally.note(format!(
        "verdict to effect p50 {} ms p99 {} ms",
        short(median(&found.to_effect_ms)),
        short(percentile(&found.to_effect_ms, 0.99))
    ));
}

async fn inside(scene: &Scene, ask: &Ask<'_>) -> Outcome<Found> {
    let mut found = Found::default();
    let clock = Hands::begin()?;
    let handle = inside::open(scene, &scene.store, &clock, Drive::Everything).await?;
    let definition = handle.definition("purchase-order")?;
    let half = ask.n / 2;
    inside::settled(&handle, &definition, orders("EARLY", half)).await?;
    clock.turn(EARLIER_MS);
    inside::settled(&handle, &definition, orders("AWAY", ask.n - half)).await?;
    handle.shutdown().await?;
    drop(handle);
    let waiting = Left::behind(scene)?;
    found.cost = waiting.cost(&scene.store, ask.n)?;

    clock.turn(AWAY_MS);
    let handle = inside::open(scene, &scene.store, &clock, Drive::Everything).await?;
    let watch = Stopwatch::start();
    while escalated(&handle)?.len() < half && watch.ms() < PATIENCE_MS {
        pause(LOOKS_MS);
    }
    handle.shutdown().await?;
    // Another process: what fell due stays done.
    let handle = inside::open(scene, &scene.store, &clock, Drive::Everything).await?;
    pause(LOOKS_MS);
    handle.idle().await?;
    somebody_else(scene, ask)?;
    let mut packets = open_packets(&handle)?;
    packets.sort_by_key(|packet| packet.packet);
    waiting.compare(scene, &mut found)?;
    let happened = escalated(&handle)?;
    found.fell_due = happened.len();
    found.out_of_order = out_of_order(&happened, &packets);
    // The escalations are all that may have been written.
    found.written = found.written.abs_diff(half);

    let mut due = BTreeSet::new();
    for packet in packets.iter().step_by(DECIDED_ONE_IN) {
        let began = scene.between.now_ms();
        approve(&handle, packet).await?;
        handle.settled(packet.run).await?;
        let order = order_of(packet).ok_or("a packet without an order")?;
        found.to_effect_ms.push(arrived(scene, &order)? - began);
        due.insert(order);
    }
    handle.shutdown().await?;
    found.decided = due.len();
    ledger(scene, &["AWAY", "EARLY"], &due, &mut found)?;
    Ok(found)
}

fn processes(scene: &Scene, ask: &Ask<'_>) -> Outcome<Found> {
    let mut found = Found::default();
    let mut rows = String::new();
    for order in orders("PROCESS", ask.n) {
        writeln!(rows, "{order}")?;
    }
    let path = scene.file("rows.jsonl", &rows)?.display().to_string();
    let started = scene.call(&["start", "purchase-order", "--input", &path])?;
    // The process is gone: what waits is what the file holds.
    let waiting = Left::behind(scene)?;
    found.cost = waiting.cost(&scene.store, ask.n)?;
    scene.fed(&["start", "purchase-order", "--input", "-"], "[]")?;
    somebody_else(scene, ask)?;
    waiting.compare(scene, &mut found)?;
    let mut due = BTreeSet::new();
    let lines = started.lines.iter().take(ask.n);
    for (row, line) in lines.enumerate().step_by(PROCESSES_ONE_IN) {
        let packet = line.get("packet").and_then(Value::as_str);
        let packet = packet.ok_or("an order does not wait")?;
        let shown = scene.call(&["packets", "show", packet])?.document()?;
        let digest = shown.get("digest").and_then(Value::as_str);
        let digest = digest.ok_or("a packet without a digest")?;
        let began = scene.between.now_ms();
        scene
            .call(&["packets", "approve", packet, "--digest", digest])?
            .document()?;
        let order = format!("PROCESS-{row}");
        found.to_effect_ms.push(arrived(scene, &order)? - began);
        due.insert(order);
    }
    found.decided = due.len();
    ledger(scene, &["PROCESS"], &due, &mut found)?;
    Ok(found)
}

/// The packets that were escalated, in the journal's order.
fn escalated(handle: &Handle) -> Outcome<Vec<String>> {
    let events = handle.events(&EventFilter {
        kind: Some("packet_escalated".to_owned()),
        ..EventFilter::default()
    })?;
    let packets = events.iter().map(|event| event.body.get("packet"));
    let packets: Option<Vec<&str>> = packets.map(|packet| packet?.as_str()).collect();
    let packets = packets.ok_or("an escalation without a packet")?;
    Ok(packets.into_iter().map(str::to_owned).collect())
}

/// How many were escalated before one that had waited longer, or twice.
fn out_of_order(escalated: &[String], packets: &[Packet]) -> usize {
    let opened: BTreeMap<String, Timestamp> = packets
        .iter()
        .map(|packet| (packet.packet.to_string(), packet.opened_at))
        .collect();
    let at: Vec<_> = escalated.iter().map(|packet| opened.get(packet)).collect();
    let back = at.windows(2).filter(|pair| pair.first() > pair.last());
    let different: BTreeSet<&String> = escalated.iter().collect();
    back.count() + escalated.len() - different.len()
}

/// What stands in the store while all runs wait, and what was asked of the target until then.
struct Left {
    asked: usize,
    events: i64,
    /// Each with its version, its digest and its status.
    packets: BTreeSet<String>,
    rows: i64,
}

impl Left {
    fn behind(scene: &Scene) -> Outcome<Self> {
        let conn = reader(&scene.store)?;
        let counted =
            |sql: &str| -> Outcome<i64> { Ok(conn.query_row(sql, [], |row| row.get(0))?) };
        let mut rows = 0;
        for table in TABLES {
            rows += counted(&format!("SELECT count(*) FROM {table}"))?;
        }
        Ok(Self {
            asked: scene.between.log().len(),
            events: counted("SELECT count(*) FROM events WHERE run IS NOT NULL")?,
            packets: shown(scene)?,
            rows,
        })
    }

    fn cost(&self, store: &Path, n: usize) -> Outcome<String> {
        let mut bytes = 0;
        for name in ["", "-wal"] {
            let path = format!("{}{name}", store.display());
            bytes += std::fs::metadata(path).map_or(0, |file| file.len());
        }
        let n = u64::try_from(n.max(1))?;
        let rows = u64::try_from(self.rows)?;
        Ok(format!("{} rows and {} bytes each", rows / n, bytes / n))
    }

    /// Counts what became different although nobody decided.
    fn compare(&self, scene: &Scene, found: &mut Found) -> Outcome<()> {
        let now = Self::behind(scene)?;
        found.repeated = now.asked - self.asked;
        found.written = usize::try_from(now.events - self.events)?;
        found.changed = self.packets.symmetric_difference(&now.packets).count();
        Ok(())
    }
}

/// The packets as a reviewer is shown them: a verdict on one names what stands here.
fn shown(scene: &Scene) -> Outcome<BTreeSet<String>> {
    let list = scene.call(&["packets", "list"])?.document()?;
    let packets = list.as_array().ok_or("no list of packets")?;
    let names = ["packet", "version", "digest", "status"];
    Ok(packets
        .iter()
        .map(|packet| {
            let words = names.map(|name| packet.get(name).map(Value::to_string));
            words.map(Option::unwrap_or_default).join(" ")
        })
        .collect())
}

/// The twin's target is asked for an order while nobody has decided any.
fn somebody_else(scene: &Scene, ask: &Ask<'_>) -> Outcome<()> {
    if ask.twin {
        http::ask(&scene.between.address, "GET", "/erp/orders/NOBODY", "")?;
    }
    Ok(())
}

fn orders(name: &str, n: usize) -> Vec<Value> {
    let rows = 0..n;
    rows.map(|row| {
        json!({"po_id": format!("{name}-{row}"), "vendor": "Alpha Tech Systems", "amount": 7850})
    })
    .collect()
}

async fn approve(handle: &Handle, packet: &Packet) -> Outcome<()> {
    let request = VerdictRequest {
        packet: packet.packet,
        digest: packet.digest.to_string(),
        verdict: Verdict::Approve,
        item: None,
        reason: None,
    };
    handle.verdict(request, &person("MGR_JANE_DOE")).await?;
    Ok(())
}

fn order_of(packet: &Packet) -> Option<String> {
    let arguments = &packet.effects.first()?.arguments;
    Some(arguments.get("po_id")?.as_str()?.to_owned())
}

/// When the write of an order arrived at the target.
fn arrived(scene: &Scene, order: &str) -> Outcome<f64> {
    let name = format!("\"{order}\"");
    let log = scene.between.log();
    let mut writes = log.iter().filter(|exchange| exchange.is_write());
    let write: Option<&Exchange> = writes.find(|exchange| exchange.body.contains(&name));
    Ok(write.ok_or("an approved order was not sent")?.at_ms)
}

fn ledger(scene: &Scene, names: &[&str], due: &BTreeSet<String>, found: &mut Found) -> Outcome<()> {
    let mut entries = scene.ledger_after(0)?;
    entries.retain(|entry| {
        let name = entry.subject.split('-').next();
        name.is_some_and(|name| names.contains(&name))
    });
    let stands = held(&entries, due);
    found.lost = stands.lost;
    found.double = stands.double + stands.strange;
    Ok(())
}

fn reader(store: &Path) -> Outcome<Connection> {
    Ok(Connection::open_with_flags(
        store,
        OpenFlags::SQLITE_OPEN_READ_ONLY,
    )?)
}
