//! Rows of a CSV file (RFC 4180) with a header line; every cell is text.
//!
//! Records are cut here and taken apart by the csv crate: that crate's own line numbers are one
//! off after `\r\n` and after blank lines, it reads an unclosed quote to the end of the input, and
//! it is silent about text after a closing quote. People look for a bad row by its number.

use std::collections::BTreeSet;
use std::io::BufRead;

use csv::{ReaderBuilder, StringRecord};
use serde_json::Value;

use crate::cli::failure::Failure;
use crate::cli::start::input::{InputRow, failed};
use crate::domain::Fields;
use crate::domain::limits::INPUT_ROW_BYTES_MAX;

/// The rows below a header.
pub(crate) struct CsvRows<R> {
    records: Records<R>,
    header: Vec<String>,
}

impl<R: BufRead> CsvRows<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// A header that is no record, or names a column twice.
    pub(crate) fn new(reader: R) -> Result<Self, Failure> {
        let mut records = Records {
            reader,
            line: 1,
            ended: false,
        };
        let Some(first) = records.next() else {
            let header = Vec::new();
            return Ok(Self { records, header });
        };
        let bad = |why: String| {
            Failure::usage(
                "bad_header",
                format!("the header of the CSV input is not usable: {why}"),
            )
            .hint("the first line names the columns, each once")
        };
        let cells = first?.bytes.and_then(|bytes| cells(&bytes)).map_err(bad)?;
        let header: Vec<String> = cells.iter().map(str::to_owned).collect();
        let mut seen = BTreeSet::new();
        if let Some(twice) = header.iter().find(|name| !seen.insert(name.as_str())) {
            return Err(bad(format!("the column `{twice}` stands in it twice")));
        }
        Ok(Self { records, header })
    }

    /// The columns' names; none where the input is blank.
    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    fn fields(&self, record: &[u8]) -> Result<Fields, String> {
        let cells = cells(record)?;
        if cells.len() != self.header.len() {
            let (found, wanted) = (cells.len(), self.header.len());
            return Err(format!(
                "the row has {found} cells, the header has {wanted}"
            ));
        }
        let named = self.header.iter().cloned().zip(cells.iter());
        Ok(named
            .map(|(name, cell)| (name, Value::from(cell)))
            .collect())
    }
}

impl<R: BufRead> Iterator for CsvRows<R> {
    type Item = Result<InputRow, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.records.next()?;
        Some(record.map(|record| InputRow {
            line: record.line,
            fields: record.bytes.and_then(|bytes| self.fields(&bytes)),
        }))
    }
}

const LONE_RETURN: &str = "lines end in CR alone: write the file with LF or CR LF at line ends";

/// Takes one record apart.
fn cells(record: &[u8]) -> Result<StringRecord, String> {
    let mut reader = ReaderBuilder::new().has_headers(false).from_reader(record);
    let mut records = reader.records();
    match records.next() {
        // The csv crate ends a record at a carriage return alone.
        Some(Ok(_)) if records.next().is_some() => Err(LONE_RETURN.to_owned()),
        Some(Ok(cells)) => Ok(cells),
        Some(Err(error)) => Err(match error.kind() {
            csv::ErrorKind::Utf8 { err, .. } => {
                format!("the row is not UTF-8 (cell {})", err.field() + 1)
            }
            _ => format!("the row is no CSV: {error}"),
        }),
        None => Err("the row is empty".to_owned()),
    }
}

/// One record's bytes without its line break, or why it is none.
struct Record {
    line: u64,
    bytes: Result<Vec<u8>, String>,
}

struct Records<R> {
    reader: R,
    /// The line that is read next.
    line: u64,
    ended: bool,
}

/// Where in a record the reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    CellStart,
    Bare,
    Quoted,
    /// After a quote inside quotes: the cell's end, or the first half of a doubled quote.
    Closed,
    /// After text that follows a closing quote; read on to the end of the line.
    Wrong,
}

impl Place {
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            // A carriage return before the line feed belongs to the line break.
            (Self::Quoted, b'"') | (Self::Closed, b'\r') => Self::Closed,
            (Self::CellStart | Self::Closed, b'"') | (Self::Quoted, _) => Self::Quoted,
            (Self::CellStart | Self::Bare | Self::Closed, b',') => Self::CellStart,
            (Self::Closed | Self::Wrong, _) => Self::Wrong,
            (Self::CellStart | Self::Bare, _) => Self::Bare,
        }
    }
}

impl<R: BufRead> Records<R> {
    /// Reads the next record that is not blank; `None` at the end of the input.
    fn read(&mut self) -> std::io::Result<Option<Record>> {
        let (mut bytes, mut place, mut line) = (Vec::new(), Place::CellStart, self.line);
        loop {
            let Some(byte) = self.byte()? else {
                self.ended = true;
                break;
            };
            if byte == b'\n' && place != Place::Quoted {
                if bytes.iter().all(|byte| *byte == b'\r') {
                    (bytes, place, line) = (Vec::new(), Place::CellStart, self.line);
                    continue;
                }
                break;
            }
            place = place.after(byte);
            bytes.push(byte);
            if bytes.len() > INPUT_ROW_BYTES_MAX {
                let returns = bytes.contains(&b'\r');
                return self.too_large(line, place, returns).map(Some);
            }
        }
        if bytes.ends_with(b"\r") && place != Place::Quoted {
            bytes.pop();
        }
        let bytes = match place {
            Place::Quoted => Err("a quote in this row is never closed".to_owned()),
            Place::Wrong => Err("text follows a closing quote".to_owned()),
            Place::CellStart if bytes.is_empty() => return Ok(None),
            Place::CellStart | Place::Bare | Place::Closed => Ok(bytes),
        };
        Ok(Some(Record { line, bytes }))
    }

