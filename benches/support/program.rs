//! The built program as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::{Outcome, machine};

/// How long a process that printed its line is given to begin listening for signals.
const LISTENING_MS: u64 = 300;

/// How the program is called.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    path: PathBuf,
}

/// A process that printed its first line and goes on.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    /// What its first line said.
    pub(crate) said: Value,
    _stdout: BufReader<ChildStdout>,
}

impl Program {
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// Runs `bench` in `data` and answers its metrics.
    pub(crate) fn bench(&self, call: &str, data: &Path) -> Outcome<Value> {
        metrics_of(&self.command(call, data)?.output()?)
    }

    /// Runs `bench` under strace and answers how often it flushed a file; none without strace.
    pub(crate) fn flushes(&self, call: &str, data: &Path) -> Outcome<Option<f64>> {
        let counts = data.with_extension("strace");
        let mut strace = Command::new("strace");
        strace.args([
            "-f",
            "-c",
            "--seccomp-bpf",
            "-e",
            "trace=fdatasync,fsync",
            "-o",
        ]);
        strace.arg(&counts).arg(&self.path).args(words(call));
        let output = match strace.arg("--data").arg(data).arg("--json").output() {
            Ok(output) => output,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        metrics_of(&output)?;
        let text = std::fs::read_to_string(&counts)?;
        let mut flushes = 0.0;
        for line in text.lines() {
            let fields: Vec<&str> = line.split_whitespace().collect();
            if matches!(fields.last(), Some(&"fdatasync" | &"fsync")) {
                flushes += fields.get(3).ok_or("no count")?.parse::<f64>()?;
            }
        }
        Ok(Some(flushes))
    }

    /// Starts `bench` and waits for its line; it goes on until it is ended.
    pub(crate) fn bench_running(&self, call: &str, data: &Path) -> Outcome<Running> {
        Running::start(&mut self.command(call, data)?)
    }

    /// Starts `bench` and does not wait for its line.
    pub(crate) fn bench_started(&self, call: &str, data: &Path) -> Outcome<Child> {
        let mut command = self.command(call, data)?;
        Ok(command.stdout(Stdio::null()).spawn()?)
    }

    /// Starts the outside world in `dir`.
    pub(crate) fn sandbox(&self, dir: &Path) -> Outcome<Running> {
        let mut command = Command::new(&self.path);
        command.args(["sandbox", "--json", "--dir"]).arg(dir);
        Running::start(&mut command)
    }

    fn command(&self, call: &str, data: &Path) -> Outcome<Command> {
        let mut command = Command::new(&self.path);
        command.args(words(call)).arg("--data").arg(data);
        command.arg("--json");
        command.env("BENCH_T0", machine::epoch_s()?.to_string());
        Ok(command)
    }
}

impl Running {
    fn start(command: &mut Command) -> Outcome<Self> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut stdout = BufReader::new(child.stdout.take().ok_or("no stdout")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        match serde_json::from_str(&line) {
            Ok(said) => Ok(Self {
                child,
                said,
                _stdout: stdout,
            }),
            Err(_) => Err(format!("it said `{}` and {}", line.trim(), child.wait()?).into()),
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn metric(&self, name: &str) -> Outcome<f64> {
        metric(self.said.get("metrics").unwrap_or(&Value::Null), name)
    }

    /// Asks it to end, and waits until it has ended well.
    pub(crate) fn end(mut self) -> Outcome<()> {
        // It listens for signals only after it has printed its line.
        machine::pause(LISTENING_MS);
        terminate(&self.child)?;
        let status = self.child.wait()?;
        if status.success() {
            return Ok(());
        }
        Err(format!("it ended with {status}").into())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Gone already where `end` was called; after an error nothing may outlive the measurement.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A figure of a report's metrics.
pub(crate) fn metric(metrics: &Value, name: &str) -> Outcome<f64> {
    let figure = metrics.get(name).and_then(Value::as_f64);
    figure.ok_or_else(|| format!("no figure `{name}` in {metrics}").into())
}

fn terminate(child: &Child) -> Outcome<()> {
    let pid = Pid::from_raw(child.id().cast_signed()).ok_or("no process")?;
    Ok(kill_process(pid, Signal::TERM)?)
}

fn words(call: &str) -> impl Iterator<Item = &str> {
    std::iter::once("bench").chain(call.split_whitespace())
}

fn metrics_of(output: &Output) -> Outcome<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    let line: Option<Value> = text
        .lines()
        .next()
        .and_then(|line| serde_json::from_str(line).ok());
    let metrics = line.and_then(|line| line.get("metrics").cloned());
    match metrics {
        Some(metrics) if output.status.success() => Ok(metrics),
        _ => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(format!("bench ended with {}: {text}{said}", output.status).into())
        }
    }
}
