//! The screen of alerts: its list, the dialog in which one is acknowledged, what came of it.

use crate::console::keymap::Move;
use crate::console::message::{AlertsNews, Refusal};
use crate::console::model::alerts::{FIELDS, Words, is_open};
use crate::console::model::filter::Filter;
use crate::console::model::{Focus, Model, Notice, Screen};
use crate::console::overlays::walk::Stage;
use crate::console::overlays::{AcknowledgeDialog, Overlay};
use crate::console::panes;
use crate::console::request::{Request, Ticket};
use crate::console::update::move_cursor::in_open_first;
use crate::console::view::layout;
use crate::views::AlertRow;

/// The screen came up.
pub fn shown(model: &mut Model) -> Vec<Request> {
    lay(model);
    Vec::new()
}

/// While this holds no row enters, leaves or moves.
fn under_review(model: &Model) -> bool {
    model.screen == Screen::Alerts && (!model.overlays.is_empty() || model.focus == Focus::Detail)
}

pub fn news(model: &mut Model, news: AlertsNews) {
    let height = layout::list_height(model);
    let still = under_review(model);
    model.alerts.rows.take(news.rows, news.whole, still, height);
    model.dirty = true;
    acknowledged_elsewhere(model);
    lay(model);
}

/// Tells why the alert under the cursor cannot be acknowledged.
///
/// # Errors
/// The reason.
pub fn able(model: &Model) -> Result<&AlertRow, Notice> {
    let Some(row) = model.alerts.rows.selected() else {
        return Err(Notice::info("there is no alert under the cursor"));
    };
    if !is_open(row) {
        return Err(Notice::warning(said_before(row)));
    }
    Ok(row)
}

fn said_before(row: &AlertRow) -> String {
    let by = row.acknowledged_by.as_deref().unwrap_or("somebody");
    let at = row.acknowledged_at.map(|at| format!(" at {at}"));
    let at = at.unwrap_or_default();
    format!("{by} was first: it was acknowledged{at}")
}

/// Opens the dialog on the alert under the cursor, or says why not.
pub fn ask(model: &mut Model) -> Vec<Request> {
    match able(model).cloned() {
        Ok(row) => {
            let dialog = AcknowledgeDialog::open(row, model.at_ms);
            model.overlays.push(Overlay::Acknowledge(Box::new(dialog)));
        }
        Err(notice) => {
            model.refused_at_ms = Some(model.at_ms);
            model.tell(notice);
        }
    }
    Vec::new()
}

/// The answer of the dialog on top is sent.
pub fn commit(model: &mut Model) -> Vec<Request> {
    let ticket = model.ticket();
    let Some(Overlay::Acknowledge(dialog)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    dialog.walk.stage = Stage::Sent(ticket);
    vec![Request::Acknowledge {
        ticket,
        alert: dialog.alert.alert,
        reason: dialog.reason(),
    }]
}

/// The answer to it.
pub fn acknowledged(model: &mut Model, ticket: Ticket, outcome: Result<Box<AlertRow>, Refusal>) {
    model.dirty = true;
    let sent = |overlay: &Overlay| matches!(overlay, Overlay::Acknowledge(dialog) if dialog.walk.is_sent(ticket));
    let place = model.overlays.iter().position(sent);
    match outcome {
        Ok(row) => {
            if let Some(place) = place {
                model.overlays.remove(place);
            }
            let Words { name, done, .. } = Words::of(row.kind);
            let news = AlertsNews {
                whole: false,
                rows: vec![*row],
            };
            self::news(model, news);
            model.tell(Notice::good(format!("acknowledged: {name}; {done}")));
        }
        Err(refusal) => match place.and_then(|place| model.overlays.get_mut(place)) {
            Some(Overlay::Acknowledge(dialog)) => dialog.walk.stage = Stage::Over(refusal.message),
            // It was closed meanwhile: then the footer says it.
            Some(_) | None => model.tell(Notice::danger(refusal.message)),
        },
    }
}

/// Alerts came anew: a dialog on one that somebody acknowledged meanwhile comes too late.
fn acknowledged_elsewhere(model: &mut Model) {
    let alerts = &model.alerts.rows;
    for overlay in &mut model.overlays {
        let Overlay::Acknowledge(dialog) = overlay else {
            continue;
        };
        let row = alerts.get(dialog.alert.alert).filter(|row| !is_open(row));
        if let Some(row) = row.filter(|_| dialog.walk.stage == Stage::Asking) {
            let said = format!("{}. Nothing was done.", said_before(row));
            dialog.walk.stage = Stage::Over(said);
        }
    }
}

/// Narrows the list; answers what is wrong with the filter.
pub fn set_filter(model: &mut Model, text: &str) -> Option<String> {
    let height = layout::list_height(model);
    match Filter::parse(text, FIELDS) {
        Ok(filter) => {
            model.alerts.rows.refilter(filter, height);
            lay(model);
            None
        }
        Err(error) => Some(error.to_string()),
    }
}

pub fn moved_cursor(model: &mut Model, step: Move) -> Vec<Request> {
    let height = layout::list_height(model);
    in_open_first(&mut model.alerts.rows, step, height);
    lay(model);
    Vec::new()
}

pub fn resized(model: &mut Model) {
    let height = layout::list_height(model);
    if !under_review(model) {
        model.alerts.rows.left(height);
    }
    model.alerts.rows.list.fit(height);
    lay(model);
}

/// Lays the alert under the cursor out.
fn lay(model: &mut Model) {
    let width = layout::sheet_width(model);
    let height = layout::sheet_height(model);
    let alerts = &mut model.alerts;
    let Some(row) = alerts.rows.selected() else {
        alerts.laid = None;
        return;
    };
    let same = alerts.laid == Some(row.alert);
    let top = if same { alerts.sheet.top } else { 0 };
    let mut sheet = panes::alerts::sheet(row, width, model.theme.ascii);
    sheet.scroll_to(top, height);
    alerts.laid = Some(row.alert);
    alerts.sheet = sheet;
}
