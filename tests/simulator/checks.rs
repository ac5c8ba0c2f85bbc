//! What must hold, read off the synced journal as JSON and off the targets' ledger. Nothing of the
//! engine is used here.

mod stopped;
mod windows;

use std::collections::{BTreeMap, BTreeSet};

use crate::disk::{Disk, Line};
use crate::people::People;
use crate::world::World;

/// What people were told is so still is.
pub(crate) fn kept(disk: &Disk, people: &People) -> Result<(), String> {
    let journal = disk.journal();
    let told = people.told.lock().unwrap();
    let begun: BTreeSet<&str> = of_kind(&journal, "run_started")
        .map(|line| line.run.as_str())
        .collect();
    for (key, run) in &told.started {
        if !begun.contains(run.to_string().as_str()) {
            return Err(format!("the start of {key} was acknowledged and is lost"));
        }
    }
    for run in &told.stopped {
        let run = run.to_string();
        if !of_kind(&journal, "run_terminated").any(|line| line.run == run) {
            return Err(format!("{run} was said to be stopped, and that is lost"));
        }
    }
    let mut winners: BTreeMap<&str, u32> = BTreeMap::new();
    for (packet, by, verdict) in &told.verdicts {
        let cast = of_kind(&journal, "vote_cast").any(|line| {
            line.text("packet") == packet
                && line.actor == *by
                && line.text("verdict") == verdict.as_str()
        });
        if !cast {
            return Err(format!(
                "{by}'s {verdict} on {packet} was acknowledged and is lost"
            ));
        }
        let won = winners.entry(packet).or_default();
        *won += 1;
        if *won > 1 {
            return Err(format!("packet {packet} was decided twice"));
        }
    }
    Ok(())
}

/// What holds at every moment.
pub(crate) fn always(disk: &Disk, world: &World) -> Result<(), String> {
    let journal = disk.journal();
    numbered(&journal)?;
    once(&journal, world)?;
    as_intended(&journal, world)?;
    under_stable_keys(&journal)?;
    approved(&journal)?;
    stopped::always(&journal, world)?;
    windows::always(&journal, world)
}

/// What holds once everything has ended.
pub(crate) fn at_the_end(disk: &Disk, world: &World) -> Result<(), String> {
    let journal = disk.journal();
    ended(&journal)?;
    rejected_means_not_done(&journal, world)?;
    confirmed_means_done(&journal, world)?;
    stopped::at_the_end(&journal, world)
}

/// How often each kind of event stands in the journal.
pub(crate) fn kinds(journal: &[Line]) -> BTreeMap<String, u64> {
    let mut kinds = BTreeMap::new();
    for line in journal {
        *kinds.entry(line.kind().to_owned()).or_default() += 1;
        let undoes = !line.event["values"]["effect"]["undoes"].is_null();
        let more = match (line.kind(), &line.event["failure"]["code"]) {
            (_, code) if code == "breaker_open" => "not sent to a target left alone",
            (_, code) if code == "not_wanted" => "not sent for a run just terminated",
            ("effect_intended", _) if undoes && line.event["attempt"] != 1 => "undoing sent again",
            ("effect_intended", _) if undoes => "undoing",
            ("effect_blocked", _) if undoes => "undoing left",
            ("run_terminated", _) if line.event["compensate"] == true => "terminated and undone",
            ("packet_closed", _) if line.text("status") == "expired" => "silence",
            _ => continue,
        };
        *kinds.entry(more.to_owned()).or_default() += 1;
    }
    kinds
}

fn of_kind<'a>(journal: &'a [Line], kind: &str) -> impl Iterator<Item = &'a Line> {
    journal.iter().filter(move |line| line.kind() == kind)
}

fn numbered(journal: &[Line]) -> Result<(), String> {
    let mut last: BTreeMap<&str, u64> = BTreeMap::new();
    for line in journal {
        let seq = last.entry(&line.run).or_default();
        *seq += 1;
        if line.run_seq != *seq {
            return Err(format!(
                "event {} of run {} follows {}",
                line.run_seq,
                line.run,
                *seq - 1
            ));
        }
    }
    Ok(())
}

/// The ledger holds each operation at most once, and once more only where a person who was shown
/// what stood for it already named it another one.
fn once(journal: &[Line], world: &World) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for done in world.done() {
        let intent = of_kind(journal, "effect_intended").find(|line| line.text("key") == done.key);
        let number =
            intent.and_then(|line| line.event["values"]["effect"]["identity"]["number"].as_u64());
        if !seen.insert((done.operation.clone(), number)) {
            return Err(format!("{} was done twice", done.operation));
        }
        if let Some(intent) = intent
            && number > Some(1)
            && !named_another(journal, intent)
        {
            return Err(format!(
                "{} was done as number {number:?} unasked",
                done.operation
            ));
        }
    }
    Ok(())
}

