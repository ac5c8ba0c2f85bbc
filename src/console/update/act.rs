//! What a person chose to do, outside of dialogs.

use crate::console::keymap::{Action, Go, OnJournal, OnList, Whole};
use crate::console::model::{Focus, Model, Notice, Screen};
use crate::console::overlays::{FilterBar, Help, Overlay, QuitDialog};
use crate::console::request::Request;
use crate::console::update::{
    alerts, arrive, audit, budget, dead_letters, decide, edit, move_cursor, runs, settle,
};
use crate::console::view::layout;

/// Does what was chosen.
pub fn act(model: &mut Model, action: Action) -> Vec<Request> {
    match action {
        Action::Move(step) => move_cursor::moved(model, step),
        Action::Go(go) => gone(model, go),
        Action::Decide(verdict) => decide::open(model, verdict),
        Action::Edit => edit::open(model),
        Action::Run(control) => runs::ask(model, control),
        Action::Settle(settled) => settle::open(model, settled),
        Action::Budget(verb) => budget::open(model, verb),
        Action::Terminate => runs::terminate::open(model),
        Action::Letter(verb) => dead_letters::on_letter(model, verb),
        Action::Acknowledge => alerts::ask(model),
        Action::List(OnList::Filter) => {
            let bar = FilterBar::of(model);
            model.overlays.push(Overlay::Filter(bar));
            Vec::new()
        }
        Action::List(OnList::Sort) => sort(model),
        Action::List(OnList::Follow) => runs::follow(model),
        Action::Journal(OnJournal::Verify) => audit::check(model),
        Action::Journal(OnJournal::GoToBad) => audit::go_to_bad(model),
        Action::Journal(OnJournal::Follow) => audit::follow(model),
        Action::Whole(whole) => whole_screen(model, whole),
        // What lies on top takes its keys itself.
        Action::Dialog(_) | Action::Filter(_) | Action::Keys(_) | Action::Form(_) => Vec::new(),
    }
}

fn gone(model: &mut Model, go: Go) -> Vec<Request> {
    match go {
        Go::Open => focus(model, Focus::Detail),
        Go::OtherPane => {
            let other = match model.focus {
                Focus::List => Focus::Detail,
                Focus::Detail => Focus::List,
            };
            focus(model, other)
        }
        Go::Back => back(model),
        Go::To(screen) => show(model, screen),
        Go::Run => runs::go_to(model),
        Go::Packet => runs::go_to_packet(model),
        Go::Journal => audit::of_run(model),
    }
}

/// What concerns the screen as a whole.
fn whole_screen(model: &mut Model, whole: Whole) -> Vec<Request> {
    match whole {
        Whole::Zoom => {
            model.zoomed = !model.zoomed;
            arrive::resized(model);
            Vec::new()
        }
        Whole::Theme => {
            model.theme.colour = !model.theme.colour;
            vec![Request::Redraw]
        }
        Whole::Refresh => {
            let height = layout::list_height(model);
            model.queue.settle(height);
            vec![Request::Refresh]
        }
        Whole::Redraw => vec![Request::Redraw],
        Whole::Palette => help(model, true),
        Whole::Help => help(model, false),
        Whole::Suspend => vec![Request::Suspend],
        Whole::Quit if model.drafts.is_empty() => vec![Request::Quit],
        Whole::Quit => {
            let dialog = QuitDialog::open(model.at_ms);
            model.overlays.push(Overlay::Quit(dialog));
            Vec::new()
        }
    }
}

/// Shows the keys of what has them.
fn help(model: &mut Model, palette: bool) -> Vec<Request> {
    let help = Help::open(model.place(), palette);
    model.overlays.push(Overlay::Help(help));
    Vec::new()
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
        Screen::DeadLetters => dead_letters::shown(model),
        Screen::Alerts => alerts::shown(model),
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
    if model.screen == Screen::DeadLetters && !model.dead_letters.marked.is_empty() {
        model.dead_letters.marked.clear();
        return Vec::new();
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
        Screen::DeadLetters | Screen::Alerts | Screen::Audit => {}
    }
    Vec::new()
}
