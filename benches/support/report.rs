//! Prints what was measured, and keeps it in `RESULTS.md` where that is asked for.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use tempfile::TempDir;

use crate::support::figures::{median, short};
use crate::support::{Outcome, machine};

/// Options of every measurement.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
    /// Replaces this measurement's section of benches/RESULTS.md
    #[arg(long)]
    record: bool,
    /// Where stores are made; by default cargo's directory for temporary files
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The program that is measured; by default the one cargo built
    #[arg(long, value_name = "FILE", env = "COUNTERSIGN_BIN",
           default_value = env!("CARGO_BIN_EXE_countersign"))]
    pub(crate) program: PathBuf,
}

impl Common {
    /// A new directory on the disk that is measured.
    pub(crate) fn folder(&self) -> Outcome<TempDir> {
        let parent = self.dir.as_deref();
        let parent = parent.unwrap_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")));
        fs::create_dir_all(parent)?;
        Ok(tempfile::Builder::new()
            .prefix("bench-")
            .tempdir_in(parent)?)
    }
}

/// Lines printed so far.
#[derive(Debug)]
pub(crate) struct Report {
    name: &'static str,
    lines: Vec<String>,
}

impl Report {
    /// Begins with the machine and its disk.
    pub(crate) fn begin(name: &'static str, folder: &Path) -> Outcome<Self> {
        let mut report = Self {
            name,
            lines: Vec::new(),
        };
        report.line(format!("{name}: {}", machine::described()))?;
        let flush = machine::flush_p50_ms(folder)?;
        report.line(format!("disk: fdatasync of 1 KiB p50 {flush:.3} ms"))?;
        Ok(report)
    }

    pub(crate) fn line(&mut self, line: String) -> Outcome<()> {
        writeln!(std::io::stdout(), "{line}")?;
        self.lines.push(line);
        Ok(())
    }

    /// One comparison by rounds: the medians of ours and of the floor, and the median of the
    /// rounds' ratios, which is answered. A shared disk changes its pace from round to round, so
    /// only what was measured in the same round is divided.
    pub(crate) fn compared(&mut self, what: &str, ours: &[f64], floor: &[f64]) -> Outcome<f64> {
        let ratios: Vec<f64> = ours
            .iter()
            .zip(floor)
            .map(|(ours, floor)| ours / floor)
            .collect();
        let ratio = median(&ratios);
        let (ours, floor) = (short(median(ours)), short(median(floor)));
        self.line(format!("{what:<58}{ours:>10}{floor:>10}{ratio:>8.2}"))?;
        Ok(ratio)
    }

    pub(crate) fn compared_head(&mut self) -> Outcome<()> {
        let what = "";
        self.line(format!(
            "{what:<58}{:>10}{:>10}{:>8}",
            "ours", "floor", "ratio"
        ))
    }

    /// One figure, its goal, and whether it is met.
    pub(crate) fn goal(&mut self, what: &str, figure: f64, goal: f64, met: bool) -> Outcome<()> {
        let word = crate::support::figures::verdict(met);
        let (figure, goal) = (short(figure), short(goal));
        self.line(format!("{what:<58}{figure:>10}  goal {goal:>6}  {word}"))
    }

    /// A figure that must not be above its goal.
    pub(crate) fn at_most(&mut self, what: &str, figure: f64, goal: f64) -> Outcome<()> {
        self.goal(what, figure, goal, figure <= goal)
    }

    /// A figure that must not be below its goal.
    pub(crate) fn at_least(&mut self, what: &str, figure: f64, goal: f64) -> Outcome<()> {
        self.goal(what, figure, goal, figure >= goal)
    }

    /// Measures the disk again, and puts the lines in place of the section of this name.
    pub(crate) fn end(mut self, common: &Common, folder: &Path) -> Outcome<()> {
        let flush = machine::flush_p50_ms(folder)?;
        self.line(format!(
            "disk at the end: fdatasync of 1 KiB p50 {flush:.3} ms"
        ))?;
        if !common.record {
            return Ok(());
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/RESULTS.md");
        let kept = fs::read_to_string(&path)?;
        let head = format!("## {}\n", self.name);
        let section = format!("{head}\n```text\n{}\n```\n", self.lines.join("\n"));
        let (before, rest) = match kept.split_once(&head) {
            Some((before, rest)) => (before.to_owned(), rest),
            None => (format!("{kept}\n"), ""),
        };
        let after = rest.find("\n## ").and_then(|at| rest.get(at..));
        fs::write(
            path,
            format!("{before}{section}{}", after.unwrap_or_default()),
        )?;
        Ok(())
    }
}
