//! The line in which people are told what they did not ask for.

use crate::console::model::Model;
use crate::console::model::toasts::Toast;
use crate::console::panes::dead_letters::preview::clock;
use crate::console::text::{Line, Mark};
use crate::domain::NotificationKind;
use crate::views::Notification;

/// The line in so many columns; none where nothing is to be told.
pub(super) fn line(model: &Model, columns: usize) -> Option<Line> {
    let toast = model.toasts.toast()?;
    let at = toast.at().map(|at| at.to_string()).unwrap_or_default();
    let at = clock(&at).get(..5).unwrap_or_default();
    let line = if let [one] = toast.told.as_slice() {
        single(model, one, at, columns)
    } else {
        let whole = counted(toast, at, true);
        Some(whole)
            .filter(|whole| whole.width() <= columns)
            .unwrap_or_else(|| counted(toast, at, false))
    };
    Some(line.cut(columns))
}

/// One, in its words, and how many more wait.
fn single(model: &Model, one: &Notification, at: &str, columns: usize) -> Line {
    let (sign, mark, place) = look(one.kind);
    let right = Line::new().say(place, Mark::Key);
    let right = match model.toasts.waiting() {
        0 => right,
        more => right.own(&format!("{more} more "), Mark::Faint),
    };
    let words = Line::new()
        .say(" ", Mark::Plain)
        .say(sign, mark)
        .own(&format!(" {at} "), Mark::Faint)
        .put(&one.text, mark);
    words.with_right(right, columns)
}

/// Many at once: how many of each kind, and where they stand.
fn counted(toast: &Toast, at: &str, whole: bool) -> Line {
    let all = toast.told.len();
    let began = if whole {
        format!(" !! {all} things since {at}: ")
    } else {
        format!(" !! {all}: ")
    };
    let mut line = Line::new().own(&began, Mark::Danger);
    let kinds = [
        (NotificationKind::DeadLetter, "dead letters"),
        (NotificationKind::OutcomeUnknown, "outcomes unknown"),
        (NotificationKind::Alert, "alerts"),
        (NotificationKind::Escalation, "escalated"),
    ];
    let mut first = true;
    for (kind, name) in kinds {
        let count = toast.told.iter().filter(|told| told.kind == kind).count();
        if count == 0 {
            continue;
        }
        let (.., place) = look(kind);
        let between = if first { "" } else { ", " };
        first = false;
        line = line
            .say(between, Mark::Plain)
            .own(&count.to_string(), Mark::Strong);
        if whole {
            line = line.say(" ", Mark::Plain).say(name, Mark::Plain);
        }
        line = line.say(" ", Mark::Plain).say(place.trim_end(), Mark::Key);
    }
    line
}

/// Sign and look of a kind, and the key of the screen on which it stands.
fn look(kind: NotificationKind) -> (&'static str, Mark, &'static str) {
    match kind {
        NotificationKind::DeadLetter => ("!!", Mark::Danger, "(3) "),
        NotificationKind::OutcomeUnknown => ("? ", Mark::Warning, "(1) "),
        NotificationKind::Escalation => ("! ", Mark::Warning, "(1) "),
        NotificationKind::Alert => ("!!", Mark::Danger, "(4) "),
    }
}
