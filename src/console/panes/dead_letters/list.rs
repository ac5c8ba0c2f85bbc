//! Draws the list of dead letters.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::standing;
use crate::console::model::Model;
use crate::console::model::dead_letters::{is_open, name};
use crate::console::panes::list::{self as rows, Around};
use crate::console::panes::runs::ago;
use crate::console::text::{Line, Mark, Shown};
use crate::views::DeadLetterRow;

/// Sign of a mark and the space after it.
const SIGN: usize = 2;
/// `23h59m` and the space after it.
const AGE: usize = 7;
const TRIES: usize = 6;
/// `discarded`, and the name of the column.
const STANDING: usize = 10;
/// Names are no wider than this as long as the error wants room.
const NAME_MAX: usize = 24;
/// Columns that an error has before other fields are left out.
const ERROR_MIN: usize = 16;

pub fn list(model: &Model, buffer: &mut Buffer, area: Rect) {
    let letters = &model.dead_letters.rows;
    let around = Around {
        title: title(model),
        empty: letters.list.is_empty().then(|| empty(model)),
        below: rows::new_rows(letters.arrived(), ""),
    };
    rows::pane(model, buffer, area, &around, |inner| {
        let columns = Columns::of(model, rows::row_width(inner));
        let shown = letters.window(rows::row_count(inner)).map(|row| {
            let selected = letters.list.selected == Some(row.dead_letter);
            (selected, columns.row(model, row))
        });
        (columns.names(), shown.collect())
    });
}

fn title(model: &Model) -> Line {
    let letters = &model.dead_letters;
    let open = letters.rows.open();
    let line = Line::new().own(&format!(" Dead letters {open} "), Mark::Title);
    match letters.marked.len() {
        0 => line,
        marked => line.own(&format!("· {marked} marked "), Mark::Warning),
    }
}

/// What an empty list means, and what to do.
fn empty(model: &Model) -> Line {
    let letters = &model.dead_letters.rows;
    if !letters.loaded {
        return rows::reading();
    }
    if !letters.filter.is_empty() {
        return rows::nothing_matches(&letters.filter, "");
    }
    Line::new().say(
        "No step is stuck, and none ever was. A step that cannot go on by itself comes here, with its error and what can be done.",
        Mark::Plain,
    )
}

/// How wide each field is; 0 where it has no room.
struct Columns {
    name: usize,
    workflow: usize,
    step: usize,
    tries: usize,
    error: usize,
}

impl Columns {
    /// The age and where it is stuck are never left out. Tries go first, then the workflow, then
    /// the step is cut.
    fn of(model: &Model, width: usize) -> Self {
        let letters = &model.dead_letters;
        let widest = |of: &dyn Fn(&DeadLetterRow) -> usize, least: usize| {
            let widest = letters.rows.iter().map(of).max().unwrap_or(0);
            widest.clamp(least, NAME_MAX).saturating_add(2)
        };
        let name = widest(&|row| Shown::of(&name(row)).width(), 3);
        let step = widest(&|row| Shown::of(row.step.as_str()).width(), 4);
        let workflow = if letters.several_workflows() {
            widest(&|row| Shown::of(row.workflow.as_str()).width(), 8)
        } else {
            0
        };
        let room = width.saturating_sub(SIGN + AGE + STANDING);
        let mut columns = Self {
            name,
            workflow,
            step,
            tries: TRIES,
            error: 0,
        };
        let left = |columns: &Self| {
            let taken = columns.name + columns.workflow + columns.step + columns.tries;
            room.saturating_sub(taken)
        };
        if left(&columns) < ERROR_MIN {
            columns.workflow = 0;
        }
        if left(&columns) < ERROR_MIN {
            columns.tries = 0;
        }
        if left(&columns) < ERROR_MIN {
            columns.step = columns.step.min(room / 4);
        }
        if left(&columns) < ERROR_MIN / 2 {
            columns.name = columns.name.min(room / 3);
        }
        columns.error = left(&columns);
        columns
    }

    fn names(&self) -> Line {
        let cell = |line: Line, name: &'static str, columns: usize| {
            line.field(&Shown::own(name), columns, Mark::Faint)
        };
        let line = cell(Line::new().pad(SIGN), "AGE", AGE);
        let line = cell(line, "RUN", self.name);
        let line = cell(line, "WORKFLOW", self.workflow);
        let line = cell(line, "STEP", self.step);
        let line = cell(line, "ERROR", self.error);
        let line = cell(line, "TRIES", self.tries);
        cell(line, "STUCK", STANDING)
    }

    fn row(&self, model: &Model, row: &DeadLetterRow) -> Line {
        let open = is_open(row);
        let plain = if open { Mark::Plain } else { Mark::Faint };
        let cell = |line: Line, text: &str, columns: usize, mark: Mark| {
            line.cell(&Shown::of(text), columns, mark)
        };
        let marked = model.dead_letters.marked.contains(&row.dead_letter);
        let sign = if marked { "* " } else { "  " };
        let since = row.closed_at.unwrap_or(row.at);
        let line = Line::new().say(sign, Mark::Warning).field(
            &Shown::own(&ago(since, model.now)),
            AGE,
            plain,
        );
        let line = cell(line, &name(row), self.name, plain);
        let line = cell(line, row.workflow.as_str(), self.workflow, plain);
        let line = cell(line, row.step.as_str(), self.step, plain);
        let error = if open { Mark::Danger } else { Mark::Faint };
        let said = Shown::of(&row.code)
            .join(&Shown::own(" "))
            .join(&Shown::of(&row.message));
        let line = line.cell(&said, self.error, error);
        let line = if self.tries > 0 {
            line.field(&Shown::own(&row.attempts.to_string()), self.tries, plain)
        } else {
            line
        };
        let (word, mark) = standing(row);
        line.field(&Shown::own(word), STANDING, mark)
    }
}
