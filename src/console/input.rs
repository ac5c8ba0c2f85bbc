//! From what a terminal reports to messages.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::console::Message;
use crate::console::key::{Code, Key};

/// What an event of the terminal means; none where it means nothing at all. What is no key here
/// still says that something else than a lone key came.
pub(super) fn message(event: Event, at_ms: u64) -> Option<Message> {
    match event {
        Event::Key(event) => key(event).map(|key| Message::Key { key, at_ms }),
        Event::Paste(text) => Some(Message::Pasted { text, at_ms }),
        Event::Resize(columns, rows) => Some(Message::Resized { columns, rows }),
        Event::FocusGained | Event::FocusLost | Event::Mouse(_) => {
            let key = Key::plain(Code::Other);
            Some(Message::Key { key, at_ms })
        }
    }
}

/// Releases say nothing, and no Alt combination is bound: terminals send them for lone escapes.
fn key(event: KeyEvent) -> Option<Key> {
    let meta = KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::HYPER | KeyModifiers::META;
    if event.kind == KeyEventKind::Release {
        return None;
    }
    // Nobody asked for reports of repeats: one is no key press.
    if event.kind == KeyEventKind::Repeat || event.modifiers.intersects(meta) {
        return Some(Key::plain(Code::Other));
    }
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let code = match event.code {
        KeyCode::Char(c) if event.modifiers.contains(KeyModifiers::SHIFT) && !ctrl => {
            // Some terminals report the letter and the shift apart.
            Code::Char(c.to_uppercase().next().unwrap_or(c))
        }
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::F(number) => Code::F(number),
        _ => Code::Other,
    };
    let ctrl = ctrl && matches!(code, Code::Char(_));
    Some(Key { code, ctrl })
}
