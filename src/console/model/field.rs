//! One line of text that a person types.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::console::key::{Code, Key};

/// Bytes a field takes.
const FIELD_BYTES_MAX: usize = 4_096;

/// The text, and the byte before which the cursor stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    text: String,
    at: usize,
}

impl Field {
    pub fn of(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            at: text.len(),
        }
    }

    /// The cursor stands between the two.
    pub fn of_halves(before: &str, after: &str) -> Self {
        Self {
            text: format!("{before}{after}"),
            at: before.len(),
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// What stands before the cursor and what from it on.
    pub fn halves(&self) -> (&str, &str) {
        self.text
            .split_at_checked(self.at)
            .unwrap_or((&self.text, ""))
    }

    /// Takes a key; false where it is no editing key.
    pub fn key(&mut self, key: Key) -> bool {
        match (key.code, key.ctrl) {
            (Code::Char(c), false) => self.insert(c.encode_utf8(&mut [0; 4])),
            (Code::Backspace, _) => self.erase_before(),
            (Code::Delete, _) => self.erase_after(),
            (Code::Left, _) => self.at = self.before(),
            (Code::Right, _) => self.at = self.after(),
            (Code::Home, _) | (Code::Char('a'), true) => self.at = 0,
            (Code::End, _) | (Code::Char('e'), true) => self.at = self.text.len(),
            (Code::Char('u'), true) => {
                self.text.drain(..self.at);
                self.at = 0;
            }
            _ => return false,
        }
        true
    }

    /// Puts text in at the cursor, as far as the field takes it.
    pub fn insert(&mut self, text: &str) {
        if self.text.len().saturating_add(text.len()) <= FIELD_BYTES_MAX {
            self.text.insert_str(self.at, text);
            self.at = self.at.saturating_add(text.len());
        }
    }

    /// Bytes that still fit.
    pub fn room(&self) -> usize {
        FIELD_BYTES_MAX.saturating_sub(self.text.len())
    }

    fn erase_before(&mut self) {
        let from = self.before();
        self.text.drain(from..self.at);
        self.at = from;
    }

    fn erase_after(&mut self) {
        let to = self.after();
        self.text.drain(self.at..to);
    }

    fn before(&self) -> usize {
        let (left, _) = self.halves();
        let last = left.grapheme_indices(true).next_back();
        last.map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        let (left, right) = self.halves();
        let next = right.graphemes(true).next().map_or(0, str::len);
        left.len().saturating_add(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[&str]) -> Field {
        let mut field = Field::default();
        for key in keys {
            assert!(field.key(Key::named(key).unwrap()), "{key}");
        }
        field
    }

    #[test]
    fn editing_works_by_whole_letters() {
        let mut field = typed(&["a", "b", "c", "left", "backspace", "x", "home", "delete"]);
        assert_eq!(field.halves(), ("", "xc"));
        field.insert("e\u{301}");
        field.key(Key::plain(Code::Backspace));
        assert_eq!(field.text(), "xc");
        field.key(Key::ctrl('e'));
        field.key(Key::ctrl('u'));
        assert_eq!(field.text(), "");
    }

    #[test]
    fn what_does_not_fit_is_left_out_whole() {
        let mut field = Field::of(&"x".repeat(FIELD_BYTES_MAX));
        field.insert("y");
        assert_eq!(field.text().len(), FIELD_BYTES_MAX);
    }
}