fn named_another(journal: &[Line], intent: &Line) -> bool {
    let packet = intent.text("packet");
    let about_it = |line: &Line| line.text("packet") == packet && line.run_seq < intent.run_seq;
    let shown = journal.iter().filter(|line| about_it(line)).any(|line| {
        line.event["values"]["packet"]["duplicates"]
            .as_array()
            .is_some_and(|duplicates| !duplicates.is_empty())
    });
    let said_yes = of_kind(journal, "vote_cast")
        .any(|vote| about_it(vote) && vote.by_person && vote.text("verdict") == "approve");
    shown && said_yes
}

/// Nothing was done without an INTENT recorded before, and nothing but what it says.
fn as_intended(journal: &[Line], world: &World) -> Result<(), String> {
    for done in world.done() {
        if !done.intended {
            return Err(format!(
                "{} was done before its INTENT was durable",
                done.operation
            ));
        }
        let said = of_kind(journal, "effect_intended")
            .filter(|line| line.text("key") == done.key)
            .any(|line| line.event["values"]["effect"]["request"]["body"] == done.body.as_str());
        if !said {
            return Err(format!(
                "{} was done, and no INTENT says so",
                done.operation
            ));
        }
    }
    Ok(())
}

/// One effect has one key, however often it is sent, and no two effects share one.
fn under_stable_keys(journal: &[Line]) -> Result<(), String> {
    let mut keys: BTreeMap<String, &str> = BTreeMap::new();
    let mut effects: BTreeMap<&str, String> = BTreeMap::new();
    for line in of_kind(journal, "effect_intended") {
        let effect = &line.event["values"]["effect"];
        let named = format!(
            "{}/{}/{}/{}",
            line.run,
            line.text("step"),
            effect["ordinal"],
            effect["arguments"]
        );
        let key = line.text("key");
        if *keys.entry(named.clone()).or_insert(key) != key {
            return Err(format!("{named} was sent under two keys"));
        }
        if *effects.entry(key).or_insert_with(|| named.clone()) != named {
            return Err(format!("two effects were sent under {key}"));
        }
    }
    Ok(())
}

/// What the rules ask about was approved by a person, of that packet, before it was intended.
fn approved(journal: &[Line]) -> Result<(), String> {
    for intent in of_kind(journal, "effect_intended") {
        let arguments = &intent.event["values"]["effect"]["arguments"];
        let asks = match intent.text("tool") {
            "payments.refund" => true,
            "erp.commit_order" => {
                arguments["amount"]["minor"].as_i64().unwrap() >= 500_000
                    || arguments["vendor"] == "Stranger"
            }
            _ => false,
        };
        if !asks {
            continue;
        }
        let packet = intent.text("packet");
        let said_yes = of_kind(journal, "vote_cast").any(|vote| {
            vote.run == intent.run
                && vote.run_seq < intent.run_seq
                && vote.text("packet") == packet
                && vote.text("verdict") == "approve"
        });
        if !said_yes {
            return Err(format!("run {} sent what nobody approved", intent.run));
        }
    }
    Ok(())
}

/// Every run came to its end.
fn ended(journal: &[Line]) -> Result<(), String> {
    let mut last: BTreeMap<&str, &Line> = BTreeMap::new();
    for line in journal {
        if line.kind() != "command_refused" {
            last.insert(&line.run, line);
        }
    }
    for (run, line) in last {
        if line.kind() != "run_ended" {
            return Err(format!("run {run} stands still after {}", line.event));
        }
    }
    Ok(())
}

fn rejected_means_not_done(journal: &[Line], world: &World) -> Result<(), String> {
    for end in of_kind(journal, "run_ended") {
        if end.text("status") != "rejected" {
            continue;
        }
        let keys: BTreeSet<&str> = of_kind(journal, "effect_intended")
            .filter(|line| line.run == end.run)
            .map(|line| line.text("key"))
            .collect();
        if let Some(done) = world
            .done()
            .iter()
            .find(|done| keys.contains(done.key.as_str()))
        {
            return Err(format!(
                "{} was done, and its run is rejected",
                done.operation
            ));
        }
    }
    Ok(())
}

/// The journal's last word on each effect is what the ledger says. Where a target said that it did
/// what it did not, the journal cannot know better.
fn confirmed_means_done(journal: &[Line], world: &World) -> Result<(), String> {
    let mut fates: BTreeMap<&str, (&str, String)> = BTreeMap::new();
    for line in journal {
        let fate = match (line.kind(), line.text("settled")) {
            ("effect_intended" | "effect_unknown", _) => "unknown",
            ("effect_confirmed", _) | ("effect_settled", "happened") => "done",
            ("effect_deferred" | "effect_refused" | "effect_blocked", _)
            | ("effect_settled", "not_happened") => "not done",
            _ => continue,
        };
        fates.insert(line.text("key"), (fate, line.event.to_string()));
    }
    let (ledger, lied) = (world.done(), world.lied());
    for (key, (fate, event)) in &fates {
        let found = ledger.iter().find(|done| done.key == *key);
        match (*fate, found) {
            ("done", Some(_)) | ("not done", None) => {}
            ("done", None) if lied.iter().any(|lied| lied == key) => {}
            (fate, found) => {
                return Err(format!(
                    "the journal says {fate}: {event}; the ledger {found:?}"
                ));
            }
        }
    }
    Ok(())
}
