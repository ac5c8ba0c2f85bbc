//! Injects faults and prints what became of the invariants.
//!
//!     cargo bench --bench faults -- FIGURE|all [--n N] [--seed S] [--twin] [--dir DIR]
//!
//! Each figure is a file of `benches/faults/`. It runs the built program against a sandbox in a
//! process of its own, does it harm, and holds the sandbox's ledger, which the program never sees,
//! against what was asked for. It prints one line:
//!
//! * `kept`: every invariant held;
//! * `BROKEN`: one did not, and which;
//! * `void`: fewer faults struck, or fewer effects were due, than the figure needs to say anything;
//! * `skipped`: the machine lacks what the fault is made with, and what that is.
//!
//! With `--twin` the same check runs where the invariant cannot hold: the target forgets keys, or
//! says that it did what it did not. Then only a check that turns red is right.
//!
//! `all` runs every figure small, and its twin after it.
//!
//! Exit status: 0 kept or skipped (of a twin: red), 1 broken (of a twin: not red), 3 void, 4 the
//! faults could not be made.

#[allow(dead_code, reason = "each measurement uses a part of it")]
mod support;

/// One file a figure; beside them what they share.
#[allow(dead_code, reason = "each figure uses a part of it")]
mod faults {
    pub(crate) mod boundaries;
    pub(crate) mod chance;
    pub(crate) mod e8;
    pub(crate) mod go_between;
    pub(crate) mod http;
    pub(crate) mod inside;
    pub(crate) mod ledger;
    pub(crate) mod r1;
    pub(crate) mod r10;
    pub(crate) mod r11;
    pub(crate) mod r12;
    pub(crate) mod r14;
    pub(crate) mod r7;
    pub(crate) mod r9;
    pub(crate) mod scene;
    pub(crate) mod tally;
}

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;
use faults::tally::{Tally, Word};
use support::Outcome;
use support::report::Common;
use support::{machine, machine::Stopwatch};

#[derive(Debug, Parser)]
struct Call {
    /// Which figure: r1 …, or all
    figure: String,
    /// Faults, or races, of each kind
    #[arg(long)]
    n: Option<usize>,
    /// What the random choices begin from; by default the time
    #[arg(long)]
    seed: Option<u64>,
    /// Runs the check where it must turn red
    #[arg(long)]
    twin: bool,
    #[command(flatten)]
    common: Common,
}

/// What a figure is asked for.
pub(crate) struct Ask<'a> {
    pub(crate) common: &'a Common,
    pub(crate) n: usize,
    pub(crate) seed: u64,
    /// The invariant cannot hold.
    pub(crate) twin: bool,
}

struct Figure {
    name: &'static str,
    /// What `n` is where nobody says, and what it is among all.
    full: usize,
    small: usize,
    run: fn(&Ask<'_>) -> Outcome<Tally>,
}

const FIGURES: &[Figure] = &[
    Figure {
        name: "r1",
        full: 1_000,
        small: 10,
        run: faults::r1::run,
    },
    Figure {
        name: "r7",
        full: 500,
        small: 10,
        run: faults::r7::run,
    },
    Figure {
        name: "r9",
        full: 1_000,
        small: 20,
        run: faults::r9::run,
    },
    Figure {
        name: "r10",
        full: 50,
        small: 5,
        run: faults::r10::run,
    },
    Figure {
        name: "r11",
        full: 50,
        small: 5,
        run: faults::r11::run,
    },
    Figure {
        name: "r12",
        full: 10,
        small: 1,
        run: faults::r12::run,
    },
    Figure {
        name: "r14",
        full: 100,
        small: 20,
        run: faults::r14::run,
    },
    Figure {
        name: "e8",
        full: 1_000,
        small: 100,
        run: faults::e8::run,
    },
    Figure {
        name: "boundaries",
        full: 150,
        small: 5,
        run: faults::boundaries::run,
    },
];

const VOID: u8 = 3;
const NOT_MADE: u8 = 4;

fn main() -> ExitCode {
    let call = Call::parse();
    match answered(&call) {
        Ok(Word::Kept | Word::Skipped) => ExitCode::SUCCESS,
        Ok(Word::Broken) => ExitCode::FAILURE,
        Ok(Word::Void) => ExitCode::from(VOID),
        Err(error) => {
            let told = writeln!(
                std::io::stderr(),
                "{}: the faults could not be made: {error}",
                call.figure
            );
            ExitCode::from(if told.is_ok() { NOT_MADE } else { VOID })
        }
    }
}

fn answered(call: &Call) -> Outcome<Word> {
    // Fails only where a provider is installed already, which is as good.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let seed = call.seed.map_or_else(by_the_time, Ok)?;
    say(&format!("faults: {}", machine::described()))?;
    if call.figure != "all" {
        let figure = FIGURES
            .iter()
            .find(|figure| figure.name == call.figure)
            .ok_or_else(|| format!("no such figure; there are {}", names()))?;
        return one(
            figure,
            &Ask {
                common: &call.common,
                n: call.n.unwrap_or(figure.full),
                seed,
                twin: call.twin,
            },
        );
    }
    let mut worst = Word::Kept;
    for figure in FIGURES {
        for twin in [false, true] {
            let ask = Ask {
                common: &call.common,
                n: call.n.unwrap_or(figure.small),
                seed,
                twin,
            };
            let word = match one(figure, &ask) {
                Ok(word) => word,
                // One figure that cannot be made does not keep the others from being.
                Err(error) => {
                    say(&format!("{} void: {error}", figure.name.to_uppercase()))?;
                    Word::Void
                }
            };
            worst = worst.max(word);
        }
    }
    Ok(worst)
}

/// Runs one figure and prints its line. Of a twin the word says whether the check saw it.
fn one(figure: &Figure, ask: &Ask<'_>) -> Outcome<Word> {
    let watch = Stopwatch::start();
    let tally = (figure.run)(ask)?;
    let found = tally.word();
    let (word, told) = match (ask.twin, found) {
        (false, _) | (true, Word::Skipped | Word::Void) => (found, found.as_str()),
        (true, Word::Broken) if tally.saw_its_twin() => (Word::Kept, "twin red, as it must be"),
        (true, Word::Broken | Word::Kept) => (Word::Broken, "TWIN NOT CAUGHT"),
    };
    let name = figure.name.to_uppercase();
    let (seed, seconds) = (ask.seed, watch.seconds());
    say(&format!(
        "{name} {told}: {tally}; seed {seed}, {seconds:.0} s"
    ))?;
    Ok(word)
}

fn say(line: &str) -> Outcome<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

fn names() -> String {
    let names: Vec<&str> = FIGURES.iter().map(|figure| figure.name).collect();
    names.join(", ")
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "any number is as good a seed as another"
)]
fn by_the_time() -> Outcome<u64> {
    Ok(machine::epoch_s()? as u64)
}
