//! Starting a run: its first event, and everything it can do at once.
//!
//! none → `RunStarted`, then as far as the run goes by itself

use std::sync::Arc;

use crate::domain::{DigestBuilder, limits};
use crate::engine::advance::advance;
use crate::engine::command::{Command, Context, Envelope};
use crate::engine::draft::Draft;
use crate::engine::event::{Event, StartValues};
use crate::engine::rejection::Rejection;

/// Hex digits of a run's salt: 128 bits.
const SALT_HEX: usize = 32;

pub(super) fn start_run<'a>(
    cx: &'a Context<'a>,
    envelope: &'a Envelope,
) -> Result<Draft<'a>, Rejection> {
    let Command::StartRun {
        run,
        key,
        input,
        state,
    } = &envelope.command
    else {
        return Err(no_run(envelope));
    };
    if key
        .as_ref()
        .is_some_and(|key| key.len() > limits::KEY_BYTES_MAX)
    {
        return Err(Rejection::TooLarge {
            what: "the key".to_owned(),
            limit: limits::KEY_BYTES_MAX,
        });
    }
    let salt = DigestBuilder::new("countersign/run-salt/v1")
        .bytes(&envelope.seed)
        .finish();
    let event = Event::RunStarted {
        workflow: cx.definition.name.clone(),
        definition: cx.definition.digest,
        first: cx.definition.first.clone(),
        values: StartValues {
            key: key.clone(),
            input: Arc::new(input.clone()),
            state: Arc::new(state.clone()),
            salt: salt.to_string().chars().take(SALT_HEX).collect(),
        },
    };
    let mut draft = Draft::begin(cx, envelope, *run, event)?;
    advance(&mut draft)?;
    Ok(draft)
}

fn no_run(envelope: &Envelope) -> Rejection {
    Rejection::NoRun {
        command: envelope.command.name(),
    }
}
