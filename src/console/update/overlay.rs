//! Keys and pastes for what lies on top.

use crate::console::key::Key;
use crate::console::keymap::{Action, InFilter, InKeys, Meaning, Place, Whole, meaning};
use crate::console::model::{Model, Notice, Screen};
use crate::console::overlays::filter::{Before, Cursor};
use crate::console::overlays::{FilterBar, Help, Overlay};
use crate::console::request::Request;
use crate::console::update::{
    able, act, alerts, audit, burst, dead_letters, dialog, edit, move_cursor, runs,
};
use crate::console::view::layout;

/// An enter that came with pasted text runs nothing.
pub const ENTER_TRAILED: &str = "enter came together with the text: press it once more";

/// Gives the key to the overlay on top.
pub fn key(model: &mut Model, key: Key, at_ms: u64) -> Vec<Request> {
    let place = able::place(model);
    let chosen = match meaning(place, None, key) {
        Meaning::Action(Action::Whole(whole)) => return over(model, place, whole, at_ms),
        Meaning::Action(action) => Some(action),
        Meaning::Begins(_) | Meaning::Nothing => None,
    };
    match model.overlays.last() {
        Some(
            Overlay::Verdict(_)
            | Overlay::Reason(_)
            | Overlay::Letter(_)
            | Overlay::Settle(_)
            | Overlay::Budget(_)
            | Overlay::Acknowledge(_)
            | Overlay::Terminate(_)
            | Overlay::Quit(_),
        ) => dialog::key(model, key, at_ms),
        Some(Overlay::Edit(_)) => edit::key(model, key, chosen, at_ms),
        Some(Overlay::Filter(_)) => filter_key(model, key, chosen),
        Some(Overlay::Help(_)) => help_key(model, key, chosen),
        None => Vec::new(),
    }
}

/// What concerns the screen as a whole, while something lies over it.
fn over(model: &mut Model, place: Place, whole: Whole, at_ms: u64) -> Vec<Request> {
    // Such a key is no answer, and what it covers has to be seen again.
    absorb(model, at_ms);
    match whole {
        Whole::Redraw => vec![Request::Redraw],
        Whole::Suspend => {
            if let Some(deaf) = model.overlays.last_mut().and_then(Overlay::deaf_mut) {
                deaf.unseen();
            }
            vec![Request::Suspend]
        }
        Whole::Help => {
            model.overlays.push(Overlay::Help(Help::open(place, false)));
            Vec::new()
        }
        // No overlay has a key for these.
        Whole::Zoom | Whole::Theme | Whole::Refresh | Whole::Palette | Whole::Quit => Vec::new(),
    }
}

/// Gives pasted text to the overlay on top; false where it takes none.
pub fn paste(model: &mut Model, text: &str, at_ms: u64) -> bool {
    match model.overlays.last_mut() {
        Some(Overlay::Filter(bar)) => {
            bar.field.insert(text.lines().next().unwrap_or_default());
            apply_filter(model);
            true
        }
        Some(Overlay::Help(help)) => {
            help.field.insert(text.lines().next().unwrap_or_default());
            true
        }
        Some(Overlay::Edit(_)) => edit::paste(model, text, at_ms),
        Some(
            Overlay::Verdict(_)
            | Overlay::Reason(_)
            | Overlay::Letter(_)
            | Overlay::Settle(_)
            | Overlay::Budget(_)
            | Overlay::Acknowledge(_)
            | Overlay::Terminate(_)
            | Overlay::Quit(_),
        ) => dialog::paste(model, text, at_ms),
        None => false,
    }
}

/// Tells a dialog that something came which it must not take for an answer; false where there is
/// none.
pub fn absorb(model: &mut Model, at_ms: u64) -> bool {
    let dialog = model.overlays.last_mut().and_then(Overlay::dialog_mut);
    let Some(dialog) = dialog else {
        return false;
    };
    dialog.walk_mut().absorb(at_ms);
    true
}

/// The keys that came last without a pause were a paste: what they wrote in a dialog is gone.
pub fn take_back(model: &mut Model) {
    if let Some(dialog) = model.overlays.last_mut().and_then(Overlay::dialog_mut) {
        dialog.walk_mut().take_back();
    }
}

/// Takes the filter of the list away.
pub fn clear_filter(model: &mut Model) -> Vec<Request> {
    set_filter(model, "")
}

