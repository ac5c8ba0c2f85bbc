//! The lines around the panes: screens, where one is, keys that work now, how things stand.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::keymap::{Action, Entry, entries};
use crate::console::message::Link;
use crate::console::model::alerts::Words;
use crate::console::model::runs::{name, urgency};
use crate::console::model::{Focus, Model, Screen};
use crate::console::overlays::{Overlay, field_line};
use crate::console::panes::audit;
use crate::console::panes::runs::{doubts, status_mark};
use crate::console::text::{Line, Mark, draw};
use crate::console::update::{able, decide};
use crate::console::view::{layout, toast};
use crate::domain::{Roles, RunStatus};

pub(super) fn tabs(model: &Model, buffer: &mut Buffer, area: Rect) {
    let count = |screen: Screen| match screen {
        Screen::Queue => Some(model.queue.open()),
        Screen::Runs => {
            let all = model.runs.counts.iter().map(|(_, count)| *count);
            usize::try_from(all.sum::<u64>())
                .ok()
                .filter(|count| *count > 0)
        }
        Screen::DeadLetters => Some(model.dead_letters.rows.open()).filter(|open| *open > 0),
        Screen::Alerts => Some(model.alerts.rows.open()).filter(|open| *open > 0),
        Screen::Audit => None,
    };
    let short = who(model, 0).width();
    let tabs = |whole| tab_line(model.screen, &count, whole);
    let fits = |line: &Line| line.width().saturating_add(short) < area.width.into();
    let line = Some(tabs(true)).filter(fits);
    let line = line.unwrap_or_else(|| tabs(false));
    let room = usize::from(area.width).saturating_sub(line.width());
    draw::line(
        buffer,
        area,
        &line.with_right(who(model, room), area.width.into()),
        &model.theme,
        Style::default(),
    );
}

/// The screens with what each holds. Where there is little room only the one that shows has its
/// name.
fn tab_line(here: Screen, count: &dyn Fn(Screen) -> Option<usize>, whole: bool) -> Line {
    let screens = [
        (Screen::Queue, "1", "Queue"),
        (Screen::Runs, "2", "Runs"),
        (Screen::DeadLetters, "3", "Dead"),
        (Screen::Alerts, "4", "Alerts"),
        (Screen::Audit, "5", "Audit"),
    ];
    let mut line = Line::new().say(" ", Mark::Plain);
    for (index, (screen, key, name)) in screens.into_iter().enumerate() {
        if index > 0 {
            line = line.say(" │ ", Mark::Faint);
        }
        let mark = if here == screen {
            Mark::Strong
        } else {
            Mark::Plain
        };
        let named = whole || here == screen;
        line = line.say(key, Mark::Key);
        if named {
            line = line.say(" ", Mark::Key).say(name, mark);
        }
        if let Some(count) = count(screen) {
            let between = if named { " " } else { ":" };
            line = line.own(&format!("{between}{count}"), mark);
        }
    }
    line
}

/// Who acts, under which roles as far as there is room, and how things stand.
fn who(model: &Model, room: usize) -> Line {
    let actor = &model.session.actor;
    let roles = match &actor.roles {
        Roles::All => " (no roles configured)".to_owned(),
        Roles::Named(roles) if roles.is_empty() => " (no role)".to_owned(),
        Roles::Named(roles) => {
            let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
            format!(" ({})", roles.join(", "))
        }
    };
    let name = Line::new().put(&actor.name, Mark::Strong);
    let end = Line::new().say(" ", Mark::Plain).join(link(model));
    let full = name.clone().put(&roles, Mark::Faint).join(end.clone());
    if full.width() < room {
        full
    } else {
        name.join(end)
    }
}

fn link(model: &Model) -> Line {
    match &model.link {
        Link::Opening => Line::new().say("○ opening ", Mark::Faint),
        Link::Executes => Line::new().say("● live ", Mark::Good),
        Link::Attached => Line::new().say("● attached ", Mark::Info),
        Link::Trouble(_) => Line::new().say("○ trouble ", Mark::Danger),
    }
}

pub(super) fn crumbs(model: &Model, buffer: &mut Buffer, area: Rect) {
    if let Some(Overlay::Filter(bar)) = model.overlays.last() {
        let line = field_line(Line::new().say(" / ", Mark::Key), &bar.field, true);
        let right = match &bar.wrong {
            // What is typed stays in sight.
            Some(wrong) => {
                let room = usize::from(area.width).saturating_sub(line.width().saturating_add(1));
                Line::new().put(wrong, Mark::Danger).cut(room)
            }
            None => Line::new().say("words  field:value  !not ", Mark::Faint),
        };
        let line = line.with_right(right, area.width.into());
        return draw::line(buffer, area, &line, &model.theme, Style::default());
    }
    let line = Line::new().say(" ", Mark::Plain);
    let (line, right) = match model.screen {
        Screen::Queue => queue_crumbs(model, line),
        Screen::Runs => runs_crumbs(model, line, area.width.into()),
        Screen::DeadLetters => letters_crumbs(model, line),
        Screen::Alerts => alerts_crumbs(model, line),
        Screen::Audit => audit_crumbs(model, line, area.width.into()),
    };
    let line = line.with_right(right, area.width.into());
    draw::line(buffer, area, &line, &model.theme, Style::default());
}

