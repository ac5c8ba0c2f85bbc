//! Events about a run as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::RunStatus;
use crate::engine::event::{Event, Recorded};
use crate::engine::evolve::{Misfit, set_fields};
use crate::engine::ledger::Ledger;
use crate::engine::saga::Saga;
use crate::engine::state::{Pause, Phase, RetryCall, RunError, RunState};

/// Makes the first state of a run.
pub(super) fn started(recorded: &Recorded) -> Result<RunState, Misfit> {
    let Event::RunStarted {
        workflow,
        definition,
        first,
        values,
    } = &recorded.event
    else {
        return Err(Misfit {
            run_seq: recorded.run_seq,
            kind: recorded.event.kind(),
            state_seq: 0,
            why: "a run begins with run_started",
        });
    };
    Ok(RunState {
        run: recorded.run,
        workflow: workflow.clone(),
        definition: *definition,
        key: values.key.clone(),
        initiator: recorded.actor.name.clone(),
        edited_by: None,
        salt: values.salt.clone(),
        seq: recorded.run_seq,
        started_at: recorded.at,
        updated_at: recorded.at,
        active_ms: 0,
        paused: None,
        phase: Phase::Ready {
            step: first.clone(),
            entered: false,
        },
        input: Arc::clone(&values.input),
        state: Arc::clone(&values.state),
        state_version: 1,
        outputs: Arc::default(),
        visits: BTreeMap::new(),
        effects_done: BTreeMap::new(),
        steps_taken: 0,
        ledger: Ledger::default(),
        path: Vec::new(),
        review: None,
        grants: BTreeMap::new(),
        refused: BTreeMap::new(),
        packet: None,
        closed_packet: None,
        error: None,
        saga: Saga::default(),
    })
}

pub(super) fn run_paused(state: &mut RunState, recorded: &Recorded) {
    let Event::RunPaused { values } = &recorded.event else {
        return;
    };
    state.paused = Some(Pause {
        by: recorded.actor.name.clone(),
        reason: values.reason.clone().unwrap_or_default(),
        at: recorded.at,
    });
}

pub(super) fn run_resumed(state: &mut RunState) {
    state.paused = None;
}

pub(super) fn state_overridden(state: &mut RunState, recorded: &Recorded) {
    let Event::StateOverridden { values, .. } = &recorded.event else {
        return;
    };
    set_fields(state, &values.set);
    state.edited_by = Some(recorded.actor.name.clone());
    // What is asked again is asked about the state as it is now.
    if let Phase::Retrying {
        call: RetryCall::Read { anew, .. },
        ..
    } = &mut state.phase
    {
        *anew = true;
    }
}

pub(super) fn run_ended(state: &mut RunState, recorded: &Recorded) {
    let Event::RunEnded {
        status,
        code,
        values,
        ..
    } = &recorded.event
    else {
        return;
    };
    state.phase = Phase::Ended { status: *status };
    state.paused = None;
    state.grants.clear();
    // Only what was terminated may be undone later.
    if *status == RunStatus::Terminated {
        state.saga.closing = None;
    } else {
        state.saga = Saga::default();
    }
    state.error = code.clone().map(|code| RunError {
        code,
        message: values
            .as_ref()
            .map(|values| values.message.clone())
            .unwrap_or_default(),
    });
}
