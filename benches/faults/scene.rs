//! The built program, a sandbox in a process of its own, and the go-between that joins them.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use countersign::domain::limits::{BREAKER_FAILURES_MAX, RETRY_PERCENT_MAX};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Ask;
use crate::faults::go_between::GoBetween;
use crate::faults::http;
use crate::faults::ledger::Entry;
use crate::support::Outcome;
use crate::support::machine::Stopwatch;
use crate::support::program::{Program, Running};

/// Exit status of a call whose store does not exist.
const NOT_FOUND: i32 = 3;
/// Lines of a process that are read ahead.
const LINES_HELD_MAX: usize = 4_096;

pub(crate) struct Scene {
    program: PathBuf,
    sandbox: Running,
    /// Where the sandbox itself is reached.
    address: String,
    pub(crate) between: GoBetween,
    pub(crate) config: PathBuf,
    /// The store that calls work on.
    pub(crate) store: PathBuf,
    /// Last: what it holds is in use until everything else is gone.
    pub(crate) folder: TempDir,
}

/// What one call gave.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: Option<i32>,
    pub(crate) lines: Vec<Value>,
    pub(crate) stderr: String,
}

impl Told {
    /// The only document, where the call went well.
    pub(crate) fn document(mut self) -> Outcome<Value> {
        match (self.status, self.lines.pop()) {
            (Some(0), Some(document)) => Ok(document),
            (status, _) => Err(format!("exit status {status:?}: {}", self.stderr.trim()).into()),
        }
    }
}

impl Scene {
    pub(crate) fn set(ask: &Ask<'_>) -> Outcome<Self> {
        let folder = ask.common.folder()?;
        let program = ask.common.program.clone();
        let sandbox = Program::new(&program).sandbox(&folder.path().join("sandbox"))?;
        let text = |name: &str| sandbox.said.get(name).and_then(Value::as_str);
        let url = text("sandbox_url").ok_or("no address")?;
        let address = url.strip_prefix("http://").ok_or("no address")?.to_owned();
        let offered = fs::read_to_string(text("config").ok_or("no configuration")?)?;
        let between = GoBetween::start(&address)?;
        let config = folder.path().join("countersign.toml");
        fs::write(&config, offered.replace(&address, &between.address))?;
        Ok(Self {
            program,
            address,
            between,
            config,
            store: folder.path().join("store.db"),
            folder,
            sandbox,
        })
    }

    /// Works on another store from now on, which may not be there yet.
    pub(crate) fn use_store(&mut self, name: &str) {
        self.store = self.folder.path().join(name);
    }

    /// Lets every fault strike: no target is left alone, however often it fails in a row, and every
    /// retry is made at once.
    pub(crate) fn never_leave_alone(&self) -> Outcome<()> {
        let said = fs::read_to_string(&self.config)?;
        let never = format!(
            "breaker_failures = {BREAKER_FAILURES_MAX}\nretry_percent = {RETRY_PERCENT_MAX}\nbase_url = "
        );
        fs::write(&self.config, said.replace("base_url = ", &never))?;
        Ok(())
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> Outcome<PathBuf> {
        let path = self.folder.path().join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, text)?;
        Ok(path)
    }

