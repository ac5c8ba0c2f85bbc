//! Runs that were stopped or failed: nothing more is sent for them but what undoes, once, of what
//! was done, the effect confirmed last first.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::checks::of_kind;
use crate::disk::Line;
use crate::world::World;

pub(super) fn always(journal: &[Line], world: &World) -> Result<(), String> {
    decided_before_the_end(journal)?;
    sent_before_the_end(journal, world)?;
    undone_once(journal, world)?;
    in_reverse(journal)
}

/// Where a run undoes, all that can be undone is, or somebody gave it up.
pub(super) fn at_the_end(journal: &[Line], world: &World) -> Result<(), String> {
    let runs: BTreeSet<&str> = journal.iter().map(|line| line.run.as_str()).collect();
    for run in runs {
        let lines: Vec<&Line> = journal.iter().filter(|line| line.run == run).collect();
        if standing(lines.iter().copied()) != Standing::Undoes {
            continue;
        }
        let undone: BTreeSet<&str> = undoings(&lines)
            .filter(|(_, key)| is_done(&lines, key, world))
            .map(|(undoes, _)| undoes)
            .collect();
        let blocked: BTreeSet<&str> = of_kinds(&lines, &["effect_blocked"])
            .filter_map(undoes_of)
            .collect();
        let given_up = lines.windows(2).filter(|pair| {
            pair[1].kind() == "dead_letter_discarded" && pair[0].kind() != "run_terminated"
        });
        let stays = confirmed(&lines).into_iter();
        let stays: Vec<&str> = stays
            .filter(|key| !undone.contains(key) && !blocked.contains(key))
            .collect();
        if stays.len() > given_up.count() {
            return Err(format!("run {run} was undone, and {stays:?} stays"));
        }
    }
    Ok(())
}

/// Whether a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    GoesOn,
    Undoes,
    Stopped,
}

/// Where a run stands after these events of it.
fn standing<'a>(lines: impl Iterator<Item = &'a Line>) -> Standing {
    lines.fold(Standing::GoesOn, |before, line| match line.kind() {
        "compensation_started" => Standing::Undoes,
        "run_terminated" if line.event["compensate"] == true => Standing::Undoes,
        "run_terminated" => Standing::Stopped,
        _ => before,
    })
}

fn undoes_of(line: &Line) -> Option<&str> {
    line.event["values"]["effect"]["undoes"].as_str()
}

fn may_send(standing: Standing, intent: &Line) -> bool {
    match standing {
        Standing::GoesOn => undoes_of(intent).is_none(),
        Standing::Undoes => undoes_of(intent).is_some(),
        Standing::Stopped => false,
    }
}

/// No step is begun and no effect intended for a run that does not go on, but undoings of one that
/// undoes; and nobody is asked about anything else.
fn decided_before_the_end(journal: &[Line]) -> Result<(), String> {
    let mut standings: BTreeMap<&str, Standing> = BTreeMap::new();
    for line in journal {
        let before = standings.entry(&line.run).or_insert(Standing::GoesOn);
        let wrong = match line.kind() {
            "effect_intended" => !may_send(*before, line),
            "call_started" | "gate_passed" | "wait_started" => *before != Standing::GoesOn,
            "packet_opened" => *before == Standing::Stopped,
            _ => false,
        };
        if wrong {
            return Err(format!(
                "run {} {before:?}, and then {}",
                line.run, line.event
            ));
        }
        *before = standing_after(*before, line);
    }
    Ok(())
}

fn standing_after(before: Standing, line: &Line) -> Standing {
    match standing(std::iter::once(line)) {
        Standing::GoesOn => before,
        after => after,
    }
}

