//! The effect of a run that may have happened: since when nobody knows, and what is done about it.

use crate::console::message::{RunRead, Told, ToldKind};
use crate::console::model::runs::in_doubt_since;
use crate::console::model::{Model, Screen};
use crate::console::panes::times::clock;
use crate::console::text::{Line, Mark};
use crate::domain::{EffectState, IdempotencyKey, RunStatus, Timestamp};
use crate::views::Doing;

/// The words for a run whose effect may have happened, the longest first.
const WORDS: [&str; 3] = ["outcome unknown since ", "unknown since ", "unknown "];
/// Columns that are left for what else a row says, where longer words are used.
const LEFT: usize = 20;

/// Which words a list of `room` columns has for runs in doubt, the oldest of them since `since`.
pub fn words(room: usize, since: Timestamp, now: Timestamp) -> &'static str {
    let time = clock(since, now).len();
    let fits = |words: &&str| words.len().saturating_add(time).saturating_add(LEFT) <= room;
    let [.., last] = WORDS;
    WORDS.into_iter().find(fits).unwrap_or(last)
}

/// How many effects nobody knows the outcome of; where there is none, only beside the runs.
pub fn of_all(model: &Model) -> Line {
    match &model.runs.doubts {
        Some(doubts) if doubts.effects > 0 => Line::new()
            .say(" · ", Mark::Faint)
            .say("!! ", Mark::Danger)
            .own(&doubts.words(), Mark::Danger),
        Some(doubts) if model.screen == Screen::Runs => Line::new()
            .say(" · ", Mark::Faint)
            .own(&doubts.words(), Mark::Faint),
        Some(_) | None => Line::new(),
    }
}

/// `outcome unknown since 02:13`, with its sign before it; none where nothing is in doubt.
pub fn headline(read: &RunRead, now: Timestamp) -> Option<Line> {
    let (_, since) = in_doubt(read)?;
    let line = Line::new().say("!! outcome unknown since ", Mark::Danger);
    Some(line.own(&clock(since, now), Mark::Danger))
}

/// The effect, since when, what was found, and what is done next.
pub fn fact(read: &RunRead) -> Option<Line> {
    let (key, since) = in_doubt(read)?;
    let mut line = Line::new().say("in doubt  ", Mark::Faint);
    if let Some(effect) = read.effects.iter().find(|row| row.idempotency_key == key) {
        line = line
            .put(effect.tool.as_str(), Mark::Strong)
            .say(" for ", Mark::Faint)
            .put(&effect.operation, Mark::Strong)
            .say(", ", Mark::Plain);
    }
    let line = line
        .say("may have happened: ", Mark::Danger)
        .own(&format!("unknown since {}", at(since)), Mark::Danger);
    let line = match read.tries.iter().rev().find_map(|told| found(told, key)) {
        Some((at, said)) => line
            .own(&format!("; asked at {at}: "), Mark::Plain)
            .say(said, Mark::Plain),
        None => line,
    };
    Some(line.say("; ", Mark::Plain).join(next(read, key)))
}

/// The effect that may have happened, and since when.
fn in_doubt(read: &RunRead) -> Option<(IdempotencyKey, Timestamp)> {
    let open = |row: &&crate::views::EffectRow| {
        matches!(row.state, EffectState::Intent | EffectState::Unknown)
    };
    read.effects.iter().filter(open).find_map(|row| {
        let since = in_doubt_since(&read.tries, row.idempotency_key);
        let unknown = row.state == EffectState::Unknown;
        let since = since.or_else(|| unknown.then_some(row.updated_at));
        Some((row.idempotency_key, since?))
    })
}

fn found(told: &Told, key: IdempotencyKey) -> Option<(String, &'static str)> {
    let said = match told.kind {
        ToldKind::ProbeFound => "it happened",
        ToldKind::ProbeFoundNothing => "found nothing",
        ToldKind::ProbeSettlesNothing => "the answer settles nothing",
        ToldKind::Asked
        | ToldKind::Failed
        | ToldKind::Sent
        | ToldKind::SentAgain
        | ToldKind::Confirmed
        | ToldKind::Refused
        | ToldKind::NotDone
        | ToldKind::Unknown
        | ToldKind::Probed
        | ToldKind::SaidHappened
        | ToldKind::SaidNotHappened
        | ToldKind::SaidAskAgain
        | ToldKind::Parked
        | ToldKind::Redriven
        | ToldKind::Discarded => return None,
    };
    (told.key == Some(key)).then(|| (at(told.at), said))
}

/// What is done to find out.
fn next(read: &RunRead, key: IdempotencyKey) -> Line {
    let line = Line::new();
    let pursuit = read.detail.pursuit.as_ref();
    let doing = pursuit.filter(|pursuit| pursuit.idempotency_key == key);
    match doing.map(|pursuit| pursuit.doing) {
        Some(Doing::Sent) => line.say("sent again under its key, no answer yet", Mark::Info),
        Some(Doing::Asked) => line.say("the target is being asked", Mark::Info),
        Some(Doing::ResendDue { at: due }) => line
            .own(&format!("resend due at {}", at(due)), Mark::Info)
            .say(", under the same key", Mark::Plain),
        Some(Doing::AskDue { at: due }) => {
            line.own(&format!("the target is asked at {}", at(due)), Mark::Info)
        }
        Some(Doing::Held) => line.say(
            "nothing is sent or asked before the run is resumed (P)",
            Mark::Warning,
        ),
        Some(Doing::Person { packet }) => line
            .say("a person is asked: packet ", Mark::Warning)
            .own(&packet.to_string(), Mark::Warning)
            .say(" (o shows it)", Mark::Plain),
        Some(Doing::Nothing) | None if read.detail.row.status == RunStatus::DeadLettered => {
            line.say("its run is stuck: a dead letter (3)", Mark::Warning)
        }
        Some(Doing::Nothing) | None => line
            .say(
                "nobody asks any more: countersign effects probe ",
                Mark::Warning,
            )
            .own(&key.to_string(), Mark::Plain),
    }
}

/// The time of day, to the second.
fn at(at: Timestamp) -> String {
    let whole = at.to_string();
    whole.get(11..19).unwrap_or(&whole).to_owned()
}
