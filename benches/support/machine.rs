//! The machine: its name, its disk, and what a process uses of it.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::support::Outcome;
use crate::support::figures::percentile;

/// Writes that the disk's flush time is taken over.
const FLUSHES: usize = 400;

/// Measures a span.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a measurement takes time")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn seconds(self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }

    pub(crate) fn ms(self) -> f64 {
        self.seconds() * 1_000.0
    }
}

/// Gives up the processor for a moment, between two looks at what another process does.
#[expect(clippy::disallowed_methods, reason = "watches another process")]
pub(crate) fn pause(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
}

/// Seconds since the epoch, as `BENCH_T0` wants them.
#[expect(
    clippy::disallowed_methods,
    reason = "another process compares with it"
)]
pub(crate) fn epoch_s() -> Outcome<f64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64())
}

/// Median milliseconds of appending a KiB and `fdatasync`, in `dir`.
pub(crate) fn flush_p50_ms(dir: &Path) -> Outcome<f64> {
    let path = dir.join("flushed");
    let mut file = File::create(&path)?;
    let block = [7_u8; 1_024];
    let mut spans = Vec::with_capacity(FLUSHES);
    for _ in 0..FLUSHES {
        file.write_all(&block)?;
        let watch = Stopwatch::start();
        file.sync_data()?;
        spans.push(watch.ms());
    }
    drop(file);
    fs::remove_file(path)?;
    Ok(percentile(&spans, 0.5))
}

/// Commit, cores, kernel and load, for the head of a report.
pub(crate) fn described() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    format!(
        "commit {}, {cores} cores, Linux {}, load {load} at the start",
        commit(),
        kernel.trim()
    )
}

/// Milliseconds of processor time this process used so far.
pub(crate) fn own_cpu_ms() -> Outcome<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    // In ticks of 10 ms: USER_HZ is 100 on Linux.
    ticks.map(|ticks| Ok(ticks.parse::<f64>()? * 10.0)).sum()
}

/// Resident memory of a process in MB of 1,000,000 bytes: all of it, and what is not file pages.
pub(crate) fn resident_mb(pid: u32) -> Outcome<(f64, f64)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let field = |name: &str| -> Outcome<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.split_whitespace().next());
        Ok(kib.ok_or("no such field")?.parse::<f64>()? * 1_024.0 / 1e6)
    };
    Ok((field("VmRSS:")?, field("RssAnon:")?))
}

fn commit() -> String {
    let git = |args: &[&str]| {
        let output = Command::new("git").args(args).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short", "HEAD"]) else {
        return "unknown".to_owned();
    };
    match git(&["status", "--porcelain", "--", "src", "Cargo.lock", "assets"]) {
        Some(changes) if changes.is_empty() => commit,
        _ => format!("{commit} with changes"),
    }
}
