//! R9: two people, or a person and a change, at the same moment.
//!
//! | race | who runs |
//! |---|---|
//! | `verdicts` | approve against reject, by two handles on one store, one of which executes |
//! | `processes` | the same by two processes of the program |
//! | `amend` | approve against an edit of what is approved |
//! | `redrive` | two redrives of one dead letter |
//! | `identity` | two starts of one business act, in two runs |
//! | `deadline` | a verdict against the end of the packet's last window |
//!
//! One wins and the other is told: of a verdict by whom, of an edit that what it looked at has
//! changed. The ledger holds one effect where the winner let it be done, and none where not.

mod deadline;
mod identity;
mod race;
mod two_processes;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use countersign::domain::{Packet, Verdict};
use countersign::engine::Rejection;
use countersign::runtime::{Amendment, Drive, Handle, RuntimeError, VerdictRequest};
use countersign::store::{DeadLetterFilter, EventFilter};
use serde_json::{Value, json};

use crate::Ask;
use crate::faults::chance::Chance;
use crate::faults::go_between::Manner;
use crate::faults::inside::{self, Hands, open_packets, person};
use crate::faults::ledger::times;
use crate::faults::r9::race::{Count, at_once};
use crate::faults::scene::Scene;
use crate::faults::tally::Tally;
use crate::support::Outcome;
use crate::support::machine::Stopwatch;

/// One in so many verdict races is run by two processes as well.
const PROCESSES_ONE_IN: usize = 20;
/// How far the clock is turned between two looks, until all retries are used up.
const LITTLE_MS: i64 = 500;
const LOOK: Duration = Duration::from_millis(20);
/// In which what fell due has happened.
const PATIENCE_S: f64 = 60.0;
/// More requests than ever come while the target refuses.
const STRIKES: usize = 1_000_000;

pub(crate) fn run(ask: &Ask<'_>) -> Outcome<Tally> {
    let scene = Scene::set(ask)?;
    scene.never_leave_alone()?;
    if ask.twin {
        scene.between.behave(Manner::Doubles);
    }
    let runtime = crate::support::exchange::runtime()?;
    let mut tally = Tally::default();
    let mut wrong = 0;
    for (name, count) in runtime.block_on(inside(&scene, ask))? {
        wrong += count.wrong;
        told(&mut tally, name, &count, ask.n);
    }
    let processes = ask.n.div_ceil(PROCESSES_ONE_IN);
    let count = two_processes::run(&scene, processes)?;
    told(&mut tally, "processes", &count, processes);
    tally.caught("such effects in all", wrong + count.wrong);
    tally.none("broken journals", usize::from(!scene.verifies()?));
    scene.end()?;
    Ok(tally)
}

fn told(tally: &mut Tally, name: &str, count: &Count, n: usize) {
    tally.need(&format!("{name} races"), count.races, n);
    tally.note(format!("first won {}", count.first_won));
    tally.none("without one winner", count.no_winner);
    tally.faultless("losers not told", &count.untold);
    tally.none("effects too many or missing", count.wrong);
}

/// The races of handles in this process.
async fn inside(scene: &Scene, ask: &Ask<'_>) -> Outcome<Vec<(&'static str, Count)>> {
    let clock = Hands::begin()?;
    let executor = inside::open(scene, &scene.store, &clock, Drive::Everything).await?;
    let other = inside::open(scene, &scene.store, &clock, Drive::Nothing).await?;
    let pair = Pair { executor, other };
    let verdicts = pair.verdicts(scene, ask.n).await?;
    let amends = pair.amends(scene, ask.n).await?;
    let redrives = pair.redrives(scene, &clock, ask.n).await?;
    let identities = pair.identities(scene, ask.n).await?;
    let mut chance = Chance::new(ask.seed);
    let deadlines = pair.deadlines(scene, &clock, (ask.n, &mut chance)).await?;
    pair.other.shutdown().await?;
    pair.executor.shutdown().await?;
    Ok(vec![
        ("verdict", verdicts),
        ("amend", amends),
        ("redrive", redrives),
        ("identity", identities),
        ("deadline", deadlines),
    ])
}

/// Two handles on one store, as two processes have them.
struct Pair {
    executor: Handle,
    other: Handle,
}

impl Pair {
    async fn verdicts(&self, scene: &Scene, n: usize) -> Outcome<Count> {
        let mut count = Count::default();
        let mut due = BTreeSet::new();
        for (order, packet) in self.waiting("VERDICT", n).await? {
            let approve = give(&self.executor, &packet, Verdict::Approve, "ANNA");
            let reject = give(&self.other, &packet, Verdict::Reject, "BERT");
            let (first, second) = at_once(count.swaps(), approve, reject).await?;
            let winner = count.judge(&first, &second, |winner, error| {
                let by = if winner == 0 { "ANNA" } else { "BERT" };
                matches!(error, RuntimeError::Rejected(Rejection::AlreadyDecided {
                    closed_by: Some((told, _)), ..
                }) if told == by)
            });
            self.executor.settled(packet.run).await?;
            if winner == Some(0) {
                due.insert(order);
            }
        }
        hold("VERDICT", &due, scene, &mut count)?;
        Ok(count)
    }