/// Nothing leaves for a run once its end is durable, whatever was intended before.
fn sent_before_the_end(journal: &[Line], world: &World) -> Result<(), String> {
    for sent in world.sent() {
        let intent = of_kind(journal, "effect_intended").find(|line| line.text("key") == sent.key);
        let Some(intent) = intent else {
            return Err(format!("{} was sent, and no INTENT says so", sent.key));
        };
        let before = journal
            .iter()
            .filter(|line| line.run == intent.run && line.commit <= sent.after);
        let stood = standing(before);
        if !may_send(stood, intent) {
            return Err(format!(
                "run {} {stood:?}, and then sent {}",
                intent.run, intent.event
            ));
        }
    }
    Ok(())
}

/// Each effect is undone at most once, and only where it was done: that order and no other.
fn undone_once(journal: &[Line], world: &World) -> Result<(), String> {
    let (ledger, lied) = (world.done(), world.lied());
    for intent in of_kind(journal, "effect_intended") {
        if let Some(undoes) = undoes_of(intent)
            && !ledger.iter().any(|done| done.key == undoes)
            && !lied.iter().any(|key| key == undoes)
        {
            return Err(format!("what was never done is undone: {}", intent.event));
        }
    }
    let mut undone = BTreeSet::new();
    for done in &ledger {
        let Some(order) = done.operation.strip_prefix("cancel/") else {
            continue;
        };
        let intent = of_kind(journal, "effect_intended").find(|line| line.text("key") == done.key);
        let undoes = intent.and_then(undoes_of).unwrap_or_default();
        let mut made = ledger.iter().filter(|made| made.key == undoes);
        if !made.any(|made| made.made(order)) {
            return Err(format!(
                "order {order} was cancelled as the undoing of {undoes}"
            ));
        }
        if !undone.insert(undoes.to_owned()) {
            return Err(format!("{undoes} was undone twice"));
        }
    }
    Ok(())
}

/// Within a run, what was confirmed later is undone earlier.
fn in_reverse(journal: &[Line]) -> Result<(), String> {
    let mut runs: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    for line in journal {
        runs.entry(&line.run).or_default().push(line);
    }
    for (run, lines) in runs {
        let confirmed = confirmed(&lines);
        let mut last = usize::MAX;
        let mut seen = BTreeSet::new();
        for (undoes, _) in undoings(&lines) {
            if !seen.insert(undoes) {
                continue;
            }
            let place = confirmed.iter().position(|key| *key == undoes);
            let place = place.ok_or_else(|| format!("{undoes} is undone unconfirmed"))?;
            if place >= last {
                return Err(format!(
                    "run {run} undoes {undoes} after what came before it"
                ));
            }
            last = place;
        }
    }
    Ok(())
}

/// Effects that can be undone, in the order in which they were confirmed.
fn confirmed<'a>(lines: &[&'a Line]) -> Vec<&'a str> {
    let confirmed = of_kinds(lines, &["effect_confirmed", "effect_settled"]);
    confirmed
        .filter(|line| line.event["values"]["undo"] != Value::Null)
        .map(|line| line.text("key"))
        .collect()
}

/// What is undone and under which key, in the order of the INTENTs.
fn undoings<'a>(lines: &[&'a Line]) -> impl Iterator<Item = (&'a str, &'a str)> {
    of_kinds(lines, &["effect_intended"])
        .filter_map(|line| Some((undoes_of(line)?, line.text("key"))))
}

/// The target did it, or said so.
fn is_done(lines: &[&Line], key: &str, world: &World) -> bool {
    let told = of_kinds(lines, &["effect_confirmed", "effect_settled"]).any(|line| {
        line.text("key") == key
            && (line.kind() == "effect_confirmed" || line.text("settled") == "happened")
    });
    let lied = || world.lied().iter().any(|lied| lied == key);
    told && (world.happened(key).is_some() || lied())
}

fn of_kinds<'a>(lines: &[&'a Line], kinds: &'static [&str]) -> impl Iterator<Item = &'a Line> {
    let lines = lines.iter().copied();
    lines.filter(move |line| kinds.contains(&line.kind()))
}
