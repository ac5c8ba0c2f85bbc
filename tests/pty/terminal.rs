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

use crate::outside::BINARY;

/// Nothing that is waited for takes longer, however busy the machine is.
const DEADLINE: Duration = Duration::from_secs(30);
/// The time between two keys of a quick typist: what comes faster is taken for a paste.
const PACE: Duration = Duration::from_millis(20);
/// How long a program may take to see that an escape is no more than that.
const ESCAPE: Duration = Duration::from_millis(300);

/// Longer than any dialog is deaf.
const DEAD_TIME: Duration = Duration::from_millis(1_100);
/// Times a key is pressed that may not be heard.
const TRIES_MAX: usize = 50;

/// The keys that have names, and what a terminal sends for them.
const KEYS: [(&str, &str); 23] = [
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
    ("f2", "\u{1b}OQ"),
    ("f4", "\u{1b}OS"),
    ("ctrl-c", "\u{3}"),
    ("ctrl-d", "\u{4}"),
    ("ctrl-l", "\u{c}"),
    ("ctrl-r", "\u{12}"),
    ("ctrl-s", "\u{13}"),
    ("ctrl-z", "\u{1a}"),
];

/// What came out of the program until now.
struct Seen {
    parser: Parser,
    raw: Vec<u8>,
    ended: bool,
    /// What comes next is read, and nothing after it.
    closing: bool,
}

struct Shared {
    seen: Mutex<Seen>,
    /// Told after every piece that came.
    came: Condvar,
}

/// A program in a terminal. Dropping it ends the program.
pub(crate) struct Terminal {
    /// None once the window was closed.
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    shared: Arc<Shared>,
    reader: Option<JoinHandle<()>>,
    /// How the terminal was set before the program began.
    settings: String,
}

impl Terminal {
    /// Starts the binary; it sees no configuration and no store of whoever runs the tests.
    pub(crate) fn start<S: AsRef<OsStr>>(home: &Path, size: (u16, u16), args: &[S]) -> Self {
        Self::with(home, size, &[], args)
    }

    /// Starts the binary with more variables in its environment.
    pub(crate) fn with<S: AsRef<OsStr>>(
        home: &Path,
        size: (u16, u16),
        env: &[(&str, &str)],
        args: &[S],
    ) -> Self {
        let mut arguments = vec![OsStr::new(BINARY)];
        arguments.extend(args.iter().map(AsRef::as_ref));
        Self::program(home, size, env, &arguments)
    }

    /// Starts any program with its arguments.
    pub(crate) fn program<S: AsRef<OsStr>>(
        home: &Path,
        (columns, rows): (u16, u16),
        env: &[(&str, &str)],
        arguments: &[S],
    ) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let settings = settings(pair.master.as_ref());
        let mut command = CommandBuilder::new(&arguments[0]);
        command.args(&arguments[1..]);
        command.env_clear();
        command.env("HOME", home);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        for (name, value) in env {
            command.env(name, value);
        }
        command.cwd(home);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let shared = Arc::new(Shared {
            seen: Mutex::new(Seen {
                parser: Parser::new(at_least_one(rows), at_least_one(columns), 0),
                raw: Vec::new(),
                ended: false,
                closing: false,
            }),
            came: Condvar::new(),
        });
        let output = pair.master.try_clone_reader().unwrap();
        let reader = {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.read(output))
        };
        Self {
            writer: Some(pair.master.take_writer().unwrap()),
            master: Some(pair.master),
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

    /// Presses a key until it is heard: a dialog is deaf for a moment.
    pub(crate) fn keys_until(&mut self, names: &str, text: &str) {
        for _ in 0..TRIES_MAX {
            if self.picture().contains(text) {
                return;
            }
            self.keys(names);
            // A key that came within the dead time begins it anew.
            self.wait_for_output(ESCAPE);
            std::thread::park_timeout(DEAD_TIME);
        }
        panic!("in vain: {text}\n{}", self.picture());
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

    fn wait_for_output(&self, at_most: Duration) {
        let seen = self
            .shared
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        drop(self.shared.came.wait_timeout(seen, at_most));
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
        let writer = self.writer.as_mut().expect("an open window");
        writer.write_all(bytes).unwrap();
        writer.flush().unwrap();
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
        let master = self.master.as_ref().expect("an open window");
        master.resize(size(columns, rows)).unwrap();
    }

    /// Closes the window: nobody reads or types any more. Answers how the program ended within
    /// that time.
    pub(crate) fn close(&mut self, within: Duration) -> Option<ExitStatus> {
        self.look(|seen| seen.closing = true);
        // Whoever reads notices at the next picture.
        self.send(b"\x0c");
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.writer = None;
        self.master = None;
        looks(within).find_map(|()| self.child.try_wait().unwrap())
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.process_id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Waits until this file is there.
    pub(crate) fn wait_file(&self, path: &Path) {
        let there = looks(DEADLINE).any(|()| path.exists());
        assert!(there, "no {}\n{}", path.display(), self.picture());
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
        let master = self.master.as_deref().expect("an open window");
        let settings = settings(master);
        assert_eq!(settings, self.settings, "echo and lines are as they were");
        self.look(|seen| {
            let screen = seen.parser.screen();
            assert!(!screen.alternate_screen(), "the shell's screen is back");
            assert!(!screen.hide_cursor(), "the cursor is shown");
            assert!(!screen.bracketed_paste(), "pastes are not marked");
        });
    }

    fn look<T>(&self, at: impl FnOnce(&mut Seen) -> T) -> T {
        at(&mut self
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
            let ends = seen.ended || seen.closing;
            drop(seen);
            self.came.notify_all();
            if ends {
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

/// So many looks take at least that long.
fn looks(within: Duration) -> impl Iterator<Item = ()> {
    let count = within.as_millis() / PACE.as_millis();
    (0..count).map(|_| std::thread::park_timeout(PACE))
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
