//! Rows from a file or from stdin, whatever their format, one at a time.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::cli::failure::Failure;
use crate::cli::start::csv_rows::CsvRows;
use crate::cli::start::json_rows::{JsonDocument, JsonLines};
use crate::config::open_regular;
use crate::domain::Fields;

/// One row as it came.
#[derive(Debug, PartialEq)]
pub struct InputRow {
    /// The line it begins on; a CSV header is line 1.
    pub line: u64,
    /// The members, or what is wrong with the row.
    pub fields: Result<Fields, String>,
}

/// A stream of rows. An error ends it: what follows cannot be told apart any more.
pub type Rows = Box<dyn Iterator<Item = Result<InputRow, Failure>> + Send>;

/// Rows, and what was told of them in advance.
pub struct Input {
    /// The header of a CSV; no name where the input is empty, `None` where each row names its own.
    pub columns: Option<Vec<String>>,
    pub rows: Rows,
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input")
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

/// The three ways to write rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    /// One object on each line.
    JsonLines,
    /// Objects, or a list of them, over as many lines as they like.
    Json,
}

/// Opens a file, `-` for stdin, or (for `None`) a single row without members.
///
/// The format follows the name's extension; without a known one the first byte that is no space
/// decides: `[` is a list, `{` is JSON Lines, anything else is CSV.
pub fn open_rows(path: Option<&Path>) -> Result<Input, Failure> {
    let Some(path) = path else {
        let empty = InputRow {
            line: 1,
            fields: Ok(Fields::new()),
        };
        return Ok(Input {
            columns: None,
            rows: Box::new(std::iter::once(Ok(empty))),
        });
    };
    if path.as_os_str() == "-" || path == Path::new("/dev/stdin") {
        return rows(BufReader::new(std::io::stdin()), None);
    }
    let opened = if is_own_stream(path) {
        File::open(path)
    } else {
        open_regular(path)
    };
    let file = opened.map_err(|error| Failure::unreadable(path, &error))?;
    rows(BufReader::new(file), by_extension(path))
}

/// Tells whether a path names a stream that this process was given open, as a shell's `<(…)` does:
/// opening that waits for nobody.
fn is_own_stream(path: &Path) -> bool {
    let number = path.file_name().and_then(|name| name.to_str());
    let folders = ["/dev/fd", "/proc/self/fd"].map(Path::new);
    path.parent()
        .is_some_and(|folder| folders.contains(&folder))
        && number.is_some_and(|number| number.parse::<u32>().is_ok())
        && std::fs::metadata(path).is_ok_and(|found| !found.is_dir())
}

/// Rows of CSV, header first.
pub fn csv_rows(reader: impl BufRead + Send + 'static) -> Result<Rows, Failure> {
    Ok(Box::new(CsvRows::new(reader)?))
}

fn rows<R: Read + Send + 'static>(
    mut reader: BufReader<R>,
    named: Option<Format>,
) -> Result<Input, Failure> {
    skip_byte_order_mark(&mut reader)?;
    if reader
        .fill_buf()
        .map_err(|error| failed(&error))?
        .is_empty()
    {
        return Ok(Input {
            columns: Some(Vec::new()),
            rows: Box::new(std::iter::empty()),
        });
    }
    let format = match named {
        Some(format) => format,
        None => by_first_byte(&mut reader)?,
    };
    let (columns, rows): (_, Rows) = match format {
        Format::Csv => {
            let rows = CsvRows::new(reader)?;
            (Some(rows.header().to_vec()), Box::new(rows))
        }
        Format::JsonLines => (None, Box::new(JsonLines::new(reader))),
        Format::Json => (None, Box::new(JsonDocument::new(reader))),
    };
    Ok(Input { columns, rows })
}

fn by_extension(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()? {
        "csv" => Some(Format::Csv),
        "jsonl" | "ndjson" => Some(Format::JsonLines),
        "json" => Some(Format::Json),
        _ => None,
    }
}

/// Looks at what is buffered and consumes nothing. An object whose first line is not whole is
/// spread over several lines, so it is a document and no JSON Lines.
fn by_first_byte<R: Read>(reader: &mut BufReader<R>) -> Result<Format, Failure> {
    let buffered = reader.fill_buf().map_err(|error| failed(&error))?;
    let text = buffered.trim_ascii_start();
    Ok(match text.first() {
        Some(b'{') => {
            let line = text.split(|byte| *byte == b'\n').next().unwrap_or(text);
            let whole = text.len() == line.len() || line.trim_ascii_end().ends_with(b"}");
            if whole {
                Format::JsonLines
            } else {
                Format::Json
            }
        }
        Some(b'[') => Format::Json,
        _ => Format::Csv,
    })
}

fn skip_byte_order_mark<R: Read>(reader: &mut BufReader<R>) -> Result<(), Failure> {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let buffered = reader.fill_buf().map_err(|error| failed(&error))?;
    if buffered.starts_with(MARK) {
        reader.consume(MARK.len());
    }
    Ok(())
}

/// The input broke off: what came before it has been started.
pub(super) fn failed(error: &std::io::Error) -> Failure {
    Failure::new(
        crate::cli::failure::Kind::Failed,
        "input_failed",
        format!("cannot read the input any further: {error}"),
    )
    .hint("rows before this one were started; with --key the whole file can be given again")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &'static str) -> Vec<(u64, Result<serde_json::Value, String>)> {
        let input = rows(BufReader::new(text.as_bytes()), None).unwrap();
        let rows = input.rows;
        rows.map(|row| {
            let row = row.unwrap();
            (row.line, row.fields.map(serde_json::Value::Object))
        })
        .collect()
    }

    #[test]
    fn the_first_byte_tells_the_format() {
        let one = || vec![(1, Ok(json!({"a": 1})))];
        assert_eq!(read("{\"a\":1}"), one());
        assert_eq!(read("{\"a\":1}\n"), one());
        assert_eq!(read("{\n  \"a\": 1\n}\n"), one());
        assert_eq!(read("[{\"a\":1}]"), one());
        assert_eq!(read("a\n1\n"), vec![(2, Ok(json!({"a": "1"})))]);
        assert_eq!(read("\u{feff}a\n1\n"), vec![(2, Ok(json!({"a": "1"})))]);
        assert_eq!(read(""), vec![]);
    }

    #[test]
    fn json_lines_go_on_after_a_bad_line() {
        let rows = read("{\"a\":1}\n{\"a\":}\n\n{\"a\":2}\n");
        assert_eq!(rows.len(), 3);
        assert!(matches!(rows.get(1), Some((2, Err(_)))), "{rows:?}");
        assert_eq!(rows.get(2), Some(&(4, Ok(json!({"a": 2})))));
    }
}
