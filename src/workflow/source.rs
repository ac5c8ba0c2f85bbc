//! A file as it was given, and places in it.

use std::ops::Range;

/// A file's name, for messages, and its text. Nobody here opens files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    pub name: String,
    pub text: String,
}

impl SourceFile {
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }
}

/// Bytes of a file, from the first to the one after the last.
pub type Span = Range<usize>;

/// A place for people: line and column count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// Finds the place of a byte; one past the end is the end.
pub fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..floor(text, offset)).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let in_line = before.get(line_start..).unwrap_or_default();
    Position {
        line: before.matches('\n').count() + 1,
        column: in_line.chars().count() + 1,
    }
}

/// Finds the byte of a place: the inverse of [`position`].
pub fn offset(text: &str, place: Position) -> usize {
    let lines = text
        .split_inclusive('\n')
        .take(place.line.saturating_sub(1));
    let start: usize = lines.map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    let column = rest.char_indices().nth(place.column.saturating_sub(1));
    column.map_or(text.len(), |(at, _)| start + at)
}

/// The span cut to the file and widened to whole characters.
pub fn within(text: &str, span: &Span) -> Span {
    let start = floor(text, span.start);
    let mut end = span.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let text = "a: 1\nä: x\n";
        assert_eq!(position(text, 9), Position { line: 2, column: 4 });
        assert_eq!(position(text, 0), Position { line: 1, column: 1 });
        assert_eq!(position(text, 99), Position { line: 3, column: 1 });
    }

    #[test]
    fn a_place_leads_back_to_its_byte() {
        let text = "a: 1\nä: x\n";
        for (at, _) in text.char_indices() {
            assert_eq!(offset(text, position(text, at)), at);
        }
    }

    #[test]
    fn a_span_is_widened_to_whole_characters() {
        assert_eq!(within("aä", &(1..2)), 1..3);
        assert_eq!(within("aä", &(2..9)), 1..3);
    }
}
