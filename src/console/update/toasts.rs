//! Notifications: taken once the line for them is free, told, and gone again.

use crate::console::message::Refusal;
use crate::console::model::Model;
use crate::console::request::Request;
use crate::store::StoredNotification;

/// What nobody was told yet, as the store holds it now.
pub fn news(model: &mut Model, unshown: Vec<StoredNotification>) -> Vec<Request> {
    model.dirty = true;
    let rings = model.toasts.news(unshown);
    rings.then_some(Request::Ring).into_iter().collect()
}

/// Which of those that were asked for this console was the first to take.
pub fn taken(model: &mut Model, outcome: Result<Vec<u64>, Refusal>) -> Vec<Request> {
    let Ok(ids) = outcome else {
        // That the store takes nothing is said by everything else.
        model.toasts.refused();
        return Vec::new();
    };
    model.dirty = true;
    let rings = model.toasts.taken(&ids);
    rings.then_some(Request::Ring).into_iter().collect()
}

/// The picture was shown.
pub fn drawn(model: &mut Model, at_ms: u64) {
    // A dialog or an answer in the footer may cover the line.
    if model.overlays.is_empty() && model.notice.is_none() {
        model.toasts.drawn(at_ms);
    }
}

/// Frees the line once its time is over, and asks for what comes next.
pub fn settle(model: &mut Model) -> Option<Request> {
    model.dirty |= model.toasts.over(model.at_ms);
    model.toasts.wanted().map(Request::TakeNotifications)
}
