//! Draws the list of packets.

mod columns;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use self::columns::{BUDGET, Columns, last_name};
use crate::console::model::Model;
use crate::console::panes::list::{self, Around};
use crate::console::panes::{audit, times};
use crate::console::text::{Line, Mark, Shown};
use crate::domain::{PacketStatus, Tier, ToolName};
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
    let queue = &model.queue;
    let around = Around {
        title: Line::new().own(&format!(" Queue {} ", queue.open()), Mark::Title),
        empty: queue.list.is_empty().then(|| empty(model)),
        below: beyond(model),
    };
    list::pane(model, buffer, area, &around, |inner| {
        let columns = Columns::of(queue, model.now, list::row_width(inner));
        let rows = queue.window(list::row_count(inner)).map(|packet| {
            let selected = queue.list.selected == Some(packet.packet);
            (selected, row(&columns, model, packet))
        });
        (columns.names(), rows.collect())
    });
}

/// What an empty list means, and what to do.
fn empty(model: &Model) -> Line {
    if !model.queue.loaded {
        return list::reading();
    }
    if !model.queue.filter.is_empty() {
        let among = of_all(model).map(|of_all| format!(" among the {of_all} due first"));
        return list::nothing_matches(&model.queue.filter, &among.unwrap_or_default());
    }
    Line::new().say(
        "Nothing waits for a person. What the rules let through goes on by itself; 2 shows the runs.",
        Mark::Plain,
    )
}

/// What is not in the list, in the lower border: new rows that did not enter, packets that were
/// not read.
fn beyond(model: &Model) -> Line {
    let line = list::new_rows(model.queue.arrived(), " ↑");
    match of_all(model) {
        Some(of_all) => line.own(&format!(" {of_all} read, those due first "), Mark::Warning),
        None => line,
    }
}

/// How many of how many open packets were read; none where that is all of them.
fn of_all(model: &Model) -> Option<String> {
    let (known, open) = (model.queue.known(), model.queue.open());
    let grouped = |count| audit::said::grouped(u64::try_from(count).unwrap_or(u64::MAX));
    (known < open).then(|| format!("{} of {}", grouped(known), grouped(open)))
}

fn row(columns: &Columns, model: &Model, row: &QueueRow) -> Line {
    let (sign, word, mark) = risk_mark(row.tier);
    let (due, due_mark) = due(model, row);
    let line = Line::new().cell(&Shown::own(&due), columns.due, due_mark);
    let word = Shown::own(if columns.risk > 3 { word } else { "" });
    let line = line.say(sign, mark).say(" ", Mark::Plain);
    let line = line.field(&word, columns.risk.saturating_sub(3), mark);
    let (tool, mark) = called(row, columns.short_action);
    let line = line.cell(&tool, columns.action, mark);
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

/// The tool that would be called, or that it asks for more budget.
fn called(row: &QueueRow, short: bool) -> (Shown, Mark) {
    let Some(tool) = row.action.as_ref().map(ToolName::as_str) else {
        return if row.asks_budget {
            (Shown::own(BUDGET), Mark::Warning)
        } else {
            (Shown::own("-"), Mark::Plain)
        };
    };
    let tool = if short { last_name(tool) } else { tool };
    (Shown::of(tool), Mark::Plain)
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