fn filter_key(model: &mut Model, key: Key, chosen: Option<Action>) -> Vec<Request> {
    let Some(Overlay::Filter(bar)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    match chosen {
        Some(Action::Filter(InFilter::Leave)) => {
            let before = bar.before.clone();
            model.overlays.pop();
            put_back(model, &before)
        }
        Some(Action::Filter(InFilter::Keep)) => {
            if bar.wrong.is_some() {
                return Vec::new();
            }
            let text = bar.field.text().to_owned();
            model.overlays.pop();
            match model.screen {
                // The others were narrowed with every key.
                Screen::Queue | Screen::Runs | Screen::DeadLetters | Screen::Alerts => Vec::new(),
                Screen::Audit => audit::set_filter(model, &text),
            }
        }
        Some(_) | None => {
            bar.field.key(key);
            apply_filter(model)
        }
    }
}

/// The list is as it was before the bar opened, with the cursor where it was.
fn put_back(model: &mut Model, before: &Before) -> Vec<Request> {
    let height = layout::list_height(model);
    match before.cursor {
        Cursor::Packet { selected, top } => {
            model.queue.list.selected = selected;
            let requests = set_filter(model, &before.text);
            model.queue.list.top_at(top, height);
            requests
        }
        Cursor::Run { selected, top } => {
            model.runs.list.selected = selected;
            let requests = set_filter(model, &before.text);
            model.runs.list.top_at(top, height);
            requests
        }
        Cursor::DeadLetter { selected, top } => {
            model.dead_letters.rows.list.selected = selected;
            let requests = set_filter(model, &before.text);
            model.dead_letters.rows.list.top_at(top, height);
            requests
        }
        Cursor::Alert { selected, top } => {
            model.alerts.rows.list.selected = selected;
            let requests = set_filter(model, &before.text);
            model.alerts.rows.list.top_at(top, height);
            requests
        }
        Cursor::Event => set_filter(model, &before.text),
    }
}

/// Narrows the list to what stands in the bar.
fn apply_filter(model: &mut Model) -> Vec<Request> {
    let Some(Overlay::Filter(bar)) = model.overlays.last() else {
        return Vec::new();
    };
    let text = bar.field.text().to_owned();
    set_filter(model, &text)
}

fn set_filter(model: &mut Model, text: &str) -> Vec<Request> {
    let height = layout::list_height(model);
    let wrong = match model.screen {
        Screen::Queue => {
            use crate::console::model::filter::Filter;
            use crate::console::model::queue::FIELDS;
            match Filter::parse(text, FIELDS) {
                Ok(filter) => {
                    model.queue.filter = filter;
                    model.queue.refilter(height);
                    None
                }
                Err(error) => Some(error.to_string()),
            }
        }
        Screen::Runs => runs::set_filter(model, text),
        Screen::DeadLetters => dead_letters::set_filter(model, text),
        Screen::Alerts => alerts::set_filter(model, text),
        Screen::Audit => return audit::set_filter(model, text),
    };
    model.dirty = true;
    match (model.overlays.last_mut(), wrong) {
        (Some(Overlay::Filter(bar)), wrong) => bar.wrong = wrong,
        (_, Some(wrong)) => model.tell(Notice::warning(wrong)),
        (_, None) => {}
    }
    match model.screen {
        Screen::Queue => move_cursor::look(model),
        Screen::Runs => runs::look(model),
        Screen::DeadLetters => dead_letters::look(model),
        Screen::Alerts | Screen::Audit => Vec::new(),
    }
}

fn help_key(model: &mut Model, key: Key, chosen: Option<Action>) -> Vec<Request> {
    let trails = burst::trails(model);
    let Some(Overlay::Help(help)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    match chosen {
        Some(Action::Keys(InKeys::Run)) if trails => {
            model.tell(Notice::info(ENTER_TRAILED));
            Vec::new()
        }
        Some(Action::Keys(InKeys::Run)) => run_chosen(model),
        Some(Action::Keys(InKeys::Close)) => {
            model.overlays.pop();
            Vec::new()
        }
        Some(Action::Keys(step)) => {
            help.step(step);
            Vec::new()
        }
        Some(_) | None => {
            help.typed(key);
            Vec::new()
        }
    }
}

/// Does what is chosen in the list of keys, or says why not.
fn run_chosen(model: &mut Model) -> Vec<Request> {
    let Some(Overlay::Help(help)) = model.overlays.last() else {
        return Vec::new();
    };
    let Some(entry) = help.chosen() else {
        return Vec::new();
    };
    if !help.runs() {
        model.tell(Notice::info("esc goes back: press the key there"));
        return Vec::new();
    }
    if let Err(notice) = able::runnable(model, entry) {
        model.tell(notice);
        return Vec::new();
    }
    model.overlays.pop();
    act::act(model, entry.action)
}

/// The bar of the screen's list, with what it is filtered by now.
impl FilterBar {
    pub fn of(model: &Model) -> Self {
        let (text, cursor) = match model.screen {
            Screen::Queue => {
                let list = &model.queue.list;
                let (selected, top) = (list.selected, list.top);
                let cursor = Cursor::Packet { selected, top };
                (model.queue.filter.text(), cursor)
            }
            Screen::Runs => {
                let list = &model.runs.list;
                let (selected, top) = (list.selected, list.top);
                (model.runs.filter.text(), Cursor::Run { selected, top })
            }
            Screen::DeadLetters => {
                let list = &model.dead_letters.rows.list;
                let (selected, top) = (list.selected, list.top);
                let cursor = Cursor::DeadLetter { selected, top };
                (model.dead_letters.rows.filter.text(), cursor)
            }
            Screen::Alerts => {
                let list = &model.alerts.rows.list;
                let (selected, top) = (list.selected, list.top);
                let cursor = Cursor::Alert { selected, top };
                (model.alerts.rows.filter.text(), cursor)
            }
            Screen::Audit => (model.audit.filter.text(), Cursor::Event),
        };
        Self::new(text, cursor)
    }
}
