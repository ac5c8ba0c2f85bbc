//! Draws the list of runs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{ago, doubts, status_mark};
use crate::console::model::Model;
use crate::console::model::runs::name;
use crate::console::panes::list::{self as rows, Around};
use crate::console::panes::times;
use crate::console::text::{Line, Mark, Shown};
use crate::domain::Timestamp;
use crate::views::RunRow;

/// Columns of the times: `23h59m` and the space after it, and the name of the other.
const AGE: usize = 7;
const CHANGED: usize = 8;
/// Sign of a status and the space after it.
const SIGN: usize = 3;
/// Names are no wider than this as long as other fields want room.
const NAME_MAX: usize = 32;
/// Fields grow in steps, so that they stand still while the list scrolls.
const STEP: usize = 4;

pub fn list(model: &Model, buffer: &mut Buffer, area: Rect) {
    let runs = &model.runs;
    let around = Around {
        title: title(model),
        empty: runs.list.is_empty().then(|| empty(model)),
        below: below(model),
    };
    rows::pane(model, buffer, area, &around, |inner| {
        let columns = Columns::of(model, inner);
        let shown = runs.window(rows::row_count(inner)).map(|row| {
            let selected = runs.list.selected == Some(row.run);
            (selected, columns.row(model, row))
        });
        (columns.names(), shown.collect())
    });
}

fn title(model: &Model) -> Line {
    let runs = &model.runs;
    let (held, _) = runs.held_and_known();
    let line = Line::new().say(" Runs ", Mark::Title);
    match runs.asked {
        Some(status) => line.own(&format!("{held} {status} "), Mark::Title),
        None if held > 0 => line.own(&format!("{held} "), Mark::Title),
        None => line,
    }
}

/// What is not in the list: newer rows above it, older ones that were not read.
fn below(model: &Model) -> Line {
    let mut line = rows::new_rows(model.runs.arrived(), " ↑");
    if model.runs.unread.is_some() {
        line = line.say(" not read anew: ctrl-r tries again ", Mark::Danger);
    }
    let (held, known) = model.runs.held_and_known();
    if held > known && known > 0 {
        line = line.own(&format!(" the newest {known} of {held} "), Mark::Warning);
    }
    line
}

/// What an empty list means, and what to do.
fn empty(model: &Model) -> Line {
    let runs = &model.runs;
    if let Some(why) = &runs.unread {
        return Line::new()
            .say("The runs cannot be read: ", Mark::Danger)
            .put(why, Mark::Danger)
            .say(". ctrl-r tries again.", Mark::Plain);
    }
    if !runs.loaded {
        return rows::reading();
    }
    if runs.filter.is_empty() {
        return Line::new().say(
            "No run was started yet. `countersign start` in another terminal begins one; it shows here by itself.",
            Mark::Plain,
        );
    }
    let (held, known) = runs.held_and_known();
    let among = format!(" among the newest {known} of {held} runs");
    rows::nothing_matches(&runs.filter, if held > known { &among } else { "" })
}

/// How wide each field is in this window; 0 where it has no room.
struct Columns {
    /// What is said of a run whose effect may have happened, before the time.
    unknown: &'static str,
    status: usize,
    name: usize,
    workflow: usize,
    step: usize,
    age: usize,
}

impl Columns {
    /// Status and time of change are never left out. The age goes first, then the workflow; after
    /// that names and steps are cut.
    fn of(model: &Model, inner: Rect) -> Self {
        let height = rows::row_count(inner);
        let widest = |of: &dyn Fn(&RunRow) -> usize, least: usize| {
            let widest = model.runs.window(height).map(of).max().unwrap_or(0);
            widest.max(least).saturating_add(2).next_multiple_of(STEP)
        };
        let room = rows::row_width(inner).saturating_sub(CHANGED);
        let oldest = model.runs.window(height);
        let oldest = oldest.filter_map(|row| since(model, row)).min();
        let unknown = oldest.map_or("", |since| doubts::words(room, since, model.now));
        let statuses = model.runs.window(height).map(|row| {
            let in_doubt = since(model, row).map(|since| doubt(unknown, since, model).len());
            in_doubt.unwrap_or(row.status.as_str().len())
        });
        let status = SIGN + statuses.max().unwrap_or(0).max(4) + 1;
        let name = widest(&|row| Shown::of(&name(row)).width(), 3).min(NAME_MAX);
        let step = widest(
            &|row| row.step.as_ref().map_or(1, |step| width(step.as_str())),
            4,
        );
        let step = step.min(NAME_MAX);
        let workflow = if model.runs.several_workflows() {
            widest(&|row| width(row.workflow.as_str()), 8).min(NAME_MAX)
        } else {
            0
        };
        let room = room.saturating_sub(status);
        let mut columns = Self {
            unknown,
            status,
            name,
            workflow,
            step,
            age: AGE,
        };
        columns.fit(room);
        columns
    }

