//! What comes from outside: time, size, pictures drawn, rows and packets of the store.

use crate::console::message::{PacketRead, QueueNews, Refusal};
use crate::console::model::packet::Bound;
use crate::console::model::{Focus, Model, Notice, Screen};
use crate::console::overlays::Overlay;
use crate::console::panes;
use crate::console::request::Request;
use crate::console::update::{
    alerts, audit, budget, dead_letters, decide, dialog, edit, move_cursor, runs, settle, toasts,
    trace,
};
use crate::console::view::layout;
use crate::domain::{Packet, PacketId, Tier, Timestamp};

/// The minute in which a deadline is shown by its seconds.
const LAST_MINUTE_MS: i64 = 60_000;

/// While this holds no row enters, leaves or moves.
pub fn under_review(model: &Model) -> bool {
    let critical = model
        .queue
        .selected_row()
        .is_some_and(|row| row.tier == Tier::Critical);
    model.screen == Screen::Queue
        && model.touched
        && (!model.overlays.is_empty() || model.focus == Focus::Detail || critical)
}

pub fn queue(model: &mut Model, news: QueueNews) -> Vec<Request> {
    let height = layout::list_height(model);
    let still = under_review(model);
    let wanted = model.packet.wanted;
    let outdated = news.rows.iter().any(|row| Some(row.packet) == wanted);
    model.queue.take(news.rows, news.whole, still, height);
    model.dirty = true;
    let mut requests = move_cursor::look(model);
    if outdated && requests.is_empty() {
        requests.extend(model.packet.wanted.map(Request::ReadPacket));
    }
    requests
}

/// How many packets wait, of which the list holds those that were read.
pub fn open(model: &mut Model, stored: u64) {
    let stored = usize::try_from(stored).unwrap_or(usize::MAX);
    if model.queue.stored != stored {
        model.queue.stored = stored;
        model.dirty = true;
    }
}

pub fn packet(
    model: &mut Model,
    packet: PacketId,
    found: Result<Box<PacketRead>, Refusal>,
) -> Vec<Request> {
    if let Ok(read) = &found {
        decide::changed(model, &read.packet);
        edit::changed(model, &read.packet);
        settle::changed(model, &read.packet);
        budget::changed(model, &read.packet);
    }
    if model.packet.wanted != Some(packet) {
        return Vec::new();
    }
    model.dirty = true;
    match found {
        Ok(read) => {
            let PacketRead { packet, beside } = *read;
            let found = Box::new(packet);
            let before = model.packet.packet.take();
            let earlier = before.filter(|before| before.packet == found.packet);
            let same = earlier.is_some();
            follow(model, earlier, &found);
            model.packet.packet = Some(found);
            model.packet.beside = beside;
            model.packet.trouble = None;
            lay_packet(model, same);
        }
        Err(refusal) => model.packet.trouble = Some(refusal.message),
    }
    Vec::new()
}

/// Keeps the version that was looked at last, to tell what changed since.
fn follow(model: &mut Model, before: Option<Box<Packet>>, found: &Packet) {
    let Some(before) = before else {
        model.packet.earlier = None;
        return;
    };
    if before.digest == found.digest {
        return;
    }
    if model.packet.staged != Some(found.digest) {
        model.tell(Notice::warning("this packet changed since you looked"));
    }
    if model.packet.drawn == Some(Bound::of(&before)) {
        model.packet.earlier = Some(before);
    }
}

/// Everything that depends on the size is laid out anew.
pub fn resized(model: &mut Model) {
    let height = layout::list_height(model);
    model.queue.list.fit(height);
    lay_packet(model, true);
    runs::resized(model);
    dead_letters::resized(model);
    trace::resized(model);
    alerts::resized(model);
    audit::resized(model);
}

/// Lays the packet out; `same` says that it is the one that was laid out before.
fn lay_packet(model: &mut Model, same: bool) {
    let width = layout::sheet_width(model);
    let Some(packet) = model.packet.packet.as_deref() else {
        return;
    };
    let earlier = model.packet.earlier.as_deref();
    let known = (packet, &model.packet.beside);
    let mut sheet = panes::packet::sheet(known, earlier, width, model.theme.ascii);
    if same {
        sheet.keep_seen_of(&model.packet.sheet);
        sheet.scroll_to(sheet.top, layout::sheet_height(model));
    }
    model.packet.sheet = sheet;
}

/// Notes what the picture showed, so that a verdict can be bound to it.
pub fn drawn(model: &mut Model, at_ms: u64) {
    model.dirty = false;
    model.at_ms = model.at_ms.max(at_ms);
    dialog::arm(model, at_ms);
    toasts::drawn(model, at_ms);
    dead_letters::seen(model);
    budget::seen(model);
    runs::terminate::seen(model);
    // Borders and the lines above a packet say nothing of what it does.
    let hidden = layout::sheet_height(model) == 0 || model.screen != Screen::Queue;
    let covered = model
        .overlays
        .iter()
        .any(|overlay| !matches!(overlay, Overlay::Filter(_)));
    if hidden || covered {
        return;
    }
    let bound = model.packet.current().map(Bound::of);
    // What can be decided now stands in the footer.
    model.dirty = model.packet.drawn != bound;
    model.packet.drawn = bound;
    if model.packet.drawn.is_some() {
        let height = layout::sheet_height(model);
        let before = model.packet.sheet.read();
        model.packet.sheet.mark_seen(height);
        // The count of sections read stands in the picture too.
        model.dirty |= model.packet.sheet.read() != before;
    }
}

/// Draws anew only where a shown time changed: by the minute, in a deadline's last one by the second.
pub fn time(model: &mut Model, now: Timestamp, at_ms: u64) -> Vec<Request> {
    let last_minute = |due: Timestamp| (0..LAST_MINUTE_MS).contains(&due.ms_since(now));
    let height = layout::list_height(model);
    let by_second = model.screen == Screen::Queue
        && model
            .queue
            .window(height)
            .any(|row| last_minute(row.due_at));
    let step = if by_second { 1_000 } else { LAST_MINUTE_MS };
    if now.0.div_euclid(step) != model.now.0.div_euclid(step) {
        model.dirty = true;
    }
    model.now = now;
    model.at_ms = at_ms;
    dialog::woke(model)
}
