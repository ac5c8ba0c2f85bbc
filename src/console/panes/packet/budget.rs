//! A packet that asks for more budget: what was spent, what each answer does, what the run did.

use crate::console::message::Beside;
use crate::console::model::Sheet;
use crate::console::panes::times;
use crate::console::text::{Line, Mark};
use crate::domain::{BudgetLimit, Packet, PacketStatus, Question};
use crate::runtime::{Stake, StakeEffect};

/// Columns of the names before what is said.
const NAMES: usize = 12;

/// What is asked, and what each answer would do.
pub(super) fn asked(sheet: &mut Sheet, packet: &Packet, beside: &Beside) {
    let Question::Budget {
        limit,
        used,
        allowed,
        next,
        ..
    } = &packet.question
    else {
        return;
    };
    let stake = match beside {
        Beside::Stake(stake) => Some(stake),
        Beside::Nothing | Beside::Outcome { .. } | Beside::Unread(_) => None,
    };
    for line in facts(*limit, [*used, *allowed, *next], stake) {
        sheet.wrapped(&line, NAMES);
    }
    unread(sheet, beside);
    let open = packet.status == PacketStatus::Open;
    for (key, does) in ways(stake).into_iter().filter(|_| open) {
        let line = Line::new().say(key, Mark::Key).pad(NAMES);
        sheet.wrapped(&line.own(&does, Mark::Plain), NAMES);
    }
}

/// Why what stands beside a packet is not here.
pub(super) fn unread(sheet: &mut Sheet, beside: &Beside) {
    if let Beside::Unread(why) = beside {
        let line = Line::new()
            .say("unread      ", Mark::Faint)
            .say("what the run did: ", Mark::Danger)
            .put(why, Mark::Danger);
        sheet.wrapped(&line, NAMES);
    }
}

/// Which budget it is, and how it stands: spent, reserved, allowed, and what would come on top.
pub fn facts(
    limit: BudgetLimit,
    [used, allowed, next]: [i64; 3],
    stake: Option<&Stake>,
) -> Vec<Line> {
    let amount = |amount| limit.amount(amount);
    let line = |name: &'static str| Line::new().say(name, Mark::Faint).pad(NAMES);
    let mut lines = Vec::new();
    let which = match limit {
        BudgetLimit::Cost => "money for the run's calls",
        BudgetLimit::Steps => "steps of the run",
    };
    lines.push(line("budget").say(which, Mark::Strong));
    let reserved = stake.map_or(0, |stake| stake.reserved_micro_usd);
    let (spent, held) = match limit {
        BudgetLimit::Cost => (used.saturating_sub(reserved), reserved),
        BudgetLimit::Steps => (used, 0),
    };
    let spent = line("spent").own(&amount(spent), Mark::Strong);
    lines.push(match (limit, stake) {
        (BudgetLimit::Cost, Some(_)) => spent
            .say(", reserved ", Mark::Faint)
            .own(&amount(held), Mark::Strong),
        (BudgetLimit::Cost, None) | (BudgetLimit::Steps, _) => spent,
    });
    let more = stake.map_or(0, |stake| match limit {
        BudgetLimit::Cost => stake.more_micro_usd,
        BudgetLimit::Steps => stake.more_steps.into(),
    });
    let cap = line("limit").own(&amount(allowed), Mark::Strong);
    lines.push(if more > 0 {
        cap.own(
            &format!(", {} of it added by people", amount(more)),
            Mark::Faint,
        )
    } else {
        cap
    });
    let on_top = match limit {
        BudgetLimit::Cost => " for the next call",
        BudgetLimit::Steps => " more is next",
    };
    let next = line("next").own(&amount(next), Mark::Strong);
    lines.push(next.say(on_top, Mark::Plain));
    lines
}

/// What each answer does, by its key.
fn ways(stake: Option<&Stake>) -> [(&'static str, String); 3] {
    let undone = match stake {
        Some(stake) if stake.undoable() == 0 => "stop and undo: nothing can be undone".to_owned(),
        Some(stake) => {
            let (undone, all) = (stake.undoable(), stake.done.len());
            let effects = if all == 1 { "effect" } else { "effects" };
            format!("stop and undo {undone} of {all} {effects}: then the run ends failed")
        }
        None => "stop and undo what can be undone: then the run ends failed".to_owned(),
    };
    [
        (
            "L",
            "raise the limit: the run goes on and asks again there".to_owned(),
        ),
        (
            "X",
            "stop: the run ends failed, what it did stays done".to_owned(),
        ),
        ("b", undone),
    ]
}

/// How many of its effects are undone.
pub fn of_all(stake: &Stake) -> String {
    let (undone, all) = (stake.undoable(), stake.done.len());
    let are = if undone == 1 { "is" } else { "are" };
    if undone == all {
        let effects = if all == 1 { "effect" } else { "effects" };
        return format!("{all} {effects} {are} undone");
    }
    format!("{undone} of {all} effects {are} undone")
}

/// What the run did so far.
pub(super) fn done(sheet: &mut Sheet, beside: &Beside) {
    let Beside::Stake(stake) = beside else {
        return;
    };
    if stake.done.is_empty() {
        let none = "It did nothing yet that would have to be undone.";
        return sheet.wrapped(&Line::new().say(none, Mark::Plain), 0);
    }
    for line in undoing(stake) {
        sheet.wrapped(&line, 2);
    }
}

/// Each effect of the run in the order of its undoing, and those that stay.
pub fn undoing(stake: &Stake) -> Vec<Line> {
    stake.done.iter().map(one).collect()
}

fn one(effect: &StakeEffect) -> Line {
    let line = match effect.undone_by {
        Some(_) => Line::new().say("< ", Mark::Info),
        None => Line::new().say("x ", Mark::Warning),
    };
    let line = line.put(effect.tool.as_str(), Mark::Strong);
    let line = match &effect.amount {
        Some(amount) => line
            .say("  ", Mark::Plain)
            .show(times::money(amount), Mark::Strong),
        None => line,
    };
    let line = line
        .say("  for ", Mark::Faint)
        .put(&effect.operation, Mark::Strong);
    match (&effect.undone_by, &effect.problem) {
        (None, _) => line.say("  cannot be undone", Mark::Warning),
        (Some(by), None) => line
            .say("  undone by ", Mark::Faint)
            .put(by.as_str(), Mark::Plain),
        (Some(by), Some(why)) => line
            .say("  its undoing by ", Mark::Faint)
            .put(by.as_str(), Mark::Plain)
            .say(" would wait as a dead letter: ", Mark::Warning)
            .put(why, Mark::Warning),
    }
}
