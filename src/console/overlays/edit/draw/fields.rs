//! The fields as a table: name, what was proposed, what the person makes of it, how that stands.

use serde_json::Value;

use super::super::EditForm;
use super::super::row::{Check, Entry, Row};
use crate::console::overlays::field_line;
use crate::console::panes::json::one_line;
use crate::console::text::{Line, Mark};
use crate::workflow::schema::FieldKind;

/// Lines of one field, with the cursor in it and without.
const FOCUSED_MAX: usize = 8;
const OTHER_MAX: usize = 2;
/// Columns of how a field stands: `unchanged`.
const CHECK: usize = 9;
/// Columns between two of the table.
const GAP: usize = 2;
/// With fewer columns what was proposed is told below the field instead.
const PROPOSED_FROM: usize = 60;

struct Columns {
    name: usize,
    /// None where there is no room.
    proposed: usize,
    value: usize,
}

/// The lines of each field, in their order.
pub(super) fn rows(form: &EditForm, width: usize) -> Vec<Vec<Line>> {
    let columns = columns(form, width);
    let rows = form.rows.iter().enumerate();
    rows.map(|(index, row)| lines(form, row, index == form.at, &columns, width))
        .collect()
}

/// The table's head, and as many fields as `height` shows, the one with the cursor among them.
pub(super) fn window(
    form: &EditForm,
    rows: &[Vec<Line>],
    width: usize,
    height: usize,
) -> Vec<Line> {
    let mut lines = vec![head(&columns(form, width))];
    let room = height.saturating_sub(1);
    let at = form.at.min(rows.len().saturating_sub(1));
    // The next field is in sight too.
    let last = at.saturating_add(1).min(rows.len().saturating_sub(1));
    let tall = |first: usize, last: usize| -> usize {
        let shown = rows.get(first..=last).unwrap_or_default();
        shown.iter().map(Vec::len).sum()
    };
    let mut first = 0;
    while first < at && tall(first, last) > room {
        first = first.saturating_add(1);
    }
    let shown = rows.iter().skip(first).flatten().take(room).cloned();
    lines.extend(shown);
    lines.resize(height, Line::new());
    lines
}

fn columns(form: &EditForm, width: usize) -> Columns {
    let names = form.rows.iter().map(|row| row.about.name.chars().count());
    let name = names.max().unwrap_or(0).clamp(5, (width / 3).max(5));
    let rest = width.saturating_sub(name.saturating_add(CHECK).saturating_add(3 * GAP));
    let proposed = if width < PROPOSED_FROM {
        0
    } else {
        rest.saturating_sub(GAP) / 2
    };
    let gap = if proposed == 0 { 0 } else { GAP };
    Columns {
        name,
        proposed,
        value: rest.saturating_sub(proposed.saturating_add(gap)).max(1),
    }
}

fn head(columns: &Columns) -> Line {
    let one = |words: &'static str| vec![Line::new().say(words, Mark::Faint)];
    let cells = [
        one("FIELD"),
        one("PROPOSED"),
        one("YOUR VALUE"),
        one("CHECK"),
    ];
    beside(&cells, columns, &Line::new())
        .pop()
        .unwrap_or_default()
}

fn lines(form: &EditForm, row: &Row, focused: bool, columns: &Columns, width: usize) -> Vec<Line> {
    let most = if focused { FOCUSED_MAX } else { OTHER_MAX };
    let name_mark = if focused { Mark::Strong } else { Mark::Plain };
    let name = Line::new().put(&row.about.name, name_mark);
    let proposed = said(&row.about.kind, row.written.as_ref());
    let beside_it = match columns.proposed {
        0 => Vec::new(),
        columns => few(proposed.wrap(columns, 0), most),
    };
    let cells = [
        few(name.wrap(columns.name, 0), most),
        beside_it,
        few(value(form, row, focused).wrap(columns.value, 0), most),
        vec![check(&row.check)],
    ];
    let sign = if focused { "▌" } else { " " };
    let mut lines = beside(&cells, columns, &Line::new().say(sign, Mark::Strong));
    let indent = columns.name.saturating_add(1 + GAP);
    if focused && columns.proposed == 0 {
        let line = Line::new()
            .pad(indent)
            .say("was ", Mark::Faint)
            .join(proposed);
        lines.extend(few(line.wrap(width, indent), most));
    }
    if let Check::Wrong(problems) = &row.check {
        for problem in problems {
            let line = Line::new()
                .pad(1 + GAP)
                .say("x ", Mark::Danger)
                .put(problem, Mark::Danger);
            lines.extend(line.wrap(width, 3 + GAP));
        }
    }
    lines
}