    fn byte(&mut self) -> std::io::Result<Option<u8>> {
        let next = self.reader.fill_buf()?.first().copied();
        if let Some(byte) = next {
            self.reader.consume(1);
            self.line += u64::from(byte == b'\n');
        }
        Ok(next)
    }

    /// A record without an end in sight; `returns` tells that carriage returns stand in it.
    fn too_large(&mut self, line: u64, place: Place, returns: bool) -> std::io::Result<Record> {
        let mut error = format!("the row is larger than {INPUT_ROW_BYTES_MAX} bytes");
        if returns {
            error = format!("{error}; perhaps {LONE_RETURN}");
        }
        if place == Place::Quoted {
            // Where the next row begins cannot be told.
            self.ended = true;
            error.push_str(": is a quote in it never closed? the rest is not read");
        } else {
            self.reader.skip_until(b'\n')?;
            self.line += 1;
        }
        let bytes = Err(error);
        Ok(Record { line, bytes })
    }
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = Result<Record, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.read() {
            Ok(record) => record.map(Ok),
            Err(error) => {
                self.ended = true;
                Some(Err(failed(&error)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Vec<(u64, Result<String, String>)> {
        let rows = CsvRows::new(text).unwrap();
        rows.map(|row| {
            let row = row.unwrap();
            let cells = row.fields.map(|fields| {
                let cells: Vec<&str> = fields.values().filter_map(Value::as_str).collect();
                cells.join("|")
            });
            (row.line, cells)
        })
        .collect()
    }

    #[test]
    fn rows_have_the_line_numbers_an_editor_shows() {
        let text = "a,b\n1,2\n3,4\n\n5,6\n\"x\n\"\"y\",7\n8,9";
        let expected = [
            (2, "1|2"),
            (3, "3|4"),
            (5, "5|6"),
            (6, "x\n\"y|7"),
            (8, "8|9"),
        ];
        let expected = expected.map(|(line, cells)| (line, Ok(cells.to_owned())));
        assert_eq!(read(text.as_bytes()), expected);
        let dos = text.replace('\n', "\r\n");
        let lines =
            |rows: Vec<(u64, _)>| rows.into_iter().map(|(line, _)| line).collect::<Vec<_>>();
        assert_eq!(lines(read(dos.as_bytes())), lines(read(text.as_bytes())));
    }

    #[test]
    fn a_bad_row_is_told_and_the_next_is_read() {
        let rows = read(b"a,b\n1\n1,2,3\n\"x\"y,2\n\xff,2\n5\" pipe,6\n");
        let bad: Vec<u64> = rows
            .iter()
            .filter(|(_, row)| row.is_err())
            .map(|(line, _)| *line)
            .collect();
        assert_eq!(bad, [2, 3, 4, 5]);
        assert_eq!(rows.last(), Some(&(6, Ok("5\" pipe|6".to_owned()))));
    }

    #[test]
    fn an_unclosed_quote_does_not_swallow_the_file_in_silence() {
        let rows = read(b"a,b\n1,2\n\"x,2\n3,4\n");
        assert_eq!(rows.len(), 2);
        assert!(matches!(rows.last(), Some((3, Err(why))) if why.contains("never closed")));
        let endless = format!("a\n\"{}", "x\n".repeat(INPUT_ROW_BYTES_MAX));
        let rows = read(endless.as_bytes());
        assert!(
            matches!(&rows[..], [(2, Err(why))] if why.contains("larger")),
            "{rows:?}"
        );
    }

    #[test]
    fn a_line_that_ends_in_cr_alone_is_told() {
        let mac = CsvRows::new(&b"a,b\r1,2\r3,4\r"[..]).err().unwrap();
        assert!(mac.message.contains("CR alone"), "{}", mac.message);
        let long = format!("a,b\r{}", "1,2\r".repeat(INPUT_ROW_BYTES_MAX));
        let long = CsvRows::new(long.as_bytes()).err().unwrap();
        assert!(long.message.contains("CR alone"), "{}", long.message);
        let rows = read(b"a,b\n1,2\r3,4\n\"x\ry\",6\r\n");
        assert!(matches!(&rows[..], [(2, Err(_)), (3, Ok(_))]), "{rows:?}");
    }

    #[test]
    fn a_huge_row_is_skipped() {
        let text = format!("a\n{}\n1\n", "x".repeat(INPUT_ROW_BYTES_MAX + 1));
        let rows = read(text.as_bytes());
        assert!(matches!(&rows[..], [(2, Err(_)), (3, Ok(_))]), "{rows:?}");
    }

    #[test]
    fn a_header_names_each_column_once() {
        assert!(CsvRows::new(&b"a,b,a\n1,2,3\n"[..]).is_err());
        assert!(CsvRows::new(&b"a,\"b\n"[..]).is_err());
        assert_eq!(read(b""), []);
        assert_eq!(read(b"a,b\r\n"), []);
    }

    #[test]
    fn every_shipped_order_is_read_at_its_line() {
        let text = include_str!("../../../assets/data/purchase_orders.csv");
        let rows = read(text.as_bytes());
        assert_eq!(rows.len(), 3_771);
        for ((line, cells), raw) in rows.iter().zip(text.lines().skip(1)) {
            let cells = cells.as_ref().unwrap();
            let number = raw.split(',').next().unwrap();
            assert!(
                cells.contains(number),
                "line {line}: {cells} is not {number}"
            );
        }
        assert_eq!(rows.last().map(|(line, _)| *line), Some(3_772));
    }
}
