//! Verbs on dead letters: what opens, what is sent.

use serde_json::Value;

use super::lay;
use crate::console::keymap::{Move, OnLetter};
use crate::console::message::LetterRead;
use crate::console::model::answer::WantedAnswer;
use crate::console::model::dead_letters::{Verified, is_open, name};
use crate::console::model::{Model, Notice};
use crate::console::overlays::letter::{Outcome, Preview, Verb};
use crate::console::overlays::walk::Stage;
use crate::console::overlays::{LetterDialog, Overlay};
use crate::console::request::Request;
use crate::console::update::edit;
use crate::domain::DeadLetterId;
use crate::domain::limits::CONSOLE_LETTERS_AT_ONCE_MAX;
use crate::views::DeadLetterRow;

/// Does what a key asks about the letter under the cursor, or about those that are marked.
pub fn on_letter(model: &mut Model, verb: OnLetter) -> Vec<Request> {
    if let Err(notice) = able(model, verb) {
        model.refused_at_ms = Some(model.at_ms);
        model.tell(notice);
        return Vec::new();
    }
    match verb {
        OnLetter::Redrive => open(model, Verb::Redrive),
        OnLetter::Discard => open(model, Verb::Discard),
        OnLetter::Verify => verify(model),
        OnLetter::Edit => match model.dead_letters.current().cloned() {
            Some(read) => edit::open_letter(model, &read),
            None => Vec::new(),
        },
        OnLetter::Mark => {
            model.dead_letters.mark();
            super::moved_cursor(model, Move::Down)
        }
        OnLetter::MarkAll => {
            model.dead_letters.mark_all();
            Vec::new()
        }
    }
}

/// Tells why a verb cannot be used now.
///
/// # Errors
/// The reason.
pub fn able(model: &Model, verb: OnLetter) -> Result<(), Notice> {
    let several = !model.dead_letters.marked.is_empty();
    match verb {
        OnLetter::Redrive | OnLetter::Discard if several => {
            let marked = model.dead_letters.marked.len();
            if marked > CONSOLE_LETTERS_AT_ONCE_MAX {
                let text = format!(
                    "{marked} are marked, and {CONSOLE_LETTERS_AT_ONCE_MAX} can be done at once here: `countersign dead-letters` takes a filter"
                );
                return Err(Notice::warning(text));
            }
            armed(model)
        }
        OnLetter::Redrive | OnLetter::Edit | OnLetter::Discard => {
            armed(model)?;
            here(model).map(drop)
        }
        OnLetter::Verify => here(model).map(drop),
        OnLetter::Mark => open_row(model).map(drop),
        OnLetter::MarkAll => Ok(()),
    }
}

fn armed(model: &Model) -> Result<(), Notice> {
    if model.disarmed {
        return Err(Notice::info(
            "move the cursor first: nothing is armed after a dead letter was redriven or discarded",
        ));
    }
    Ok(())
}

/// The open letter under the cursor.
fn open_row(model: &Model) -> Result<&DeadLetterRow, Notice> {
    let Some(row) = model.dead_letters.rows.selected() else {
        return Err(Notice::info("there is no dead letter under the cursor"));
    };
    if is_open(row) {
        return Ok(row);
    }
    let by = row.closed_by.as_deref().unwrap_or("its run");
    let text = format!("it was {} by {by}: nothing is left to do", row.status);
    Err(Notice::warning(text))
}

/// The same, once all of it was read.
fn here(model: &Model) -> Result<&LetterRead, Notice> {
    open_row(model)?;
    let read = model.dead_letters.current();
    read.ok_or_else(|| Notice::info("the dead letter is still being read"))
}

fn open(model: &mut Model, verb: Verb) -> Vec<Request> {
    let letters = chosen(model);
    let only = match letters.as_slice() {
        [letter] => Some(letter.dead_letter),
        _ => None,
    };
    let at_ms = model.at_ms;
    let mut dialog = LetterDialog::open(verb, letters, at_ms);
    if let (Verb::Redrive, Some(letter)) = (verb, only) {
        dialog = dialog.with_answer(wanted(model, letter), at_ms);
    }
    let mut requests = Vec::new();
    if let (Verb::Redrive, Some(letter)) = (verb, only) {
        let ticket = model.ticket();
        dialog.preview = Preview::Awaited(ticket);
        requests.push(Request::PreviewRedrive {
            ticket,
            letter,
            set: Vec::new(),
            output: None,
        });
    }
    model.overlays.push(Overlay::Letter(Box::new(dialog)));
    requests
}

/// What the tool of a letter answers, where it is read and stuck after an answer.
fn wanted(model: &Model, letter: DeadLetterId) -> Option<&WantedAnswer> {
    let read = model.dead_letters.current();
    let read = read.filter(|read| read.detail.row.dead_letter == letter);
    read.and_then(|read| read.answer.as_ref())
}

