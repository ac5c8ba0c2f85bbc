//! A stage whose store holds runs.

use std::sync::LazyLock;

use countersign::console::message::{Deed, Message, Refusal, RunRead, RunsNews};
use countersign::console::request::{Request, Ticket};
use countersign::domain::{
    Digest, EffectState, IdempotencyKey, RunId, RunStatus, StepStatus, Tier,
};
use countersign::engine::RunError;
use countersign::runtime::{RunDetail, TerminatePreview};
use countersign::views::{EffectFate, EffectRow, RunRow, StepLine, UndoCall, Undoing};
use countersign::workflow::{GraphLine, ToolBox, check, graph, shipped};
use serde_json::json;

use crate::stage::{NOW, Stage, order, packet_id, run_id};

/// A stage whose store holds runs.
pub(crate) struct Runs {
    pub(crate) stage: Stage,
    pub(crate) reads: Vec<RunRead>,
}

impl Runs {
    /// The screen of runs over these.
    pub(crate) fn with(columns: u16, rows: u16, reads: Vec<RunRead>) -> Self {
        let packets = (1..=3).map(|n| order(n, Tier::Routine, "7850.00"));
        let stage = Stage::with(columns, rows, packets.collect());
        let mut runs = Self { stage, reads };
        let rows = runs.reads.iter().map(|read| read.detail.row.clone());
        let rows: Vec<RunRow> = rows.collect();
        runs.news(true, rows);
        runs.press("2");
        runs
    }

    pub(crate) fn news(&mut self, whole: bool, rows: Vec<RunRow>) {
        let mut counts = std::collections::BTreeMap::new();
        for read in &self.reads {
            *counts
                .entry(read.detail.row.status.to_string())
                .or_insert(0) += 1;
        }
        self.stage.tell(Message::Runs(RunsNews {
            whole,
            of: None,
            rows,
            counts: counts.into_iter().collect(),
        }));
        self.answer();
    }

    /// Changes or adds a run in the store and tells the console, as the follower does.
    pub(crate) fn put(&mut self, read: RunRead) {
        let row = read.detail.row.clone();
        self.reads.retain(|other| other.detail.row.run != row.run);
        self.reads.push(read);
        self.news(false, vec![row]);
    }

    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            self.stage.press(key);
            self.answer();
        }
        self.stage.draw();
        self
    }

    /// Types a text once a dialog that has just opened hears it.
    pub(crate) fn write(&mut self, text: &str) -> &mut Self {
        self.stage.wait(1_000);
        self.stage.write(text);
        self.answer();
        self.stage.draw();
        self
    }

    /// Answers the reads that were asked for, as the store would.
    pub(crate) fn answer(&mut self) {
        let asked = std::mem::take(&mut self.stage.asked);
        for request in asked {
            match request {
                Request::ReadRun(run) => {
                    let mut found = self.reads.iter();
                    let found = found.find(|read| read.detail.row.run == run);
                    let found = found.cloned().map(Box::new).ok_or_else(|| Refusal {
                        code: "runtime".to_owned(),
                        message: format!("there is no run {run}"),
                    });
                    self.stage.tell(Message::Run { run, found });
                }
                other => self.stage.asked.push(other),
            }
        }
    }

    pub(crate) fn picture(&self) -> String {
        self.stage.picture()
    }

    pub(crate) fn selected(&self) -> Option<RunId> {
        self.stage.model.runs.list.selected
    }

    pub(crate) fn shown(&self) -> usize {
        self.stage.model.runs.list.len()
    }

    /// The line of the screen on which the cursor stands.
    pub(crate) fn line(&self) -> usize {
        let picture = self.picture();
        picture.lines().position(|line| line.contains('▌')).unwrap()
    }

    /// Tickets of the controls that were sent.
    pub(crate) fn controls(&self) -> Vec<Ticket> {
        let sent = self.stage.asked.iter().filter_map(|request| match request {
            Request::Pause { ticket, .. }
            | Request::Resume { ticket, .. }
            | Request::Override { ticket, .. }
            | Request::Terminate { ticket, .. } => Some(*ticket),
            _ => None,
        });
        sent.collect()
    }

    pub(crate) fn says(&self, words: &str) {
        let picture = self.picture();
        assert!(picture.contains(words), "{words}: {picture}");
    }
}

static PURCHASE_ORDER: LazyLock<Vec<GraphLine>> = LazyLock::new(|| {
    let (tools, _) = ToolBox::load(&shipped().tools);
    let definition = check(shipped().workflow("purchase-order").unwrap(), &tools)
        .definition
        .unwrap();
    graph(&definition)
});

fn line(step: &str, status: StepStatus, began_ms: i64, took_ms: Option<i64>) -> StepLine {
    let started_at = NOW.plus_ms(began_ms);
    StepLine {
        step: step.into(),
        visit: 1,
        attempt: 1,
        undo: false,
        status,
        output: None,
        error: None,
        started_at,
        finished_at: took_ms.map(|ms| started_at.plus_ms(ms)),
    }
}

/// The id of the `n`th run from the newest.
pub(crate) fn nth(n: u128) -> RunId {
    run_id(10_000 - n)
}

