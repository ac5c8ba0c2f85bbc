//! What a measurement costs the machine: time, CPU, bytes.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A stopwatch. The one place of the program that measures spans.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "a benchmark measures the time it takes"
    )]
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    pub(super) fn elapsed_ms(self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1_000.0
    }
}

/// Milliseconds since the moment in the environment variable `BENCH_T0`, seconds since the epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "compares with a time another process took"
)]
pub(super) fn ms_since_asked() -> Option<f64> {
    let asked: f64 = std::env::var("BENCH_T0").ok()?.parse().ok()?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()?
        .as_secs_f64();
    Some((now - asked) * 1_000.0)
}

/// What this process used so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usage {
    pub(super) cpu_ms: f64,
    pub(super) written_bytes: f64,
}

impl Usage {
    /// Reads the counters of Linux; zeros elsewhere.
    pub(super) fn now() -> Self {
        Self {
            cpu_ms: cpu_ms().unwrap_or_default(),
            written_bytes: written_bytes().unwrap_or_default(),
        }
    }

    pub(super) fn since(earlier: Self) -> Self {
        let now = Self::now();
        Self {
            cpu_ms: now.cpu_ms - earlier.cpu_ms,
            written_bytes: now.written_bytes - earlier.written_bytes,
        }
    }
}

/// User and system time, from `/proc/self/stat`, in ticks of 10 ms (`USER_HZ` is 100 on Linux).
fn cpu_ms() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) * 10.0)
}

/// Bytes handed to write calls, from `/proc/self/io`.
fn written_bytes() -> Option<f64> {
    let io = std::fs::read_to_string("/proc/self/io").ok()?;
    let line = io.lines().find_map(|line| line.strip_prefix("wchar: "))?;
    line.trim().parse().ok()
}

/// The value below which `share` of the sorted samples lie (nearest rank).
pub(super) fn percentile(samples: &mut [f64], share: f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "sample counts are far below 2^52, and the rank is not negative"
    )]
    let rank = (samples.len() as f64 * share).ceil() as usize;
    samples
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(super) fn figure(count: usize) -> f64 {
    count as f64
}
