//! Draws the list of packets.

mod columns;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use self::columns::{Columns, last_name};
use crate::console::model::{Focus, Model};
use crate::console::panes::{audit, list, lower_border, times};
use crate::console::text::{Line, Mark, Shown, draw};
use crate::domain::{PacketStatus, Tier};
use crate::views::QueueRow;

/// Sign, word and look of a tier.
pub fn risk_mark(tier: Tier) -> (&'static str, &'static str, Mark) {
    match tier {
        Tier::Critical => ("!!", "HIGH", Mark::Danger),
        Tier::Elevated => ("! ", "MED ", Mark::Warning),
        Tier::Routine => (". ", "LOW ", Mark::Plain),
    }
}

pub fn queue(model: &Model, buffer: &mut Buffer, area: Rect) {
    if area.is_empty() {
        return;
    }
    let theme = &model.theme;
    let focused = model.focus == Focus::List;
    let inner = draw::frame(buffer, area, &title(model), theme, focused);
    if model.queue.list.is_empty() {
        return list::empty(buffer, inner, theme, &empty(model));
    }
    let columns = Columns::of(&model.queue, model.now, list::row_width(inner));
    let rows = model.queue.window(list::row_count(inner)).map(|packet| {
        let selected = model.queue.list.selected == Some(packet.packet);
        (selected, row(&columns, model, packet))
    });
    list::rows(buffer, inner, theme, columns.names(), rows);
    beyond(model, buffer, area);
}

fn title(model: &Model) -> Line {
    Line::new().own(&format!(" Queue {} ", model.queue.open()), Mark::Title)
}

/// What an empty list means, and what to do.
fn empty(model: &Model) -> Line {
    if !model.queue.loaded {
        return Line::new().say("reading the store …", Mark::Faint);
    }
    if !model.queue.filter.is_empty() {
        let line = Line::new()
            .say("Nothing matches ", Mark::Plain)
            .put(model.queue.filter.text(), Mark::Strong);
        let line = match of_all(model) {
            Some(of_all) => line.put(&format!(" among the {of_all} due first"), Mark::Plain),
            None => line,
        };
        return line.say(". esc takes the filter away, / changes it.", Mark::Plain);
    }
    Line::new().say(
        "Nothing waits for a person. What the rules let through goes on by itself; 2 shows the runs.",
        Mark::Plain,
    )
}

/// What is not in the list, in the lower border: new rows that did not enter, packets that were
/// not read.
fn beyond(model: &Model, buffer: &mut Buffer, area: Rect) {
    let mut line = Line::new();
    let new = model.queue.arrived();
    if new > 0 {
        line = line.own(&format!(" {new} new ↑ (gg) "), Mark::Info);
    }
    if let Some(of_all) = of_all(model) {
        line = line.own(&format!(" {of_all} read, those due first "), Mark::Warning);
    }
    draw::line(
        buffer,
        lower_border(area),
        &line,
        &model.theme,
        Style::default(),
    );
}

/// How many of how many open packets were read; none where that is all of them.
fn of_all(model: &Model) -> Option<String> {
    let (known, open) = (model.queue.known(), model.queue.open());
    let grouped = |count| audit::said::grouped(u64::try_from(count).unwrap_or(u64::MAX));
    (known < open).then(|| format!("{} of {}", grouped(known), grouped(open)))
}

fn row(columns: &Columns, model: &Model, row: &QueueRow) -> Line {
    let (sign, word, mark) = risk_mark(row.tier);
    let line = match columns.due.checked_sub(1) {
        Some(inside) => {
            let (due, mark) = due(model, row);
            let line = Line::new().field(&Shown::own(&due), inside, mark);
            line.say(" ", Mark::Plain)
        }
        None => Line::new(),
    };
    let word = Shown::own(if columns.risk > 3 { word } else { "" });
    let line = line.say(sign, mark).say(" ", Mark::Plain);
    let line = line.field(&word, columns.risk.saturating_sub(3), mark);
    let line = match columns.action.checked_sub(1) {
        Some(inside) => {
            let tool = row.action.as_ref().map_or("-", |tool| tool.as_str());
            let tool = if columns.short_action {
                last_name(tool)
            } else {
                tool
            };
            let line = line.field(&Shown::of(tool), inside, Mark::Plain);
            line.say(" ", Mark::Plain)
        }
        None => line,
    };
    let line = line.field(&subject(row), columns.subject, Mark::Plain);
    let amount = row
        .amount
        .as_ref()
        .map_or_else(|| Shown::own("-"), times::amount);
    let line = line.say(" ", Mark::Plain);
    let line = line.field_right(&amount, columns.amount, Mark::Plain);
    let confidence = row
        .confidence
        .map_or_else(|| "-".to_owned(), |c| format!("{c:.2}"));
    match columns.confidence {
        0 => line,
        columns => line.field_right(&Shown::own(&confidence), columns, Mark::Plain),
    }
}

/// What the packet is about, behind the votes it has where it needs more.
fn subject(row: &QueueRow) -> Shown {
    let (given, needed) = row.approvals;
    let title = Shown::of(&row.title);
    if given > 0 && row.status == PacketStatus::Open {
        // A long title takes nothing of it away.
        return Shown::own(&format!("{given}/{needed} approved, ")).join(&title);
    }
    title
}

/// The time left, or what became of a packet that stays only because the cursor is on it.
fn due(model: &Model, row: &QueueRow) -> (String, Mark) {
    if row.status != PacketStatus::Open {
        return (row.status.to_string(), Mark::Warning);
    }
    let due = times::until(row.due_at, model.now);
    let late = row.due_at <= model.now;
    (due, if late { Mark::Danger } else { Mark::Plain })
}
