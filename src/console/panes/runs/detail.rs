//! Draws the run beside the list.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::timeline::exact;
use super::{ago, doubts, status_mark};
use crate::console::message::RunRead;
use crate::console::model::runs::{name, short};
use crate::console::model::{Focus, Model};
use crate::console::panes::{details, times};
use crate::console::text::{Line, Mark, draw};
use crate::domain::Timestamp;

pub fn detail(model: &Model, buffer: &mut Buffer, area: Rect) {
    if area.is_empty() {
        return;
    }
    let theme = &model.theme;
    let focused = model.focus == Focus::Detail;
    let read = model.runs.current();
    let title = match read {
        Some(read) => Line::new()
            .say(" ", Mark::Plain)
            .put(&name(&read.detail.row), Mark::Title)
            .say(" ", Mark::Plain),
        None => Line::new().say(" Run ", Mark::Title),
    };
    let inner = draw::frame(buffer, area, &title, theme, focused);
    let Some(read) = read else {
        return details::empty(buffer, inner, theme, &empty(model));
    };
    let columns = details::head_width(inner);
    let head = vec![
        first(read, model.now, columns),
        second(model, read, columns),
    ];
    details::sheet(buffer, (area, inner), theme, head, &model.runs.sheet);
}

/// Draws the run beside the packet that belongs to it.
pub fn trace(model: &Model, buffer: &mut Buffer, area: Rect) {
    if area.is_empty() {
        return;
    }
    let theme = &model.theme;
    let title = Line::new()
        .say(" Run ", Mark::Title)
        .say("t opens it ", Mark::Faint);
    let inner = draw::frame(buffer, area, &title, theme, false);
    let Some(read) = model.trace.current() else {
        let why = match (&model.trace.trouble, model.trace.wanted) {
            (Some(trouble), _) => Line::new().put(trouble, Mark::Danger),
            (None, Some(_)) => Line::new().say("reading the run …", Mark::Faint),
            (None, None) => Line::new().say("The run of a packet shows here.", Mark::Faint),
        };
        return details::empty(buffer, inner, theme, &why);
    };
    let columns = details::head_width(inner);
    let head = vec![
        first(read, model.now, columns),
        second(model, read, columns),
    ];
    details::sheet(buffer, (area, inner), theme, head, &model.trace.sheet);
}

/// Why there is nothing here.
fn empty(model: &Model) -> Line {
    if let Some(trouble) = &model.runs.trouble {
        return Line::new()
            .put(trouble, Mark::Danger)
            .say(" (ctrl-r reads it again)", Mark::Plain);
    }
    match model.runs.wanted {
        Some(_) => Line::new().say("reading the run …", Mark::Faint),
        None => Line::new().say(
            "The run under the cursor shows here; the list has none.",
            Mark::Faint,
        ),
    }
}

fn first(read: &RunRead, now: Timestamp, columns: usize) -> Line {
    let row = &read.detail.row;
    let (sign, mark) = status_mark(row.status);
    let left = Line::new()
        .say(sign, mark)
        .say(" ", Mark::Plain)
        .say(row.status.as_str(), mark);
    let left = match &row.step {
        Some(step) => left
            .say(" at ", Mark::Faint)
            .put(step.as_str(), Mark::Strong),
        None => left,
    };
    let left = match doubts::headline(read, now) {
        Some(said) => left.say("  ", Mark::Plain).join(said),
        None => left,
    };
    let right = Line::new().own(&format!("run {}", short(row.run)), Mark::Faint);
    left.with_right(right, columns)
}

fn second(model: &Model, read: &RunRead, columns: usize) -> Line {
    let row = &read.detail.row;
    let left = if row.status.is_final() {
        let took = exact(row.updated_at.ms_since(row.started_at).max(0));
        Line::new().own(&format!("took {took}"), Mark::Plain)
    } else {
        let age = ago(row.started_at, model.now);
        Line::new().own(&format!("started {age} ago"), Mark::Plain)
    };
    let changed = ago(row.updated_at, model.now);
    let left = left.own(&format!("  changed {changed} ago"), Mark::Faint);
    let left = match row.timer {
        // A timer that is due is looked at within a moment.
        Some(at) if at <= model.now => left.say("  wakes now", Mark::Plain),
        Some(at) => {
            let wakes = times::until(at, model.now);
            left.own(&format!("  wakes in {wakes}"), Mark::Plain)
        }
        None => left,
    };
    let (done, open) = (
        read.effects.len(),
        read.effects
            .iter()
            .filter(|effect| super::effects::is_open(effect.state))
            .count(),
    );
    let right = match (done, open) {
        (0, _) => Line::new().say("no effects", Mark::Faint),
        (1, 0) => Line::new().say("1 effect", Mark::Faint),
        (all, 0) => Line::new().own(&format!("{all} effects"), Mark::Faint),
        (all, open) => Line::new().own(
            &format!("{all} effects, {open} without outcome"),
            Mark::Warning,
        ),
    };
    left.with_right(right, columns)
}