    fn fit(&mut self, room: usize) {
        let wanted = |columns: &Self| columns.name + columns.workflow + columns.step + columns.age;
        if wanted(self) > room {
            self.age = 0;
        }
        if wanted(self) > room {
            self.workflow = 0;
        }
        if wanted(self) > room {
            self.step = self.step.min(room / 3);
            self.name = room.saturating_sub(self.step);
        }
        // What is left over lies between the names and the times.
        self.step = self.step.saturating_add(room.saturating_sub(wanted(self)));
    }

    fn names(&self) -> Line {
        let cell = |line: Line, name: &'static str, columns: usize| {
            line.field(&Shown::own(name), columns, Mark::Faint)
        };
        let line = cell(Line::new(), "STATUS", self.status);
        let line = cell(line, "RUN", self.name);
        let line = cell(line, "WORKFLOW", self.workflow);
        let line = cell(line, "STEP", self.step);
        let line = cell(line, "AGE", self.age);
        cell(line, "CHANGED", CHANGED)
    }

    fn row(&self, model: &Model, row: &RunRow) -> Line {
        let (sign, mark) = status_mark(row.status);
        let cell =
            |line: Line, text: &str, columns| line.cell(&Shown::of(text), columns, Mark::Plain);
        let (sign, mark, said) = match since(model, row) {
            Some(since) => ("!!", Mark::Danger, doubt(self.unknown, since, model)),
            None => (sign, mark, row.status.as_str().to_owned()),
        };
        let line = Line::new().say(sign, mark).say(" ", Mark::Plain).field(
            &Shown::own(&said),
            self.status.saturating_sub(SIGN),
            mark,
        );
        let line = cell(line, &both_ends(&name(row), self.name), self.name);
        let line = cell(line, row.workflow.as_str(), self.workflow);
        let step = row.step.as_ref().map_or("-", |step| step.as_str());
        let line = cell(line, step, self.step);
        let line = cell(line, &ago(row.started_at, model.now), self.age);
        cell(line, &ago(row.updated_at, model.now), CHANGED)
    }
}

/// Since when nobody knows what became of an effect of the run.
fn since(model: &Model, row: &RunRow) -> Option<Timestamp> {
    model.runs.doubts.as_ref()?.since(row.run)
}

fn doubt(words: &str, since: Timestamp, model: &Model) -> String {
    format!("{words}{}", times::clock(since, model.now))
}

/// A name in a field of `columns`, one of them a space. Names of one source begin alike and end
/// differently: where one is too long its middle goes.
fn both_ends(name: &str, columns: usize) -> String {
    let room = columns.saturating_sub(2);
    if width(name) <= room.saturating_add(1) {
        return name.to_owned();
    }
    let end = name.char_indices().rev().map(|(at, _)| at);
    let end = end.take_while(|at| name.get(*at..).is_some_and(|end| width(end) <= room / 2));
    let end = end.last().and_then(|at| name.get(at..)).unwrap_or_default();
    let start = room.saturating_sub(width(end));
    let fits = |at: usize| name.get(..at).filter(|head| width(head) <= start);
    let ends = name
        .char_indices()
        .map(|(at, c)| at.saturating_add(c.len_utf8()));
    let head = ends.map_while(fits).last().unwrap_or_default();
    format!("{head}…{end}")
}

fn width(text: &str) -> usize {
    Shown::of(text).width()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_too_long_keeps_both_ends() {
        assert_eq!(both_ends("SCMS-46570", 11), "SCMS-46570");
        assert_eq!(both_ends("SCMS-46570", 10), "SCMS…6570");
        assert_eq!(both_ends("株式会社-2026", 8), "株…026");
        for columns in 0..12 {
            let cut = both_ends("a\u{202e}b-46570", columns);
            assert!(width(&cut) < columns.max(2), "{columns}: {cut}");
        }
    }
}