    /// A call in this scene that sees nothing of whoever runs the bench, not yet run.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        self.command_by(&self.program, &[] as &[&str], args)
    }

    /// The same under another program, as `strace`, whose own arguments come first.
    pub(crate) fn command_by<A: AsRef<OsStr>, S: AsRef<OsStr>>(
        &self,
        program: &Path,
        first: &[A],
        args: &[S],
    ) -> Command {
        let mut command = Command::new(program);
        command.args(first);
        if program != self.program {
            command.arg(&self.program);
        }
        command.env_clear().env("HOME", self.folder.path());
        command.stdin(Stdio::null()).arg("--store").arg(&self.store);
        command.arg("--config").arg(&self.config).arg("--json");
        command.args(args);
        command
    }

    pub(crate) fn call<S: AsRef<OsStr>>(&self, args: &[S]) -> Outcome<Told> {
        told(&self.command(args).output()?)
    }

    /// Runs a call with something on stdin.
    pub(crate) fn fed<S: AsRef<OsStr>>(&self, args: &[S], input: &str) -> Outcome<Told> {
        let mut command = self.command(args);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let mut stdin = child.stdin.take().ok_or("no stdin")?;
        stdin.write_all(input.as_bytes())?;
        drop(stdin);
        told(&child.wait_with_output()?)
    }

    /// Starts a call whose lines are read as they come.
    pub(crate) fn spawn<S: AsRef<OsStr>>(&self, args: &[S]) -> Outcome<Spawned> {
        Spawned::start(self.command(args))
    }

    /// Tells whether the whole journal, and what follows from it, verifies.
    pub(crate) fn verifies(&self) -> Outcome<bool> {
        Ok(self.doubts()?.is_none())
    }

    /// What is wrong with the journal. A process that was killed before it made a store left none.
    pub(crate) fn doubts(&self) -> Outcome<Option<String>> {
        let told = self.call(&["audit", "verify"])?;
        Ok(match told.status {
            Some(0) => None,
            Some(NOT_FOUND) if !self.store.exists() => None,
            status => Some(format!("exit status {status:?}: {}", told.stderr.trim())),
        })
    }

    pub(crate) fn ledger_after(&self, seq: i64) -> Outcome<Vec<Entry>> {
        let text = http::ask(&self.address, "GET", &format!("/_ledger?after={seq}"), "")?;
        Ok(serde_json::from_str(&text)?)
    }

    /// Has the sandbox act although nobody asked for it.
    pub(crate) fn act(&self, path: &str, body: &str) -> Outcome<()> {
        http::ask(&self.address, "POST", path, body).map(drop)
    }

    /// Sets a fault that strikes so many times, so late.
    pub(crate) fn fault(
        &self,
        (service, operation): (&str, &str),
        kind: &str,
        (times, delay_ms): (usize, u64),
    ) -> Outcome<()> {
        let fault = json!({
            "service": service, "operation": operation, "kind": kind,
            "times": times, "delay_ms": delay_ms,
        });
        http::ask(&self.address, "POST", "/_faults", &fault.to_string())?;
        Ok(())
    }

    /// How often the faults of an operation will still strike.
    pub(crate) fn strikes_left(&self, operation: &str) -> Outcome<u64> {
        let text = http::ask(&self.address, "GET", "/_faults", "")?;
        let faults: Vec<Value> = serde_json::from_str(&text)?;
        Ok(faults
            .iter()
            .filter(|fault| fault.get("operation").is_some_and(|of| of == operation))
            .filter_map(|fault| fault.get("times").and_then(Value::as_u64))
            .sum())
    }

    pub(crate) fn clear_faults(&self) -> Outcome<()> {
        http::ask(&self.address, "DELETE", "/_faults", "").map(drop)
    }

    /// Ends the sandbox; whatever is still asked of it fails.
    pub(crate) fn end(self) -> Outcome<()> {
        self.sandbox.end()
    }
}

/// A process whose lines are read while it goes on.
pub(crate) struct Spawned {
    child: Child,
    lines: Receiver<String>,
    reader: Option<JoinHandle<()>>,
    said: Vec<String>,
}

impl Spawned {
    pub(crate) fn start(mut command: Command) -> Outcome<Self> {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = BufReader::new(child.stdout.take().ok_or("no stdout")?);
        let (sender, lines) = sync_channel(LINES_HELD_MAX);
        let reader = std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                // Whoever listens no more has what it wanted.
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            child,
            lines,
            reader: Some(reader),
            said: Vec::new(),
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the line of this number, from 1; false where it ended before.
    pub(crate) fn wait_for_line(&mut self, number: usize) -> bool {
        while self.said.len() < number {
            match self.lines.recv() {
                Ok(line) => self.said.push(line),
                Err(_ended) => return false,
            }
        }
        true
    }

    /// Lets it go on for so long; false where it ended before.
    pub(crate) fn wait_ms(&mut self, ms: u64) -> bool {
        let watch = Stopwatch::start();
        loop {
            let left = Duration::from_millis(ms).as_secs_f64() - watch.seconds();
            if left <= 0.0 {
                return true;
            }
            match self.lines.recv_timeout(Duration::from_secs_f64(left)) {
                Ok(line) => self.said.push(line),
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }

    /// kill -9, and what it had said until then; true where it had not ended by itself.
    pub(crate) fn kill(mut self) -> Outcome<(bool, Vec<Value>)> {
        self.child.kill()?;
        let status = self.child.wait()?;
        Ok((status.code().is_none(), self.heard()?))
    }

    /// Waits until it ends by itself.
    pub(crate) fn end(mut self) -> Outcome<(ExitStatus, Vec<Value>)> {
        // Reading to the end comes first: a full pipe would hold it up for ever.
        let said = self.heard()?;
        Ok((self.child.wait()?, said))
    }

    fn heard(&mut self) -> Outcome<Vec<Value>> {
        self.said.extend(self.lines.iter());
        if let Some(reader) = self.reader.take()
            && reader.join().is_err()
        {
            return Err("the reader of its lines failed".into());
        }
        let mut said = Vec::with_capacity(self.said.len());
        for line in &self.said {
            // A line that the kill cut in two was not said.
            if let Ok(value) = serde_json::from_str(line) {
                said.push(value);
            }
        }
        Ok(said)
    }
}

impl Drop for Spawned {
    fn drop(&mut self) {
        // Gone already, unless an error ended the figure: nothing may outlive it.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What a call that ended gave.
pub(crate) fn told(output: &Output) -> Outcome<Told> {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let lines: Result<Vec<Value>, _> = stdout.lines().map(serde_json::from_str).collect();
    let lines = match lines {
        Ok(lines) => lines,
        // One document over many lines.
        Err(_) => vec![serde_json::from_str(&stdout)?],
    };
    Ok(Told {
        status: output.status.code(),
        lines,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
