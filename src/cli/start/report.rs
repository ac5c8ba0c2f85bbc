//! What `start` prints: a line for each row, in input order, and a summary.

use serde::Serialize;
use serde_json::json;

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::visible::visible;
use crate::domain::{PacketId, RunId, RunStatus, StepId, WorkflowName};
use crate::views::RunRow;

/// One row's outcome.
#[derive(Debug)]
pub enum RowLine {
    /// `differs`: the run that the key started before had another input.
    Run {
        row: RunRow,
        duplicate: bool,
        differs: bool,
    },
    Invalid {
        line: u64,
        error: String,
    },
}

#[derive(Serialize)]
struct RunLine<'a> {
    run: RunId,
    workflow: &'a WorkflowName,
    key: Option<&'a str>,
    status: RunStatus,
    step: Option<&'a StepId>,
    packet: Option<PacketId>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    differs: bool,
}

impl RowLine {
    pub fn print(&self, out: &mut Output) -> Result<(), Failure> {
        match self {
            Self::Invalid { line, error } if out.is_json() => {
                out.json_line(&json!({"line": line, "error": error}))
            }
            Self::Invalid { line, error } => {
                let error = visible(error);
                out.remark(format_args!(
                    "line {line}: {error}; nothing was started for it"
                ));
                Ok(())
            }
            Self::Run {
                row,
                duplicate,
                differs,
            } if out.is_json() => out.json_line(&RunLine {
                run: row.run,
                workflow: &row.workflow,
                key: row.key.as_deref(),
                status: row.status,
                step: row.step.as_ref(),
                packet: row.packet,
                duplicate: *duplicate,
                differs: *differs,
            }),
            Self::Run {
                row,
                duplicate,
                differs,
            } => out.line(sentence(row, *duplicate, *differs)),
        }
    }
}

fn sentence(row: &RunRow, duplicate: bool, differs: bool) -> String {
    let name = row
        .key
        .as_deref()
        .map_or_else(|| row.run.to_string(), str::to_owned);
    let mut parts = vec![format!("{:<13} {}", row.status.as_str(), visible(&name))];
    parts.extend(
        row.step
            .as_ref()
            .map(|step| format!("at {}", visible(step.as_str()))),
    );
    parts.extend(row.packet.map(|packet| format!("packet {packet}")));
    let before = match (duplicate, differs) {
        (true, true) => Some("(started before WITH OTHER VALUES: nothing of this row was taken)"),
        (true, false) => Some("(started before)"),
        (false, _) => None,
    };
    parts.extend(before.map(str::to_owned));
    parts.join("  ")
}

/// How many rows came to what. The outcomes count runs that were started now, not duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub started: u64,
    pub duplicates: u64,
    /// Of the duplicates, those whose key was used for another input.
    pub differing: u64,
    pub invalid: u64,
    pub succeeded: u64,
    pub waiting: u64,
    pub dead_lettered: u64,
    pub failed: u64,
    /// By a rule that denies.
    pub rejected: u64,
    /// Paused meanwhile, left to another process with `--detach`, or, without rows, under way in the
    /// store and not to be worked off by this process.
    pub unfinished: u64,
}

impl Summary {
    /// Tells whether nothing was given to start.
    pub fn is_of_no_rows(&self) -> bool {
        self.started + self.duplicates + self.invalid == 0
    }

    pub fn count(&mut self, line: &RowLine) {
        match line {
            RowLine::Invalid { .. } => self.invalid += 1,
            RowLine::Run {
                duplicate: true,
                differs,
                ..
            } => {
                self.duplicates += 1;
                self.differing += u64::from(*differs);
            }
            RowLine::Run { row, .. } => {
                self.started += 1;
                *self.outcome(row.status) += 1;
            }
        }
    }

    fn outcome(&mut self, status: RunStatus) -> &mut u64 {
        match status {
            RunStatus::Succeeded => &mut self.succeeded,
            RunStatus::Waiting => &mut self.waiting,
            RunStatus::DeadLettered => &mut self.dead_lettered,
            RunStatus::Failed | RunStatus::Terminated => &mut self.failed,
            RunStatus::Rejected => &mut self.rejected,
            RunStatus::Ready
            | RunStatus::Running
            | RunStatus::Paused
            | RunStatus::Isolated
            | RunStatus::Compensating => &mut self.unfinished,
        }
    }

    pub fn print(&self, out: &mut Output) -> Result<(), Failure> {
        if out.is_json() {
            return out.json_line(&json!({"summary": self}));
        }
        let counts = [
            (self.started, "started"),
            (self.duplicates, "started before"),
            (self.differing, "of them with other values"),
            (self.invalid, "invalid"),
            (self.succeeded, "succeeded"),
            (self.waiting, "waiting for a person"),
            (self.dead_lettered, "dead letters"),
            (self.failed, "failed"),
            (self.rejected, "rejected"),
            (self.unfinished, "unfinished"),
        ];
        let told = counts.iter().enumerate();
        let told = told.filter(|(index, (count, _))| *index == 0 || *count > 0);
        let told: Vec<String> = told
            .map(|(_, (count, what))| format!("{count} {what}"))
            .collect();
        out.line(told.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    fn line(status: RunStatus, duplicate: bool) -> RowLine {
        let row = RunRow {
            run: RunId(uuid::Uuid::nil()),
            workflow: "w".into(),
            key: Some("k\u{1b}".to_owned()),
            status,
            step: None,
            started_at: Timestamp(0),
            updated_at: Timestamp(0),
            cost_micro_usd: 0,
            tokens: 0,
            packet: None,
            timer: None,
        };
        RowLine::Run {
            row,
            duplicate,
            differs: false,
        }
    }

    #[test]
    fn outcomes_count_what_was_started_now() {
        let mut summary = Summary::default();
        summary.count(&line(RunStatus::Waiting, false));
        summary.count(&line(RunStatus::Waiting, true));
        summary.count(&RowLine::Invalid {
            line: 3,
            error: String::new(),
        });
        let (started, duplicates) = (summary.started, summary.duplicates);
        assert_eq!(
            (started, duplicates, summary.invalid, summary.waiting),
            (1, 1, 1, 1)
        );
    }

    #[test]
    fn every_started_run_has_exactly_one_outcome() {
        for status in RunStatus::ALL {
            let mut summary = Summary::default();
            summary.count(&line(*status, false));
            let outcomes = summary.succeeded
                + summary.waiting
                + summary.dead_lettered
                + summary.failed
                + summary.rejected
                + summary.unfinished;
            assert_eq!(outcomes, 1, "{status}");
        }
    }

    #[test]
    fn a_key_cannot_reach_the_terminal_raw() {
        let RowLine::Run { row, .. } = line(RunStatus::Succeeded, false) else {
            panic!("a run")
        };
        assert_eq!(
            sentence(&row, true, false),
            "succeeded     k<U+001B>  (started before)"
        );
    }
}
