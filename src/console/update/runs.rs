//! The screen of runs: its list, and what was read of the run under the cursor.

mod control;
mod go;
mod said;
pub mod terminate;

use crate::console::keymap::Move;
use crate::console::message::{DoubtsNews, Refusal, RunRead, RunsNews};
use crate::console::model::filter::Filter;
use crate::console::model::runs::{Doubts, FIELDS, name, status_wanted};
use crate::console::model::{Focus, Model, Notice, Screen};
use crate::console::panes;
use crate::console::request::Request;
use crate::console::update::move_cursor::distance;
use crate::console::view::layout;
use crate::domain::{RunId, RunStatus};
use crate::engine::RunError;
use crate::views::EffectRow;

pub use crate::console::model::runs::Control;
pub use control::{able, ask, commit, moved};
pub use go::{go_to, go_to_packet, packet_here, run_here};

/// The screen came up: the list is kept current by itself, the run beside it only while it shows.
pub fn shown(model: &mut Model) -> Vec<Request> {
    let mut requests = look(model);
    if requests.is_empty() {
        requests.extend(model.runs.wanted.map(Request::ReadRun));
    }
    requests
}

/// Asks for what the list and the details need and do not have.
pub fn look(model: &mut Model) -> Vec<Request> {
    let mut requests = Vec::new();
    let status = status_wanted(&model.runs.filter);
    if model.runs.asked != status {
        model.runs.asked = status;
        requests.push(Request::ReadRuns(status));
    }
    let selected = model.runs.list.selected;
    if model.runs.wanted != selected && model.screen == Screen::Runs {
        model.runs.wanted = selected;
        model.runs.trouble = None;
        requests.extend(selected.map(Request::ReadRun));
    }
    requests
}

pub fn news(model: &mut Model, news: RunsNews) -> Vec<Request> {
    let height = layout::list_height(model);
    let wanted = model.runs.wanted;
    let outdated = news.rows.iter().any(|row| Some(row.run) == wanted);
    // Who reads or writes about a run does not have it taken from under the eyes.
    let busy = model.focus == Focus::Detail || !model.overlays.is_empty();
    // Who saw the list has a run under the cursor, not a row.
    let seen = model.runs.list.selected.is_some();
    model.runs.held |= (busy || seen) && model.screen == Screen::Runs;
    // The newest of all came anew: those of the one status may have changed too.
    let again = news.whole && news.of != model.runs.asked && news.of.is_none();
    // The list that could not be read is here now, or is asked for once more.
    let here = news.whole && news.of == model.runs.asked;
    let again = again || !here && model.runs.unread.is_some();
    if here {
        model.runs.unread = None;
    }
    model.runs.take(news, height);
    control::changed(model);
    model.dirty = true;
    let mut requests = look(model);
    if again
        && !requests
            .iter()
            .any(|request| matches!(request, Request::ReadRuns(_)))
    {
        requests.push(Request::ReadRuns(model.runs.asked));
    }
    let reads = |request: &Request| matches!(request, Request::ReadRun(_));
    if outdated && model.screen == Screen::Runs && !requests.iter().any(reads) {
        requests.extend(model.runs.wanted.map(Request::ReadRun));
    }
    requests
}

/// The list stays what it was; why it is not newer is said until it is read.
pub fn unread(model: &mut Model, of: Option<RunStatus>, why: Refusal) {
    if of == model.runs.asked {
        model.runs.unread = Some(why.message);
        model.dirty = true;
    }
}

pub fn read(model: &mut Model, run: RunId, found: Result<Box<RunRead>, Refusal>) -> Vec<Request> {
    let height = layout::list_height(model);
    if let Ok(found) = &found {
        model.runs.found(&found.detail.row, height);
    }
    if let (Err(refusal), true) = (&found, model.runs.sought == Some(run)) {
        model.runs.sought = None;
        model.tell(Notice::danger(refusal.message.clone()));
    }
    if model.runs.wanted != Some(run) {
        return Vec::new();
    }
    model.dirty = true;
    match found {
        Ok(found) => {
            let before = model.runs.current().map(|read| read.detail.row.updated_at);
            // Of two reads under way the older may answer last.
            if before.is_some_and(|before| before > found.detail.row.updated_at) {
                return Vec::new();
            }
            terminate::changed(model, run, &found.terminate);
            model.runs.read = Some(found);
            model.runs.trouble = None;
            lay(model, before.is_some());
        }
        Err(refusal) => {
            terminate::changed(model, run, &Err(refusal.clone()));
            model.runs.read = None;
            model.runs.trouble = Some(refusal.message);
        }
    }
    // The filter may have gone for a run that was sought.
    look(model)
}

pub fn doubts(model: &mut Model, news: DoubtsNews) {
    let doubts = Some(Doubts::of(news));
    model.dirty |= model.runs.doubts != doubts;
    model.runs.doubts = doubts;
}

/// A run that undid what it did has settled; false where nobody waits for it.
pub fn settled(
    model: &mut Model,
    run: RunId,
    ended: (RunStatus, Option<&RunError>),
    effects: &[EffectRow],
) -> bool {
    if !model.runs.undoing.remove(&run) {
        return false;
    }
    let row = model.runs.row(run);
    let called = row.map_or_else(|| format!("run {run}"), name);
    model.tell(said::undone(&called, ended, effects));
    true
}

pub fn sort(model: &mut Model) {
    let height = layout::list_height(model);
    model.runs.sort = model.runs.sort.next();
    model.runs.settle(height);
    let name = model.runs.sort.name();
    model.tell(Notice::info(format!("sorted by {name}")));
}

/// Keeps the cursor on the first row until it is moved.
pub fn follow(model: &mut Model) -> Vec<Request> {
    let height = layout::list_height(model);
    model.runs.list.go_to(0, height);
    model.runs.left(height);
    model.runs.held = false;
    model.tell(Notice::info(
        "the cursor follows the newest run until it is moved",
    ));
    look(model)
}

/// Narrows the list; answers what is wrong with the filter.
pub fn set_filter(model: &mut Model, text: &str) -> Option<String> {
    let height = layout::list_height(model);
    match Filter::parse(text, FIELDS) {
        Ok(filter) => {
            model.runs.filter = filter;
            model.runs.refilter(height);
            None
        }
        Err(error) => Some(error.to_string()),
    }
}

pub fn moved_cursor(model: &mut Model, step: Move) -> Vec<Request> {
    let height = layout::list_height(model);
    match step {
        Move::Down | Move::Up | Move::HalfDown | Move::HalfUp => {
            let by = distance(step, height).unwrap_or(0);
            model.runs.list.step(by, height);
        }
        Move::First => model.runs.list.go_to(0, height),
        Move::Last => model.runs.list.go_to(usize::MAX, height),
        Move::NextSection | Move::PreviousSection | Move::Section(_) => return Vec::new(),
    }
    model.runs.left(height);
    look(model)
}

pub fn resized(model: &mut Model) {
    let height = layout::list_height(model);
    model.runs.list.fit(height);
    lay(model, true);
}

/// Lays the run out; `same` says that it is the one that was laid out before.
fn lay(model: &mut Model, same: bool) {
    let width = layout::sheet_width(model);
    let height = layout::sheet_height(model);
    let top = if same { model.runs.sheet.top } else { 0 };
    let Some(read) = model.runs.read.as_deref() else {
        return;
    };
    let mut sheet = panes::runs::sheet(read, width, model.theme.ascii);
    sheet.scroll_to(top, height);
    model.runs.sheet = sheet;
}
