//! The picture of a model. Pure: drawing changes nothing and asks nobody.

mod banner;
mod chrome;
pub mod layout;
mod toast;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::console::model::{Model, Screen};
use crate::console::overlays::{
    Overlay, acknowledge, budget, edit, help, letter, quit, reason, settle, terminate, verdict,
};
use crate::console::panes::{alerts, audit, dead_letters, packet, queue, runs};

/// Draws everything.
pub fn view(model: &Model, frame: &mut Frame<'_>) {
    let screen = frame.area();
    let buffer = frame.buffer_mut();
    let areas = layout::areas(model);
    let fits = |area: Rect| area.intersection(screen);
    chrome::tabs(model, buffer, fits(areas.tabs));
    chrome::crumbs(model, buffer, fits(areas.crumbs));
    let (list, detail) = (fits(areas.list), fits(areas.detail));
    match model.screen {
        Screen::Queue => {
            queue::queue(model, buffer, list);
            packet::draw::packet(model, buffer, detail);
            runs::trace(model, buffer, fits(areas.trace));
        }
        Screen::Runs => {
            runs::list(model, buffer, list);
            runs::detail(model, buffer, detail);
        }
        Screen::DeadLetters => {
            dead_letters::list(model, buffer, list);
            dead_letters::detail(model, buffer, detail);
        }
        Screen::Alerts => {
            alerts::list(model, buffer, list);
            alerts::detail(model, buffer, detail);
        }
        Screen::Audit => {
            audit::events(model, buffer, list);
            audit::record(model, buffer, detail);
        }
    }
    banner::banner(model, buffer, fits(areas.banner));
    chrome::hints(model, buffer, fits(areas.hints));
    chrome::status(model, buffer, fits(areas.status));
    overlays(model, buffer, screen);
}

/// What lies over the panes, the lowest first.
fn overlays(model: &Model, buffer: &mut Buffer, screen: Rect) {
    for overlay in &model.overlays {
        match overlay {
            Overlay::Verdict(dialog) => verdict::draw::verdict(model, dialog, buffer, screen),
            Overlay::Reason(dialog) => reason::draw::reason(model, dialog, buffer, screen),
            Overlay::Letter(dialog) => letter::draw::letter(model, dialog, buffer, screen),
            Overlay::Settle(dialog) => settle::draw::settle(model, dialog, buffer, screen),
            Overlay::Budget(dialog) => budget::draw::budget(model, dialog, buffer, screen),
            Overlay::Acknowledge(dialog) => {
                acknowledge::draw::acknowledge(model, dialog, buffer, screen);
            }
            Overlay::Terminate(dialog) => {
                terminate::draw::terminate(model, dialog, buffer, screen);
            }
            Overlay::Help(shown) => help::draw::help(model, shown, buffer, panes_of(screen, model)),
            Overlay::Edit(form) => edit::draw::edit(model, form, buffer, panes_of(screen, model)),
            // The bar stands in the line of crumbs.
            Overlay::Filter(_) => {}
            Overlay::Quit(dialog) => quit::draw(model, dialog, buffer, screen),
        }
    }
}

/// Everything between the first and the last lines.
fn panes_of(screen: Rect, model: &Model) -> Rect {
    let areas = layout::areas(model);
    let above = areas.tabs.height.saturating_add(areas.crumbs.height);
    let below = areas.hints.height.saturating_add(areas.status.height);
    let below = below.saturating_add(areas.banner.height);
    Rect {
        y: above,
        height: screen.height.saturating_sub(above.saturating_add(below)),
        ..screen
    }
}
