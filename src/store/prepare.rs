//! Everything of a commit that needs no place in the journal yet: bodies, commitments, digests
//! and row texts, computed by the caller so that the writer only chains and writes.

use serde_json::{Map, Value};

use crate::domain::limits::{EVENT_BYTES_MAX, EVENTS_PER_COMMAND_MAX};
use crate::domain::{ActorKind, PacketId, RunId, Timestamp};
use crate::engine::event::EVENT_VERSION;
use crate::engine::{Authority, Event, Recorded};
use crate::store::canonical::{canonical_text, unwritable};
use crate::store::dead_letters::bound_name;
use crate::store::row_digest::{dead_letter_digest, effect_digest, packet_digest, state_digest};
use crate::store::salt::{self, Salt};
use crate::store::values::{Members, commit_to};
use crate::store::{Commit, Fence, StoreError};
use crate::views::{DeadLetterRow, EffectRow, Notification, RunRow};

/// The name under which the system itself acts.
const SYSTEM: &str = "SYSTEM";

/// One command, ready to be written.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) run: RunId,
    pub(super) expected_seq: u64,
    pub(super) entries: Vec<Entry>,
    /// The run's state as JSON.
    pub(super) state: String,
    pub(super) row: RunRow,
    pub(super) packets: Vec<PacketEntry>,
    pub(super) effects: Vec<EffectEntry>,
    pub(super) dead_letters: Vec<DeadLetterEntry>,
    pub(super) notifications: Vec<Notification>,
    /// The events hold an INTENT, so that `fence` must be the newest token.
    pub(super) intends: bool,
    pub(super) fence: Option<Fence>,
    pub(super) at: Timestamp,
}

/// One event without its place in the chain.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) run: Option<RunId>,
    pub(super) run_seq: Option<u64>,
    pub(super) at: Timestamp,
    pub(super) actor: String,
    pub(super) kind: String,
    pub(super) version: u32,
    pub(super) body: String,
    pub(super) values: Option<Members>,
}

/// A packet's row.
#[derive(Debug)]
pub(super) struct PacketEntry {
    pub(super) packet: PacketId,
    pub(super) workflow: String,
    pub(super) status: &'static str,
    pub(super) due_at: Timestamp,
    pub(super) deadline: Option<Timestamp>,
    /// JSON array of flag codes.
    pub(super) flags: String,
    pub(super) salt: Salt,
    pub(super) document: String,
}

/// A dead letter's row.
#[derive(Debug)]
pub(super) struct DeadLetterEntry {
    pub(super) row: DeadLetterRow,
    pub(super) salt: Salt,
    pub(super) document: String,
}

/// An effect's row.
#[derive(Debug)]
pub(super) struct EffectEntry {
    pub(super) row: EffectRow,
    pub(super) salt: Salt,
}

/// Prepares `commit`, refusing what the store could not keep.
pub(super) fn prepare(commit: Commit) -> Result<Prepared, StoreError> {
    check_shape(&commit)?;
    let rows = &commit.rows;
    let wanted =
        commit.events.len() + rows.packets.len() + rows.effects.len() + rows.dead_letters.len();
    let mut salts = salt::draw(wanted)?.into_iter();
    let mut salt = || salts.next().unwrap_or_default();

    // What is bound is the text as it is stored, so it need not be canonical.
    let state = serde_json::to_string(&*commit.after).map_err(|error| unwritable(&error))?;
    within("the run's state", state.len())?;
    let mut bound = Map::new();
    let mut bind = |name: String, digest: crate::domain::Digest| {
        bound.insert(name, Value::String(digest.to_string()));
    };
    let mut packets = Vec::with_capacity(rows.packets.len());
    for packet in &rows.packets {
        let entry = packet_entry(packet, salt())?;
        let digest = packet_digest(&entry.salt, &entry.document);
        bind(entry.packet.to_string(), digest);
        packets.push(entry);
    }
    let mut dead_letters = Vec::with_capacity(rows.dead_letters.len());
    for row in &rows.dead_letters {
        let entry = letter_entry(row, salt())?;
        let digest = dead_letter_digest(&entry.salt, &entry.document);
        bind(bound_name(row.dead_letter), digest);
        dead_letters.push(entry);
    }
    let mut effects = Vec::with_capacity(rows.effects.len());
    for row in commit.rows.effects {
        let salt = salt();
        bind(row.idempotency_key.to_string(), effect_digest(&salt, &row));
        effects.push(EffectEntry { row, salt });
    }

    let intends = commit
        .events
        .iter()
        .any(|recorded| matches!(recorded.event, Event::EffectIntended { .. }));
    let last = commit.events.len().saturating_sub(1);
    let digest = state_digest(&commit.after.salt, &state, &commit.rows.run);
    let mut binding = Some((digest, bound));
    let mut entries = Vec::with_capacity(commit.events.len());
    for (index, recorded) in commit.events.iter().enumerate() {
        let binding = binding.take_if(|_| index == last);
        entries.push(entry(recorded, salt(), binding)?);
    }
    Ok(Prepared {
        run: commit.run,
        expected_seq: commit.expected_seq,
        at: entries.last().map(|entry| entry.at).unwrap_or_default(),
        entries,
        state,
        row: commit.rows.run,
        packets,
        effects,
        dead_letters,
        notifications: commit.rows.notifications,
        intends,
        fence: commit.fence,
    })
}

