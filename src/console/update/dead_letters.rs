//! The screen of dead letters: its list, and what was read of the one under the cursor.

mod act;
mod arrive;

use crate::console::keymap::Move;
use crate::console::message::{LetterRead, LettersNews, Refusal, RunsNews};
use crate::console::model::dead_letters::FIELDS;
use crate::console::model::filter::Filter;
use crate::console::model::{Focus, Model, Screen};
use crate::console::panes;
use crate::console::request::Request;
use crate::console::update::edit;
use crate::console::update::move_cursor::in_open_first;
use crate::console::view::layout;
use crate::domain::DeadLetterId;

pub use act::{able, answered, commit, edited, on_letter};
pub use arrive::{moved, previewed, seen, settled};

/// The screen came up.
pub fn shown(model: &mut Model) -> Vec<Request> {
    let requests = look(model);
    if requests.is_empty() {
        return model
            .dead_letters
            .wanted
            .map(Request::ReadLetter)
            .into_iter()
            .collect();
    }
    requests
}

/// Asks for the letter under the cursor if it is not the one beside the list.
pub fn look(model: &mut Model) -> Vec<Request> {
    let selected = model.dead_letters.rows.list.selected;
    if model.dead_letters.wanted == selected || model.screen != Screen::DeadLetters {
        return Vec::new();
    }
    model.dead_letters.wanted = selected;
    model.dead_letters.trouble = None;
    selected.map(Request::ReadLetter).into_iter().collect()
}

/// While this holds no row enters, leaves or moves.
fn under_review(model: &Model) -> bool {
    model.screen == Screen::DeadLetters
        && (!model.overlays.is_empty() || model.focus == Focus::Detail)
}

pub fn news(model: &mut Model, news: LettersNews) -> Vec<Request> {
    let height = layout::list_height(model);
    let still = under_review(model);
    let wanted = model.dead_letters.wanted;
    let outdated = news.rows.iter().any(|row| Some(row.dead_letter) == wanted);
    let letters = &mut model.dead_letters;
    letters.rows.take(news.rows, news.whole, still, height);
    letters.unmark_closed();
    model.dirty = true;
    arrive::closed(model);
    let mut requests = look(model);
    if outdated && requests.is_empty() && model.screen == Screen::DeadLetters {
        requests.extend(model.dead_letters.wanted.map(Request::ReadLetter));
    }
    requests
}

/// A run changed: what is shown of its letter is read again.
pub fn run_news(model: &mut Model, news: &RunsNews) -> Vec<Request> {
    arrive::run_changed(model, news);
    let Some(read) = model.dead_letters.current() else {
        return Vec::new();
    };
    let (letter, run) = (read.detail.row.dead_letter, read.detail.row.run);
    let changed = !news.whole && news.rows.iter().any(|row| row.run == run);
    if changed && model.screen == Screen::DeadLetters {
        return vec![Request::ReadLetter(letter)];
    }
    Vec::new()
}

pub fn read(model: &mut Model, letter: DeadLetterId, found: Result<Box<LetterRead>, Refusal>) {
    if let Ok(found) = &found {
        edit::letter_changed(model, found);
    }
    if model.dead_letters.wanted != Some(letter) {
        return;
    }
    model.dirty = true;
    match found {
        Ok(found) => {
            let same = model.dead_letters.current().is_some();
            model.dead_letters.read = Some(found);
            model.dead_letters.trouble = None;
            lay(model, same);
        }
        Err(refusal) => {
            model.dead_letters.read = None;
            model.dead_letters.trouble = Some(refusal.message);
        }
    }
}

/// Narrows the list; answers what is wrong with the filter.
pub fn set_filter(model: &mut Model, text: &str) -> Option<String> {
    let height = layout::list_height(model);
    match Filter::parse(text, FIELDS) {
        Ok(filter) => {
            model.dead_letters.rows.refilter(filter, height);
            None
        }
        Err(error) => Some(error.to_string()),
    }
}

pub fn moved_cursor(model: &mut Model, step: Move) -> Vec<Request> {
    let height = layout::list_height(model);
    in_open_first(&mut model.dead_letters.rows, step, height);
    look(model)
}

pub fn resized(model: &mut Model) {
    let height = layout::list_height(model);
    if !under_review(model) {
        model.dead_letters.rows.left(height);
    }
    model.dead_letters.rows.list.fit(height);
    lay(model, true);
}

/// Lays the letter out; `same` says that it is the one that was laid out before.
fn lay(model: &mut Model, same: bool) {
    let width = layout::sheet_width(model);
    let height = layout::sheet_height(model);
    let letters = &mut model.dead_letters;
    let top = if same { letters.sheet.top } else { 0 };
    let Some(read) = letters.read.as_deref() else {
        return;
    };
    let verified = letters.verified.as_ref();
    let verified = verified.filter(|asked| asked.letter == read.detail.row.dead_letter);
    let mut sheet = panes::dead_letters::sheet(read, verified, width, model.theme.ascii);
    sheet.scroll_to(top, height);
    letters.sheet = sheet;
}
