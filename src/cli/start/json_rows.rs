//! Rows written as JSON Lines, as one object, or as a list of objects.

use std::io::{BufRead, Read as _};

use crate::cli::failure::Failure;
use crate::cli::start::input::{InputRow, failed};
use crate::domain::limits::INPUT_ROW_BYTES_MAX;
use crate::domain::unique_json::parse_object;

/// One object on each line. Blank lines are skipped, a bad line does not spoil the next.
pub(crate) struct JsonLines<R> {
    reader: R,
    line: u64,
}

impl<R: BufRead> JsonLines<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, line: 0 }
    }

    fn read_line(&mut self, line: &mut Vec<u8>) -> std::io::Result<usize> {
        let limit = INPUT_ROW_BYTES_MAX as u64 + 1;
        let read = self.reader.by_ref().take(limit).read_until(b'\n', line)?;
        if read as u64 == limit && !line.ends_with(b"\n") {
            self.reader.skip_until(b'\n')?;
        }
        Ok(read)
    }
}

impl<R: BufRead> Iterator for JsonLines<R> {
    type Item = Result<InputRow, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut line = Vec::new();
            match self.read_line(&mut line) {
                Ok(0) => return None,
                Ok(_) => self.line += 1,
                Err(error) => return Some(Err(failed(&error))),
            }
            let text = line.trim_ascii();
            if text.is_empty() {
                continue;
            }
            let fields = if text.len() > INPUT_ROW_BYTES_MAX {
                Err(too_large())
            } else {
                parse_object(text)
            };
            let line = self.line;
            return Some(Ok(InputRow { line, fields }));
        }
    }
}

/// One object, several after one another, or a list of them, laid out in any way. Elements are cut out one at a time, so
/// that a long list takes no more memory than its longest element.
pub(crate) struct JsonDocument<R> {
    reader: R,
    line: u64,
    place: Place,
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Start,
    /// After `[`.
    FirstItem,
    /// After an element.
    AfterItem,
    /// After `,`.
    NextItem,
    /// After an object that stands in no list: the end, or another one.
    AfterObject,
    /// After the list.
    End,
    Broken,
}

impl<R: BufRead> JsonDocument<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self {
            reader,
            line: 1,
            place: Place::Start,
        }
    }

    fn peek(&mut self) -> std::io::Result<Option<u8>> {
        Ok(self.reader.fill_buf()?.first().copied())
    }

    fn take(&mut self, byte: u8) {
        self.reader.consume(1);
        if byte == b'\n' {
            self.line += 1;
        }
    }

    /// Skips spaces and answers the next byte without taking it.
    fn next_byte(&mut self) -> std::io::Result<Option<u8>> {
        while let Some(byte) = self.peek()? {
            if !byte.is_ascii_whitespace() {
                return Ok(Some(byte));
            }
            self.take(byte);
        }
        Ok(None)
    }

    /// Takes one object: up to the brace that closes it, braces inside strings apart.
    fn object(&mut self) -> std::io::Result<Result<Vec<u8>, String>> {
        let (mut bytes, mut depth, mut in_string, mut escaped) = (Vec::new(), 0_u32, false, false);
        while let Some(byte) = self.peek()? {
            self.take(byte);
            if bytes.len() == INPUT_ROW_BYTES_MAX {
                return Ok(Err(too_large()));
            }
            bytes.push(byte);
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                b'{' if !in_string => depth += 1,
                b'}' if !in_string => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(Ok(bytes));
            }
        }
        Ok(Err("the object is never closed".to_owned()))
    }

    /// Moves to the next element and answers its row; `None` at a sound end.
    fn step(&mut self) -> std::io::Result<Option<InputRow>> {
        loop {
            let next = self.next_byte()?;
            let line = self.line;
            match (self.place, next) {
                (Place::Start | Place::AfterObject | Place::End, None) => return Ok(None),
                (Place::Start, Some(b'[')) => self.pass(b'[', Place::FirstItem),
                (Place::AfterItem, Some(b',')) => self.pass(b',', Place::NextItem),
                (Place::AfterItem | Place::FirstItem, Some(b']')) => self.pass(b']', Place::End),
                (
                    Place::Start | Place::AfterObject | Place::FirstItem | Place::NextItem,
                    Some(b'{'),
                ) => {
                    let object = self.object()?;
                    self.place = match (self.place, &object) {
                        (_, Err(_)) => Place::Broken,
                        (Place::Start | Place::AfterObject, Ok(_)) => Place::AfterObject,
                        _ => Place::AfterItem,
                    };
                    let fields = object.and_then(|bytes| parse_object(&bytes));
                    return Ok(Some(InputRow { line, fields }));
                }
                (place, next) => return Ok(Some(self.broken(place, next))),
            }
        }
    }

    fn pass(&mut self, byte: u8, place: Place) {
        self.take(byte);
        self.place = place;
    }

    /// A row for what cannot be read on from.
    fn broken(&mut self, place: Place, next: Option<u8>) -> InputRow {
        self.place = Place::Broken;
        let wanted = match place {
            Place::Start | Place::NextItem | Place::AfterObject => "an object",
            Place::FirstItem => "an object or `]`",
            Place::AfterItem => "`,` or `]`",
            Place::End | Place::Broken => "nothing more",
        };
        let found = match next {
            Some(byte) => format!("`{}`", byte.escape_ascii()),
            None => "the end of the input".to_owned(),
        };
        let error = format!("{found} stands where {wanted} should; the rest is not read");
        InputRow {
            line: self.line,
            fields: Err(error),
        }
    }
}