/// Cells side by side, as many lines as the tallest has.
fn beside(cells: &[Vec<Line>; 4], columns: &Columns, sign: &Line) -> Vec<Line> {
    let [name, proposed, value, check] = cells;
    let height = cells.iter().map(Vec::len).max().unwrap_or(1);
    let cell = |cell: &[Line], index: usize| cell.get(index).cloned().unwrap_or_default();
    let line = |index: usize| {
        let mut end = 1_usize;
        let mut line = sign.clone().pad(end).join(cell(name, index));
        end = end.saturating_add(columns.name.saturating_add(GAP));
        line = line.pad(end);
        if columns.proposed > 0 {
            line = line.join(cell(proposed, index));
            end = end.saturating_add(columns.proposed.saturating_add(GAP));
            line = line.pad(end);
        }
        line = line.join(cell(value, index));
        end = end.saturating_add(columns.value.saturating_add(GAP));
        line.pad(end.saturating_sub(1)).join(cell(check, index))
    };
    (0..height).map(line).collect()
}

/// At most `most` lines: those around the cursor, else the first ones, which then end with `…`.
fn few(lines: Vec<Line>, most: usize) -> Vec<Line> {
    if lines.len() <= most {
        return lines;
    }
    let is_cursor = |line: &Line| line.parts().iter().any(|part| part.mark == Mark::Cursor);
    if let Some(at) = lines.iter().position(is_cursor) {
        let first = at.saturating_add(1).saturating_sub(most);
        return lines.into_iter().skip(first).take(most).collect();
    }
    let mut few: Vec<Line> = lines.into_iter().take(most).collect();
    if let Some(last) = few.pop() {
        let width = last.width();
        few.push(last.say("…", Mark::Faint).cut(width.max(1)));
    }
    few
}

fn value(form: &EditForm, row: &Row, focused: bool) -> Line {
    let entry = match &row.entry {
        Entry::Typed { field, .. } => {
            let typing = focused && matches!(form.stage, super::Stage::Editing);
            field_line(Line::new(), field, typing)
        }
        Entry::Json(value) => said(&FieldKind::Json, Some(value)),
    };
    match (&row.about.kind, &row.entry) {
        (FieldKind::Money(currency), Entry::Typed { .. }) => {
            let unit = format!(" {currency}");
            entry.put(&unit, Mark::Faint)
        }
        _ => entry,
    }
}

/// A value of the state as one reads it.
fn said(kind: &FieldKind, value: Option<&Value>) -> Line {
    match (kind, value) {
        (_, None) => Line::new().say("-", Mark::Faint),
        (FieldKind::Json, Some(value)) => Line::new().show(one_line(value), Mark::Plain),
        (_, Some(Value::String(text))) if text.is_empty() => {
            Line::new().say("(empty)", Mark::Faint)
        }
        (_, Some(Value::String(text))) => Line::new().put(text, Mark::Plain),
        (_, Some(value)) => Line::new().show(one_line(value), Mark::Plain),
    }
}

fn check(check: &Check) -> Line {
    match check {
        Check::Unchanged => Line::new().say("unchanged", Mark::Faint),
        Check::Good => Line::new().say("+ ok", Mark::Good),
        Check::Wrong(_) => Line::new().say("x wrong", Mark::Danger),
    }
}
