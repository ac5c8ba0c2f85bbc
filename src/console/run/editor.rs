//! The person's own editor on a text of ours.

use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::NamedTempFile;

use super::signals::{Loan, Signals};
use crate::config::read_regular;
use crate::domain::limits::EVENT_BYTES_MAX;

/// How long an editor that was told to end may take to keep what was written in it.
const ENDS: Duration = Duration::from_secs(2);

/// How the editor was left.
pub(super) enum Left {
    /// With another text, or none where it changed nothing; or what went wrong.
    Edited(std::io::Result<Option<String>>),
    /// The console itself was told to end meanwhile.
    Ending,
}

/// Opens `VISUAL` or `EDITOR` on a file that nobody else can read.
///
/// Until it ends its ctrl-c and ctrl-\ are its own; every other signal to end ends it first.
pub(super) async fn edit(text: &str, signals: &mut Signals) -> Left {
    let _loan = Loan::begin();
    let (file, mut editor) = match start(text) {
        Ok(started) => started,
        Err(error) => return Left::Edited(Err(error)),
    };
    let mut ended = editor.ended();
    tokio::select! {
        status = &mut ended => {
            editor.running = false;
            let status = status.map_err(std::io::Error::other).flatten();
            Left::Edited(status.and_then(|status| taken(file, status, text, &editor.program)))
        }
        () = signals.next() => {
            editor.end();
            // It may not want to: then it is left to whoever has the terminal next.
            editor.running = tokio::time::timeout(ENDS, ended).await.is_err();
            keep_what_was_written(file, text);
            Left::Ending
        }
    }
}

/// An editor that was started. Dropping it tells it to end.
struct Editor {
    program: String,
    child: Option<Child>,
    pid: Option<Pid>,
    running: bool,
}

impl Editor {
    /// Waits for the end where waiting harms nobody.
    fn ended(&mut self) -> tokio::task::JoinHandle<std::io::Result<ExitStatus>> {
        let child = self.child.take();
        tokio::task::spawn_blocking(move || match child {
            Some(mut child) => child.wait(),
            None => Ok(ExitStatus::default()),
        })
    }

    fn end(&self) {
        if let Some(pid) = self.pid {
            // It may be gone already.
            let _gone = kill_process(pid, Signal::TERM);
        }
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        if self.running {
            self.end();
        }
    }
}

fn start(text: &str) -> std::io::Result<(NamedTempFile, Editor)> {
    let wish = std::env::var_os("VISUAL").or_else(|| std::env::var_os("EDITOR"));
    let Some(wish) = wish.filter(|wish| !wish.is_empty()) else {
        return Err(std::io::Error::other(
            "no editor is set: set EDITOR, as in EDITOR=vi",
        ));
    };
    let mut file = tempfile::Builder::new()
        .prefix("countersign-")
        .suffix(".json")
        .tempfile()?;
    file.write_all(text.as_bytes())?;
    file.flush()?;
    let wish = wish.to_string_lossy().into_owned();
    let mut words = wish.split_whitespace();
    let program = words.next().unwrap_or("vi").to_owned();
    let child = Command::new(&program).args(words).arg(file.path()).spawn();
    let child = child.map_err(|error| {
        std::io::Error::new(
            error.kind(),
            format!("the editor `{program}` cannot start: {error}"),
        )
    })?;
    let editor = Editor {
        program,
        pid: i32::try_from(child.id()).ok().and_then(Pid::from_raw),
        child: Some(child),
        running: true,
    };
    Ok((file, editor))
}

/// What the editor left behind; none where that is what it was given.
fn taken(
    file: NamedTempFile,
    status: ExitStatus,
    text: &str,
    program: &str,
) -> std::io::Result<Option<String>> {
    // Editors replace the file: read what stands under the name now.
    let limit = u64::try_from(EVENT_BYTES_MAX).unwrap_or(u64::MAX);
    let edited = match read_regular(file.path(), limit) {
        Ok(edited) => edited,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let why = format!("the editor `{program}` took its file away: nothing was changed");
            return Err(std::io::Error::other(why));
        }
        Err(error) => return Err(kept(file, &error.to_string())),
    };
    let changed = edited != text.as_bytes();
    if let Some(ended) = ended_badly(status, program) {
        return Err(if changed {
            kept(file, &ended)
        } else {
            std::io::Error::other(format!("{ended}: nothing was changed"))
        });
    }
    match String::from_utf8(edited) {
        Ok(edited) => Ok(changed.then_some(edited)),
        Err(error) => Err(kept(file, &error.to_string())),
    }
}

/// How an editor says that its text is not to be taken over.
fn ended_badly(status: ExitStatus, program: &str) -> Option<String> {
    match (status.signal(), status.code()) {
        (Some(signal), _) => Some(format!(
            "the editor `{program}` was ended by signal {signal}"
        )),
        (None, Some(0)) => None,
        (None, Some(code)) => Some(format!("the editor `{program}` ended with status {code}")),
        (None, None) => Some(format!("the editor `{program}` ended in no known way")),
    }
}

/// The console ends before the editor was left: what was saved in it stays, and is named on the
/// terminal, which the editor had.
fn keep_what_was_written(file: NamedTempFile, text: &str) {
    let limit = u64::try_from(EVENT_BYTES_MAX).unwrap_or(u64::MAX);
    let same = read_regular(file.path(), limit).is_ok_and(|edited| edited == text.as_bytes());
    if same {
        return;
    }
    let error = kept(file, "the console ended");
    // Where nobody reads it any more, the file is there all the same.
    drop(writeln!(std::io::stderr(), "countersign: {error}"));
}

/// What was written is not thrown away because it cannot be taken over.
fn kept(file: NamedTempFile, why: &str) -> std::io::Error {
    match file.keep() {
        Ok((_, path)) => std::io::Error::other(format!(
            "what you wrote is not taken over: {why}; it stays in {}",
            path.display()
        )),
        Err(error) => error.error,
    }
}
