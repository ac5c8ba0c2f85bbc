//! The rows of the list, and how wide their fields are.

use serde_json::Value;

use crate::console::model::Model;
use crate::console::text::{Line, MARGIN, Mark, Shown};
use crate::store::StoredEvent;

const SEQ_MIN: usize = 5;
const WHO_MIN: usize = 8;
const WHO_MAX: usize = 16;
const KIND_MIN: usize = 17;
/// `executor_lease_released`
const KIND_MAX: usize = 23;
/// From so many columns on a row has the whole date.
const WHOLE_DATE: usize = 100;
/// Digits at the end of an id that tell runs apart: its beginning is the time of its birth.
const ID_END: usize = 8;
/// The end of an id behind `…`.
const ABOUT_MIN: usize = ID_END + 1;

/// How a time is written in this window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `14:40:52`, the day in the title.
    Clock,
    /// `11-21 14:40:52`
    Day,
    /// `2026-11-21 14:40:52`
    Whole,
}

/// The fields of a window.
pub(super) struct Columns {
    seq: usize,
    form: Form,
    day: Option<String>,
    who: usize,
    kind: usize,
    about: usize,
}

impl Columns {
    pub(super) fn of(model: &Model, window: &[StoredEvent], width: usize) -> Self {
        let today = model.now.to_string();
        let days = || window.iter().map(|event| event.at.to_string());
        let first = days().next().unwrap_or_else(|| today.clone());
        let same = |length: usize| days().all(|day| day.get(..length) == first.get(..length));
        let form = if width >= WHOLE_DATE || !same(4) {
            Form::Whole
        } else if same(10) {
            Form::Clock
        } else {
            Form::Day
        };
        let seqs = window.iter().map(|event| event.seq.to_string().len());
        let seq = seqs.max().unwrap_or(0).max(SEQ_MIN);
        let widest = |of: fn(&StoredEvent) -> &str| {
            let widths = window.iter().map(|event| Shown::of(of(event)).width());
            widths.max().unwrap_or(0)
        };
        let (mut who, mut kind) = (
            widest(|event| &event.actor).clamp(WHO_MIN, WHO_MAX),
            widest(|event| &event.kind).clamp(KIND_MIN, KIND_MAX),
        );
        let fixed =
            |who: usize, kind: usize| MARGIN + seq + 1 + form.width() + 1 + who + 1 + kind + 1;
        // In a narrow window names give way before what it is about does.
        if fixed(who, kind) + ABOUT_MIN > width {
            who = WHO_MIN;
        }
        if fixed(who, kind) + ABOUT_MIN > width {
            kind = KIND_MIN;
        }
        // What happened is worth more than who did it, which the event says.
        if fixed(who, kind) > width {
            who = 0;
            // The space after the name goes with it.
            kind = (width + 1).saturating_sub(fixed(0, 0)).min(KIND_MAX);
        }
        Self {
            seq,
            form,
            day: (form == Form::Clock).then(|| first.get(..10).unwrap_or(&first).to_owned()),
            who,
            kind,
            about: width.saturating_sub(fixed(who, kind)),
        }
    }

    /// The day of every row, where the rows leave it out.
    pub(super) fn day(&self) -> Option<&str> {
        self.day.as_deref()
    }

    pub(super) fn names(&self) -> Line {
        let name = |line: Line, name: &'static str, columns: usize| match columns {
            0 => line,
            _ => line
                .field(&Shown::own(name), columns, Mark::Faint)
                .say(" ", Mark::Plain),
        };
        let line = Line::new()
            .field_right(&Shown::own("SEQ"), self.seq, Mark::Faint)
            .say(" ", Mark::Plain);
        let line = name(line, "UTC", self.form.width());
        let line = name(line, "WHO", self.who);
        let line = name(line, "KIND", self.kind);
        name(line, "ABOUT", self.about)
    }

    pub(super) fn row(&self, model: &Model, event: &StoredEvent) -> Line {
        let seq = Shown::own(&event.seq.to_string());
        let field = |line: Line, text: &str, columns: usize, mark: Mark| match columns {
            0 => line,
            _ => line
                .field(&Shown::of(text), columns, mark)
                .say(" ", Mark::Plain),
        };
        let line = Line::new()
            .field_right(&seq, self.seq, Mark::Faint)
            .say(" ", Mark::Plain);
        let line = field(line, &self.form.of(event), self.form.width(), Mark::Plain);
        let line = field(line, &event.actor, self.who, Mark::Plain);
        let line = field(line, &event.kind, self.kind, kind_mark(&event.kind));
        line.field(&Shown::of(&about(model, event)), self.about, Mark::Plain)
    }
}

impl Form {
    fn width(self) -> usize {
        match self {
            Self::Clock => 8,
            Self::Day => 14,
            Self::Whole => 19,
        }
    }

    fn of(self, event: &StoredEvent) -> String {
        let whole = event.at.to_string().replace('T', " ");
        let from = match self {
            Self::Clock => 11,
            Self::Day => 5,
            Self::Whole => 0,
        };
        whole.get(from..19).unwrap_or(&whole).to_owned()
    }
}

/// What went wrong or was refused stands out; the word itself says what it is.
fn kind_mark(kind: &str) -> Mark {
    match kind {
        "effect_unknown" | "effect_refused" | "effect_blocked" | "step_parked" | "call_failed"
        | "grant_voided" | "command_refused" => Mark::Warning,
        "vote_cast" | "packet_closed" | "packet_amended" | "state_overridden" | "run_paused"
        | "run_resumed" => Mark::Strong,
        _ => Mark::Plain,
    }
}

/// Which run, and what about it.
fn about(model: &Model, event: &StoredEvent) -> String {
    let mut words = Vec::new();
    words.extend(event.run.map(|run| {
        let row = model.runs.row(run);
        let key = row.and_then(|row| row.key.clone());
        key.unwrap_or_else(|| format!("…{}", end(&run.to_string())))
    }));
    for name in [
        "name", "host", "tool", "verdict", "status", "step", "code", "reason", "command", "path",
    ] {
        let said = event.body.get(name).and_then(Value::as_str);
        words.extend(said.map(str::to_owned));
    }
    if event.run.is_none() && words.is_empty() {
        let store = event.body.get("store").and_then(Value::as_str);
        words.extend(store.map(|id| format!("…{}", end(id))));
    }
    words.join(" ")
}

fn end(id: &str) -> &str {
    let from = id.len().saturating_sub(ID_END);
    id.get(from..).unwrap_or(id)
}
