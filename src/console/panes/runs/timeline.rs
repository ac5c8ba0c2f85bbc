//! One line for each attempt of each step, with how long it took.

use super::sections::begin;
use crate::console::message::RunRead;
use crate::console::model::Sheet;
use crate::console::panes::times;
use crate::console::text::{Line, Mark, Shown};
use crate::domain::{StepStatus, Timestamp};
use crate::views::StepLine;

const STEP_MAX: usize = 24;
const STATUS: usize = 14;
const VISIT: usize = 6;
const TRY: usize = 5;
/// The time of day to the millisecond, and to the second.
const STARTED: (usize, usize) = (14, 10);
const TOOK: usize = 9;
/// A bar is drawn where it has so much room, and is no longer than that.
const BAR: (usize, usize) = (8, 32);

pub(super) fn timeline(sheet: &mut Sheet, read: &RunRead) {
    let steps = &read.detail.steps;
    let rest = match steps.first() {
        Some(first) => format!("  {} UTC", day(first.started_at)),
        None => String::new(),
    };
    begin(sheet, "TIMELINE", Line::new().own(&rest, Mark::Faint));
    if steps.is_empty() {
        sheet.wrapped(&Line::new().say("No step has begun.", Mark::Faint), 0);
        return;
    }
    let columns = Columns::of(steps, sheet.width());
    sheet.wrapped(&columns.names(), 3);
    let mut today = steps.first().map(|first| day(first.started_at));
    for step in steps {
        let on = day(step.started_at);
        if today.as_ref() != Some(&on) {
            sheet.wrapped(&Line::new().own(&on, Mark::Faint), 0);
            today = Some(on);
        }
        sheet.wrapped(&columns.row(step), 3);
        if let Some(error) = &step.error {
            sheet.wrapped(&Line::new().pad(3).put(error, Mark::Danger), 3);
        }
    }
}

/// Sign and look of a step's status.
pub(super) fn step_mark(status: StepStatus) -> (&'static str, Mark) {
    match status {
        StepStatus::Pending => (". ", Mark::Plain),
        StepStatus::Running => ("> ", Mark::Info),
        StepStatus::Success => ("+ ", Mark::Good),
        StepStatus::Failed => ("x ", Mark::Danger),
        StepStatus::NeedsReview => ("? ", Mark::Warning),
    }
}

/// How wide the fields are; 0 where one has no room.
struct Columns {
    step: usize,
    /// Visit and try.
    counts: (usize, usize),
    started: usize,
    bar: usize,
    longest_ms: i64,
}

impl Columns {
    /// Milliseconds go first, then visit and try, then the time of day.
    fn of(steps: &[StepLine], width: usize) -> Self {
        let widest = steps
            .iter()
            .map(|line| Shown::of(line.step.as_str()).width());
        let step = widest.max().unwrap_or(0).clamp(4, STEP_MAX);
        let fixed = 3 + step + 2 + STATUS + TOOK;
        let counts = (VISIT, TRY);
        let forms = [
            (STARTED.0, counts),
            (STARTED.1, counts),
            (STARTED.1, (0, 0)),
        ];
        let all = |form: &(usize, (usize, usize))| fixed + form.0 + form.1.0 + form.1.1;
        let form = forms.into_iter().find(|form| all(form) <= width);
        let form = form.unwrap_or_default();
        let bar = width.saturating_sub(all(&form) + 1).min(BAR.1);
        Self {
            step,
            counts: form.1,
            started: form.0,
            bar: if bar < BAR.0 { 0 } else { bar },
            longest_ms: steps.iter().filter_map(took_ms).max().unwrap_or(0),
        }
    }

    fn names(&self) -> Line {
        let cell = |line: Line, name: &'static str, columns: usize| {
            line.field(&Shown::own(name), columns, Mark::Faint)
        };
        let line = cell(Line::new().pad(3), "STEP", self.step.saturating_add(2));
        let line = cell(line, "STATUS", STATUS);
        let line = cell(line, "VISIT", self.counts.0);
        let line = cell(line, "TRY", self.counts.1);
        let line = cell(line, "STARTED", self.started);
        cell(line, "TOOK", TOOK)
    }

    fn row(&self, line: &StepLine) -> Line {
        let (sign, mark) = step_mark(line.status);
        let (visit, tried) = (line.visit.to_string(), line.attempt.to_string());
        let took = took_ms(line).map_or_else(|| "…".to_owned(), exact);
        let started = clock(line.started_at, self.started == STARTED.0);
        let row = Line::new()
            .say(sign, mark)
            .say(" ", Mark::Plain)
            .field(&Shown::of(line.step.as_str()), self.step, Mark::Strong)
            .say("  ", Mark::Plain)
            .field(&Shown::own(line.status.as_str()), STATUS, mark)
            .field(&Shown::own(&visit), self.counts.0, Mark::Plain)
            .field(&Shown::own(&tried), self.counts.1, Mark::Plain)
            .field(&Shown::own(&started), self.started, Mark::Plain)
            .field(&Shown::own(&took), TOOK, Mark::Plain);
        if self.counts == (0, 0) && (line.visit, line.attempt) != (1, 1) {
            return row.own(&format!("visit {visit}, try {tried}"), Mark::Faint);
        }
        row.own(&self.bar_of(line), Mark::Info)
    }

    fn bar_of(&self, line: &StepLine) -> String {
        let Some(ms) = took_ms(line).filter(|ms| *ms > 0 && self.longest_ms > 0) else {
            return String::new();
        };
        let most = i64::try_from(self.bar).unwrap_or(0);
        let cells = ms.saturating_mul(most) / self.longest_ms;
        let least = usize::from(self.bar > 0);
        "▇".repeat(usize::try_from(cells).unwrap_or(0).max(least))
    }
}

fn took_ms(line: &StepLine) -> Option<i64> {
    Some(line.finished_at?.ms_since(line.started_at).max(0))
}

/// A length of time to the millisecond while it is short: `12ms`, `1.204s`, `2h10m`.
pub(super) fn exact(ms: i64) -> String {
    if ms < 1_000 {
        format!("{ms}ms")
    } else if ms < 60_000 {
        format!("{}.{:03}s", ms / 1_000, ms % 1_000)
    } else {
        times::long(ms)
    }
}

fn day(at: Timestamp) -> String {
    let text = at.to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

fn clock(at: Timestamp, to_ms: bool) -> String {
    let text = at.to_string();
    let time = text.split('T').nth(1).unwrap_or(&text);
    let time = time.trim_end_matches('Z');
    let seconds = time.split('.').next().unwrap_or(time);
    if to_ms { time } else { seconds }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lengths_are_exact() {
        for (ms, said) in [
            (0, "0ms"),
            (999, "999ms"),
            (1_204, "1.204s"),
            (60_000, "1m"),
        ] {
            assert_eq!(exact(ms), said);
        }
        assert_eq!(clock(Timestamp(1_795_271_898_007), true), "14:38:18.007");
        assert_eq!(day(Timestamp(1_795_271_898_007)), "2026-11-21");
    }
}
