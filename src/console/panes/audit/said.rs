//! What is said about the journal around the list: how the check stands, how far was searched, why
//! there is nothing.

use crate::console::model::audit::Check;
use crate::console::model::{Model, Notice};
use crate::console::text::{Line, Mark};
use crate::domain::Timestamp;
use crate::store::VerifyReport;

/// A number with its thousands apart: `9 318`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// How much of a whole is done.
pub fn percent(done: u64, total: u64) -> u64 {
    done.saturating_mul(100) / total.max(1)
}

/// The time of day of an instant: `14:40:52`.
fn clock(at: Timestamp) -> String {
    let whole = at.to_string();
    whole.get(11..19).unwrap_or(&whole).to_owned()
}

/// How the check of the chain stands; `short` where there is little room.
pub fn check(model: &Model, short: bool) -> Line {
    let (said, mark) = match &model.audit.check {
        None if short => ("unchecked (C)".to_owned(), Mark::Faint),
        None => ("chain not checked yet (C)".to_owned(), Mark::Faint),
        Some(Check::UnderWay { done, total }) => {
            let percent = percent(*done, *total);
            let what = if short { "" } else { " the chain:" };
            (format!("checking{what} {percent} %"), Mark::Info)
        }
        Some(Check::Done { report, at }) if report.ok => {
            let size = report.head.size;
            let said = if short {
                format!("verified #{size}")
            } else {
                format!("chain verified to #{size} at {}", clock(*at))
            };
            (said, Mark::Good)
        }
        Some(Check::Done { report, .. }) => (broken(report), Mark::Danger),
        Some(Check::Failed(_)) if short => ("check failed (C)".to_owned(), Mark::Danger),
        Some(Check::Failed(_)) => (
            "the chain could not be checked (C)".to_owned(),
            Mark::Danger,
        ),
    };
    Line::new().own(&said, mark)
}

fn broken(report: &VerifyReport) -> String {
    match report.first_bad_seq {
        Some(seq) => format!("chain broken at #{seq}"),
        None => "chain broken".to_owned(),
    }
}

/// The outcome of a check, for the footer.
pub fn outcome(check: &Check) -> Option<Notice> {
    match check {
        Check::UnderWay { .. } => None,
        Check::Done { report, .. } if report.ok => Some(Notice::good(format!(
            "chain verified to #{}: every hash, commitment and row is as it was written",
            report.head.size
        ))),
        Check::Done { report, .. } => Some(Notice::danger(broken(report))),
        Check::Failed(why) => Some(Notice::danger(why.clone())),
    }
}

/// What must not be overlooked, above the list, for as long as it is so.
pub fn banner(model: &Model, columns: usize) -> Vec<Line> {
    let line = match &model.audit.check {
        Some(Check::Done { report, .. }) if !report.ok => {
            let problem = report.problem.as_deref().unwrap_or("no reason was given");
            let line = Line::new()
                .own(&format!("!! {}: ", broken(report)), Mark::Danger)
                .put(problem, Mark::Danger);
            if report.first_bad_seq.is_some() {
                line.say(". ", Mark::Plain)
                    .say("b", Mark::Key)
                    .say(" shows it.", Mark::Plain)
            } else {
                line
            }
        }
        Some(Check::Failed(why)) => Line::new()
            .say("! the chain could not be checked: ", Mark::Danger)
            .put(why, Mark::Danger),
        _ => Line::new(),
    };
    let mut lines = Vec::new();
    if line.width() > 0 {
        lines.extend(line.laid(columns, 3, model.theme.ascii));
    }
    if let (Some(trouble), false) = (&model.audit.trouble, model.audit.is_empty()) {
        let line = Line::new()
            .say("! the journal could not be read further: ", Mark::Danger)
            .put(trouble, Mark::Danger);
        lines.extend(line.laid(columns, 2, model.theme.ascii));
    }
    lines
}

/// Why the list is empty, and what to do.
pub fn empty(model: &Model) -> Line {
    let audit = &model.audit;
    let line = Line::new();
    if let Some(trouble) = &audit.trouble {
        return line
            .put(trouble, Mark::Danger)
            .say(" (ctrl-r reads it again)", Mark::Plain);
    }
    if !audit.loaded || audit.asked.is_some() {
        return line.say("reading the journal …", Mark::Faint);
    }
    if audit.filter.is_empty() {
        let none = "The journal is empty: this store holds no run yet. `countersign start` in \
                    another terminal starts one; its events show here by themselves.";
        return line.say(none, Mark::Plain);
    }
    let text = audit.filter.text();
    if !audit.is_complete() {
        let said = format!(
            "Nothing found down to #{}; {} more to search: G searches on, esc takes the filter away.",
            audit.oldest(),
            grouped(audit.oldest().saturating_sub(1))
        );
        return line.own(&said, Mark::Plain);
    }
    line.say("No event matches ", Mark::Plain)
        .put(text, Mark::Strong)
        .say(
            ". esc takes the filter away, / changes it; actor: and kind: must be whole, as in kind:vote_cast.",
            Mark::Plain,
        )
}

/// What came since the window was read.
pub fn newer(model: &Model) -> Line {
    let audit = &model.audit;
    if !audit.loaded {
        return Line::new();
    }
    match (audit.is_attached(), audit.new_above()) {
        (true, 0) => Line::new(),
        (true, new) => Line::new().own(&format!(" {} new ↑ (gg) ", grouped_size(new)), Mark::Info),
        (false, _) => Line::new().say(" newer ones ↑ (gg) ", Mark::Info),
    }
}

fn grouped_size(number: usize) -> String {
    grouped(u64::try_from(number).unwrap_or(u64::MAX))
}

/// How far words were looked for.
pub fn searched(model: &Model) -> Line {
    let audit = &model.audit;
    if !audit.filter.has_words() || audit.is_complete() || !audit.loaded {
        return Line::new();
    }
    let back = audit.oldest();
    if audit.asked.is_some() {
        return Line::new().own(&format!(" searching … back to #{back} "), Mark::Info);
    }
    let left = grouped(back.saturating_sub(1));
    let said = format!(" searched back to #{back}, {left} more to search: G ");
    Line::new().own(&said, Mark::Info)
}
