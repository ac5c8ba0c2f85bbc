//! Draws the list of packets.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::model::{Focus, Model};
use crate::console::panes::{lower_border, times};
use crate::console::text::{Line, Mark, Shown, draw};
use crate::domain::{PacketStatus, Tier};
use crate::views::QueueRow;

/// Columns of the list's fields.
const DUE: usize = 9;
const RISK: usize = 8;
const CONFIDENCE: usize = 4;
const AMOUNT_MIN: usize = 10;
const ACTION: usize = 18;

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
        let said = empty(model);
        draw::lines(
            buffer,
            inner,
            said.laid(inner.width.into(), 0, theme.ascii).iter(),
            theme,
        );
        return;
    }
    let columns = Columns::of(model, inner);
    let mut rows = inner.rows();
    if let Some(row) = rows.next() {
        draw::line(buffer, row, &columns.names(), theme, Style::default());
    }
    let height = usize::from(inner.height.saturating_sub(1));
    for (row, packet) in rows.zip(model.queue.window(height)) {
        let selected = model.queue.list.selected == Some(packet.packet);
        let over = if selected {
            theme.selected()
        } else {
            Style::default()
        };
        let line = columns.row(model, packet, selected).pad(inner.width.into());
        draw::line(buffer, row, &line, theme, over);
    }
    arrivals(model, buffer, area);
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
        return Line::new()
            .say("Nothing matches ", Mark::Plain)
            .put(model.queue.filter.text(), Mark::Strong)
            .say(". esc takes the filter away, / changes it.", Mark::Plain);
    }
    Line::new().say(
        "Nothing waits for a person. What the rules let through goes on by itself; 2 shows the runs.",
        Mark::Plain,
    )
}

/// New rows that did not enter, in the lower border.
fn arrivals(model: &Model, buffer: &mut Buffer, area: Rect) {
    let new = model.queue.arrived();
    if new == 0 {
        return;
    }
    let line = Line::new().own(&format!(" {new} new ↑ (gg) "), Mark::Info);
    draw::line(
        buffer,
        lower_border(area),
        &line,
        &model.theme,
        Style::default(),
    );
}

/// How wide each field is in this window.
struct Columns {
    amount: usize,
    action: usize,
    subject: usize,
}

impl Columns {
    /// An amount is never cut: its field is as wide as the widest in the window.
    fn of(model: &Model, inner: Rect) -> Self {
        let height = usize::from(inner.height.saturating_sub(1));
        let widest = model
            .queue
            .window(height)
            .filter_map(|row| row.amount.as_ref());
        let amount = widest.map(|amount| times::amount(amount).width()).max();
        let amount = amount.unwrap_or(0).max(AMOUNT_MIN);
        let fixed = 2 + DUE + RISK + amount + 2 + CONFIDENCE + 1;
        let left = usize::from(inner.width).saturating_sub(fixed);
        let action = if left >= 2 * ACTION { ACTION } else { 0 };
        Self {
            amount,
            action,
            subject: left.saturating_sub(action),
        }
    }

    fn names(&self) -> Line {
        let name = |line: Line, name: &'static str, columns: usize| {
            line.field(&Shown::own(name), columns, Mark::Faint)
        };
        let line = name(Line::new().pad(2), "DUE", DUE);
        let line = name(line, "RISK", RISK);
        let line = name(line, "ACTION", self.action);
        let line = name(line, "SUBJECT", self.subject);
        line.field_right(&Shown::own("AMOUNT"), self.amount, Mark::Faint)
            .say("  CONF", Mark::Faint)
    }

    fn row(&self, model: &Model, row: &QueueRow, selected: bool) -> Line {
        let (sign, word, mark) = risk_mark(row.tier);
        let cursor = if selected { "▌ " } else { "  " };
        let (due, due_mark) = due(model, row);
        let action = row.action.as_ref().map_or("-", |tool| tool.as_str());
        let amount = row
            .amount
            .as_ref()
            .map_or_else(|| Shown::own("-"), times::amount);
        let confidence = row
            .confidence
            .map_or_else(|| "-".to_owned(), |c| format!("{c:.2}"));
        let mut subject = row.title.clone();
        if row.approvals.0 > 0 && row.status == PacketStatus::Open {
            subject = format!(
                "{subject} ({} of {} approved)",
                row.approvals.0, row.approvals.1
            );
        }
        let line = Line::new()
            .say(cursor, Mark::Strong)
            .field(&Shown::own(&due), DUE, due_mark)
            .say(sign, mark)
            .say(" ", Mark::Plain)
            .field(&Shown::own(word), RISK.saturating_sub(3), mark);
        let line = if self.action > 0 {
            let columns = self.action.saturating_sub(1);
            line.field(&Shown::of(action), columns, Mark::Plain)
                .say(" ", Mark::Plain)
        } else {
            line
        };
        line.field(
            &Shown::of(&subject),
            self.subject.saturating_sub(1),
            Mark::Plain,
        )
        .say(" ", Mark::Plain)
        .field_right(&amount, self.amount, Mark::Plain)
        .say("  ", Mark::Plain)
        .field_right(&Shown::own(&confidence), CONFIDENCE, Mark::Plain)
    }
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
