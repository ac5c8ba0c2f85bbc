//! The terminal: taken, drawn to, given back whatever happens.

use std::io::{self, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
};
use crossterm::style::Print;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::console::model::Model;
use crate::console::view::view;

/// The terminal is ours just now, for the panic hook.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The thread of the loop.
static OWNER: Mutex<Option<ThreadId>> = Mutex::new(None);
static REPORTS: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// Reports kept; the first ones say most.
const REPORTS_MAX: usize = 16;

/// A frame is written in few pieces: what is larger than this goes out before its end.
const BUFFER_BYTES: usize = 64 * 1024;

type Out = io::BufWriter<Patient>;

/// The terminal to write to. Once it was given back nothing that fails is told: dropping a
/// [`Terminal`] prints what it cannot write, and printing to a window that was closed panics.
struct Patient(Stdout);

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(_) if !TAKEN.load(Ordering::SeqCst) => Ok(bytes.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(_) if !TAKEN.load(Ordering::SeqCst) => Ok(()),
            flushed => flushed,
        }
    }
}

/// What an editor that was killed may leave set: margins, keys of the application, a line that
/// does not wrap, another set of letters.
const UNSET: &str = "\u{1b}[r\u{1b}[?1l\u{1b}>\u{1b}[?7h\u{1b}(B\u{1b}[0m";

/// The terminal while the console has it. Dropping it gives it back.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Out>>,
    /// How the terminal was set before; none where it does not say.
    settings: Option<Termios>,
}

impl Screen {
    /// Takes the terminal: raw keys, the alternate screen, marked pastes.
    pub(super) fn take() -> io::Result<Self> {
        give_back_on_panic();
        let settings = tcgetattr(io::stdin()).ok();
        enter()?;
        let out = io::BufWriter::with_capacity(BUFFER_BYTES, Patient(io::stdout()));
        let terminal = Terminal::new(CrosstermBackend::new(out));
        if terminal.is_err() {
            give_back();
        }
        Ok(Self {
            terminal: terminal?,
            settings,
        })
    }

    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws the model as one update, so that no half of it is seen.
    pub(super) fn draw(&mut self, model: &Model) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| view(model, frame))?;
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        Write::flush(self.terminal.backend_mut())
    }

    /// Rings the bell: every terminal has one, and tmux passes it on.
    pub(super) fn ring(&mut self) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        out.write_all(b"\x07")?;
        Write::flush(out)
    }

    /// Draws everything anew at the next draw.
    ///
    /// [`Terminal::clear`] asks the terminal where its cursor is: the answer comes among the keys, and
    /// a terminal that gives none would end the console.
    pub(super) fn forget(&mut self) -> io::Result<()> {
        // Unlike clearing, this asks the terminal nothing: its answer would come among the keys.
        let (columns, rows) = self.size()?;
        self.terminal.resize(Rect::new(0, 0, columns, rows))
    }

    /// Leaves the terminal to somebody else until [`Screen::resume`].
    pub(super) fn lend(&mut self) -> io::Result<()> {
        self.terminal.flush()?;
        give_back();
        Ok(())
    }

    /// Takes the terminal again, however it was left.
    pub(super) fn resume(&mut self) -> io::Result<()> {
        self.set_back()?;
        execute!(
            io::stdout(),
            DisableMouseCapture,
            DisableFocusChange,
            Print(UNSET)
        )?;
        enter()?;
        self.forget()
    }

    /// Sets echo, lines and signals as they were before anybody else had the terminal: what is
    /// found when it is taken again is what the shell gets back at the end.
    fn set_back(&self) -> io::Result<()> {
        match &self.settings {
            Some(settings) => Ok(tcsetattr(io::stdin(), OptionalActions::Now, settings)?),
            None => Ok(()),
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
        for report in told() {
            // Where even this cannot be written there is nobody to tell.
            let _gone = writeln!(io::stderr(), "countersign: {report}");
        }
    }
}

fn enter() -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(
        io::stdout(),
        EnterAlternateScreen,
        EnableBracketedPaste,
        cursor::Hide
    )
}

/// Gives the terminal back once. What cannot be written to a terminal that is gone stays unwritten.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let _gone = execute!(
        io::stdout(),
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _gone = disable_raw_mode();
}

/// A panic must be readable. That of the loop itself ends the console: the terminal is given back
/// before it is reported. That of a task is told once the terminal is given back anyway.
fn give_back_on_panic() {
    static HOOKED: AtomicBool = AtomicBool::new(false);
    *lock(&OWNER) = Some(std::thread::current().id());
    if HOOKED.swap(true, Ordering::SeqCst) {
        return;
    }
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let ours = *lock(&OWNER) == Some(std::thread::current().id());
        if ours || !TAKEN.load(Ordering::SeqCst) {
            give_back();
            return report(panic);
        }
        let mut reports = lock(&REPORTS);
        if reports.len() < REPORTS_MAX {
            reports.push(panic.to_string());
        }
    }));
}

/// Panics of tasks while the screen was ours.
fn told() -> Vec<String> {
    std::mem::take(&mut *lock(&REPORTS))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use portable_pty::{CommandBuilder, PtySize, native_pty_system};

    use super::*;

    /// Set for the process that is to panic.
    const PANICS: &str = "COUNTERSIGN_TEST_PANICS";

    /// The panics of a process of its own: the terminal is taken by the one that owns it.
    #[test]
    #[ignore = "it panics on purpose, in a process that the test below starts"]
    fn panics() {
        if std::env::var_os(PANICS).is_none() {
            return;
        }
        let screen = Screen::take().unwrap();
        let task = std::thread::spawn(|| panic!("a task went wrong"));
        assert!(task.join().is_err());
        let loops = std::panic::catch_unwind(|| panic!("the loop went wrong"));
        assert!(loops.is_err());
        drop(screen);
    }

    #[test]
    fn the_terminal_is_given_back_before_a_panic_is_told() {
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let before = format!("{:?}", pair.master.get_termios().unwrap());
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args([
            "--exact",
            "console::terminal::tests::panics",
            "--ignored",
            "--nocapture",
        ]);
        command.env(PANICS, "1");
        command.env("RUST_BACKTRACE", "0");
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut told = Vec::new();
        let mut reader = pair.master.try_clone_reader().unwrap();
        // The end of a terminal without a program is an error.
        drop(reader.read_to_end(&mut told));
        assert!(child.wait().unwrap().success());
        let told = String::from_utf8_lossy(&told);
        let (taken, after) = told
            .split_once("\u{1b}[?1049l")
            .expect("the shell's screen");
        assert!(taken.contains("\u{1b}[?1049h"), "it was taken: {told:?}");
        assert!(
            !taken.contains("went wrong"),
            "nothing is told on the screen: {told:?}"
        );
        let (shown, report) = after.split_once("the loop went wrong").expect("the report");
        assert!(
            shown.contains("\u{1b}[?25h"),
            "the cursor is back: {told:?}"
        );
        assert!(report.contains("a task went wrong"), "{told:?}");
        let after = format!("{:?}", pair.master.get_termios().unwrap());
        assert_eq!(before, after);
    }
}
