//! Draws the packet beside the list.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::console::model::{Focus, Model};
use crate::console::panes::queue::risk_mark;
use crate::console::panes::{details, times};
use crate::console::text::{Line, Mark, draw};
use crate::domain::{Packet, PacketStatus, Tier};

/// Hex digits of a digest that stand above the packet.
const DIGEST_SHOWN: usize = 12;

pub fn packet(model: &Model, buffer: &mut Buffer, area: Rect) {
    if area.is_empty() {
        return;
    }
    let theme = &model.theme;
    let focused = model.focus == Focus::Detail;
    let title = match model.packet.current() {
        Some(packet) => Line::new()
            .say(" ", Mark::Plain)
            .put(&packet.title, Mark::Title)
            .say(" ", Mark::Plain),
        None => Line::new().say(" Packet ", Mark::Title),
    };
    let inner = draw::frame(buffer, area, &title, theme, focused);
    let Some(packet) = model.packet.current() else {
        return details::empty(buffer, inner, theme, &empty(model));
    };
    let columns = details::head_width(inner);
    let head = vec![first(packet, columns), second(model, packet, columns)];
    details::sheet(buffer, (area, inner), theme, head, &model.packet.sheet);
}

/// Why there is nothing here.
fn empty(model: &Model) -> Line {
    if let Some(trouble) = &model.packet.trouble {
        return Line::new()
            .put(trouble, Mark::Danger)
            .say(" (ctrl-r reads it again)", Mark::Plain);
    }
    match model.packet.wanted {
        Some(_) => Line::new().say("reading the packet …", Mark::Faint),
        None => Line::new().say(
            "The packet under the cursor shows here; the list has none.",
            Mark::Faint,
        ),
    }
}

fn first(packet: &Packet, columns: usize) -> Line {
    let (sign, word, mark) = risk_mark(packet.tier);
    let amount = packet.amount.as_ref().map(times::money).unwrap_or_default();
    let left = Line::new()
        .say(sign, mark)
        .say(" ", Mark::Plain)
        .say(word, mark)
        .say("  ", Mark::Plain)
        .show(amount, Mark::Strong);
    let digest = packet.digest.to_string();
    let short = digest.get(..DIGEST_SHOWN).unwrap_or(&digest);
    let right = format!("version {}  digest {short}…", packet.version);
    beside(left, Line::new().own(&right, Mark::Faint), columns)
}

/// Both, or the left one alone: an amount is never cut for a digest.
fn beside(left: Line, right: Line, columns: usize) -> Line {
    let both = left.width().saturating_add(right.width()) < columns;
    if both {
        left.with_right(right, columns)
    } else {
        left
    }
}

fn second(model: &Model, packet: &Packet, columns: usize) -> Line {
    let left = if packet.status == PacketStatus::Open {
        let late = packet.due_at < model.now;
        let (due, mark) = match times::until(packet.due_at, model.now) {
            late_by if late => (late_by, Mark::Danger),
            due => (format!("due in {due}"), Mark::Plain),
        };
        let waits = times::ago(packet.opened_at, model.now);
        Line::new()
            .own(&due, mark)
            .own(&format!("  waits {waits}"), Mark::Faint)
    } else {
        let by = packet.closed_by.as_deref().unwrap_or("its run");
        Line::new()
            .say(packet.status.as_str(), Mark::Warning)
            .say(" by ", Mark::Faint)
            .put(by, Mark::Strong)
    };
    let left = match model.packet.sheet.hidden() {
        0 => left,
        1 => left.say("  !! 1 hidden character", Mark::Danger),
        hidden => left.own(&format!("  !! {hidden} hidden characters"), Mark::Danger),
    };
    let (read, all) = model.packet.sheet.read();
    // A critical packet is approved only once all of it was on the screen.
    let unread = read < all && packet.tier == Tier::Critical;
    let mark = if unread { Mark::Warning } else { Mark::Faint };
    let right = Line::new().own(&format!("read {read}/{all}"), mark);
    beside(left, right, columns)
}
