//! What a redrive would do, without doing it.

use serde::Serialize;
use serde_json::Value;

use crate::domain::{
    Actor, DeadLetterId, Digest, PlannedEffect, RunId, RunStatus, Timestamp, WorkflowName,
};
use crate::engine::probe::{plan_probe, probe_found};
use crate::engine::{Command, Event, Phase, Recorded, RunState, decide};
use crate::runtime::{Handle, RuntimeError};
use crate::tools::Call;
use crate::workflow::Definition;

/// What a redrive would do; nothing was changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RedrivePreview {
    pub dead_letter: DeadLetterId,
    pub run: RunId,
    pub run_status: RunStatus,
    pub would: Would,
    /// The run is paused: it would do so only once it is resumed.
    pub held: bool,
    /// What exactly would be sent, or be asked about.
    pub effect: Option<PlannedEffect>,
    pub approval: Approval,
    /// The definition the run is pinned to, and whether another one of its name is newer.
    pub definition: Digest,
    pub newer_definition: bool,
    /// What the target says now of the effect that is open.
    pub probe: Option<ProbeSaid>,
}

/// The gravest thing that a redrive would do at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Would {
    /// Send an effect.
    Send,
    /// Ask a person.
    OpenPacket,
    /// Record an effect as blocked by policy.
    Block,
    /// Ask the target whether the effect happened.
    Probe,
    /// Call a read tool.
    Read,
    /// Be parked again at once.
    ParkAgain,
    /// Wait for a time or a signal.
    Wait,
    /// End the run.
    End,
    /// Go on with what was answered already.
    GoOn,
}

/// What becomes of the approval that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    StillBinds,
    Void,
    /// None was given, and one is asked for.
    Needed,
    /// Rules let it through, or nothing is sent.
    NotNeeded,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProbeSaid {
    /// None where the answer settles nothing.
    pub found: Option<bool>,
    pub message: String,
    pub at: Timestamp,
}

impl Handle {
    /// Decides a redrive as an executor would, and throws the decision away. A probe is asked for
    /// real, which changes nothing at the target.
    ///
    /// # Errors
    /// As for [`Handle::redrive`].
    pub async fn preview_redrive(
        &self,
        letter: DeadLetterId,
        (set, output): (Vec<(String, Value)>, Option<Value>),
        by: &Actor,
    ) -> Result<RedrivePreview, RuntimeError> {
        let row = self.letter_row(letter)?;
        let mut state = self.shared.load(row.run)?.as_ref().clone();
        let held = state.paused.take().is_some();
        let definition = self.shared.library.pinned(state.definition)?;
        let command = Command::RedriveDeadLetter {
            dead_letter: letter,
            set,
            output,
            reason: None,
        };
        let envelope = self.shared.envelope(by, command)?;
        let mut holders = Vec::new();
        let decision =
            self.shared
                .decide_knowing((&definition, Some(&state)), &mut holders, |context| {
                    let mut context = *context;
                    context.executes = true;
                    decide(&context, Some(&state), &envelope)
                })?;
        let events = &decision.events;
        let open = open_effect(&state);
        let probe = match open {
            Some(effect) => self.ask(&definition, effect).await,
            None => None,
        };
        Ok(RedrivePreview {
            dead_letter: letter,
            run: row.run,
            run_status: decision.state.status(),
            would: would(events),
            held,
            effect: planned(events).or_else(|| open.cloned()),
            approval: approval(events),
            definition: state.definition,
            newer_definition: self.newest(&row.workflow)? != Some(state.definition),
            probe,
        })
    }

    fn newest(&self, workflow: &WorkflowName) -> Result<Option<Digest>, RuntimeError> {
        let known = self.shared.store.definitions()?;
        let newest = known.into_iter().rfind(|(name, ..)| name == workflow);
        Ok(newest.map(|(_, digest, _)| digest))
    }

    /// Asks the target after an effect; none where its tool has no probe.
    async fn ask(&self, definition: &Definition, effect: &PlannedEffect) -> Option<ProbeSaid> {
        let context = self.shared.context(definition, &[]);
        let (tool, values) = plan_probe(&context, effect).ok()?;
        let call = Call {
            tool: definition.tools.get(&tool)?,
            request: &values.request,
            digest: values.request.digest(),
        };
        let said = match self.shared.tools.call(call).await {
            Ok(answer) => probe_found(definition, effect, &answer.output),
            Err(failure) => Err(failure.message),
        };
        Some(ProbeSaid {
            found: said.as_ref().ok().copied(),
            message: match said {
                Ok(true) => "The target says that it happened.".to_owned(),
                Ok(false) => "The target does not know of it.".to_owned(),
                Err(why) => why,
            },
            at: self.shared.now(),
        })
    }
}

/// The write that is parked with its request: not done, or not known to be.
fn open_effect(state: &RunState) -> Option<&PlannedEffect> {
    if let Phase::Parked { letter, .. } = &state.phase {
        letter.stuck.effect()
    } else {
        None
    }
}

fn would(events: &[Recorded]) -> Would {
    let kinds = [
        ("effect_intended", Would::Send),
        ("packet_opened", Would::OpenPacket),
        ("effect_blocked", Would::Block),
        ("probe_started", Would::Probe),
        ("call_started", Would::Read),
        ("step_parked", Would::ParkAgain),
        ("wait_started", Would::Wait),
        ("run_ended", Would::End),
    ];
    let happens = |kind: &str| events.iter().any(|recorded| recorded.event.kind() == kind);
    let gravest = kinds.into_iter().find(|(kind, _)| happens(kind));
    gravest.map_or(Would::GoOn, |(_, would)| would)
}

/// The effect that would be sent, asked about or blocked.
fn planned(events: &[Recorded]) -> Option<PlannedEffect> {
    events.iter().find_map(|recorded| {
        if let Event::EffectIntended { values, .. } | Event::EffectBlocked { values, .. } =
            &recorded.event
        {
            Some(values.effect.as_ref().clone())
        } else if let Event::PacketOpened { values, .. } = &recorded.event {
            values.packet.effects.first().cloned()
        } else {
            None
        }
    })
}

fn approval(events: &[Recorded]) -> Approval {
    let any = |holds: fn(&Event) -> bool| events.iter().any(|recorded| holds(&recorded.event));
    let void = |event: &Event| {
        matches!(
            event,
            Event::GrantVoided {
                packet: Some(_),
                ..
            }
        )
    };
    let binds = |event: &Event| {
        matches!(
            event,
            Event::EffectIntended {
                packet: Some(_),
                ..
            }
        )
    };
    if any(void) {
        Approval::Void
    } else if any(binds) {
        Approval::StillBinds
    } else if any(|event| matches!(event, Event::PacketOpened { .. })) {
        Approval::Needed
    } else {
        Approval::NotNeeded
    }
}
