//! Events about steps that read, compute or wait.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::engine::event::{Event, Recorded};
use crate::engine::evolve::{enter, go, set_fields};
use crate::engine::state::{Phase, ReadCall, RetryCall, RunState};

pub(super) fn call_started(state: &mut RunState, recorded: &Recorded) {
    let Event::CallStarted {
        step,
        visit,
        attempt,
        retries,
        tool,
        cost_micro_usd,
        values,
    } = &recorded.event
    else {
        return;
    };
    enter(state, step, *visit);
    state.ledger.reserve(*cost_micro_usd);
    state.phase = Phase::Calling {
        step: step.clone(),
        attempt: *attempt,
        retries: *retries,
        read: ReadCall {
            tool: tool.clone(),
            arguments: values.arguments.clone(),
            request: values.request.clone(),
        },
    };
}

pub(super) fn call_failed(state: &mut RunState, recorded: &Recorded) {
    let Event::CallFailed { retry_at, .. } = &recorded.event else {
        return;
    };
    let Some(at) = retry_at else { return };
    if let Phase::Calling {
        step,
        attempt,
        retries,
        read,
    } = &state.phase
    {
        state.phase = Phase::Retrying {
            step: step.clone(),
            attempt: *attempt,
            retries: *retries,
            at: *at,
            call: RetryCall::Read {
                read: read.clone(),
                anew: false,
            },
        };
    }
}

pub(super) fn step_completed(state: &mut RunState, recorded: &Recorded) {
    let Event::StepCompleted {
        step,
        visit,
        next,
        values,
        ..
    } = &recorded.event
    else {
        return;
    };
    enter(state, step, *visit);
    if let Some(output) = &values.output {
        keep_output(state, step.as_str(), output);
    }
    set_fields(state, &values.set);
    state.grants.remove(step);
    go(state, step, next);
}

pub(super) fn wait_started(state: &mut RunState, recorded: &Recorded) {
    let Event::WaitStarted {
        step,
        visit,
        until,
        signal,
    } = &recorded.event
    else {
        return;
    };
    enter(state, step, *visit);
    state.phase = match (until, signal) {
        (Some(until), _) => Phase::Sleeping {
            step: step.clone(),
            until: *until,
        },
        (None, signal) => Phase::Listening {
            step: step.clone(),
            signal: signal.clone().unwrap_or_default(),
        },
    };
}

fn keep_output(state: &mut RunState, step: &str, output: &Value) {
    Arc::make_mut(&mut state.outputs).insert(step.to_owned(), json!({ "output": output }));
}
