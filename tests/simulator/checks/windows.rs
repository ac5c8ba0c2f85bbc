//! Packets that nobody answers: escalated once, then silence rejects; nothing but a person approves.

use std::collections::BTreeMap;

use crate::checks::of_kind;
use crate::disk::Line;
use crate::world::World;

pub(super) fn always(journal: &[Line], world: &World) -> Result<(), String> {
    passed_in_order(journal)?;
    approved_by_people(journal)?;
    silence_does_nothing(journal, world)
}

/// The system escalates once, when the window has passed, and closes when the next one has.
fn passed_in_order(journal: &[Line]) -> Result<(), String> {
    let mut due: BTreeMap<&str, (&str, u32)> = BTreeMap::new();
    for line in journal {
        let packet = line.text("packet");
        let (due_at, escalated) = due.get(packet).copied().unwrap_or_default();
        let wrong = match line.kind() {
            "packet_escalated" => escalated > 0 || (!line.by_person && line.at.as_str() < due_at),
            "packet_closed" if line.text("status") == "expired" => {
                escalated != 1 || line.at.as_str() < due_at
            }
            _ => false,
        };
        if wrong {
            let stood = format!("due at {due_at}, escalated {escalated} times");
            return Err(format!("{stood}, and then at {}: {}", line.at, line.event));
        }
        let escalated = escalated + u32::from(line.kind() == "packet_escalated");
        if let Some(due_at) = line.event["due_at"].as_str() {
            due.insert(packet, (due_at, escalated));
        }
    }
    Ok(())
}

/// Whoever closes a packet as approved is a person who said so, of what it was then.
fn approved_by_people(journal: &[Line]) -> Result<(), String> {
    for closed in of_kind(journal, "packet_closed") {
        let grants = closed.event["grants"].as_array().unwrap();
        if closed.text("status") != "approved" {
            let granted = grants.iter().any(|grant| grant["refused"] != true);
            if granted {
                return Err(format!("granted without leave: {}", closed.event));
            }
            continue;
        }
        let said_yes = of_kind(journal, "vote_cast").any(|vote| {
            vote.by_person
                && vote.commit == closed.commit
                && vote.text("packet") == closed.text("packet")
                && vote.event["version"] == closed.event["version"]
                && vote.text("verdict") == "approve"
        });
        if !(closed.by_person && said_yes) {
            return Err(format!("approved by nobody: {}", closed.event));
        }
    }
    Ok(())
}

/// What silence rejected never arrives.
fn silence_does_nothing(journal: &[Line], world: &World) -> Result<(), String> {
    let expired = of_kind(journal, "packet_closed").filter(|l| l.text("status") == "expired");
    for closed in expired {
        let asked = journal.iter().filter(|line| {
            matches!(line.kind(), "packet_opened" | "packet_amended")
                && line.text("packet") == closed.text("packet")
        });
        for line in asked {
            let effects = line.event["values"]["packet"]["effects"].as_array();
            for effect in effects.unwrap() {
                let key = effect["key"].as_str().unwrap();
                if world.happened(key).is_some() {
                    return Err(format!("{key} was done, and {} says no", closed.event));
                }
                if of_kind(journal, "effect_intended")
                    .any(|intent| intent.text("key") == key && intent.commit >= closed.commit)
                {
                    return Err(format!("{key} is intended after {}", closed.event));
                }
            }
        }
    }
    Ok(())
}
