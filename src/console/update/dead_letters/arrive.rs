//! Answers about dead letters: what would happen, what was done, what became of it.

use super::lay;
use crate::console::message::{Refusal, RunsNews};
use crate::console::model::dead_letters::{is_open, name};
use crate::console::model::{Model, Notice};
use crate::console::overlays::letter::{Preview, Verb, draw};
use crate::console::overlays::walk::Stage;
use crate::console::overlays::{LetterDialog, Overlay};
use crate::console::panes::dead_letters::preview::would;
use crate::console::request::{Request, Ticket};
use crate::domain::{EffectState, RunId, RunStatus};
use crate::engine::RunError;
use crate::runtime::{LetterMoved, RedrivePreview};
use crate::views::EffectRow;

/// What a redrive would do: for the dialog that waits for it, or for the letter itself.
pub fn previewed(model: &mut Model, ticket: Ticket, outcome: Result<Box<RedrivePreview>, Refusal>) {
    model.dirty = true;
    let dialog = dialogs(model).find(|dialog| dialog.waits_for(ticket));
    if let Some(dialog) = dialog {
        match outcome {
            Ok(preview) => dialog.know(preview),
            Err(refusal) => dialog.walk.stage = Stage::Over(refusal.message),
        }
        return;
    }
    let verified = model.dead_letters.verified.as_mut();
    let Some(verified) = verified.filter(|verified| verified.ticket == ticket) else {
        return;
    };
    let notice = match &outcome {
        Ok(preview) => {
            let (would, _) = would(preview.would);
            let asked = preview.probe.as_ref();
            let said = asked.map_or_else(String::new, |probe| format!(" {}", probe.message));
            Notice::info(format!("a redrive would {would}.{said}"))
        }
        Err(refusal) => Notice::danger(refusal.message.clone()),
    };
    verified.said = Some(outcome.map_err(|refusal| refusal.message));
    lay(model, true);
    model.tell(notice);
}

/// The answer to a redrive or a discard.
pub fn moved(
    model: &mut Model,
    ticket: Ticket,
    outcome: Result<LetterMoved, Refusal>,
) -> Vec<Request> {
    model.dirty = true;
    if let Ok(moved) = &outcome {
        model.dead_letters.marked.remove(&moved.dead_letter);
        model.disarmed = true;
    }
    let one_of_several = dialogs(model).find_map(|dialog| {
        let mut results = dialog.results.iter_mut();
        results.find(|result| result.ticket == ticket)
    });
    if let Some(result) = one_of_several {
        result.said = Some(match &outcome {
            Ok(moved) => Ok(moved.run_status),
            Err(refusal) => Err(refusal.message.clone()),
        });
        return reread(model);
    }
    let sent = |overlay: &Overlay| matches!(overlay, Overlay::Letter(dialog) if dialog.walk.is_sent(ticket));
    let place = model.overlays.iter().position(sent);
    match outcome {
        Ok(moved) => {
            let verb = place.and_then(|place| taken(model, place));
            told(model, verb, &moved);
        }
        Err(refusal) => match place.and_then(|place| model.overlays.get_mut(place)) {
            Some(Overlay::Letter(dialog)) => dialog.walk.stage = Stage::Over(refusal.message),
            // It was closed meanwhile: then the footer says it.
            Some(_) | None => model.tell(Notice::danger(refusal.message)),
        },
    }
    reread(model)
}

/// Takes the dialog away, and the form below it that it came from.
fn taken(model: &mut Model, place: usize) -> Option<Verb> {
    let Overlay::Letter(dialog) = model.overlays.remove(place) else {
        return None;
    };
    let own = |overlay: &Overlay| match overlay {
        Overlay::Edit(form) => form.letter().is_some_and(|letter| dialog.is_about(letter)),
        Overlay::Verdict(_)
        | Overlay::Reason(_)
        | Overlay::Letter(_)
        | Overlay::Settle(_)
        | Overlay::Budget(_)
        | Overlay::Acknowledge(_)
        | Overlay::Terminate(_)
        | Overlay::Filter(_)
        | Overlay::Help(_)
        | Overlay::Quit(_) => false,
    };
    model.overlays.retain(|overlay| !own(overlay));
    Some(dialog.verb)
}

fn told(model: &mut Model, verb: Option<Verb>, moved: &LetterMoved) {
    let row = model.dead_letters.rows.get(moved.dead_letter);
    let called = row.map_or_else(|| format!("run {}", moved.run), name);
    let notice = match (verb, moved.run_status) {
        (Some(Verb::Discard), status) | (None, status @ RunStatus::Failed) => {
            model.dead_letters.discarded.insert(moved.run, status);
            Notice::good(format!("{called} is discarded; its run is {status}"))
        }
        (_, status @ (RunStatus::Ready | RunStatus::Running)) => {
            model.dead_letters.settling.insert(moved.run);
            Notice::info(format!(
                "{called} is redriven; its run is {status}. What comes of it is told here."
            ))
        }
        (_, status) => Notice::info(format!("{called} is redriven; its run is {status} now")),
    };
    model.tell(notice);
}

fn reread(model: &Model) -> Vec<Request> {
    let wanted = model.dead_letters.wanted;
    wanted.map(Request::ReadLetter).into_iter().collect()
}

