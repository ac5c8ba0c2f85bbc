//! What a person chose to do, outside of dialogs.

use crate::console::keymap::Action;
use crate::console::model::{Focus, Model, Notice, Screen};
use crate::console::overlays::{FilterBar, Help, Overlay, QuitDialog};
use crate::console::request::Request;
use crate::console::update::{arrive, audit, decide, edit, move_cursor, runs};
use crate::console::view::layout;
use crate::domain::Verdict;

/// Does what was chosen.
pub fn act(model: &mut Model, action: Action) -> Vec<Request> {
    match action {
        Action::Down
        | Action::Up
        | Action::First
        | Action::Last
        | Action::HalfDown
        | Action::HalfUp
        | Action::NextSection
        | Action::PreviousSection
        | Action::Section(_) => move_cursor::moved(model, action),
        Action::Open => focus(model, Focus::Detail),
        Action::NextPane | Action::PreviousPane => {
            let other = match model.focus {
                Focus::List => Focus::Detail,
                Focus::Detail => Focus::List,
            };
            focus(model, other)
        }
        Action::Back => back(model),
        Action::ShowQueue => show(model, Screen::Queue),
        Action::ShowRuns => show(model, Screen::Runs),
        Action::ShowAudit => show(model, Screen::Audit),
        Action::Approve => decide::open(model, Verdict::Approve),
        Action::Reject => decide::open(model, Verdict::Reject),
        Action::Return => decide::open(model, Verdict::Return),
        Action::Edit => edit::open(model),
        Action::Filter => {
            let bar = FilterBar::of(model);
            model.overlays.push(Overlay::Filter(bar));
            Vec::new()
        }
        Action::Sort => sort(model),
        Action::Pause => runs::ask(model, runs::Control::Pause),
        Action::Resume => runs::ask(model, runs::Control::Resume),
        Action::Override => runs::ask(model, runs::Control::Override),
        Action::GoToRun => runs::go_to(model),
        Action::GoToPacket => runs::go_to_packet(model),
        Action::GoToAudit => audit::of_run(model),
        Action::Verify => audit::check(model),
        Action::Follow => audit::follow(model),
        Action::GoToBad => audit::go_to_bad(model),
        other => whole_screen(model, other),
    }
}

/// What concerns the screen as a whole.
fn whole_screen(model: &mut Model, action: Action) -> Vec<Request> {
    match action {
        Action::Zoom => {
            model.zoomed = !model.zoomed;
            arrive::resized(model);
            Vec::new()
        }
        Action::Theme => {
            model.theme.colour = !model.theme.colour;
            vec![Request::Redraw]
        }
        Action::Refresh => {
            let height = layout::list_height(model);
            model.queue.settle(height);
            vec![Request::Refresh]
        }
        Action::Redraw => vec![Request::Redraw],
        Action::Palette | Action::Help => {
            let help = Help::open(model.place(), action == Action::Palette);
            model.overlays.push(Overlay::Help(help));
            Vec::new()
        }
        Action::Suspend => vec![Request::Suspend],
        Action::Quit if model.drafts.is_empty() => vec![Request::Quit],
        Action::Quit => {
            let dialog = QuitDialog::open(model.at_ms);
            model.overlays.push(Overlay::Quit(dialog));
            Vec::new()
        }
        // Everything else was done before.
        _ => Vec::new(),
    }
}

/// Gives a pane the keys.
pub fn focus(model: &mut Model, focus: Focus) -> Vec<Request> {
    model.focus = focus;
    arrive::resized(model);
    Vec::new()
}

fn show(model: &mut Model, screen: Screen) -> Vec<Request> {
    model.screen = screen;
    model.focus = Focus::List;
    arrive::resized(model);
    match screen {
        Screen::Queue => move_cursor::look(model),
        Screen::Runs => runs::shown(model),
        Screen::Audit => audit::shown(model),
    }
}

/// To the list; from there the filter goes.
fn back(model: &mut Model) -> Vec<Request> {
    if model.zoomed {
        model.zoomed = false;
        arrive::resized(model);
        return Vec::new();
    }
    if model.focus == Focus::Detail {
        return focus(model, Focus::List);
    }
    crate::console::update::overlay::clear_filter(model)
}

fn sort(model: &mut Model) -> Vec<Request> {
    let height = layout::list_height(model);
    match model.screen {
        Screen::Queue => {
            model.queue.sort = model.queue.sort.next();
            model.queue.settle(height);
            model.tell(Notice::info(format!(
                "sorted by {}",
                model.queue.sort.name()
            )));
        }
        Screen::Runs => runs::sort(model),
        Screen::Audit => {}
    }
    Vec::new()
}
