//! Reads dead letters.

use super::reads::Blocking as _;
use super::refusal;
use super::told::told;
use crate::console::message::{LetterRead, LettersNews, Message, Told};
use crate::console::model::answer::WantedAnswer;
use crate::domain::{DeadLetterId, DeadLetterStatus, RunId};
use crate::engine::StuckAt;
use crate::runtime::{Handle, RuntimeError};
use crate::store::{DeadLetterFilter, EventFilter};

/// Closed letters that are listed, of each way to close one.
const CLOSED: u32 = 500;
/// Events of a run among which those of a letter's step are looked for.
const EVENTS: u32 = 2_000;
/// Lines of a letter's history that are shown: the newest ones.
const HISTORY: usize = 200;

/// Every open letter, as far as a list goes, and those closed last.
pub(super) fn all(handle: &Handle) -> Result<LettersNews, RuntimeError> {
    let of = |status, newest_first, limit| {
        handle.dead_letters(&DeadLetterFilter {
            status: Some(status),
            newest_first,
            limit,
            ..DeadLetterFilter::default()
        })
    };
    let mut rows = of(DeadLetterStatus::Open, false, None)?;
    rows.extend(of(DeadLetterStatus::Redriven, true, Some(CLOSED))?);
    rows.extend(of(DeadLetterStatus::Discarded, true, Some(CLOSED))?);
    Ok(LettersNews { whole: true, rows })
}

/// The letters of some runs.
pub(super) fn of_runs(
    handle: &Handle,
    runs: impl Iterator<Item = RunId>,
) -> Result<LettersNews, RuntimeError> {
    let mut rows = Vec::new();
    for run in runs {
        rows.extend(handle.dead_letters(&DeadLetterFilter {
            run: Some(run),
            ..DeadLetterFilter::default()
        })?);
    }
    Ok(LettersNews { whole: false, rows })
}

pub(super) async fn read(handle: &Handle, letter: DeadLetterId) -> Message {
    let found = handle.blocking(move |handle| whole(&handle, letter)).await;
    Message::DeadLetter {
        letter,
        found: found.map(Box::new).map_err(refusal),
    }
}

fn whole(handle: &Handle, letter: DeadLetterId) -> Result<LetterRead, RuntimeError> {
    let detail = handle.dead_letter(letter)?;
    let mut history = history(handle, detail.row.run)?;
    history.retain(|told| told.step == detail.row.step);
    let more = history.len().saturating_sub(HISTORY);
    drop(history.drain(..more));
    let finishing = detail.row.stuck == StuckAt::Finishing;
    // Without its definition it is redriven all the same, with what was answered.
    let definition = handle.pinned(detail.definition).ok().filter(|_| finishing);
    let answer = definition.and_then(|pinned| WantedAnswer::of_step(pinned, &detail.row.step));
    Ok(LetterRead {
        detail,
        history,
        answer,
    })
}

/// What was tried for a run, oldest first, out of its newest events.
pub(super) fn history(handle: &Handle, run: RunId) -> Result<Vec<Told>, RuntimeError> {
    let mut events = handle.events(&EventFilter {
        run: Some(run),
        newest_first: true,
        limit: Some(EVENTS),
        ..EventFilter::default()
    })?;
    events.reverse();
    let mut history = Vec::new();
    for event in &events {
        history.extend(event.recorded()?.as_ref().and_then(told));
    }
    Ok(history)
}
