//! Keys and pastes for what lies on top.

use crate::console::key::{Code, Key};
use crate::console::model::{Model, Notice, Screen};
use crate::console::overlays::filter::{Before, Cursor};
use crate::console::overlays::{FilterBar, Overlay, help};
use crate::console::request::Request;
use crate::console::update::{act, audit, burst, dialog, edit, move_cursor, runs};
use crate::console::view::layout;

/// An enter that came with pasted text runs nothing.
pub const ENTER_TRAILED: &str = "enter came together with the text: press it once more";

/// Gives the key to the overlay on top.
pub fn key(model: &mut Model, key: Key, at_ms: u64) -> Vec<Request> {
    if key == Key::ctrl('l') {
        return vec![Request::Redraw];
    }
    let edits = matches!(model.overlays.last(), Some(Overlay::Edit(_)));
    let key = match key {
        // The form leaves a field by it; everywhere else it is a way out.
        leave if leave == Key::ctrl('c') && !edits => Key::plain(Code::Esc),
        other => other,
    };
    match model.overlays.last() {
        Some(Overlay::Edit(_)) => edit::key(model, key, at_ms),
        Some(Overlay::Filter(_)) => filter_key(model, key),
        Some(Overlay::Help(_)) => help_key(model, key),
        Some(Overlay::Verdict(_) | Overlay::Reason(_) | Overlay::Quit(_)) => {
            dialog::key(model, key, at_ms);
            Vec::new()
        }
        None => Vec::new(),
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
        Some(Overlay::Verdict(_) | Overlay::Reason(_) | Overlay::Quit(_)) | None => false,
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

fn filter_key(model: &mut Model, key: Key) -> Vec<Request> {
    let Some(Overlay::Filter(bar)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    match key.code {
        Code::Esc => {
            let before = bar.before.clone();
            model.overlays.pop();
            put_back(model, &before)
        }
        Code::Enter | Code::Tab => {
            if bar.wrong.is_some() {
                return Vec::new();
            }
            let text = bar.field.text().to_owned();
            model.overlays.pop();
            match model.screen {
                // The others were narrowed with every key.
                Screen::Queue | Screen::Runs => Vec::new(),
                Screen::Audit => audit::set_filter(model, &text),
            }
        }
        _ => {
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
        Screen::Audit => Vec::new(),
    }
}

fn help_key(model: &mut Model, key: Key) -> Vec<Request> {
    if key.code == Code::Enter && burst::trails(model) {
        model.tell(Notice::info(ENTER_TRAILED));
        return Vec::new();
    }
    let Some(Overlay::Help(help)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    match help.key(key) {
        help::Came::Nothing => Vec::new(),
        help::Came::Close => {
            model.overlays.pop();
            Vec::new()
        }
        help::Came::Run(action) => {
            model.overlays.pop();
            act::act(model, action)
        }
    }
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
            Screen::Audit => (model.audit.filter.text(), Cursor::Event),
        };
        Self::new(text, cursor)
    }
}