/// Another answer stands in the dialog on top than the one of which is known what would happen:
/// once its field was left that is asked.
pub fn answered(model: &mut Model) -> Vec<Request> {
    let ticket = model.ticket();
    let Some(Overlay::Letter(dialog)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    let Some(letter) = dialog.only().map(|row| row.dead_letter) else {
        return Vec::new();
    };
    if dialog.walk.stage != Stage::Asking || dialog.walk.takes_pastes() {
        return Vec::new();
    }
    let output = match dialog.answered() {
        Ok(output) if output != dialog.output => output,
        Ok(_) | Err(_) => return Vec::new(),
    };
    dialog.output.clone_from(&output);
    dialog.preview = Preview::Awaited(ticket);
    vec![Request::PreviewRedrive {
        ticket,
        letter,
        set: dialog.set.clone(),
        output,
    }]
}

/// Those that are marked, or the one under the cursor.
fn chosen(model: &Model) -> Vec<DeadLetterRow> {
    let letters = &model.dead_letters;
    if letters.marked.is_empty() {
        return letters.rows.selected().cloned().into_iter().collect();
    }
    let marked = letters
        .rows
        .list
        .iter()
        .filter(|id| letters.marked.contains(id));
    let mut rows: Vec<DeadLetterRow> = marked
        .filter_map(|id| letters.rows.get(id).cloned())
        .collect();
    // A filter does not take a mark away.
    let hidden = letters
        .marked
        .iter()
        .filter(|id| !letters.rows.list.iter().any(|other| other == **id));
    rows.extend(hidden.filter_map(|id| letters.rows.get(*id).cloned()));
    rows
}

/// The form was staged: what would happen with its values is shown before anything is done.
pub fn edited(
    model: &mut Model,
    row: DeadLetterRow,
    set: Vec<(String, Value)>,
    why: String,
) -> Vec<Request> {
    let (ticket, letter) = (model.ticket(), row.dead_letter);
    let at_ms = model.at_ms;
    let dialog = LetterDialog::open(Verb::Redrive, vec![row], at_ms);
    let mut dialog = dialog.with_answer(wanted(model, letter), at_ms);
    dialog.preview = Preview::Awaited(ticket);
    dialog.set.clone_from(&set);
    dialog.why = Some(why);
    model.overlays.push(Overlay::Letter(Box::new(dialog)));
    vec![Request::PreviewRedrive {
        ticket,
        letter,
        set,
        output: None,
    }]
}

/// Asks what a redrive would do; it changes nothing.
fn verify(model: &mut Model) -> Vec<Request> {
    let Some(letter) = model.dead_letters.rows.list.selected else {
        return Vec::new();
    };
    let ticket = model.ticket();
    model.dead_letters.verified = Some(Verified {
        letter,
        ticket,
        at: model.now,
        said: None,
    });
    lay(model, true);
    model.tell(Notice::info(
        "asking what would happen, and the target what it knows …",
    ));
    vec![Request::PreviewRedrive {
        ticket,
        letter,
        set: Vec::new(),
        output: None,
    }]
}

/// The answer of the dialog on top is sent.
pub fn commit(model: &mut Model) -> Vec<Request> {
    let count = match model.overlays.last() {
        Some(Overlay::Letter(dialog)) => dialog.letters.len(),
        Some(_) | None => return Vec::new(),
    };
    let tickets: Vec<_> = (0..count).map(|_| model.ticket()).collect();
    let Some(Overlay::Letter(dialog)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    let Some(first) = tickets.first() else {
        return Vec::new();
    };
    dialog.walk.stage = Stage::Sent(*first);
    let each: Vec<_> = tickets.into_iter().zip(dialog.letters.clone()).collect();
    if dialog.only().is_none() {
        let outcome = |(ticket, row): &(_, DeadLetterRow)| Outcome {
            ticket: *ticket,
            run: row.run,
            called: name(row),
            said: None,
        };
        dialog.results = each.iter().map(outcome).collect();
    }
    let (verb, set, why) = (dialog.verb, dialog.set.clone(), dialog.why.clone());
    let output = dialog.output.clone();
    let reason = dialog.reason().to_owned();
    let request = |(ticket, row): (_, DeadLetterRow)| match verb {
        Verb::Redrive => Request::Redrive {
            ticket,
            letter: row.dead_letter,
            set: set.clone(),
            output: output.clone(),
            reason: why.clone(),
        },
        Verb::Discard => Request::Discard {
            ticket,
            letter: row.dead_letter,
            reason: reason.clone(),
        },
    };
    each.into_iter().map(request).collect()
}
