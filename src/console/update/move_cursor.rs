//! Moving the cursor and scrolling.

use crate::console::keymap::Move;
use crate::console::model::open_first::{OpenFirst, Opened};
use crate::console::model::{Focus, Model, Screen};
use crate::console::request::Request;
use crate::console::update::{alerts, audit, dead_letters, runs};
use crate::console::view::layout;

/// Does a movement. It arms the verdict keys again.
pub fn moved(model: &mut Model, step: Move) -> Vec<Request> {
    model.disarmed = false;
    match (model.screen, model.focus) {
        (Screen::Queue, Focus::List) => in_queue(model, step),
        (Screen::Runs, Focus::List) => runs::moved_cursor(model, step),
        (Screen::DeadLetters, Focus::List) => dead_letters::moved_cursor(model, step),
        (Screen::Alerts, Focus::List) => alerts::moved_cursor(model, step),
        (Screen::Audit, Focus::List) => audit::moved_cursor(model, step),
        (_, Focus::Detail) => {
            in_sheet(model, step);
            Vec::new()
        }
    }
}

/// Asks for the packet under the cursor if it is not the one beside the list.
pub fn look(model: &mut Model) -> Vec<Request> {
    let selected = model.queue.list.selected;
    if model.packet.wanted == selected {
        return Vec::new();
    }
    model.packet.wanted = selected;
    model.packet.trouble = None;
    selected.map(Request::ReadPacket).into_iter().collect()
}

/// How far a movement goes in a list of `height` visible rows.
pub fn distance(step: Move, height: usize) -> Option<isize> {
    let half = isize::try_from((height / 2).max(1)).unwrap_or(1);
    match step {
        Move::Down => Some(1),
        Move::Up => Some(-1),
        Move::HalfDown => Some(half),
        Move::HalfUp => Some(half.saturating_neg()),
        Move::First | Move::Last | Move::NextSection | Move::PreviousSection | Move::Section(_) => {
            None
        }
    }
}

/// Moves in a list of which what is open comes first.
pub fn in_open_first<R: Opened>(rows: &mut OpenFirst<R>, step: Move, height: usize) {
    match step {
        Move::Down | Move::Up | Move::HalfDown | Move::HalfUp => {
            let by = distance(step, height).unwrap_or(0);
            rows.list.step(by, height);
        }
        Move::First => {
            rows.settle(height);
            rows.list.go_to(0, height);
        }
        Move::Last => rows.list.go_to(usize::MAX, height),
        Move::NextSection | Move::PreviousSection | Move::Section(_) => return,
    }
    rows.left(height);
}

fn in_queue(model: &mut Model, step: Move) -> Vec<Request> {
    let height = layout::list_height(model);
    let still = super::arrive::under_review(model);
    match step {
        Move::Down | Move::Up | Move::HalfDown | Move::HalfUp => {
            let by = distance(step, height).unwrap_or(0);
            model.queue.list.step(by, height);
        }
        Move::First => {
            model.queue.settle(height);
            model.queue.list.go_to(0, height);
        }
        Move::Last => model.queue.list.go_to(usize::MAX, height),
        Move::NextSection | Move::PreviousSection | Move::Section(_) => return Vec::new(),
    }
    // Once the cursor left what was under review, what waited comes in around it.
    if !still || !super::arrive::under_review(model) {
        model.queue.catch_up(height);
    }
    look(model)
}

fn in_sheet(model: &mut Model, step: Move) {
    let height = layout::sheet_height(model);
    let sheet = match model.screen {
        Screen::Queue => &mut model.packet.sheet,
        Screen::Runs => &mut model.runs.sheet,
        Screen::DeadLetters => &mut model.dead_letters.sheet,
        Screen::Alerts => &mut model.alerts.sheet,
        Screen::Audit => &mut model.audit.sheet,
    };
    match step {
        Move::First => sheet.scroll_to(0, height),
        Move::Last => sheet.scroll_to(usize::MAX, height),
        Move::Section(number) => {
            let unnumbered = usize::from(model.packet.earlier.is_some());
            let index = usize::from(number).saturating_sub(1);
            sheet.to_section(index.saturating_add(unnumbered), height);
        }
        Move::NextSection => {
            let next = sheet.section_at_top().map_or(0, |at| at.saturating_add(1));
            sheet.to_section(next, height);
        }
        Move::PreviousSection => {
            let at = sheet.section_at_top().unwrap_or(0);
            sheet.to_section(at.saturating_sub(1), height);
        }
        Move::Down | Move::Up | Move::HalfDown | Move::HalfUp => {
            sheet.scroll(distance(step, height).unwrap_or(0), height);
        }
    }
}
