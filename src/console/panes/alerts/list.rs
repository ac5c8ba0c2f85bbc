//! Draws the list of alerts.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{about, gravity};
use crate::console::model::Model;
use crate::console::model::alerts::{Words, is_open, raised_at};
use crate::console::panes::list::{self as rows, Around};
use crate::console::panes::runs::ago;
use crate::console::text::{Line, Mark, Shown};
use crate::views::AlertRow;

/// Sign, word and the spaces after them; the sign alone.
const GRAVITY: (usize, usize) = (8, 3);
/// `23h59m` and the space after it.
const SINCE: usize = 7;
const KIND: usize = 14;
/// `open` and `ack`, and the name of who did.
const STATE_MIN: usize = 8;
const STATE_MAX: usize = 18;
const ABOUT_MAX: usize = 24;
/// A message with less room than this says nothing.
const MESSAGE_MIN: usize = 12;

pub fn list(model: &Model, buffer: &mut Buffer, area: Rect) {
    let alerts = &model.alerts.rows;
    let around = Around {
        title: Line::new().own(&format!(" Alerts {} ", alerts.open()), Mark::Title),
        empty: alerts.list.is_empty().then(|| empty(model)),
        below: rows::new_rows(alerts.arrived(), ""),
    };
    rows::pane(model, buffer, area, &around, |inner| {
        let columns = Columns::of(model, rows::row_width(inner));
        let shown = alerts.window(rows::row_count(inner)).map(|row| {
            let selected = alerts.list.selected == Some(row.alert);
            (selected, columns.row(model, row))
        });
        (columns.names(), shown.collect())
    });
}

/// What an empty list means.
fn empty(model: &Model) -> Line {
    let alerts = &model.alerts.rows;
    if !alerts.loaded {
        return rows::reading();
    }
    if !alerts.filter.is_empty() {
        return rows::nothing_matches(&alerts.filter, "");
    }
    Line::new().say(
        "No alerts: the clock goes as it should, no target is held back, and nothing else ever wanted a look. What does comes here by itself.",
        Mark::Plain,
    )
}

/// How wide each field is; 0 where it has no room.
struct Columns {
    gravity: usize,
    since: usize,
    kind: usize,
    about: usize,
    message: usize,
    state: usize,
}

impl Columns {
    /// Sign, kind and state are never left out. The message goes first, which stands in the details,
    /// then the word of the gravity; what it is about and the state are cut, then the former goes,
    /// and the time.
    fn of(model: &Model, width: usize) -> Self {
        let widest = |of: &dyn Fn(&AlertRow) -> usize| model.alerts.rows.iter().map(of).max();
        let state = widest(&|row| state(row).width()).unwrap_or(0);
        let named = widest(&|row| about(model, row).width()).unwrap_or(0);
        let state = state.clamp(STATE_MIN, STATE_MAX);
        let mut columns = Self {
            gravity: GRAVITY.0,
            since: SINCE,
            kind: KIND,
            // Where every alert is about the store there is nothing to tell.
            about: if named > 1 {
                named.clamp(5, ABOUT_MAX) + 1
            } else {
                0
            },
            message: 0,
            state,
        };
        if columns.fixed() > width {
            columns.gravity = GRAVITY.1;
        }
        if columns.fixed() > width {
            columns.about = columns.about.min(width / 5);
        }
        if columns.fixed() > width {
            columns.state = STATE_MIN;
        }
        if columns.fixed() > width {
            columns.about = 0;
        }
        if columns.fixed() > width {
            columns.since = 0;
        }
        let left = width.saturating_sub(columns.fixed());
        if left >= MESSAGE_MIN {
            columns.message = left;
        } else {
            columns.state = columns.state.saturating_add(left).min(state);
        }
        columns
    }

    /// Everything but the message.
    fn fixed(&self) -> usize {
        self.gravity + self.since + self.kind + self.about + self.state
    }

    fn names(&self) -> Line {
        let cell = |line: Line, name: &'static str, columns| {
            line.field(&Shown::own(name), columns, Mark::Faint)
        };
        let whole = self.gravity == GRAVITY.0;
        let line = cell(Line::new(), if whole { "SEV" } else { "" }, self.gravity);
        let line = cell(line, "SINCE", self.since);
        let line = cell(line, "KIND", self.kind);
        let line = cell(line, "ABOUT", self.about);
        let line = cell(line, "MESSAGE", self.message);
        cell(line, "STATE", self.state)
    }

    fn row(&self, model: &Model, row: &AlertRow) -> Line {
        let (sign, word, mark) = gravity(row);
        let open = is_open(row);
        let plain = if open { Mark::Plain } else { Mark::Faint };
        let word = Shown::own(if self.gravity > 3 { word } else { "" });
        let line = Line::new().say(sign, mark).say(" ", Mark::Plain).field(
            &word,
            self.gravity.saturating_sub(3),
            mark,
        );
        let line = line.cell(
            &Shown::own(&ago(raised_at(row), model.now)),
            self.since,
            plain,
        );
        let kind = if open { Mark::Strong } else { Mark::Faint };
        let line = line.cell(&Shown::own(Words::of(row.kind).name), self.kind, kind);
        let line = line.cell(&about(model, row), self.about, plain);
        let line = line.cell(&Shown::of(&row.message), self.message, plain);
        let mark = if open { mark } else { Mark::Faint };
        line.field(&state(row), self.state, mark)
    }
}

/// Where it stands, in a word or two.
fn state(row: &AlertRow) -> Shown {
    match (&row.acknowledged_by, is_open(row)) {
        (_, true) => Shown::own("open"),
        (Some(by), false) => Shown::own("ack ").join(&Shown::of(by)),
        (None, false) => Shown::own("ack"),
    }
}
