//! A sandbox, a home, stores, and the check that everything keeps to afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::disk_faults::careless;
use crate::support::Outcome;
use crate::support::program::{Program, Running};
use crate::support::report::Common;

/// The world around one figure.
pub(crate) struct Scene {
    pub(crate) home: TempDir,
    program: PathBuf,
    url: String,
    config: String,
    _sandbox: Running,
}

/// What one call of the program gave.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: Option<i32>,
    pub(crate) lines: Vec<Value>,
    pub(crate) stderr: String,
}

impl Told {
    pub(crate) fn of(output: &Output) -> Self {
        let stdout = String::from_utf8_lossy(&output.stdout);
        Self {
            status: output.status.code(),
            lines: stdout
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok())
                .collect(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The code of the error document.
    pub(crate) fn code(&self) -> &str {
        let error = self
            .lines
            .last()
            .and_then(|line| line.pointer("/error/code"));
        error.and_then(Value::as_str).unwrap_or_default()
    }
}

impl Scene {
    pub(crate) fn new(common: &Common) -> Outcome<Self> {
        let home = common.folder()?;
        let sandbox = Program::new(&common.program).sandbox(&home.path().join("sandbox"))?;
        let word = |name: &str| -> Outcome<String> {
            let word = sandbox.said.get(name).and_then(Value::as_str);
            Ok(word
                .ok_or("the sandbox does not say where it is")?
                .to_owned())
        };
        Ok(Self {
            url: word("sandbox_url")?,
            config: word("config")?,
            program: common.program.clone(),
            home,
            _sandbox: sandbox,
        })
    }

    /// Orders named `tag-0`, `tag-1`, …: three of four pass alone, the fourth waits.
    pub(crate) fn rows(&self, tag: &str, count: usize) -> Outcome<PathBuf> {
        let path = self.home.path().join(format!("{tag}.csv"));
        let mut text = String::from("po_id,vendor,amount\n");
        for index in 0..count {
            let amount = if index % 4 == 3 { 9_000 } else { 10 };
            writeln!(text, "{tag}-{index},Alpha Tech Systems,{amount}")?;
        }
        fs::write(&path, text)?;
        Ok(path)
    }

    /// A call of the program on a store.
    pub(crate) fn command(&self, store: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        self.complete(&mut command, store, args);
        command
    }

    /// The same under strace, which harms the calls that touch the store's files.
    pub(crate) fn harmed(&self, store: &Path, injects: &[String], args: &[&str]) -> Command {
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-o"]).arg(trace(store));
        for suffix in ["", "-wal", "-shm", ".lock"] {
            command.arg("-P").arg(beside(store, suffix));
        }
        for inject in injects {
            command.args(["-e", &format!("inject={inject}")]);
        }
        command.arg(&self.program);
        self.complete(&mut command, store, args);
        command
    }

    /// The twin of r2 on a store.
    pub(crate) fn careless(&self, store: &Path, rows: (&str, usize)) -> Outcome<Command> {
        careless::command(store, &self.config, rows)
    }

    /// The console under strace, which stops for the harmed calls alone: everything else is as
    /// fast as ever. Where `anywhere`, they are harmed away from the store's files too.
    pub(crate) fn console(&self, store: &Path, injects: &[String], anywhere: bool) -> Command {
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-ttt", "--seccomp-bpf", "-o"]);
        command.arg(trace(store));
        for suffix in ["", "-wal", "-shm", ".lock"].iter().filter(|_| !anywhere) {
            command.arg("-P").arg(beside(store, suffix));
        }
        let calls: Vec<&str> = injects
            .iter()
            .filter_map(|inject| inject.split(':').next())
            .collect();
        command.args(["-e", &format!("trace={}", calls.join(","))]);
        for inject in injects {
            command.args(["-e", &format!("inject={inject}")]);
        }
        command.arg(&self.program).arg("--store").arg(store);
        command.args(["--config", &self.config]);
        command
    }

    fn complete(&self, command: &mut Command, store: &Path, args: &[&str]) {
        command.arg("--json").arg("--store").arg(store);
        command.args(["--config", &self.config]).args(args);
        command
            .env("HOME", self.home.path())
            .env_remove("XDG_STATE_HOME");
        command.stdin(Stdio::null());
    }

    pub(crate) fn tell(&self, store: &Path, args: &[&str]) -> Outcome<Told> {
        Ok(Told::of(&self.command(store, args).output()?))
    }

    /// Starts the rows of a file.
    pub(crate) fn start(&self, store: &Path, rows: &Path) -> Outcome<Told> {
        let rows = rows.to_string_lossy();
        self.tell(store, &start_of(&rows))
    }

    /// How often the ERP committed each order.
    pub(crate) fn ledger(&self) -> Outcome<BTreeMap<String, usize>> {
        let entries: Vec<Value> = serde_json::from_str(&self.ask("GET", "/_ledger", "")?)?;
        let mut counts = BTreeMap::new();
        for entry in entries {
            if let Some(subject) = entry.get("subject").and_then(Value::as_str) {
                *counts.entry(subject.to_owned()).or_default() += 1;
            }
        }
        Ok(counts)
    }

    /// Makes the ERP answer late.
    pub(crate) fn slow_target(&self, times: u32, delay_ms: u32) -> Outcome<()> {
        self.fault("delay", (times, delay_ms))
    }

    /// Makes the ERP misbehave when it is next asked to commit an order.
    pub(crate) fn fault(&self, kind: &str, (times, delay_ms): (u32, u32)) -> Outcome<()> {
        let fault = serde_json::json!({
            "service": "erp", "operation": "commit_order", "kind": kind,
            "times": times, "delay_ms": delay_ms,
        });
        self.ask("POST", "/_faults", &fault.to_string()).map(drop)
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Outcome<String> {
        let address = self.url.strip_prefix("http://").ok_or("no address")?;
        let mut stream = TcpStream::connect(address)?;
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nhost: {address}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
        Ok(body.to_owned())
    }

    /// What is wrong in a store after harm: it does not verify, what was acknowledged is not there,
    /// or an effect of these rows stands in the ledger and not in the store.
    pub(crate) fn examine(
        &self,
        store: &Path,
        tag: &str,
        printed: &[Value],
    ) -> Outcome<Vec<String>> {
        let mut wrong = Vec::new();
        let acknowledged: BTreeSet<&str> = printed
            .iter()
            .filter_map(|line| line.get("run").and_then(Value::as_str))
            .collect();
        let effects: Vec<String> = self
            .ledger()?
            .into_keys()
            .filter(|subject| subject.starts_with(&format!("{tag}-")))
            .collect();
        if !store.exists() {
            if !acknowledged.is_empty() || !effects.is_empty() {
                wrong.push(format!("{tag}: there is no store, but acts and answers"));
            }
            return Ok(wrong);
        }
        let verified = self.tell(store, &["audit", "verify"])?;
        if verified.status != Some(0) {
            wrong.push(format!(
                "{tag}: it does not verify: {}",
                verified.stderr.trim()
            ));
        }
        let runs = self.runs(store)?;
        let lost = acknowledged
            .iter()
            .filter(|run| !runs.contains_key(**run))
            .count();
        if lost > 0 {
            wrong.push(format!("{tag}: {lost} acknowledged runs are gone"));
        }
        for line in printed {
            let run = line.get("run").and_then(Value::as_str).unwrap_or_default();
            let was = line
                .get("status")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if was == "succeeded" && runs.get(run).is_some_and(|now| now != was) {
                wrong.push(format!("{tag}: {run} was told as succeeded and is not"));
            }
        }
        let told = self.tell(store, &["audit", "list", "--kind", "effect_intended"])?;
        let intents = told.lines.first().map(Value::to_string).unwrap_or_default();
        for subject in &effects {
            if !intents.contains(&format!("\"{subject}\""))
                && !intents.contains(&format!("\\\"{subject}\\\""))
            {
                wrong.push(format!("{subject} was done and no INTENT stands"));
            }
        }
        Ok(wrong)
    }

    /// The status of each run of a store.
    fn runs(&self, store: &Path) -> Outcome<BTreeMap<String, String>> {
        let told = self.tell(store, &["runs", "list"])?;
        let rows = told.lines.first().and_then(Value::as_array);
        let word = |row: &Value, name: &str| {
            let word = row.get(name).and_then(Value::as_str);
            word.unwrap_or_default().to_owned()
        };
        let rows = rows.into_iter().flatten();
        Ok(rows
            .map(|row| (word(row, "run"), word(row, "status")))
            .collect())
    }

    /// Starts the rows again on a sound disk: everything settles, and each order is done once.
    pub(crate) fn finish(
        &self,
        store: &Path,
        tag: &str,
        rows: (&Path, usize),
    ) -> Outcome<Vec<String>> {
        let (file, count) = rows;
        let mut wrong = Vec::new();
        let told = self.start(store, file)?;
        if told.status != Some(0) {
            wrong.push(format!(
                "{tag}: the next start ended {:?}: {}",
                told.status,
                told.stderr.trim()
            ));
        }
        let done = self.ledger()?;
        for index in (0..count).filter(|index| index % 4 != 3) {
            let subject = format!("{tag}-{index}");
            let times = done.get(&subject).copied().unwrap_or_default();
            if times != 1 {
                wrong.push(format!("{subject} was done {times} times"));
            }
        }
        if self.tell(store, &["audit", "verify"])?.status != Some(0) {
            wrong.push(format!("{tag}: it does not verify at the end"));
        }
        Ok(wrong)
    }
}

/// The words of a start of the rows in a file, none of them twice.
pub(crate) fn start_of(rows: &str) -> [&str; 6] {
    ["start", "purchase-order", "--key", "po_id", "--input", rows]
}

/// Where strace writes what it saw.
pub(crate) fn trace(store: &Path) -> PathBuf {
    beside(store, ".trace")
}

/// How many calls were harmed.
pub(crate) fn harmed_calls(store: &Path) -> usize {
    let text = fs::read_to_string(trace(store)).unwrap_or_default();
    text.matches("(INJECTED)").count() + text.matches("(DELAYED)").count()
}

pub(crate) fn has(tool: &str, word: &str) -> bool {
    let mut command = Command::new(tool);
    let quiet = command
        .arg(word)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

fn beside(store: &Path, suffix: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
