//! A terminal of any size with one program in it, and somebody who reads and types.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use vt100::Parser;

use crate::world::BINARY;

/// Nothing that is waited for takes longer, however busy the machine is.
const DEADLINE: Duration = Duration::from_secs(30);
/// The time between two keys of a quick typist: what comes faster is taken for a paste.
const PACE: Duration = Duration::from_millis(20);
/// How long a program may take to see that an escape is no more than that.
const ESCAPE: Duration = Duration::from_millis(300);

/// The keys that have names, and what a terminal sends for them.
const KEYS: [(&str, &str); 18] = [
    ("enter", "\r"),
    ("esc", "\u{1b}"),
    ("tab", "\t"),
    ("shift-tab", "\u{1b}[Z"),
    ("space", " "),
    ("backspace", "\u{7f}"),
    ("up", "\u{1b}[A"),
    ("down", "\u{1b}[B"),
    ("right", "\u{1b}[C"),
    ("left", "\u{1b}[D"),
    ("home", "\u{1b}[H"),
    ("end", "\u{1b}[F"),
    ("pgup", "\u{1b}[5~"),
    ("pgdn", "\u{1b}[6~"),
    ("f1", "\u{1b}OP"),
    ("ctrl-d", "\u{4}"),
    ("ctrl-l", "\u{c}"),
    ("ctrl-r", "\u{12}"),
];

/// What came out of the program until now.
struct Seen {
    parser: Parser,
    raw: Vec<u8>,
    ended: bool,
}

struct Shared {
    seen: Mutex<Seen>,
    /// Told after every piece that came.
    came: Condvar,
}

/// A program in a terminal. Dropping it ends the program.
pub(crate) struct Terminal {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    shared: Arc<Shared>,
    reader: Option<JoinHandle<()>>,
    /// How the terminal was set before the program began.
    settings: String,
}

