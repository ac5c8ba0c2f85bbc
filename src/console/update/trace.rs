//! The run of the packet under the cursor, where the screen has room for it.

use crate::console::message::{Refusal, RunRead, RunsNews};
use crate::console::model::Model;
use crate::console::panes;
use crate::console::request::Request;
use crate::console::view::layout;
use crate::domain::RunId;

/// Asks for the run that the screen should show and does not have.
pub fn look(model: &mut Model) -> Option<Request> {
    let shown = !layout::areas(model).trace.is_empty();
    let row = model.queue.selected_row();
    let wanted = row.map(|row| row.run).filter(|_| shown);
    if model.trace.wanted == wanted {
        return None;
    }
    model.trace.wanted = wanted;
    model.trace.trouble = None;
    wanted.map(Request::ReadRun)
}

/// Asks again where the run changed.
pub fn news(model: &Model, news: &RunsNews) -> Option<Request> {
    let wanted = model.trace.wanted?;
    let changed = news.rows.iter().any(|row| row.run == wanted);
    changed.then_some(Request::ReadRun(wanted))
}

pub fn read(model: &mut Model, run: RunId, found: &Result<Box<RunRead>, Refusal>) {
    if model.trace.wanted != Some(run) {
        return;
    }
    model.dirty = true;
    match found {
        Ok(found) => {
            let before = model.trace.current().map(|read| read.detail.row.updated_at);
            // Of two reads under way the older may answer last.
            if before.is_some_and(|before| before > found.detail.row.updated_at) {
                return;
            }
            model.trace.read = Some(found.clone());
            model.trace.trouble = None;
            resized(model);
        }
        Err(refusal) => model.trace.trouble = Some(refusal.message.clone()),
    }
}

/// Lays the run out anew.
pub fn resized(model: &mut Model) {
    let width = layout::areas(model).trace.width.saturating_sub(2);
    if let Some(read) = model.trace.read.as_deref() {
        model.trace.sheet = panes::runs::trace_sheet(read, width.into(), model.theme.ascii);
    }
}