/// A purchase order that has come as far as `status` says, begun `n` minutes ago.
pub(crate) fn run(n: u128, status: RunStatus) -> RunRead {
    let minutes = i64::try_from(n).unwrap();
    let began = -minutes * 60_000;
    let waits = status == RunStatus::Waiting;
    let mut steps = vec![line("assess", StepStatus::Success, began, Some(212))];
    if waits || status == RunStatus::Paused {
        steps.push(line("review", StepStatus::NeedsReview, began + 240, None));
    }
    let row = RunRow {
        run: nth(n),
        workflow: "purchase-order".into(),
        key: Some(format!("PO-{}", 9_900 + n)),
        status,
        step: (!status.is_final()).then(|| "review".into()),
        started_at: NOW.plus_ms(began),
        updated_at: NOW.plus_ms(began + 1_000),
        cost_micro_usd: 0,
        tokens: 0,
        packet: waits.then(|| packet_id(n)),
        timer: None,
    };
    let state = json!({"amount": "7850.00", "status": "Draft", "vendor": "Alpha Tech Systems"});
    RunRead {
        detail: RunDetail {
            packet: row.packet,
            row,
            definition: Digest::of(b"definition"),
            error: None,
            state: state.as_object().cloned().unwrap(),
            state_version: 2,
            steps,
            effects: Vec::new(),
            pursuit: None,
        },
        effects: Vec::new(),
        graph: Ok(PURCHASE_ORDER.clone()),
        people: Vec::new(),
        tries: Vec::new(),
        unread: 0,
        terminate: Ok(preview(nth(n), status, Vec::new())),
    }
}

/// What terminating would do to a run of this status with these effects.
pub(crate) fn preview(run: RunId, status: RunStatus, effects: Vec<EffectFate>) -> TerminatePreview {
    let ended = status.is_final() && status != RunStatus::Terminated;
    let undoable = |effect: &EffectFate| effect.undoing == Undoing::CanBeUndone;
    TerminatePreview {
        run,
        status,
        stops: !status.is_final(),
        undoes: !ended && effects.iter().any(undoable),
        effects,
        refused: ended
            .then(|| format!("run {run} has ended ({status}): nothing can be changed any more")),
    }
}

/// A run of this status with these effects.
pub(crate) fn run_with(n: u128, status: RunStatus, effects: Vec<EffectFate>) -> RunRead {
    let mut read = run(n, status);
    read.terminate = Ok(preview(nth(n), status, effects));
    read
}

/// An order that is done and can be cancelled.
pub(crate) fn undoable(operation: &str) -> EffectFate {
    let mut effect = fate(operation, EffectState::Confirmed, Undoing::CanBeUndone);
    effect.undo = Some(UndoCall {
        tool: "erp.cancel_order".into(),
        arguments: Some(json!({"order_id": "ord_17", "po_id": operation})),
        problem: None,
    });
    effect
}

/// A run that failed because its target refused the order.
pub(crate) fn failed(n: u128) -> RunRead {
    let mut read = run(n, RunStatus::Failed);
    let began = read.detail.row.started_at.ms_since(NOW);
    let message = "the target answered 422: the vendor <script> is blocked\u{202e}".to_owned();
    let mut commit = line("commit", StepStatus::Failed, began + 60_000, Some(3_204));
    commit.error = Some(message.clone());
    read.detail.steps.push(line(
        "review",
        StepStatus::Success,
        began + 240,
        Some(59_000),
    ));
    read.detail.steps.push(commit);
    read.detail.error = Some(RunError {
        code: "effect_refused".to_owned(),
        message: message.clone(),
    });
    let row = &read.detail.row;
    read.effects.push(EffectRow {
        idempotency_key: IdempotencyKey(Digest::of(b"key")),
        run: row.run,
        step: "commit".into(),
        tool: "erp.commit_order".into(),
        state: EffectState::Refused,
        digest: Digest::of(b"effect"),
        operation: row.key.clone().unwrap(),
        amount: Some("7850.00 USD".parse().unwrap()),
        attempt: 1,
        updated_at: row.updated_at,
        error: Some(message),
        identity: None,
        undoes: None,
        undone_by: None,
    });
    read.people.push(Deed {
        by: "MGR_JANE_DOE".to_owned(),
        at: row.updated_at,
        done: "approved".to_owned(),
        reason: Some("checked with the vendor".to_owned()),
    });
    read
}

pub(crate) fn five() -> Vec<RunRead> {
    let statuses = [
        RunStatus::Waiting,
        RunStatus::Paused,
        RunStatus::Succeeded,
        RunStatus::Waiting,
        RunStatus::Running,
    ];
    (1..)
        .zip(statuses)
        .map(|(n, status)| run(n, status))
        .collect()
}

pub(crate) fn refused(message: &str) -> Refusal {
    Refusal {
        code: "refused".to_owned(),
        message: message.to_owned(),
    }
}

/// The fate of the order of a run, without anything that would undo it.
pub(crate) fn fate(operation: &str, state: EffectState, undoing: Undoing) -> EffectFate {
    EffectFate {
        tool: "erp.commit_order".into(),
        fate: match state {
            EffectState::Planned | EffectState::Blocked => "not_sent",
            EffectState::Intent | EffectState::Unknown => "unknown",
            EffectState::Confirmed | EffectState::Compensated => "confirmed",
            EffectState::Refused => "refused",
        },
        state,
        idempotency_key: IdempotencyKey(Digest::of(operation.as_bytes())),
        can_be_undone: undoing == Undoing::CanBeUndone && state == EffectState::Confirmed,
        operation: operation.to_owned(),
        amount: None,
        undoing,
        undo: None,
        undoes: None,
        undone_by: None,
    }
}
