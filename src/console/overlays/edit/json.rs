//! The whole state as JSON text, to be edited as such.

use ratatui_textarea::{CursorMove, DataCursor, Input, Key as Press, TextArea};
use serde_json::Value;

use super::text::escape;
use crate::console::key::{Code, Key};
use crate::domain::limits::EVENT_BYTES_MAX;
use crate::domain::{Fields, escape_json, is_hidden, unique_json};

/// Steps back that the text remembers.
const UNDO_MAX: usize = 1_000;
/// Spaces that a level is in, and that a tab makes.
const TAB: u8 = 2;
/// Lines that a page moves by.
const PAGE: u16 = 10;

#[derive(Clone, Debug)]
pub struct RawJson {
    area: TextArea<'static>,
    /// Why it cannot be taken as it stands.
    pub wrong: Option<String>,
}

/// What is wrong with a text, and where: line and column from 1, in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub said: String,
    pub at: Option<(usize, usize)>,
}

impl RawJson {
    /// The text; hidden characters in it become escapes.
    pub fn of(text: &str) -> Self {
        let lines = tame(text).lines().map(str::to_owned).collect();
        let mut area = TextArea::new(lines);
        area.set_max_histories(UNDO_MAX);
        area.set_tab_length(TAB);
        Self { area, wrong: None }
    }

    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    pub fn lines(&self) -> &[String] {
        self.area.lines()
    }

    /// Line and character of the cursor, from 0.
    pub fn cursor(&self) -> (usize, usize) {
        let DataCursor(line, column) = self.area.cursor();
        (line, column)
    }

    pub fn key(&mut self, key: Key) {
        if let Some(c) = key.typed() {
            if is_hidden(c) {
                self.area.insert_str(escape(c.encode_utf8(&mut [0; 4])));
            } else if self.bytes() < EVENT_BYTES_MAX {
                self.area.insert_char(c);
            }
            return;
        }
        let moved = match (key.code, key.ctrl) {
            (Code::Up, _) => CursorMove::Up,
            (Code::Down, _) => CursorMove::Down,
            (Code::Left, _) => CursorMove::Back,
            (Code::Right, _) => CursorMove::Forward,
            (Code::Home, _) | (Code::Char('a'), true) => CursorMove::Head,
            (Code::End, _) | (Code::Char('e'), true) => CursorMove::End,
            (Code::PageUp, _) => return self.page(CursorMove::Up),
            (Code::PageDown, _) => return self.page(CursorMove::Down),
            _ => return self.edit(key.code),
        };
        self.area.move_cursor(moved);
    }

    /// Puts pasted text in as far as it fits; false where its end did not.
    pub fn paste(&mut self, text: &str) -> bool {
        let text = tame(text);
        let room = EVENT_BYTES_MAX.saturating_sub(self.bytes());
        let end = text.floor_char_boundary(room);
        self.area.insert_str(text.get(..end).unwrap_or_default());
        end == text.len()
    }

    pub fn undo(&mut self) -> bool {
        self.area.undo()
    }

    /// The state that the text says.
    ///
    /// # Errors
    /// Where it is no JSON, no object, or could be read in two ways.
    pub fn read(&self) -> Result<Fields, Fault> {
        read(&self.text())
    }

    /// Moves the cursor to a place told by [`Fault`].
    pub fn go_to(&mut self, (line, column): (usize, usize)) {
        let from_zero = |n: usize| u16::try_from(n.saturating_sub(1)).unwrap_or(u16::MAX);
        self.area
            .move_cursor(CursorMove::Jump(from_zero(line), from_zero(column)));
    }

    fn edit(&mut self, code: Code) {
        let key = match code {
            Code::Enter => Press::Enter,
            Code::Backspace => Press::Backspace,
            Code::Delete => Press::Delete,
            Code::Tab => Press::Tab,
            _ => return,
        };
        let input = Input {
            key,
            ..Input::default()
        };
        self.area.input_without_shortcuts(input);
    }

    fn page(&mut self, moved: CursorMove) {
        for _ in 0..PAGE {
            self.area.move_cursor(moved);
        }
    }

    fn bytes(&self) -> usize {
        let lines = self.area.lines().iter();
        lines.map(|line| line.len().saturating_add(1)).sum()
    }
}

/// A state as text: a member a line, nothing hidden in it.
pub fn written(state: &Fields) -> String {
    let value = Value::Object(state.clone());
    // `{:#}` of a value is its JSON over several lines.
    escape_json(&format!("{value:#}")).into_owned()
}

/// Text whose hidden characters are escapes; tabs are layout where JSON allows them.
fn tame(text: &str) -> String {
    let spaces = " ".repeat(TAB.into());
    let text = text.replace("\r\n", "\n").replace('\t', &spaces);
    escape_json(&text).into_owned()
}

fn read(text: &str) -> Result<Fields, Fault> {
    match unique_json::parse_value(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Fault {
            said: "the state is an object: it stands in { and }".to_owned(),
            at: None,
        }),
        Err(said) => Err(placed(&said, text)),
    }
}

/// A parser's sentence with its place in front. The parser counts bytes; people count characters.
fn placed(said: &str, text: &str) -> Fault {
    let place = said.rsplit_once(" at line ").and_then(|(what, place)| {
        let (line, column) = place.split_once(" column ")?;
        Some((what, line.parse().ok()?, column.parse().ok()?))
    });
    let Some((what, line, bytes)) = place else {
        return Fault {
            said: said.to_owned(),
            at: None,
        };
    };
    let line: usize = line;
    let shown = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let before = shown.get(..shown.floor_char_boundary(bytes));
    let column = before.unwrap_or_default().chars().count().max(1);
    Fault {
        said: format!("line {line}, column {column}: {what}"),
        at: Some((line, column)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_tells_its_place_in_characters() {
        let text = "{\n  \"a\": \"株式\",\n  \"é\": x\n}";
        let fault = read(text).unwrap_err();
        assert_eq!(fault.at, Some((3, 8)));
        assert_eq!(fault.said, "line 3, column 8: expected value");
        let twice = read(r#"{"a": 1, "a": 2}"#).unwrap_err();
        assert!(twice.said.contains("`a` stands in it twice"), "{twice:?}");
        assert_eq!(read("[1]").unwrap_err().at, None);
    }

    #[test]
    fn what_is_pasted_hides_nothing() {
        let mut raw = RawJson::of("{\"a\": \"\"}");
        for _ in 0..7 {
            raw.key(Key::plain(Code::Right));
        }
        raw.paste("x\u{202e}\u{e0041}");
        assert_eq!(raw.text(), "{\"a\": \"x\\u202e\\udb40\\udc41\"}");
        let state = raw.read().unwrap();
        assert_eq!(state["a"], "x\u{202e}\u{e0041}");
        raw.undo();
        assert_eq!(raw.text(), "{\"a\": \"\"}");
    }
}
