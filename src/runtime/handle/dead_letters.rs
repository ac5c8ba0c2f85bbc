//! Dead letters: look at one, try out what a redrive would do, redrive, discard.

use serde::Serialize;
use serde_json::Value;

use crate::domain::{
    Actor, DeadLetterId, Digest, Fields, Packet, PlannedEffect, Request, RunId, RunStatus,
    Timestamp, ToolName,
};
use crate::engine::probe::{plan_probe, probe_found};
use crate::engine::{Command, Decision, Event, Phase, Recorded, RunState, decide};
use crate::runtime::{Handle, RuntimeError};
use crate::store::{DeadLetterFilter, EventFilter};
use crate::tools::Call;
use crate::views::DeadLetterRow;
use crate::workflow::Definition;

/// A dead letter with everything a person needs to decide about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeadLetterDetail {
    #[serde(flatten)]
    pub row: DeadLetterRow,
    /// The run's input, as it came.
    pub input: Fields,
    /// The run's state as it is now.
    pub state: Fields,
    pub definition: Digest,
    /// The last call that was made for the step before it was parked.
    pub last_call: Option<LastCall>,
}

/// A call and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LastCall {
    pub tool: ToolName,
    pub at: Timestamp,
    /// Secrets stand in it as handles.
    pub request: Request,
    /// What was answered, or why there is no answer.
    pub answer: Option<Value>,
    pub failure: Option<String>,
}

/// A dead letter that was redriven or discarded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LetterMoved {
    pub dead_letter: DeadLetterId,
    pub run: RunId,
    pub run_status: RunStatus,
}

/// What a redrive would do; nothing was changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RedrivePreview {
    pub dead_letter: DeadLetterId,
    pub run: RunId,
    pub run_status: RunStatus,
    pub would: Would,
    /// What exactly would be sent, or be asked about.
    pub effect: Option<PlannedEffect>,
    pub approval: Approval,
    /// The definition the run is pinned to, and whether another one of its name is newer.
    pub definition: Digest,
    pub newer_definition: bool,
    /// What the target says now of the effect that is open.
    pub probe: Option<ProbeSaid>,
}

/// The first thing a redrive would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Would {
    /// Send the effect.
    Send,
    /// Call a read tool.
    Read,
    /// Ask the target whether the effect happened.
    Probe,
    /// Ask a person.
    OpenPacket,
    /// Record as blocked by policy.
    Block,
    /// Go on with what was answered already.
    GoOn,
    /// Be parked again at once.
    ParkAgain,
}

/// What becomes of the approval that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    StillBinds,
    Void,
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
    pub fn dead_letters(
        &self,
        filter: &DeadLetterFilter,
    ) -> Result<Vec<DeadLetterRow>, RuntimeError> {
        Ok(self.shared.store.dead_letters(filter)?)
    }

    /// One dead letter, verified against the journal.
    pub fn dead_letter(&self, letter: DeadLetterId) -> Result<DeadLetterDetail, RuntimeError> {
        let row = self.letter_row(letter)?;
        let state = self.shared.load(row.run)?;
        let events = self.shared.store.events(&EventFilter {
            run: Some(row.run),
            ..EventFilter::default()
        })?;
        let recorded: Vec<Recorded> = events
            .iter()
            .filter_map(|stored| stored.recorded().transpose())
            .collect::<Result<_, _>>()?;
        Ok(DeadLetterDetail {
            last_call: last_call(&recorded, letter),
            input: state.input.as_ref().clone(),
            state: state.state.as_ref().clone(),
            definition: state.definition,
            row,
        })
    }

    /// The inputs of the runs of some letters, in their order.
    pub fn inputs_of(&self, letters: &[DeadLetterRow]) -> Result<Vec<Fields>, RuntimeError> {
        letters
            .iter()
            .map(|letter| Ok(self.shared.load(letter.run)?.input.as_ref().clone()))
            .collect()
    }

    /// Has the parked step go on, after edits of the state.
    ///
    /// # Errors
    /// A rejection: the letter is closed, an edit is not valid, or the effect is still unknown.
    pub async fn redrive(
        &self,
        letter: DeadLetterId,
        (set, reason): (Vec<(String, Value)>, Option<String>),
        by: &Actor,
    ) -> Result<LetterMoved, RuntimeError> {
        let command = Command::RedriveDeadLetter {
            dead_letter: letter,
            set,
            reason,
        };
        self.close_letter(letter, command, by).await
    }

    /// Gives the parked step up; its run fails.
    ///
    /// # Errors
    /// A rejection: the letter is closed, or its effect may have happened.
    pub async fn discard(
        &self,
        letter: DeadLetterId,
        reason: &str,
        by: &Actor,
    ) -> Result<LetterMoved, RuntimeError> {
        let command = Command::DiscardDeadLetter {
            dead_letter: letter,
            reason: reason.to_owned(),
        };
        self.close_letter(letter, command, by).await
    }

    async fn close_letter(
        &self,
        letter: DeadLetterId,
        command: Command,
        by: &Actor,
    ) -> Result<LetterMoved, RuntimeError> {
        let row = self.letter_row(letter)?;
        let state = self.command(row.run, by, command).await?;
        Ok(LetterMoved {
            dead_letter: letter,
            run: row.run,
            run_status: state.status(),
        })
    }

    /// Decides a redrive and throws the decision away; a probe is asked for real, which changes
    /// nothing at the target.
    ///
    /// # Errors
    /// As for [`Handle::redrive`].
    pub async fn preview_redrive(
        &self,
        letter: DeadLetterId,
        set: Vec<(String, Value)>,
        by: &Actor,
    ) -> Result<RedrivePreview, RuntimeError> {
        let row = self.letter_row(letter)?;
        let state = self.shared.load(row.run)?;
        let definition = self.shared.library.pinned(state.definition)?;
        let command = Command::RedriveDeadLetter {
            dead_letter: letter,
            set,
            reason: None,
        };
        let envelope = self.shared.envelope(by, command)?;
        let mut context = self.shared.context(&definition);
        context.executes = true;
        let decision = decide(&context, Some(state.as_ref()), &envelope)?;
        let open = open_effect(&state).cloned();
        let probe = match &open {
            Some(effect) => self.ask(&definition, effect).await,
            None => None,
        };
        let newest = self
            .shared
            .store
            .definitions()?
            .into_iter()
            .rfind(|(name, ..)| *name == row.workflow);
        Ok(RedrivePreview {
            dead_letter: letter,
            run: row.run,
            run_status: decision.state.status(),
            would: would(&decision),
            effect: planned(&decision).or(open),
            approval: approval(&decision),
            definition: state.definition,
            newer_definition: newest.is_some_and(|(_, digest, _)| digest != state.definition),
            probe,
        })
    }

    /// Asks the target after an effect; none where its tool has no probe.
    async fn ask(&self, definition: &Definition, effect: &PlannedEffect) -> Option<ProbeSaid> {
        let context = self.shared.context(definition);
        let (tool, values) = plan_probe(&context, effect).ok()?;
        let tool = definition.tools.get(&tool)?;
        let digest = values.request.digest();
        let answered = self
            .shared
            .tools
            .call(Call {
                tool,
                request: &values.request,
                digest,
            })
            .await;
        let said = match answered {
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
            at: self.shared.clock.now(),
        })
    }

    fn letter_row(&self, letter: DeadLetterId) -> Result<DeadLetterRow, RuntimeError> {
        self.shared
            .store
            .dead_letter(letter)?
            .ok_or(RuntimeError::NoSuchDeadLetter(letter))
    }
}