/// Prepares a fact about the store itself, on whose body the system or `by` stands.
pub(super) fn store_entry(
    kind: &str,
    at: Timestamp,
    by: Option<&Authority>,
    mut body: Map<String, Value>,
) -> Result<Entry, StoreError> {
    if let Some(by) = by {
        name_authority(&mut body, by)?;
    }
    Ok(Entry {
        run: None,
        run_seq: None,
        at,
        actor: by.map_or(SYSTEM, |by| &by.name).to_owned(),
        kind: kind.to_owned(),
        version: EVENT_VERSION,
        body: canonical_text(&Value::Object(body))?,
        values: None,
    })
}

/// The authority that an event without a named one stands on.
pub(super) fn implied_authority(actor: &str) -> Authority {
    Authority {
        kind: if actor == SYSTEM {
            ActorKind::System
        } else {
            ActorKind::Agent
        },
        name: actor.to_owned(),
        os_user: None,
        claimed: false,
    }
}

/// The runtime hands over whole commands; anything else is its mistake and must not be written.
fn check_shape(commit: &Commit) -> Result<(), StoreError> {
    let wrong = |why: &str| {
        Err(StoreError::Failed {
            why: format!("a command of run {} {why}; nothing was written", commit.run),
        })
    };
    if commit.events.is_empty() {
        return wrong("has no event");
    }
    if commit.events.len() > EVENTS_PER_COMMAND_MAX {
        return wrong("has too many events");
    }
    let mut next = commit.expected_seq;
    for recorded in &commit.events {
        next += 1;
        if recorded.run != commit.run || recorded.run_seq != next {
            return wrong("has events that do not follow one another");
        }
    }
    let rows = &commit.rows;
    if commit.after.seq != next || commit.after.run != commit.run || rows.run.run != commit.run {
        return wrong("has a state that is not that of its last event");
    }
    let strays = rows.packets.iter().any(|packet| packet.run != commit.run)
        || rows.effects.iter().any(|effect| effect.run != commit.run)
        || rows
            .dead_letters
            .iter()
            .any(|letter| letter.run != commit.run);
    if strays {
        return wrong("has rows of another run");
    }
    Ok(())
}

fn within(what: &str, bytes: usize) -> Result<(), StoreError> {
    if bytes <= EVENT_BYTES_MAX {
        return Ok(());
    }
    Err(StoreError::TooLarge {
        what: what.to_owned(),
        limit: EVENT_BYTES_MAX,
    })
}

fn entry(
    recorded: &Recorded,
    salt: Salt,
    binding: Option<(crate::domain::Digest, Map<String, Value>)>,
) -> Result<Entry, StoreError> {
    let Value::Object(mut body) =
        serde_json::to_value(&recorded.event).map_err(|error| unwritable(&error))?
    else {
        return Err(no_object());
    };
    let Some(Value::String(kind)) = body.remove("kind") else {
        return Err(no_object());
    };
    let values = match body.remove("values") {
        Some(Value::Object(values)) => {
            let (commitments, members) = commit_to(values, salt)?;
            body.insert("commitments".to_owned(), Value::Object(commitments));
            Some(members)
        }
        None => None,
        Some(_) => return Err(no_object()),
    };
    if recorded.actor != implied_authority(&recorded.actor.name) {
        name_authority(&mut body, &recorded.actor)?;
    }
    if let Some((state, rows)) = binding {
        body.insert("state_digest".to_owned(), Value::String(state.to_string()));
        if !rows.is_empty() {
            body.insert("rows".to_owned(), Value::Object(rows));
        }
    }
    let body = canonical_text(&Value::Object(body))?;
    let beside = values.as_ref().map_or(0, |values| values.members.len());
    within("an event", body.len() + beside)?;
    Ok(Entry {
        run: Some(recorded.run),
        run_seq: Some(recorded.run_seq),
        at: recorded.at,
        actor: recorded.actor.name.clone(),
        kind,
        version: EVENT_VERSION,
        body,
        values,
    })
}

fn name_authority(body: &mut Map<String, Value>, by: &Authority) -> Result<(), StoreError> {
    let authority = serde_json::to_value(by).map_err(|error| unwritable(&error))?;
    body.insert("authority".to_owned(), authority);
    Ok(())
}

fn packet_entry(packet: &crate::domain::Packet, salt: Salt) -> Result<PacketEntry, StoreError> {
    let flags = packet.flags.iter().map(|flag| flag.code.clone());
    let document = serde_json::to_string(packet).map_err(|error| unwritable(&error))?;
    within("a packet", document.len())?;
    Ok(PacketEntry {
        packet: packet.packet,
        workflow: packet.workflow.as_str().to_owned(),
        status: packet.status.as_str(),
        due_at: packet.due_at,
        deadline: packet.deadline(),
        flags: canonical_text(&flags.collect())?,
        salt,
        document,
    })
}

fn letter_entry(row: &DeadLetterRow, salt: Salt) -> Result<DeadLetterEntry, StoreError> {
    let document = serde_json::to_string(row).map_err(|error| unwritable(&error))?;
    within("a dead letter", document.len())?;
    Ok(DeadLetterEntry {
        row: row.clone(),
        salt,
        document,
    })
}

fn no_object() -> StoreError {
    StoreError::Failed {
        why: "an event has no kind or its values are no object".to_owned(),
    }
}
