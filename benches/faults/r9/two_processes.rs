//! Approve against reject, by two processes of the program.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::faults::ledger::held;
use crate::faults::r9::race::Count;
use crate::faults::scene::{Scene, Told, told};
use crate::support::Outcome;

/// Exit status of a verdict that came too late.
const REFUSED: i32 = 4;

pub(super) fn run(scene: &Scene, n: usize) -> Outcome<Count> {
    let before = scene.ledger_after(0)?.last().map_or(0, |entry| entry.seq);
    let rows: Vec<String> = (0..n)
        .map(|row| {
            format!(r#"{{"po_id":"PROCESS-{row}","vendor":"Alpha Tech Systems","amount":7850}}"#)
        })
        .collect();
    let path = scene.file("processes.jsonl", &rows.join("\n"))?;
    let input = path.display().to_string();
    let started = scene.call(&["start", "purchase-order", "--input", &input])?;
    let mut count = Count::default();
    let mut due = BTreeSet::new();
    for (row, line) in started.lines.iter().take(n).enumerate() {
        let packet = text(line, "packet").ok_or("an order does not wait")?;
        let shown = scene.call(&["packets", "show", packet])?.document()?;
        let digest = text(&shown, "digest").ok_or("a packet without a digest")?;
        let racer = |verb: &str, by: &str| -> Outcome<Child> {
            let mut command = scene.command(&["--as", by, "packets", verb, packet]);
            command.args(["--digest", digest, "--reason", "a race"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            Ok(command.spawn()?)
        };
        // They take turns in being called first.
        let (approve, reject) = (("approve", "ANNA"), ("reject", "BERT"));
        let (first, second) = if row % 2 == 0 {
            (approve, reject)
        } else {
            (reject, approve)
        };
        let racers = [racer(first.0, first.1)?, racer(second.0, second.1)?];
        let mut ended = Vec::with_capacity(2);
        for racer in racers {
            ended.push(told(&racer.wait_with_output()?)?);
        }
        let [one, two] = ended.as_slice() else {
            return Err("two raced".into());
        };
        if let Some(winner) = judge(&mut count, [(first.1, one), (second.1, two)])
            && winner == "ANNA"
        {
            due.insert(format!("PROCESS-{row}"));
        }
    }
    // What a verdict let go on while another process held the lease is driven now.
    scene.fed(&["start", "purchase-order", "--input", "-"], "[]")?;
    let stands = held(&scene.ledger_after(before)?, &due);
    count.wrong += stands.lost + stands.double + stands.strange;
    Ok(count)
}

/// Counts one race; answers who won.
fn judge<'a>(count: &mut Count, [first, second]: [(&'a str, &Told); 2]) -> Option<&'a str> {
    count.races += 1;
    let (winner, loser) = match (first.1.status, second.1.status) {
        (Some(0), Some(REFUSED)) => (first.0, second.1),
        (Some(REFUSED), Some(0)) => (second.0, first.1),
        _ => {
            count.no_winner += 1;
            return None;
        }
    };
    count.first_won += usize::from(winner == first.0);
    if !loser.stderr.contains(&format!("by {winner} at")) {
        count.untold.push(format!("it was told: {}", loser.stderr));
    }
    Some(winner)
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}
