//! The one place that writes to standard output and standard error.

use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Write};

use serde::Serialize;

use crate::cli::failure::{Failure, Kind};
use crate::domain::escape_json;

/// Where a command's results and remarks go.
///
/// A reader that went away (`countersign start … | head -1`, a window that was closed) is no error: work that has been
/// asked for goes on, and what would have been printed is dropped.
pub struct Output {
    json: bool,
    /// `None` once its reader went away.
    stdout: Option<Box<dyn Write + Send>>,
    stderr: Box<dyn Write + Send>,
    stdout_is_terminal: bool,
    stderr_is_terminal: bool,
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("json", &self.json)
            .field("stdout_is_terminal", &self.stdout_is_terminal)
            .finish_non_exhaustive()
    }
}

impl Output {
    /// Writes to this process's streams.
    pub fn standard(json: bool) -> Self {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        Self {
            json,
            stdout_is_terminal: stdout.is_terminal(),
            stderr_is_terminal: stderr.is_terminal(),
            stdout: Some(Box::new(BufWriter::new(stdout))),
            stderr: Box::new(stderr),
        }
    }

    /// Says nothing to anybody: for work beside a screen that belongs to somebody else.
    pub fn nowhere() -> Self {
        Self {
            json: false,
            stdout_is_terminal: false,
            stderr_is_terminal: false,
            stdout: None,
            stderr: Box::new(io::sink()),
        }
    }

    /// True where stdout carries JSON and nothing else.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// True where a progress bar would be seen by a person.
    pub fn shows_progress(&self) -> bool {
        self.stderr_is_terminal
    }

    /// One JSON document: indented where a person reads it on a terminal, else on one line.
    pub fn document<T: Serialize>(&mut self, value: &T) -> Result<(), Failure> {
        let text = if self.stdout_is_terminal {
            serde_json::to_string_pretty(value)
        } else {
            serde_json::to_string(value)
        };
        self.json_text(&text.map_err(|error| Failure::internal(&error))?)
    }

    /// One line of JSON Lines, with its line break in the same write.
    pub fn json_line<T: Serialize>(&mut self, value: &T) -> Result<(), Failure> {
        let text = serde_json::to_string(value).map_err(|error| Failure::internal(&error))?;
        self.json_text(&text)
    }

    /// A line for people. The caller has made every foreign text in it visible.
    pub fn line(&mut self, text: impl fmt::Display) -> Result<(), Failure> {
        self.write(format!("{text}\n").as_bytes())
    }

    /// Bytes that are meant for a file or a pipe: a man page, a completion script.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.write(bytes)
    }

    /// A remark on standard error. What cannot be written there has no other place to go.
    pub fn remark(&mut self, text: impl fmt::Display) {
        let written = self.stderr.write_all(format!("{text}\n").as_bytes());
        drop(written.and_then(|()| self.stderr.flush()));
    }

    /// Hands over what is still buffered.
    pub fn flush(&mut self) -> Result<(), Failure> {
        let flushed = self.stdout.as_mut().map(Write::flush);
        self.survive(flushed.unwrap_or(Ok(())))
    }

    fn json_text(&mut self, text: &str) -> Result<(), Failure> {
        let line = if self.stdout_is_terminal {
            format!("{}\n", escape_json(text))
        } else {
            format!("{text}\n")
        };
        self.write(line.as_bytes())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.stdout.as_mut().map(|stdout| stdout.write_all(bytes));
        self.survive(written.unwrap_or(Ok(())))
    }

    /// A pipe without a reader, or a terminal whose window was closed.
    fn went_away(&self, error: &io::Error) -> bool {
        let hung_up = error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error());
        error.kind() == io::ErrorKind::BrokenPipe || self.stdout_is_terminal && hung_up
    }

    fn survive(&mut self, result: io::Result<()>) -> Result<(), Failure> {
        match result {
            Err(error) if self.went_away(&error) => {
                self.stdout = None;
                Ok(())
            }
            Err(error) => Err(Failure::new(
                Kind::Failed,
                "output",
                format!("cannot write to standard output: {error}"),
            )
            .hint("the command itself may have been done: look before you repeat it")),
            Ok(()) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    fn output(stdout: Box<dyn Write + Send>, terminal: bool) -> Output {
        Output {
            json: true,
            stdout: Some(stdout),
            stderr: Box::new(io::sink()),
            stdout_is_terminal: terminal,
            stderr_is_terminal: terminal,
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        let mut out = output(Box::new(Broken(io::ErrorKind::BrokenPipe)), false);
        assert!(out.line("one").is_ok() && out.line("two").is_ok() && out.flush().is_ok());
        assert!(out.stdout.is_none());
    }

    #[test]
    fn a_window_that_was_closed_is_no_error_but_a_broken_disk_is() {
        struct HungUp;
        impl Write for HungUp {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(rustix::io::Errno::IO.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Err(rustix::io::Errno::IO.into())
            }
        }
        assert!(output(Box::new(HungUp), true).line("one").is_ok());
        assert!(output(Box::new(HungUp), false).line("one").is_err());
    }

    #[test]
    fn a_full_disk_behind_stdout_is_an_error() {
        let mut out = output(Box::new(Broken(io::ErrorKind::StorageFull)), false);
        let failure = out.line("one").unwrap_err();
        assert_eq!((failure.kind, failure.code), (Kind::Failed, "output"));
    }

    #[test]
    fn json_for_a_terminal_has_no_raw_hidden_character() {
        let sink = Shared::default();
        let mut out = output(Box::new(sink.clone()), true);
        out.json_line(&serde_json::json!({"v": "a\u{202e}\u{9b}"}))
            .unwrap();
        let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text, "{\"v\":\"a\\u202e\\u009b\"}\n");
    }
}