impl<R: BufRead> Iterator for JsonDocument<R> {
    type Item = Result<InputRow, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.place == Place::Broken {
            return None;
        }
        match self.step() {
            Ok(row) => row.map(Ok),
            Err(error) => {
                self.place = Place::Broken;
                Some(Err(failed(&error)))
            }
        }
    }
}

fn too_large() -> String {
    format!("the row is larger than {INPUT_ROW_BYTES_MAX} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Vec<(u64, Result<String, String>)> {
        JsonDocument::new(text.as_bytes())
            .map(|row| {
                let row = row.unwrap();
                let fields = row
                    .fields
                    .map(|fields| serde_json::to_string(&fields).unwrap());
                (row.line, fields)
            })
            .collect()
    }

    #[test]
    fn the_elements_of_a_list_have_the_lines_they_begin_on() {
        let rows = document("[\n {\"a\":\n \"}{\\\"\"},\n\n {\"b\":2} ]\n");
        assert_eq!(
            rows,
            [
                (2, Ok("{\"a\":\"}{\\\"\"}".to_owned())),
                (5, Ok("{\"b\":2}".to_owned()))
            ]
        );
        let lines = |text| {
            document(text)
                .iter()
                .map(|(line, _)| *line)
                .collect::<Vec<_>>()
        };
        assert_eq!(lines("{\n}\n{}{}\n"), [1, 3, 3]);
        assert_eq!(document("[]"), []);
        assert_eq!(document(" \n"), []);
    }

    #[test]
    fn a_broken_list_is_told_and_ended() {
        for text in [
            "[{} {}]", "[{},]", "[{}", "[1]", "{},{}", "[{}] x", "[,{}]", "{\"a\":1", "x",
            "[{\"a\"",
        ] {
            let rows = document(text);
            assert!(rows.last().unwrap().1.is_err(), "{text}: {rows:?}");
            assert!(rows.len() <= 2, "{text}: {rows:?}");
        }
    }

    #[test]
    fn a_bad_element_that_is_closed_does_not_spoil_the_next() {
        let rows = document("[{\"a\":1,\"a\":2},{\"b\":1}]");
        assert!(matches!(&rows[..], [(1, Err(_)), (1, Ok(_))]), "{rows:?}");
    }

    #[test]
    fn an_endless_line_is_one_bad_row() {
        let long = "x".repeat(INPUT_ROW_BYTES_MAX * 2);
        let text = format!("{long}\n{{\"a\":1}}\n");
        let rows: Vec<_> = JsonLines::new(text.as_bytes())
            .map(Result::unwrap)
            .collect();
        assert_eq!(rows.len(), 2);
        assert!(rows.first().unwrap().fields.is_err());
        assert_eq!(
            rows.last().map(|row| (row.line, row.fields.is_ok())),
            Some((2, true))
        );
    }

    #[test]
    fn a_row_of_exactly_the_largest_size_is_read() {
        let empty = "{\"a\":\"\"}";
        let filler = "x".repeat(INPUT_ROW_BYTES_MAX - empty.len());
        for (text, sound) in [
            (format!("{{\"a\":\"{filler}\"}}\n"), true),
            (format!("{{\"a\":\"{filler}y\"}}\n"), false),
        ] {
            let lines: Vec<_> = JsonLines::new(text.as_bytes())
                .map(Result::unwrap)
                .collect();
            let whole: Vec<_> = JsonDocument::new(text.as_bytes())
                .map(Result::unwrap)
                .collect();
            assert!(lines.iter().all(|row| row.fields.is_ok() == sound) && lines.len() == 1);
            assert!(whole.iter().all(|row| row.fields.is_ok() == sound) && whole.len() == 1);
        }
    }
}
