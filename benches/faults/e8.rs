//! E8: many runs wait for a person, and the process is away for three hours.
//!
//! First inside this process, with a clock that is turned: nothing may be asked, sent or written
//! for a run because somebody opens the store again, and every packet is as it was. Then verdicts
//! are given, and the time is taken until each effect arrives at the target. Then by the program:
//! it ends by itself once all runs wait, so that a waiting run costs its rows and nothing else;
//! another process finds nothing to do; verdicts are given by processes of their own.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use countersign::domain::{Packet, Verdict};
use countersign::runtime::{Drive, Handle, VerdictRequest};
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
use crate::support::machine::{flush_p50_ms, pause};

const AWAY_MS: i64 = 3 * 60 * 60 * 1_000;
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
    tally.none("events of runs", found.written);
    tally.none("packets changed", found.changed);
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
    inside::settled(&handle, &definition, orders("AWAY", ask.n)).await?;
    handle.shutdown().await?;
    drop(handle);
    let waiting = Left::behind(scene)?;
    found.cost = waiting.cost(&scene.store, ask.n)?;

    clock.turn(AWAY_MS);
    let handle = inside::open(scene, &scene.store, &clock, Drive::Everything).await?;
    handle.idle().await?;
    pause(LOOKS_MS);
    handle.idle().await?;
    somebody_else(scene, ask)?;
    let packets = open_packets(&handle)?;
    waiting.compare(scene, &mut found)?;

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
    ledger(scene, "AWAY", &due, &mut found)?;
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
    ledger(scene, "PROCESS", &due, &mut found)?;
    Ok(found)
}

/// What stands in the store while all runs wait, and what was asked of the target until then.
struct Left {
    asked: usize,
    events: i64,
    packets: Vec<(String, String)>,
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
        let mut statement = conn
            .prepare("SELECT hex(packet), status || hex(document) FROM packets ORDER BY packet")?;
        let packets = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self {
            asked: scene.between.log().len(),
            events: counted("SELECT count(*) FROM events WHERE run IS NOT NULL")?,
            packets: packets.collect::<Result<_, _>>()?,
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
        found.changed = self
            .packets
            .iter()
            .zip(&now.packets)
            .filter(|(before, after)| before != after)
            .count()
            + now.packets.len().abs_diff(self.packets.len());
        Ok(())
    }
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

fn ledger(scene: &Scene, name: &str, due: &BTreeSet<String>, found: &mut Found) -> Outcome<()> {
    let prefix = format!("{name}-");
    let mut entries = scene.ledger_after(0)?;
    entries.retain(|entry| entry.subject.starts_with(&prefix));
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
