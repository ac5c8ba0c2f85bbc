//! The terminal: taken, drawn to, given back whatever happens.

use std::io::{self, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;

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

type Out = io::BufWriter<Stdout>;

/// The terminal while the console has it. Dropping it gives it back.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Out>>,
}

impl Screen {
    /// Takes the terminal: raw keys, the alternate screen, marked pastes.
    pub(super) fn take() -> io::Result<Self> {
        give_back_on_panic();
        enter()?;
        let out = io::BufWriter::with_capacity(BUFFER_BYTES, io::stdout());
        let terminal = Terminal::new(CrosstermBackend::new(out));
        if terminal.is_err() {
            give_back();
        }
        Ok(Self {
            terminal: terminal?,
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

    pub(super) fn resume(&mut self) -> io::Result<()> {
        enter()?;
        self.forget()
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