impl Terminal {
    /// Starts the binary; it sees no configuration and no store of whoever runs the tests.
    pub(crate) fn start<S: AsRef<OsStr>>(
        home: &Path,
        (columns, rows): (u16, u16),
        args: &[S],
    ) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let settings = settings(pair.master.as_ref());
        let mut command = CommandBuilder::new(BINARY);
        command.env_clear();
        command.env("HOME", home);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.cwd(home);
        command.args(args);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let shared = Arc::new(Shared {
            seen: Mutex::new(Seen {
                parser: Parser::new(at_least_one(rows), at_least_one(columns), 0),
                raw: Vec::new(),
                ended: false,
            }),
            came: Condvar::new(),
        });
        let output = pair.master.try_clone_reader().unwrap();
        let reader = {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.read(output))
        };
        Self {
            writer: pair.master.take_writer().unwrap(),
            master: pair.master,
            child,
            shared,
            reader: Some(reader),
            settings,
        }
    }

    /// Waits until the screen is as it must be; every piece of output is a new look.
    pub(crate) fn wait_for(&self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) -> String {
        self.wait(what, |seen| holds(seen.parser.screen()))
    }

    /// Waits until this text is on the screen.
    pub(crate) fn wait_text(&self, text: &str) -> String {
        self.wait_for(text, |screen| screen.contents().contains(text))
    }

    /// Waits until this text is gone from the screen.
    pub(crate) fn wait_gone(&self, text: &str) -> String {
        self.wait_for(&format!("no {text}"), |screen| {
            !screen.contents().contains(text)
        })
    }

    /// Waits until the program ended and everything it wrote was read.
    pub(crate) fn wait_end(&mut self) -> ExitStatus {
        self.wait("the end", |seen| seen.ended);
        self.child.wait().unwrap()
    }

    fn wait(&self, what: &str, holds: impl Fn(&Seen) -> bool) -> String {
        let seen = self
            .shared
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (seen, waited) = self
            .shared
            .came
            .wait_timeout_while(seen, DEADLINE, |seen| !holds(seen) && !seen.ended)
            .unwrap_or_else(PoisonError::into_inner);
        let picture = seen.parser.screen().contents();
        let in_vain = !holds(&seen);
        drop(seen);
        assert!(
            !in_vain,
            "in vain (timed out: {}): {what}\n{picture}",
            waited.timed_out()
        );
        picture
    }

    /// Presses keys by their names, `j j a enter`, at the pace of a quick typist.
    pub(crate) fn keys(&mut self, names: &str) {
        for name in names.split_whitespace() {
            let known = KEYS.iter().find(|(known, _)| *known == name);
            let bytes = known.map_or(name, |(_, bytes)| bytes);
            assert!(
                known.is_some() || name.chars().count() == 1,
                "{name} is no key"
            );
            let before = self.look(|seen| seen.raw.len());
            self.send(bytes.as_bytes());
            std::thread::park_timeout(PACE);
            if name == "esc" {
                self.let_escape_through(before);
            }
        }
    }

    /// A letter right behind an escape is one key with Alt: waits until the program did something
    /// about the escape alone, or had the time to.
    fn let_escape_through(&self, before: usize) {
        let seen = self
            .shared
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .shared
            .came
            .wait_timeout_while(seen, ESCAPE, |seen| seen.raw.len() == before);
        drop(waited);
    }

    /// Waits for a dialog of this title, and until it no longer ignores keys.
    pub(crate) fn wait_dialog(&self, title: &str) {
        self.wait_text(title);
        self.wait_gone("keys typed this early are ignored");
    }

    /// Types a text, letter by letter.
    pub(crate) fn write(&mut self, text: &str) {
        for c in text.chars() {
            self.send(c.to_string().as_bytes());
            std::thread::park_timeout(PACE);
        }
    }

    /// Sends bytes at once, as a paste does.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.writer.write_all(bytes).unwrap();
        self.writer.flush().unwrap();
    }

    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        let mut seen = self
            .shared
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let parser = seen.parser.screen_mut();
        parser.set_size(at_least_one(rows), at_least_one(columns));
        drop(seen);
        self.master.resize(size(columns, rows)).unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.process_id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// The picture as it stands.
    pub(crate) fn picture(&self) -> String {
        self.look(|seen| seen.parser.screen().contents())
    }

    /// Every byte until now.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.look(|seen| seen.raw.clone())
    }

    /// Asserts that the terminal is as it was before the program took it.
    pub(crate) fn assert_given_back(&self) {
        let settings = settings(self.master.as_ref());
        assert_eq!(settings, self.settings, "echo and lines are as they were");
        self.look(|seen| {
            let screen = seen.parser.screen();
            assert!(!screen.alternate_screen(), "the shell's screen is back");
            assert!(!screen.hide_cursor(), "the cursor is shown");
            assert!(!screen.bracketed_paste(), "pastes are not marked");
        });
    }

    fn look<T>(&self, at: impl FnOnce(&Seen) -> T) -> T {
        at(&self
            .shared
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            drop(self.child.kill().and_then(|()| self.child.wait()));
        }
        // The last one that held the terminal is gone: the reader reaches its end.
        if let Some(reader) = self.reader.take() {
            drop(reader.join());
        }
    }
}

impl Shared {
    fn read(&self, mut output: Box<dyn Read + Send>) {
        let mut piece = [0; 8_192];
        loop {
            let count = output.read(&mut piece).unwrap_or(0);
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.parser.process(&piece[..count]);
            seen.raw.extend_from_slice(&piece[..count]);
            // A terminal without a program answers with an error, which is its end.
            seen.ended = count == 0;
            drop(seen);
            self.came.notify_all();
            if count == 0 {
                return;
            }
        }
    }
}

fn settings(master: &dyn MasterPty) -> String {
    format!(
        "{:?}",
        master.get_termios().expect("a terminal has settings")
    )
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn at_least_one(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("a terminal has rows and columns")
}