/// What became of a run that was redriven; false where it was not one of these. Only what its
/// targets confirmed is called recovered.
pub fn settled(
    model: &mut Model,
    run: RunId,
    (status, error): (RunStatus, Option<&RunError>),
    effects: &[EffectRow],
) -> bool {
    for dialog in dialogs(model) {
        let mut results = dialog.results.iter_mut();
        if let Some(result) = results.find(|result| result.run == run) {
            result.said = Some(Ok(status));
        }
    }
    if let Some(told) = model.dead_letters.discarded.remove(&run) {
        if told != status {
            model.dirty = true;
            model.tell(Notice::info(format!(
                "the run of a discarded letter is {status} now"
            )));
        }
        return true;
    }
    if !model.dead_letters.settling.remove(&run) {
        return false;
    }
    model.dirty = true;
    let letter = model.dead_letters.rows.iter().find(|row| row.run == run);
    let called = letter.map_or_else(|| format!("run {run}"), name);
    let why = error.map(|error| format!(": {}", error.message));
    let why = why.unwrap_or_default();
    model.tell(match status {
        RunStatus::Succeeded => recovered(&called, effects),
        RunStatus::DeadLettered => {
            Notice::danger(format!("{called} is not recovered, it is stuck again{why}"))
        }
        RunStatus::Failed | RunStatus::Rejected | RunStatus::Terminated => {
            Notice::danger(format!("{called} is not recovered: its run {status}{why}"))
        }
        RunStatus::Waiting => Notice::warning(format!(
            "{called} is not recovered yet: its run waits, for a person (1) or a time"
        )),
        status => Notice::info(format!(
            "{called} is not recovered yet: its run is {status}"
        )),
    });
    true
}

fn recovered(called: &str, effects: &[EffectRow]) -> Notice {
    let of = |state: EffectState| effects.iter().filter(move |effect| effect.state == state);
    let open = of(EffectState::Unknown).count() + of(EffectState::Intent).count();
    if open > 0 {
        return Notice::warning(format!(
            "{called}: its run succeeded, but {open} effects have no outcome yet"
        ));
    }
    let mut confirmed: Vec<&str> = of(EffectState::Confirmed)
        .map(|effect| effect.tool.as_str())
        .collect();
    confirmed.dedup();
    if confirmed.is_empty() {
        return Notice::good(format!(
            "{called} is recovered: its run succeeded; nothing was sent"
        ));
    }
    let tools = confirmed.join(", ");
    Notice::good(format!(
        "{called} is recovered: its run succeeded, its target confirmed {tools}"
    ))
}

/// Letters came anew: a dialog on one that was closed meanwhile says that it comes too late.
pub(super) fn closed(model: &mut Model) {
    let letters = &model.dead_letters;
    for overlay in &mut model.overlays {
        let Overlay::Letter(dialog) = overlay else {
            continue;
        };
        let Some(only) = dialog.only().filter(|_| dialog.walk.stage == Stage::Asking) else {
            continue;
        };
        let row = letters.rows.get(only.dead_letter);
        if let Some(row) = row.filter(|row| !is_open(row)) {
            let by = row.closed_by.as_deref().unwrap_or("its run");
            let said = format!(
                "{by} was first: it is {} now. Nothing was done.",
                row.status
            );
            dialog.walk.stage = Stage::Over(said);
        }
    }
}

/// A run changed: what would happen to its letter is not what was shown.
pub(super) fn run_changed(model: &mut Model, news: &RunsNews) {
    if news.whole {
        return;
    }
    let changed = |run: RunId| news.rows.iter().any(|row| row.run == run);
    for dialog in dialogs(model) {
        let about = dialog.only().is_some_and(|row| changed(row.run));
        let shown = matches!(dialog.preview, Preview::Known(_) | Preview::Awaited(_));
        if about && shown && dialog.walk.stage == Stage::Asking {
            let said = "The run changed since this was asked. Nothing was done; R asks anew.";
            dialog.walk.stage = Stage::Over(said.to_owned());
        }
    }
    let verified = model.dead_letters.verified.as_ref();
    let row = verified.and_then(|verified| model.dead_letters.rows.get(verified.letter));
    if row.is_some_and(|row| changed(row.run)) {
        model.dead_letters.verified = None;
    }
}

/// The picture was shown: a dialog whose end was on the screen was read.
pub fn seen(model: &mut Model) {
    let Some(Overlay::Letter(dialog)) = model.overlays.last() else {
        return;
    };
    let scroll = draw::seen(model, dialog);
    if let Some(Overlay::Letter(dialog)) = model.overlays.last_mut() {
        dialog.scroll = scroll;
    }
}

fn dialogs(model: &mut Model) -> impl Iterator<Item = &mut LetterDialog> {
    model
        .overlays
        .iter_mut()
        .filter_map(|overlay| match overlay {
            Overlay::Letter(dialog) => Some(dialog.as_mut()),
            Overlay::Verdict(_)
            | Overlay::Edit(_)
            | Overlay::Reason(_)
            | Overlay::Settle(_)
            | Overlay::Budget(_)
            | Overlay::Acknowledge(_)
            | Overlay::Terminate(_)
            | Overlay::Filter(_)
            | Overlay::Help(_)
            | Overlay::Quit(_) => None,
        })
}
