//! The screen of the journal: where its cursor goes, what it is narrowed to, what is checked.

mod check;
mod pages;

use crate::console::keymap::Move;
use crate::console::message::Refusal;
use crate::console::model::audit::{EventsFilter, Reading};
use crate::console::model::{Focus, Model, Notice, Screen};
use crate::console::overlays::Overlay;
use crate::console::panes;
use crate::console::request::Request;
use crate::console::update::{arrive, move_cursor};
use crate::console::view::layout;
use crate::domain::RunId;
use crate::store::Head;

pub use check::{bad_here, check, go_to_bad, verified, verifying};
pub use pages::page;

/// Pages read for one key while nothing is found in them.
pub const PAGES_PER_KEY: usize = 20;

/// Letters or digits with which a part of an id may name a run.
const ID_PART_MIN: usize = 4;

/// The screen was opened.
pub fn shown(model: &mut Model) -> Vec<Request> {
    model.audit.trouble = None;
    lay(model);
    pages::more(model)
}

/// The journal grew, or was read anew.
pub fn grown(model: &mut Model, head: Head) -> Vec<Request> {
    model.audit.head = Some(head);
    if model.screen != Screen::Audit {
        return Vec::new();
    }
    model.dirty = true;
    model.audit.trouble = None;
    pages::more(model)
}

/// The run under the cursor of another screen.
///
/// # Errors
/// That there is none.
pub fn run_here(model: &Model) -> Result<RunId, Notice> {
    let run = match model.screen {
        Screen::Queue => model.packet.current().map(|packet| packet.run),
        Screen::Runs => model.runs.list.selected,
        Screen::DeadLetters => model.dead_letters.rows.selected().map(|row| row.run),
        Screen::Alerts => model.alerts.rows.selected().and_then(|row| row.run),
        Screen::Audit => None,
    };
    run.ok_or_else(|| Notice::warning("no run is under the cursor"))
}

/// Shows the journal of the run under the cursor of another screen.
pub fn of_run(model: &mut Model) -> Vec<Request> {
    let run = match run_here(model) {
        Ok(run) => run,
        Err(notice) => {
            model.tell(notice);
            return Vec::new();
        }
    };
    model.screen = Screen::Audit;
    model.focus = Focus::List;
    arrive::resized(model);
    // A key is shorter to read than an id, where it names this run and no other.
    let row = model.runs.row(run);
    let key = row.and_then(|row| row.key.clone());
    let key = key.filter(|key| !key.contains(char::is_whitespace) && named(model, key) == [run]);
    let text = format!("run:{}", key.unwrap_or_else(|| run.to_string()));
    set_filter(model, &text)
}

/// Keeps the newest event under the cursor, or no longer.
pub fn follow(model: &mut Model) -> Vec<Request> {
    model.audit.follow = !model.audit.follow;
    if !model.audit.follow {
        model.tell(Notice::info("the cursor stays where it is"));
        return Vec::new();
    }
    model.tell(Notice::info("the cursor follows the newest event"));
    moved_cursor(model, Move::First)
}

/// Takes a filter. While it is typed it is only read, not looked up: that is for enter.
pub fn set_filter(model: &mut Model, text: &str) -> Vec<Request> {
    let parsed = EventsFilter::parse(text, |given| named(model, given));
    model.dirty = true;
    let typing = matches!(model.overlays.last(), Some(Overlay::Filter(_)));
    let filter = match parsed {
        Ok(filter) => filter,
        Err(error) => {
            wrong(model, Some(error.to_string()));
            return Vec::new();
        }
    };
    if typing {
        wrong(model, None);
        return Vec::new();
    }
    if filter == model.audit.filter {
        return Vec::new();
    }
    // Without a filter the cursor stays where the search led it.
    let reading = match model.audit.current() {
        Some(event) if filter.is_empty() => Reading::Around(event.seq),
        Some(_) | None => Reading::Anew,
    };
    model.audit.filter = filter;
    model.audit.clear();
    lay(model);
    pages::ask(model, reading)
}

/// Says what is wrong with a filter where it is typed, or in the footer.
fn wrong(model: &mut Model, what: Option<String>) {
    match (model.overlays.last_mut(), what) {
        (Some(Overlay::Filter(bar)), what) => bar.wrong = what,
        (_, Some(what)) => model.tell(Notice::warning(what)),
        (_, None) => {}
    }
}

/// The runs that a key, or the start or the end of an id, names.
fn named(model: &Model, given: &str) -> Vec<RunId> {
    let keyed = model.runs.rows();
    let keyed = keyed.filter(|row| row.key.as_deref() == Some(given));
    let keyed: Vec<RunId> = keyed.map(|row| row.run).collect();
    if !keyed.is_empty() || given.len() < ID_PART_MIN {
        return keyed;
    }
    let part = given.to_lowercase();
    let alike = model.runs.rows().map(|row| row.run).filter(|run| {
        let id = run.to_string();
        id.starts_with(&part) || id.ends_with(&part)
    });
    alike.collect()
}

pub fn moved_cursor(model: &mut Model, step: Move) -> Vec<Request> {
    let height = panes::audit::list_rows(model);
    let audit = &mut model.audit;
    audit.pages_left = PAGES_PER_KEY;
    audit.trouble = None;
    audit.follow &= step == Move::First;
    match step {
        Move::Down | Move::Up | Move::HalfDown | Move::HalfUp => {
            let by = move_cursor::distance(step, height).unwrap_or(0);
            audit.step(by, height);
        }
        Move::First if audit.is_attached() => audit.go_to(0, height),
        Move::First => return pages::ask(model, Reading::Newest),
        // Where words are looked for, the end is reached by reading.
        Move::Last if audit.is_complete() || audit.filter.has_words() => {
            audit.go_to(usize::MAX, height);
        }
        Move::Last => return pages::ask(model, Reading::Oldest),
        Move::NextSection | Move::PreviousSection | Move::Section(_) => return Vec::new(),
    }
    lay(model);
    pages::more(model)
}

/// The size changed: what depends on it is laid out anew.
pub fn resized(model: &mut Model) {
    let height = panes::audit::list_rows(model);
    model.audit.fit(height);
    lay(model);
}

/// Lays out the event under the cursor, if it is not the one that was.
fn lay(model: &mut Model) {
    let width = layout::sheet_width(model);
    let Some(event) = model.audit.current() else {
        model.audit.laid = None;
        return;
    };
    let seq = event.seq;
    let same = model.audit.laid == Some(seq);
    let mut sheet = panes::audit::record::sheet(model, event, width);
    if same {
        sheet.scroll_to(model.audit.sheet.top, layout::sheet_height(model));
    }
    model.audit.sheet = sheet;
    model.audit.laid = Some(seq);
}

/// What could not be read.
fn troubled(model: &mut Model, refusal: &Refusal) {
    model.audit.trouble = Some(refusal.message.clone());
    model.dirty = true;
}
