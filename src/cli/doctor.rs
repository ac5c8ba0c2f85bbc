//! `doctor`: looks at everything a command needs, and says what to mend.

mod connectors;
mod store;

use clap::Args;
use serde::Serialize;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::output::Output;
use crate::cli::table::{Align, Table};
use crate::config::{Config, OsUser};
use crate::domain::Timestamp;
use crate::runtime::{Clock as _, SystemClock};

/// 2026-01-01T00:00:00Z: this program is younger, so an earlier clock is wrong.
const CLOCK_MIN: Timestamp = Timestamp(1_767_225_600_000);

/// Check terminal, configuration, store, clock and connectors
///
/// Each line is ok, a warning or a failure; exit status 1 if there is a failure.
#[derive(Debug, Args)]
pub struct Doctor {}

/// What one check found.
#[derive(Debug, Serialize)]
pub struct Finding {
    pub check: String,
    /// False only for a failure.
    pub ok: bool,
    pub level: Level,
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Ok,
    Warning,
    Failure,
}

impl Finding {
    fn new(level: Level, check: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            check: check.into(),
            ok: level != Level::Failure,
            level,
            detail: detail.into(),
        }
    }

    fn ok(check: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Level::Ok, check, detail)
    }

    fn warning(check: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Level::Warning, check, detail)
    }

    fn failure(check: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Level::Failure, check, detail)
    }
}

impl Doctor {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let Self {} = self;
        let mut findings = vec![terminal(&context.out), clock(SystemClock.now())];
        match Config::load(context.options.config.as_deref()) {
            Ok(config) => {
                findings.extend(configuration(&config, context));
                findings.extend(store::check(context));
                findings.extend(connectors::check(&config.connectors));
            }
            // Where the store is and who may act stand in the configuration.
            Err(error) => findings.push(Finding::failure("configuration", error.to_string())),
        }
        print(&mut context.out, &findings)?;
        Ok(if findings.iter().all(|finding| finding.ok) {
            Done::Well
        } else {
            Done::With(Kind::Failed)
        })
    }
}

fn terminal(out: &Output) -> Finding {
    let term = std::env::var("TERM").unwrap_or_default();
    if !out.shows_progress() {
        return Finding::ok("terminal", "stderr is no terminal: no progress is shown");
    }
    match term.as_str() {
        "" | "dumb" => Finding::warning("terminal", "TERM names no terminal that can draw"),
        _ => Finding::ok("terminal", term),
    }
}

fn clock(now: Timestamp) -> Finding {
    if now < CLOCK_MIN {
        let detail = format!("the clock says {now}, which is before this program was made");
        return Finding::failure("clock", detail);
    }
    Finding::ok("clock", now.to_string())
}

fn configuration(config: &Config, context: &Context) -> Vec<Finding> {
    let check = "configuration";
    let mut findings = match &config.path {
        Some(path) => vec![Finding::ok(check, path.display().to_string())],
        None => vec![Finding::ok(check, "there is none: defaults are used")],
    };
    let warnings = config.warnings.iter();
    findings.extend(warnings.map(|warning| Finding::warning(check, warning.clone())));
    let caller = OsUser::current();
    let actor = config
        .actors
        .authenticate(context.options.actor.as_deref(), &caller);
    findings.push(match actor {
        Ok(actor) if actor.claimed => Finding::ok(
            "actor",
            format!(
                "{}, claimed by {}: no roles are configured",
                actor.name, caller.name
            ),
        ),
        Ok(actor) => Finding::ok(
            "actor",
            format!("{}, mapped to {}", actor.name, caller.name),
        ),
        Err(error) => Finding::warning("actor", error.to_string()),
    });
    findings
}

fn print(out: &mut Output, findings: &[Finding]) -> Result<(), Failure> {
    if out.is_json() {
        return out.document(&findings);
    }
    let mut table = Table::new(&[
        ("RESULT", Align::Left),
        ("CHECK", Align::Left),
        ("DETAIL", Align::Left),
    ]);
    for finding in findings {
        let level = match finding.level {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Failure => "FAILURE",
        };
        table.row([level, &finding.check, &finding.detail]);
    }
    for line in table.lines() {
        out.line(line)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_before_this_program_is_a_failure() {
        assert!(!clock(Timestamp(0)).ok);
        assert!(clock(Timestamp(1_795_271_898_007)).ok);
    }
}
