//! The form on the screen: the fields over what they change, or beside it where there is room.

mod diff;
mod fields;
mod raw;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget as _};

use super::row::{Entry, Row};
use super::{EditForm, Stage, Subject};
use crate::console::model::Model;
use crate::console::model::dead_letters::last_letters;
use crate::console::overlays::field_line;
use crate::console::panes::lower_border;
use crate::console::text::{Line, Mark, draw};
use crate::console::theme::Theme;
use crate::console::view::layout;
use crate::workflow::schema::FieldKind;

/// From so many columns the difference stands beside the fields.
const WIDE: u16 = 110;
/// Rows that the fields keep in a low window.
const FIELDS_MIN: usize = 4;
/// Hex digits of a digest that stand in the title.
const DIGEST_SHOWN: usize = 12;
/// With fewer columns the title leaves the digest out.
const DIGEST_FROM: usize = 60;

pub fn edit(model: &Model, form: &EditForm, buffer: &mut Buffer, area: Rect) {
    Clear.render(area, buffer);
    let theme = model.theme;
    around(model, form, buffer);
    let wide = area.width >= WIDE && form.raw.is_none();
    let (left, right) = halves(area, wide);
    let inner = draw::frame(
        buffer,
        left,
        &title(form, left.width.saturating_sub(4).into()),
        &theme,
        true,
    );
    draw::line(
        buffer,
        lower_border(left),
        &standing(form).cut(left.width.saturating_sub(4).into()),
        &theme,
        Style::default(),
    );
    let inside = Rect {
        x: inner.x.saturating_add(1),
        width: inner.width.saturating_sub(2),
        ..inner
    };
    if wide {
        diff::beside(form, buffer, right, theme);
    }
    match (&form.stage, &form.raw) {
        (Stage::Reading, _) => {
            let mut lines = vec![Line::new().say("reading the schema of the state …", Mark::Faint)];
            if let Some((said, mark)) = &form.said {
                lines.extend(Line::new().put(said, *mark).wrap(inside.width.into(), 2));
            }
            draw::lines(buffer, inside, &lines, &theme);
        }
        (_, Some(json)) => raw::raw(form, json, buffer, inside, theme),
        (_, None) => form_of_fields(form, buffer, inside, theme, wide),
    }
}

/// The places of the form and of the difference beside it, where there is room for that.
fn halves(area: Rect, wide: bool) -> (Rect, Rect) {
    let width = if wide {
        area.width.saturating_mul(5) / 8
    } else {
        area.width
    };
    let left = Rect { width, ..area };
    let right = Rect {
        x: area.x.saturating_add(width),
        width: area.width.saturating_sub(width),
        ..area
    };
    (left, right)
}

/// The fields, below them the difference, below that what there is to say.
fn form_of_fields(form: &EditForm, buffer: &mut Buffer, area: Rect, theme: Theme, wide: bool) {
    let width: usize = area.width.into();
    let foot = foot(form, width, theme);
    let all: usize = area.height.into();
    let above = all.saturating_sub(foot.len());
    let rows = fields::rows(form, width);
    let diff = if wide {
        Vec::new()
    } else {
        let needed = rows.iter().map(Vec::len).sum::<usize>().saturating_add(1);
        let room = above
            .saturating_sub(needed)
            .max(above / 3)
            .min(above.saturating_sub(FIELDS_MIN));
        diff::below(form, width, room, theme)
    };
    let height = above.saturating_sub(diff.len());
    let table = fields::window(form, &rows, width, height);
    let lines = table.iter().chain(&diff).chain(&foot);
    draw::lines(buffer, area, lines, &theme);
}

/// What is said of the field under the cursor and of the last key, and the reason.
fn foot(form: &EditForm, width: usize, theme: Theme) -> Vec<Line> {
    let mut lines = vec![rule("", width)];
    let mut add = |line: Line| lines.extend(line.laid(width, 2, theme.ascii));
    match &form.stage {
        Stage::Over(why) => {
            add(Line::new().put(why, Mark::Danger));
            add(Line::new().say(
                "esc leaves; what you typed stays here until then",
                Mark::Key,
            ));
            return lines;
        }
        Stage::Sent(_) => {
            let words = "on its way … schema and policy judge it again in the engine";
            add(Line::new().say(words, Mark::Info));
        }
        Stage::Reading | Stage::Editing => {
            if let Some(row) = form.row() {
                add(about(row));
            }
        }
    }
    for problem in &form.general {
        add(Line::new()
            .say("x ", Mark::Danger)
            .put(problem, Mark::Danger));
    }
    if let Some(reason) = &form.reason {
        if form.on_reason() {
            let words = match &form.subject {
                Subject::Packet(_) => {
                    "Staging approves nothing: it makes a new version with a new digest."
                }
                Subject::Letter(_) => {
                    "Nothing is done yet: ctrl-s shows what a redrive would do with it."
                }
            };
            add(Line::new().say(words, Mark::Faint));
        }
        let line = Line::new().say("reason  ", Mark::Strong);
        add(field_line(line, reason, form.on_reason()));
    }
    if let Some((said, mark)) = &form.said {
        add(Line::new().put(said, *mark));
    }
    lines
}

