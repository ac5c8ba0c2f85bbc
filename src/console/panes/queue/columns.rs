//! How wide each field of the list of packets is.
//!
//! An amount is never cut, and the subject keeps what tells two packets apart. What has no room
//! goes in this order: the confidence, the tool's first names, the tool, the word of the risk, the
//! deadline. All of them stand in the packet beside the list.

use std::collections::BTreeSet;

use crate::console::model::Queue;
use crate::console::panes::times;
use crate::console::text::{Line, Mark, Shown};
use crate::domain::{Money, Timestamp};

/// `approved`, `23h59m`; where something is late, `late 23h59m`.
const DUE: (usize, usize) = (9, 12);
/// Sign, word and the spaces after them; the sign alone.
const RISK: (usize, usize) = (8, 3);
const CONFIDENCE: usize = 6;
const AMOUNT_MIN: usize = 10;
/// The widest field of a tool.
const ACTION_MAX: usize = 24;
/// A subject that says enough, and one that tells two packets apart.
const SUBJECT: (usize, usize) = (24, 15);

/// What stands in the place of a tool where more budget is asked for.
pub(super) const BUDGET: &str = "budget";

/// 0 where a field has no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) due: usize,
    pub(super) risk: usize,
    pub(super) action: usize,
    /// Only the last name of a tool is shown.
    pub(super) short_action: bool,
    pub(super) subject: usize,
    pub(super) amount: usize,
    pub(super) confidence: usize,
}

impl Columns {
    /// The fields of rows of `width` columns. They depend on all rows, not on those in the window,
    /// so that they stand still while it scrolls.
    pub(super) fn of(queue: &Queue, now: Timestamp, width: usize) -> Self {
        let late = queue.rows().any(|row| row.due_at < now);
        let due = if late { DUE.1 } else { DUE.0 };
        let extremes = [
            queue
                .rows()
                .filter_map(|row| row.amount)
                .max_by_key(by_size),
            queue
                .rows()
                .filter_map(|row| row.amount)
                .min_by_key(by_size),
        ];
        let widths = extremes.iter().flatten();
        let amount = widths.map(|money| times::amount(money).width()).max();
        let tools: BTreeSet<&str> = queue
            .rows()
            .filter_map(|row| match &row.action {
                Some(tool) => Some(tool.as_str()),
                None => row.asks_budget.then_some(BUDGET),
            })
            .collect();
        let width_of = |text: &str| Shown::of(text).width();
        let whole = tools.iter().map(|tool| width_of(tool)).max();
        let short = tools.iter().map(|tool| width_of(last_name(tool)));
        Self::fitting(
            width,
            due,
            amount.unwrap_or(0).max(AMOUNT_MIN),
            whole.unwrap_or(0),
            short.max().unwrap_or(0),
        )
    }

    fn fitting(width: usize, due: usize, amount: usize, whole: usize, short: usize) -> Self {
        let field = |columns: usize| columns.saturating_add(1).min(ACTION_MAX);
        // Tool, whether it is short, confidence, the least subject.
        let forms = [
            (field(whole), false, CONFIDENCE, SUBJECT.0),
            (field(short), true, CONFIDENCE, SUBJECT.0),
            (field(short), true, 0, SUBJECT.1),
            (0, true, CONFIDENCE, SUBJECT.0),
        ];
        let left = width.saturating_sub(due + RISK.0 + amount + 1);
        let fits = |form: &&(usize, bool, usize, usize)| form.0 + form.2 + form.3 <= left;
        let form = forms.iter().find(fits).copied();
        let (action, short_action, confidence, _) = form.unwrap_or_default();
        let mut columns = Self {
            due,
            risk: RISK.0,
            action,
            short_action,
            amount,
            confidence,
            subject: 0,
        };
        if columns.fixed() + SUBJECT.1 > width {
            columns.risk = RISK.1;
        }
        if columns.fixed() + SUBJECT.1 / 2 > width {
            columns.due = 0;
        }
        columns.subject = width.saturating_sub(columns.fixed());
        columns
    }

    /// Everything but the subject, with the space before the amount.
    fn fixed(&self) -> usize {
        self.due + self.risk + self.action + 1 + self.amount + self.confidence
    }

    pub(super) fn names(&self) -> Line {
        let name = |line: Line, name: &'static str, columns: usize| match columns {
            0 => line,
            _ => line.field(&Shown::own(name), columns, Mark::Faint),
        };
        let risk = if self.risk == RISK.0 { "RISK" } else { "" };
        let line = name(Line::new(), "DUE", self.due);
        let line = name(line, risk, self.risk);
        let line = name(line, "TOOL", self.action);
        let line = name(line, "SUBJECT", self.subject).say(" ", Mark::Plain);
        let line = line.field_right(&Shown::own("AMOUNT"), self.amount, Mark::Faint);
        match self.confidence {
            0 => line,
            columns => line.field_right(&Shown::own("CONF"), columns, Mark::Faint),
        }
    }
}

/// The last name of a tool: `commit_order` of `erp.commit_order`.
pub(super) fn last_name(tool: &str) -> &str {
    tool.rsplit('.').next().unwrap_or(tool)
}

fn by_size(money: &Money) -> i64 {
    money.minor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_amount_is_whole_and_the_subject_has_room_at_every_width() {
        for width in 36..200 {
            for (due, amount) in [(9, 10), (9, 12), (12, 12), (9, 20), (12, 22)] {
                let columns = Columns::fitting(width, due, amount, 16, 12);
                let all = columns.fixed() + columns.subject;
                assert_eq!((all, columns.amount), (width, amount), "{columns:?}");
                assert!(columns.subject >= 6, "{width}: {columns:?}");
            }
        }
    }

    #[test]
    fn fields_come_back_in_their_order() {
        let columns = |width| {
            let columns = Columns::fitting(width, 9, 12, 16, 12);
            (columns.risk, columns.action, columns.confidence)
        };
        assert_eq!(columns(36), (3, 0, 0));
        assert_eq!(columns(60), (8, 13, 0));
        assert_eq!(columns(76), (8, 13, 6));
        assert_eq!(columns(100), (8, 17, 6));
    }
}
