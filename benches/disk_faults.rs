//! Makes the disk and the operating system fail, and prints what became of the promises.
//!
//!     cargo bench --bench disk_faults -- FIGURE|all [--n N|all] [--twin] [--dir DIR]
//!
//! | figure | harm | made with |
//! |---|---|---|
//! | r2 | the power is cut | a snapshot of an ext4 image without what was never synced (root) |
//! | r3 | the n-th system call on the store fails, once or for good | strace |
//! | r4 | the COMMIT of a verdict fails, for every n | strace |
//! | r5 | the disk loses writes behind the page cache | an image on a full tmpfs (root) |
//! | r6 | the disk is full, and then has room again | a small tmpfs (root) |
//! | r8 | 8 processes on one store, stopped and continued at random | signals |
//! | r16 | every sync takes 5 s while somebody sits at the console | strace |
//!
//! The truth is the sandbox's own ledger, which the program under test never sees. A figure is
//! `kept`, `BROKEN` with what broke, or `skipped` with what the machine lacks; never counted as kept
//! where nothing was harmed. `--twin` runs r2 with `synchronous=NORMAL` and r16 in a
//! terminal that is slow, and then only a check that turns red is right.

#[allow(dead_code, reason = "each measurement uses a part of it")]
mod support;

/// One file a figure.
mod disk_faults {
    pub(crate) mod calls;
    pub(crate) mod careless;
    pub(crate) mod full;
    pub(crate) mod mounts;
    pub(crate) mod power;
    pub(crate) mod scene;
    pub(crate) mod slow;
    pub(crate) mod stops;
    pub(crate) mod verdicts;
    pub(crate) mod writeback;
}

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;
use disk_faults::careless::Careless;
use disk_faults::{calls, full, power, slow, stops, verdicts, writeback};
use support::Outcome;
use support::machine::{self, Stopwatch};
use support::report::Common;

#[derive(Debug, Parser)]
struct Call {
    /// r2, r3, r4, r5, r6, r8, r16, or all
    #[arg(default_value = "all")]
    figure: String,
    /// Cuts, calls, stops or packets; by default as many as the figure asks for, and few of each
    /// where all figures run. `all` is every call of r3's job
    #[arg(long, value_parser = how_many)]
    n: Option<usize>,
    /// Runs the check where it must turn red
    #[arg(long)]
    twin: bool,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    careless: Careless,
}

/// As many as there are.
const EVERY: usize = usize::MAX;

fn how_many(word: &str) -> Result<usize, std::num::ParseIntError> {
    if word == "all" {
        return Ok(EVERY);
    }
    word.parse()
}

/// What a figure is asked for.
pub(crate) struct Ask<'a> {
    pub(crate) common: &'a Common,
    pub(crate) n: usize,
    pub(crate) twin: bool,
}

/// What a figure found.
#[derive(Debug)]
pub(crate) enum Found {
    /// What was done, and which promises were broken.
    Done { told: String, broken: Vec<String> },
    /// What the machine lacks, or why the figure says nothing.
    Skipped(&'static str),
}

struct Figure {
    name: &'static str,
    full: usize,
    few: usize,
    run: fn(&Ask<'_>) -> Outcome<Found>,
}

impl Figure {
    fn n(&self, asked: Option<usize>, among_all: bool) -> usize {
        match asked {
            // Only a job ends by itself.
            Some(EVERY) if self.name != "r3" => self.full,
            Some(n) => n,
            None if among_all => self.few,
            None => self.full,
        }
    }
}

const FIGURES: [Figure; 7] = [
    Figure {
        name: "r2",
        full: 300,
        few: 10,
        run: power::run,
    },
    Figure {
        name: "r3",
        full: 12,
        few: 3,
        run: calls::run,
    },
    Figure {
        name: "r4",
        full: 40,
        few: 8,
        run: verdicts::run,
    },
    Figure {
        name: "r5",
        full: 5,
        few: 1,
        run: writeback::run,
    },
    Figure {
        name: "r6",
        full: 3,
        few: 1,
        run: full::run,
    },
    Figure {
        name: "r8",
        full: 200,
        few: 40,
        run: stops::run,
    },
    Figure {
        name: "r16",
        full: 3,
        few: 2,
        run: slow::run,
    },
];

fn main() -> Outcome<ExitCode> {
    let call = Call::parse();
    if call.careless.writes()? {
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!("disk faults: {}", machine::described()))?;
    let all = call.figure == "all";
    let mut red = false;
    for figure in FIGURES
        .iter()
        .filter(|figure| all || figure.name == call.figure)
    {
        let ask = Ask {
            common: &call.common,
            n: figure.n(call.n, all),
            twin: call.twin,
        };
        let watch = Stopwatch::start();
        let found = (figure.run)(&ask)?;
        let name = figure.name.to_uppercase();
        let seconds = watch.seconds();
        match found {
            Found::Skipped(why) => say(&format!("{name} skipped: {why}"))?,
            Found::Done { told, broken } if broken.is_empty() => {
                red |= call.twin;
                let word = if call.twin { "TWIN NOT CAUGHT" } else { "kept" };
                say(&format!("{name} {word}: {told}; {seconds:.0} s"))?;
            }
            Found::Done { told, broken } => {
                red |= !call.twin;
                let word = if call.twin {
                    "twin red, as it must be"
                } else {
                    "BROKEN"
                };
                say(&format!("{name} {word}: {told}; {seconds:.0} s"))?;
                for line in broken.iter().take(if call.twin { 1 } else { 20 }) {
                    say(&format!("   {line}"))?;
                }
            }
        }
    }
    Ok(if red {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn say(line: &str) -> Outcome<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