/// What the field under the cursor takes.
fn about(row: &Row) -> Line {
    let about = &row.about;
    let line = Line::new()
        .put(&about.name, Mark::Strong)
        .say(": ", Mark::Faint);
    let line = match &about.kind {
        FieldKind::Money(currency) => line
            .say("an amount in ", Mark::Faint)
            .put(&format!("{currency}, as in 5000.00"), Mark::Faint),
        FieldKind::Integer => line.say("a whole number", Mark::Faint),
        FieldKind::Number => line.say("a number", Mark::Faint),
        FieldKind::Text => line.say("text", Mark::Faint),
        FieldKind::Boolean => line.say("true or false; ← → change it", Mark::Faint),
        FieldKind::Choice(choices) => line
            .say("← → change it: ", Mark::Faint)
            .put(&choices.join(", "), Mark::Faint),
        FieldKind::Json => line.say("JSON; f2 edits it", Mark::Faint),
    };
    let line = line.say(if about.required { ", required" } else { "" }, Mark::Faint);
    let escaped = matches!(row.entry, Entry::Typed { escaped: true, .. });
    let line = if escaped {
        let words = "; it holds characters that do not show, so it is edited as JSON text \
                     (\\n, \\u202e, \\\" and \\\\)";
        line.say(words, Mark::Warning)
    } else {
        line
    };
    match &about.description {
        Some(words) => line.say(". ", Mark::Faint).put(words, Mark::Plain),
        None => line,
    }
}

/// The end stays when room is short: it names the version.
fn title(form: &EditForm, room: usize) -> Line {
    let rest = match &form.subject {
        Subject::Packet(bound) => {
            let digest = bound.digest.to_string();
            let short = digest.get(..DIGEST_SHOWN).unwrap_or(&digest);
            let version = bound.version;
            if room < DIGEST_FROM {
                format!("  version {version} ")
            } else {
                format!("  version {version}, digest {short}… ")
            }
        }
        Subject::Letter(row) => format!("  dead letter …{} ", last_letters(row.dead_letter)),
    };
    Line::new()
        .say(" EDIT  ", Mark::Title)
        .put(&form.title, Mark::Strong)
        .cut(room.saturating_sub(rest.chars().count()))
        .own(&rest, Mark::Faint)
}

/// Where the form stands, in its lower border.
fn standing(form: &EditForm) -> Line {
    if form.raw.is_some() || form.rows.is_empty() {
        return Line::new();
    }
    let line = if form.on_reason() {
        Line::new().say(" reason  ", Mark::Faint)
    } else {
        let at = form.at.saturating_add(1);
        let place = format!(" field {at} of {}  ", form.rows.len());
        Line::new().own(&place, Mark::Faint)
    };
    line.join(changes(form))
}

fn changes(form: &EditForm) -> Line {
    if form.raw.is_some() {
        return Line::new().say("not sent ", Mark::Warning);
    }
    let line = match form.changed() {
        0 => return Line::new().say("nothing changed yet ", Mark::Faint),
        1 => Line::new().say("1 change", Mark::Warning),
        more => Line::new().own(&format!("{more} changes"), Mark::Warning),
    };
    let line = match form.wrong() {
        0 => line,
        wrong => line.own(&format!(", {wrong} wrong"), Mark::Danger),
    };
    line.say(", not sent ", Mark::Warning)
}

/// The line above the panes: where one is.
fn around(model: &Model, form: &EditForm, buffer: &mut Buffer) {
    let areas = layout::areas(model);
    let screen = buffer.area;
    let crumbs = areas.crumbs.intersection(screen);
    Clear.render(crumbs, buffer);
    let from = match &form.subject {
        Subject::Packet(_) => " Queue",
        Subject::Letter(_) => " Dead letters",
    };
    let line = Line::new()
        .say(from, Mark::Strong)
        .say(" › ", Mark::Faint)
        .put(&form.title, Mark::Plain)
        .say(" › ", Mark::Faint)
        .say(
            if form.raw.is_some() {
                "edit as JSON"
            } else {
                "edit"
            },
            Mark::Strong,
        )
        .with_right(changes(form), crumbs.width.into());
    draw::line(buffer, crumbs, &line, &model.theme, Style::default());
}

/// A line across the form, with a name in it.
fn rule(name: &'static str, width: usize) -> Line {
    let line = if name.is_empty() {
        Line::new()
    } else {
        Line::new()
            .say("── ", Mark::Faint)
            .say(name, Mark::Title)
            .say(" ", Mark::Plain)
    };
    let rest = "─".repeat(width.saturating_sub(line.width()));
    line.own(&rest, Mark::Faint)
}
