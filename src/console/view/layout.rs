//! Where things stand on a screen of any size.
//!
//! | columns | list and details |
//! |---|---|
//! | under 60 | one pane: the one that has the keys |
//! | 60 to 109 | the list over the details |
//! | from 110 | side by side |
//! | from 180 | beside a packet the run it belongs to |
//!
//! Under 20 rows the second line of the footer goes, under 14 the row of screens.

use ratatui::layout::Rect;

use crate::console::model::{Focus, Model, Screen};

/// Where each part stands; a part without room is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    pub tabs: Rect,
    pub crumbs: Rect,
    pub list: Rect,
    pub detail: Rect,
    /// The run of what the details show.
    pub trace: Rect,
    /// The line about a clock that jumped.
    pub banner: Rect,
    pub hints: Rect,
    pub status: Rect,
}

const NARROW: u16 = 60;
const WIDE: u16 = 110;
const VERY_WIDE: u16 = 180;
const LOW: u16 = 20;
const VERY_LOW: u16 = 14;

/// Places the parts for the model's size, focus and zoom.
pub fn areas(model: &Model) -> Areas {
    let (columns, rows) = (model.columns, model.rows);
    let mut below = Rect::new(0, 0, columns, rows);
    let tabs = take_top(&mut below, u16::from(rows >= VERY_LOW));
    let crumbs = take_top(&mut below, 1);
    let status = take_bottom(&mut below, u16::from(rows >= LOW));
    let hints = take_bottom(&mut below, 1);
    // Below the panes, so that the rows of a list stay where they are.
    let banner = take_bottom(&mut below, u16::from(model.banner));
    let alone = columns < NARROW || model.zoomed;
    let trace = if columns >= VERY_WIDE && !alone && model.screen == Screen::Queue {
        take_right(&mut below, columns / 4)
    } else {
        Rect::default()
    };
    let (list, detail) = if alone {
        match model.focus {
            Focus::List => (below, Rect::default()),
            Focus::Detail => (Rect::default(), below),
        }
    } else if columns < WIDE {
        stacked(below, model)
    } else {
        beside(below, model)
    };
    Areas {
        tabs,
        crumbs,
        list,
        detail,
        trace,
        banner,
        hints,
        status,
    }
}

/// Rows of the list that a window shows: without borders and the line of names.
pub fn list_height(model: &Model) -> usize {
    areas(model).list.height.saturating_sub(3).into()
}

/// Lines of the details that a window shows: without borders and the three lines above them.
pub fn sheet_height(model: &Model) -> usize {
    areas(model)
        .detail
        .height
        .saturating_sub(2 + SHEET_HEAD)
        .into()
}

/// Columns of the details.
pub fn sheet_width(model: &Model) -> usize {
    let detail = areas(model).detail;
    let width = if detail.is_empty() {
        model.columns
    } else {
        detail.width
    };
    width.saturating_sub(2).into()
}

/// Lines above a sheet that do not scroll.
pub const SHEET_HEAD: u16 = 2;

/// The list keeps a third, but no more than it has rows for.
fn stacked(area: Rect, model: &Model) -> (Rect, Rect) {
    let wanted = |rows: usize| u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(3);
    // While the details are read, two rows of the list are enough.
    let most = match model.focus {
        Focus::List => (area.height / 3).max(5),
        Focus::Detail => 5,
    };
    let height = match model.screen {
        Screen::Queue => wanted(model.queue.list.len()).clamp(5, most),
        Screen::DeadLetters => wanted(model.dead_letters.rows.list.len()).clamp(5, most),
        Screen::Alerts => wanted(model.alerts.rows.list.len()).clamp(5, most),
        // An event is short, and reads as one among those before and after it.
        Screen::Audit => area.height / 2,
        Screen::Runs => most,
    };
    let mut below = area;
    let list = take_top(&mut below, height.min(area.height));
    (list, below)
}

fn beside(area: Rect, model: &Model) -> (Rect, Rect) {
    let width = match model.screen {
        Screen::Queue | Screen::DeadLetters | Screen::Alerts | Screen::Audit => {
            area.width.saturating_mul(12) / 25
        }
        Screen::Runs => area.width.saturating_mul(2) / 5,
    };
    let list = Rect { width, ..area };
    let detail = Rect {
        x: area.x.saturating_add(width),
        width: area.width.saturating_sub(width),
        ..area
    };
    (list, detail)
}

fn take_right(area: &mut Rect, width: u16) -> Rect {
    let width = width.min(area.width);
    area.width = area.width.saturating_sub(width);
    Rect {
        x: area.x.saturating_add(area.width),
        width,
        ..*area
    }
}

fn take_top(area: &mut Rect, height: u16) -> Rect {
    let height = height.min(area.height);
    let top = Rect { height, ..*area };
    area.y = area.y.saturating_add(height);
    area.height = area.height.saturating_sub(height);
    top
}

fn take_bottom(area: &mut Rect, height: u16) -> Rect {
    let height = height.min(area.height);
    area.height = area.height.saturating_sub(height);
    Rect {
        y: area.y.saturating_add(area.height),
        height,
        ..*area
    }
}
