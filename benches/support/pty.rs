//! The built program in a terminal of its own, and what it writes there.
#![expect(
    clippy::disallowed_methods,
    reason = "it measures time, and reads what comes as fast as it comes"
)]

use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::support::Outcome;

/// The end of a picture: mode 2026 is reset.
const PICTURE_END: &[u8] = b"\x1b[?2026l";
/// A console that was left ends sooner, whatever its disk does.
const ENDS_WITHIN: Duration = Duration::from_mins(1);

/// A program that draws.
pub(crate) struct Console {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    bytes: Receiver<(Instant, Vec<u8>)>,
    parser: vt100::Parser,
    /// What came after the last picture's end.
    tail: Vec<u8>,
    pub(crate) began: Instant,
    _master: Box<dyn MasterPty + Send>,
}

/// One picture as it arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Picture {
    pub(crate) at: Instant,
    pub(crate) bytes: usize,
}

impl Console {
    pub(crate) fn start(
        program: &Path,
        args: &[&str],
        (columns, rows): (u16, u16),
    ) -> Outcome<Self> {
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env("TERM", "xterm-256color");
        let began = Instant::now();
        let child = pair.slave.spawn_command(command)?;
        let mut reader = pair.master.try_clone_reader()?;
        let (sender, bytes) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                let some = buffer.get(..read).unwrap_or_default().to_vec();
                if sender.send((Instant::now(), some)).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            child,
            keys: pair.master.take_writer()?,
            bytes,
            parser: vt100::Parser::new(rows.try_into()?, columns.try_into()?, 0),
            tail: Vec::new(),
            began,
            _master: pair.master,
        })
    }

    pub(crate) fn press(&mut self, key: &str) -> Outcome<Instant> {
        let at = Instant::now();
        self.keys.write_all(key.as_bytes())?;
        self.keys.flush()?;
        Ok(at)
    }

    /// The next picture that ends within `patience`.
    pub(crate) fn picture(&mut self, patience: Duration) -> Outcome<Option<Picture>> {
        let until = Instant::now() + patience;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.bytes.recv_timeout(left) {
                Ok((at, some)) => {
                    self.parser.process(&some);
                    self.tail.extend_from_slice(&some);
                    let found = self
                        .tail
                        .windows(PICTURE_END.len())
                        .rposition(|w| w == PICTURE_END);
                    if let Some(place) = found {
                        let rest = self.tail.split_off(place + PICTURE_END.len());
                        let bytes = self.tail.len();
                        self.tail = rest;
                        return Ok(Some(Picture { at, bytes }));
                    }
                }
                Err(RecvTimeoutError::Timeout) => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => return Err("the console ended".into()),
            }
        }
    }

    /// Waits until the screen holds `text`; the sizes of the pictures on the way.
    pub(crate) fn until(&mut self, text: &str, patience: Duration) -> Outcome<Vec<Picture>> {
        let until = Instant::now() + patience;
        let mut pictures = Vec::new();
        while !self.parser.screen().contents().contains(text) {
            if Instant::now() >= until {
                let screen = self.parser.screen().contents();
                return Err(format!("`{text}` did not come:\n{screen}").into());
            }
            pictures.extend(self.picture(Duration::from_millis(100))?);
        }
        Ok(pictures)
    }

    /// Bytes that came within `span`, beginning now.
    pub(crate) fn quiet(&mut self, span: Duration) -> Outcome<usize> {
        let until = Instant::now() + span;
        let mut bytes = 0;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.bytes.recv_timeout(left) {
                Ok((_, some)) => {
                    self.parser.process(&some);
                    bytes += some.len();
                }
                Err(RecvTimeoutError::Timeout) => return Ok(bytes),
                Err(RecvTimeoutError::Disconnected) => return Err("the console ended".into()),
            }
        }
    }

    /// Leaves it, and waits until it has ended.
    pub(crate) fn end(mut self) -> Outcome<()> {
        self.press("q")?;
        let until = Instant::now() + ENDS_WITHIN;
        while self.child.try_wait()?.is_none() {
            if Instant::now() >= until {
                self.child.kill()?;
                let screen = self.parser.screen().contents();
                return Err(format!("the console did not end:\n{screen}").into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}