fn queue_crumbs(model: &Model, line: Line) -> (Line, Line) {
    let mut line = line.say("Queue", Mark::Strong);
    if !model.queue.filter.is_empty() {
        line = line
            .say(" › ", Mark::Faint)
            .put(model.queue.filter.text(), Mark::Info);
    }
    if model.focus == Focus::Detail
        && let Some(packet) = model.packet.current()
    {
        line = line.say(" › ", Mark::Faint).put(&packet.title, Mark::Plain);
    }
    let at = model
        .queue
        .list
        .index()
        .map_or(0, |at| at.saturating_add(1));
    let (sort, all) = (model.queue.sort.name(), model.queue.list.len());
    let right = Line::new().own(&format!("{sort}  {at} of {all} "), Mark::Faint);
    (line, right)
}

fn runs_crumbs(model: &Model, line: Line, columns: usize) -> (Line, Line) {
    let runs = &model.runs;
    let mut line = line.say("Runs", Mark::Strong);
    if !runs.filter.is_empty() {
        line = line
            .say(" › ", Mark::Faint)
            .put(runs.filter.text(), Mark::Info);
    }
    if model.focus == Focus::Detail
        && let Some(read) = runs.current()
    {
        line = line
            .say(" › ", Mark::Faint)
            .put(&name(&read.detail.row), Mark::Plain);
    }
    let at = runs.list.index().map_or(0, |at| at.saturating_add(1));
    let (sort, all) = (runs.sort.name(), runs.list.len());
    let right = Line::new().own(&format!("{sort}  {at} of {all} "), Mark::Faint);
    let room = columns.saturating_sub(right.width().saturating_add(1));
    // Where there is a line below, that says it.
    let line = if layout::areas(model).status.is_empty() {
        line.join(doubts::of_all(model))
    } else {
        line
    };
    (with_counts(model, line, room), right)
}

fn letters_crumbs(model: &Model, line: Line) -> (Line, Line) {
    let letters = &model.dead_letters;
    let mut line = line.say("Dead letters", Mark::Strong);
    if !letters.rows.filter.is_empty() {
        line = line
            .say(" › ", Mark::Faint)
            .put(letters.rows.filter.text(), Mark::Info);
    }
    if model.focus == Focus::Detail
        && let Some(read) = letters.current()
    {
        let name = crate::console::model::dead_letters::name(&read.detail.row);
        line = line.say(" › ", Mark::Faint).put(&name, Mark::Plain);
    }
    let at = letters
        .rows
        .list
        .index()
        .map_or(0, |at| at.saturating_add(1));
    let marked = match letters.marked.len() {
        0 => String::new(),
        marked => format!("{marked} marked  "),
    };
    let all = letters.rows.list.len();
    let right = format!("{marked}oldest ↑  {at} of {all} ");
    (line, Line::new().own(&right, Mark::Faint))
}

fn alerts_crumbs(model: &Model, line: Line) -> (Line, Line) {
    let alerts = &model.alerts.rows;
    let mut line = line.say("Alerts", Mark::Strong);
    if !alerts.filter.is_empty() {
        line = line
            .say(" › ", Mark::Faint)
            .put(alerts.filter.text(), Mark::Info);
    }
    if model.focus == Focus::Detail
        && let Some(row) = alerts.selected()
    {
        line = line
            .say(" › ", Mark::Faint)
            .say(Words::of(row.kind).name, Mark::Plain);
    }
    let at = alerts.list.index().map_or(0, |at| at.saturating_add(1));
    let right = format!("gravest ↑  {at} of {} ", alerts.list.len());
    (line, Line::new().own(&right, Mark::Faint))
}

/// How many runs there are of each status, those that want a person first, as many as fit.
fn with_counts(model: &Model, mut line: Line, room: usize) -> Line {
    let known = model.runs.counts.iter();
    let known = known.filter_map(|(word, count)| Some((word.parse::<RunStatus>().ok()?, *count)));
    let mut counts: Vec<(RunStatus, u64)> = known.filter(|(_, count)| *count > 0).collect();
    counts.sort_by_key(|(status, _)| urgency(*status));
    for (status, count) in counts {
        let (sign, mark) = status_mark(status);
        let said = Line::new()
            .say("   ", Mark::Plain)
            .say(sign.trim_end(), mark)
            .own(&format!(" {count} {status}"), Mark::Plain);
        if line.width().saturating_add(said.width()) > room {
            break;
        }
        line = line.join(said);
    }
    line
}