fn open_effect(state: &RunState) -> Option<&PlannedEffect> {
    match &state.phase {
        Phase::Parked { letter, .. } => letter.stuck.effect(),
        _ => None,
    }
}

fn would(decision: &Decision) -> Would {
    let mut first = Would::GoOn;
    for recorded in &decision.events {
        first = match &recorded.event {
            Event::EffectIntended { .. } => Would::Send,
            Event::CallStarted { .. } => Would::Read,
            Event::ProbeStarted { .. } => Would::Probe,
            Event::PacketOpened { .. } => Would::OpenPacket,
            Event::EffectBlocked { .. } => Would::Block,
            Event::StepParked { .. } => Would::ParkAgain,
            Event::StepCompleted { .. } => Would::GoOn,
            _ => continue,
        };
        break;
    }
    first
}

fn planned(decision: &Decision) -> Option<PlannedEffect> {
    decision
        .events
        .iter()
        .find_map(|recorded| match &recorded.event {
            Event::EffectIntended { values, .. } | Event::EffectBlocked { values, .. } => {
                Some(values.effect.as_ref().clone())
            }
            Event::PacketOpened { values, .. } => first_effect(&values.packet),
            _ => None,
        })
}

fn first_effect(packet: &Packet) -> Option<PlannedEffect> {
    packet.effects.first().cloned()
}

fn approval(decision: &Decision) -> Approval {
    let mut approval = Approval::NotNeeded;
    for recorded in &decision.events {
        match &recorded.event {
            Event::GrantVoided { .. } => return Approval::Void,
            Event::EffectIntended {
                packet: Some(_), ..
            } => approval = Approval::StillBinds,
            _ => {}
        }
    }
    approval
}

/// The last call before the letter was opened: what was sent and what came of it.
fn last_call(events: &[Recorded], letter: DeadLetterId) -> Option<LastCall> {
    let mut last: Option<LastCall> = None;
    for recorded in events {
        match &recorded.event {
            Event::CallStarted { tool, values, .. } | Event::ProbeStarted { tool, values, .. } => {
                last = Some(call(tool, recorded.at, &values.request));
            }
            Event::EffectIntended { tool, values, .. } => {
                last = Some(call(tool, recorded.at, &values.effect.request));
            }
            Event::CallFailed { values, .. }
            | Event::EffectRefused { values, .. }
            | Event::EffectDeferred { values, .. }
            | Event::EffectUnknown { values, .. } => {
                if let Some(last) = &mut last {
                    last.failure = Some(values.message.clone());
                }
            }
            // What a completed step was answered belongs to no letter after it.
            Event::StepCompleted { .. } => last = None,
            Event::StepParked {
                dead_letter,
                values,
                ..
            } => {
                if let Some(last) = &mut last {
                    last.answer.clone_from(&values.output);
                }
                if *dead_letter == letter {
                    return last;
                }
            }
            _ => {}
        }
    }
    None
}

fn call(tool: &ToolName, at: Timestamp, request: &Request) -> LastCall {
    LastCall {
        tool: tool.clone(),
        at,
        request: request.clone(),
        answer: None,
        failure: None,
    }
}