    async fn amends(&self, scene: &Scene, n: usize) -> Outcome<Count> {
        let mut count = Count::default();
        let mut due = BTreeSet::new();
        for (order, packet) in self.waiting("AMEND", n).await? {
            let approve = give(&self.executor, &packet, Verdict::Approve, "ANNA");
            let amend = amend(&self.other, &packet, "BERT");
            let (first, second) = at_once(count.swaps(), approve, amend).await?;
            let winner = count.judge(&first, &second, |winner, error| {
                let decided = matches!(
                    error,
                    RuntimeError::Rejected(Rejection::AlreadyDecided { closed_by: Some((by, _)), .. })
                        if by == "ANNA"
                );
                let stale = matches!(error, RuntimeError::Rejected(Rejection::Stale { .. }));
                let ended = matches!(error, RuntimeError::Rejected(Rejection::RunEnded { .. }));
                if winner == 0 { decided || ended } else { stale }
            });
            self.executor.settled(packet.run).await?;
            if winner == Some(0) {
                due.insert(order);
            }
        }
        hold("AMEND", &due, scene, &mut count)?;
        Ok(count)
    }

    async fn redrives(&self, scene: &Scene, clock: &Arc<Hands>, n: usize) -> Outcome<Count> {
        scene.fault(("erp", "commit_order"), "status_503", (STRIKES, 0))?;
        let definition = self.executor.definition("purchase-order")?;
        let rows = inside::rows(&definition, orders("REDRIVE", n, 10))?;
        let by = person("STARTER");
        self.executor.start(&definition, rows, &by).await?;
        while self
            .executor
            .dead_letters(&DeadLetterFilter::default())?
            .len()
            < n
        {
            // What is under way is not to run out of its time.
            if self.executor.under_way() == 0 {
                clock.turn(LITTLE_MS);
            }
            tokio::time::sleep(LOOK).await;
        }
        scene.clear_faults()?;
        let mut count = Count::default();
        let letters = self.executor.dead_letters(&DeadLetterFilter::default())?;
        for letter in letters {
            let by = |handle: &Handle, name: &str| {
                let (handle, actor) = (handle.clone(), person(name));
                async move {
                    handle
                        .redrive(letter.dead_letter, (Vec::new(), None), &actor)
                        .await
                }
            };
            let (first, second) = at_once(
                count.swaps(),
                by(&self.executor, "ANNA"),
                by(&self.other, "BERT"),
            )
            .await?;
            count.judge(&first, &second, |winner, error| {
                let by = if winner == 0 { "ANNA" } else { "BERT" };
                matches!(error, RuntimeError::Rejected(Rejection::LetterClosed {
                    closed_by: Some((told, _)), ..
                }) if told == by)
            });
            self.executor.settled(letter.run).await?;
        }
        let due = (0..n).map(|row| format!("REDRIVE-{row}")).collect();
        hold("REDRIVE", &due, scene, &mut count)?;
        Ok(count)
    }

    /// Waits until the first windows of packets have ended, and the second ones begun.
    async fn escalated(&self, before: usize) -> Outcome<usize> {
        let watch = Stopwatch::start();
        loop {
            let events = self.executor.events(&EventFilter {
                kind: Some("packet_escalated".to_owned()),
                ..EventFilter::default()
            })?;
            if events.len() >= before {
                return Ok(events.len());
            }
            if watch.seconds() > PATIENCE_S {
                return Err("a window ended and nothing was escalated".into());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Orders that wait for a person, each with its packet.
    async fn waiting(&self, name: &str, n: usize) -> Outcome<Vec<(String, Packet)>> {
        let definition = self.executor.definition("purchase-order")?;
        let rows = orders(name, n, 7_850);
        let runs = inside::settled(&self.executor, &definition, rows).await?;
        let packets = open_packets(&self.executor)?;
        let mut waiting = Vec::with_capacity(n);
        for (row, run) in runs.into_iter().enumerate() {
            let packet = packets.iter().find(|packet| packet.run == run);
            let packet = packet.ok_or("an order does not wait")?.clone();
            waiting.push((format!("{name}-{row}"), packet));
        }
        Ok(waiting)
    }
}

/// Holds the ledger against the orders that the winners let through.
fn hold(name: &str, due: &BTreeSet<String>, scene: &Scene, count: &mut Count) -> Outcome<()> {
    let entries = scene.ledger_after(0)?;
    let times = times(&entries);
    let prefix = format!("{name}-");
    let mine = times
        .iter()
        .filter(|(subject, _)| subject.starts_with(&prefix));
    let mut done = BTreeSet::new();
    for (subject, times) in mine {
        count.wrong += times - 1;
        done.insert((*subject).to_owned());
    }
    count.wrong += due.symmetric_difference(&done).count();
    Ok(())
}

fn orders(name: &str, n: usize, amount: u32) -> Vec<Value> {
    let rows = 0..n;
    rows.map(|row| {
        json!({"po_id": format!("{name}-{row}"), "vendor": "Alpha Tech Systems", "amount": amount})
    })
    .collect()
}

fn give(
    handle: &Handle,
    packet: &Packet,
    verdict: Verdict,
    by: &str,
) -> impl Future<Output = Result<(), RuntimeError>> + Send + 'static {
    let request = VerdictRequest {
        packet: packet.packet,
        digest: packet.digest.to_string(),
        verdict,
        item: None,
        reason: Some("a race".to_owned()),
    };
    let (handle, actor) = (handle.clone(), person(by));
    async move { handle.verdict(request, &actor).await.map(drop) }
}

fn amend(
    handle: &Handle,
    packet: &Packet,
    by: &str,
) -> impl Future<Output = Result<(), RuntimeError>> + Send + 'static {
    let amendment = Amendment {
        packet: packet.packet,
        digest: packet.digest.to_string(),
        set: vec![(
            "amount".to_owned(),
            json!({"minor": 600_000, "currency": "USD"}),
        )],
        reason: "a race".to_owned(),
    };
    let (handle, actor) = (handle.clone(), person(by));
    async move { handle.amend(amendment, &actor).await.map(drop) }
}