/// The filter is worth more than the place in the journal, and that more than long words.
fn audit_crumbs(model: &Model, line: Line, columns: usize) -> (Line, Line) {
    let mut line = line.say("Audit", Mark::Strong);
    if !model.audit.filter.is_empty() {
        line = line
            .say(" › ", Mark::Faint)
            .put(model.audit.filter.text(), Mark::Info);
    }
    let follow = if model.audit.follow {
        Line::new().say("follows  ", Mark::Info)
    } else {
        Line::new()
    };
    let place = match (model.audit.selected, model.audit.head) {
        (Some(at), Some(head)) if !model.audit.is_empty() => {
            let all = audit::said::grouped(head.size);
            Line::new().own(&format!("#{at} of {all}  "), Mark::Faint)
        }
        _ => Line::new(),
    };
    let check = |short| audit::said::check(model, short).say(" ", Mark::Plain);
    let right = [
        place.join(follow.clone()).join(check(false)),
        follow.clone().join(check(false)),
    ];
    let fits = |right: &Line| line.width().saturating_add(right.width()) < columns;
    let right = right.into_iter().find(fits);
    let right = right.unwrap_or_else(|| follow.join(check(true)));
    (line, right)
}

/// The keys that work here, as many as fit.
pub(super) fn hints(model: &Model, buffer: &mut Buffer, area: Rect) {
    let mut line = Line::new().say(" ", Mark::Plain);
    // What just happened is worth more than the keys, until the next one.
    if let Some((first, _)) = told(model, area.width.into()) {
        return draw::line(buffer, area, &first, &model.theme, Style::default());
    }
    // On a low screen this is the only line of the footer.
    if layout::areas(model).status.is_empty()
        && let Some(line) = toast::line(model, area.width.into())
    {
        return draw::line(buffer, area, &line, &model.theme, Style::default());
    }
    let shown = |entry: &&Entry| {
        !entry.hint.is_empty() && (able::able(model, entry).is_ok() || unread(model, entry))
    };
    for entry in entries(able::place(model)).filter(shown) {
        let Some(key) = entry.keys.first() else {
            continue;
        };
        let hint = match entry.hint.split_once(' ') {
            // The key is part of the hint.
            Some((first, _)) if first == *key => Line::new().say(entry.hint, Mark::Plain),
            _ => Line::new()
                .say(key, Mark::Key)
                .say(" ", Mark::Plain)
                .say(entry.hint, Mark::Plain),
        };
        let hint = if unread(model, entry) {
            hint.say(" (read it first)", Mark::Faint)
        } else {
            hint
        };
        if line.width().saturating_add(hint.width()) > area.width.into() {
            break;
        }
        line = line.join(hint).say("  ", Mark::Plain);
    }
    draw::line(buffer, area, &line, &model.theme, Style::default());
}

/// Tells whether all that keeps this from being done is that the packet is not read yet: then the
/// way to it is shown.
fn unread(model: &Model, entry: &Entry) -> bool {
    let Action::Decide(verdict) = entry.action else {
        return false;
    };
    model.overlays.is_empty()
        && decide::on_screen(model).is_ok()
        && decide::openable(model, verdict).is_err()
}

/// What just happened, and the rest of it where it has a line below to go on in.
fn told(model: &Model, columns: usize) -> Option<(Line, Option<Line>)> {
    let notice = model.notice.as_ref()?;
    let line = Line::new().put(&notice.text, notice.mark);
    let room = columns.saturating_sub(1);
    let below = !layout::areas(model).status.is_empty();
    let start = || Line::new().say(" ", Mark::Plain);
    if !below || line.width() <= room {
        return Some((start().join(line.cut(room)), None));
    }
    let mut lines = line.wrap(room, 0).into_iter();
    let first = lines.next().unwrap_or_default();
    let rest = lines.fold(Line::new(), Line::join).cut(room);
    Some((start().join(first), Some(start().join(rest))))
}

pub(super) fn status(model: &Model, buffer: &mut Buffer, area: Rect) {
    if let Some((_, Some(rest))) = told(model, area.width.into()) {
        return draw::line(buffer, area, &rest, &model.theme, Style::default());
    }
    if !matches!(model.link, Link::Trouble(_))
        && let Some(line) = toast::line(model, area.width.into())
    {
        return draw::line(buffer, area, &line, &model.theme, Style::default());
    }
    let unread = model.runs.unread.as_ref();
    let line = match &model.link {
        Link::Trouble(why) => Line::new().say(" ", Mark::Plain).put(why, Mark::Danger),
        // A list that is not what was asked for is worth more than who executes.
        _ if let Some(why) = unread.filter(|_| model.screen == Screen::Runs) => Line::new()
            .say(" the runs cannot be read: ", Mark::Danger)
            .put(why, Mark::Danger),
        Link::Opening => Line::new().say(" opening the store", Mark::Faint),
        Link::Executes => Line::new().say(" this console executes", Mark::Faint),
        Link::Attached => Line::new().say(
            " attached: another process executes, verdicts count all the same",
            Mark::Faint,
        ),
    };
    let doubts = doubts::of_all(model);
    // What is in doubt is worth more than where the store is.
    let kept = if doubts.width() > 0 {
        line.width()
            .saturating_add(doubts.width())
            .saturating_add(1)
    } else {
        20
    };
    let line = line.join(doubts);
    let store = Line::new()
        .put(&model.session.store, Mark::Faint)
        .say(" ", Mark::Plain);
    let line = line.with_right(
        store.cut(usize::from(area.width).saturating_sub(kept)),
        area.width.into(),
    );
    draw::line(buffer, area, &line, &model.theme, Style::default());
}
