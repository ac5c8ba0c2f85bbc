//! The rows that change with one command's events.

use serde::Serialize;

use crate::domain::{
    BusinessIdentity, Digest, EffectState, IdempotencyKey, Money, Packet, PacketId, PacketStatus,
    PlannedEffect, RunId, RunStatus, StepId, Timestamp, ToolName, Vote, WorkflowName,
};
use crate::engine::{Done, Event, Recorded, RunState, Settled};
use crate::views::dead_letters::{DeadLetterRow, letters_of};
use crate::views::identities;
use crate::views::notifications::{Notification, notifications_of};

/// One line of the run list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunRow {
    pub run: RunId,
    pub workflow: WorkflowName,
    pub key: Option<String>,
    pub status: RunStatus,
    pub step: Option<StepId>,
    pub started_at: Timestamp,
    pub updated_at: Timestamp,
    /// What its calls cost, one under way included, in millionths of a US dollar.
    pub cost_micro_usd: i64,
    /// Model tokens.
    pub tokens: i64,
    /// The open packet.
    #[serde(skip)]
    pub packet: Option<PacketId>,
    /// When the run must be woken.
    #[serde(skip)]
    pub timer: Option<Timestamp>,
}

/// One act on the world and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EffectRow {
    pub idempotency_key: IdempotencyKey,
    pub run: RunId,
    pub step: StepId,
    pub tool: ToolName,
    pub state: EffectState,
    pub digest: Digest,
    pub operation: String,
    pub amount: Option<Money>,
    pub attempt: u32,
    pub updated_at: Timestamp,
    /// Why it is refused, blocked or unknown.
    pub error: Option<String>,
    /// The business identity that it holds: no other effect may begin under it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<BusinessIdentity>,
    /// The effect that this one undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<IdempotencyKey>,
    /// The effect that undid this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone_by: Option<IdempotencyKey>,
}

/// What one command changes in the views. Rows are whole: they replace what stood there.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewRows {
    pub run: RunRow,
    pub packets: Vec<Packet>,
    pub effects: Vec<EffectRow>,
    pub dead_letters: Vec<DeadLetterRow>,
    /// What people are to be told.
    pub notifications: Vec<Notification>,
}

/// Folds one command's events into rows. `before` is none for a run's first command.
pub fn rows_of(before: Option<&RunState>, events: &[Recorded], after: &RunState) -> ViewRows {
    let mut fold = Fold {
        packet: before.and_then(|state| state.packet.as_deref().cloned()),
        live: before.and_then(RunState::live_effect).cloned(),
        done: before.map_or(&[], |state| &state.saga.done),
        packets: Vec::new(),
        effects: Vec::new(),
    };
    for recorded in events {
        fold.packet_event(recorded);
        fold.effect_event(recorded);
    }
    identities::release_given_up(before, events, after, &mut fold.effects);
    ViewRows {
        run: run_row(after),
        packets: fold.packets,
        effects: fold.effects,
        dead_letters: letters_of(before, events, after),
        notifications: notifications_of(events, after),
    }
}

/// The line of the run list that a state makes.
pub fn run_row(state: &RunState) -> RunRow {
    RunRow {
        run: state.run,
        workflow: state.workflow.clone(),
        key: state.key.clone(),
        status: state.status(),
        step: state.step().cloned(),
        started_at: state.started_at,
        updated_at: state.updated_at,
        cost_micro_usd: state.ledger.committed_micro_usd(),
        tokens: 0,
        packet: state.packet.as_ref().map(|packet| packet.packet),
        timer: state.timer(),
    }
}

struct Fold<'a> {
    /// The packet that is open at this point of the fold.
    packet: Option<Packet>,
    /// The effect in flight at this point of the fold.
    live: Option<PlannedEffect>,
    /// Effects that can be undone, as they stood before the command.
    done: &'a [Done],
    packets: Vec<Packet>,
    effects: Vec<EffectRow>,
}

impl Fold<'_> {
    fn packet_event(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::PacketOpened { values, .. } | Event::PacketAmended { values, .. } => {
                self.packet = Some(values.packet.as_ref().clone());
            }
            Event::PacketEscalated { due_at, .. } => {
                self.window(*due_at, Some(recorded.at));
            }
            Event::PacketExtended { due_at, .. } => self.window(*due_at, None),
            Event::VoteCast { .. } => self.vote(recorded),
            Event::PacketClosed { status, .. } => self.close(*status, recorded),
            Event::EffectSettled { .. } | Event::BudgetResolved { .. } => {
                self.close(PacketStatus::Decided, recorded);
            }
            // These say nothing about a packet.
            Event::RunStarted { .. }
            | Event::CallStarted { .. }
            | Event::CallFailed { .. }
            | Event::StepCompleted { .. }
            | Event::GatePassed { .. }
            | Event::GrantVoided { .. }
            | Event::EffectIntended { .. }
            | Event::EffectConfirmed { .. }
            | Event::EffectRefused { .. }
            | Event::EffectDeferred { .. }
            | Event::EffectUnknown { .. }
            | Event::ProbeStarted { .. }
            | Event::ProbeAnswered { .. }
            | Event::EffectBlocked { .. }
            | Event::WaitStarted { .. }
            | Event::RunPaused { .. }
            | Event::RunResumed { .. }
            | Event::StateOverridden { .. }
            | Event::StepParked { .. }
            | Event::DeadLetterRedriven { .. }
            | Event::DeadLetterDiscarded { .. }
            | Event::CompensationStarted { .. }
            | Event::RunTerminated { .. }
            | Event::RunEnded { .. }
            | Event::CommandRefused { .. } => return,
        }
        self.keep_packet();
        if matches!(
            recorded.event,
            Event::PacketClosed { .. } | Event::EffectSettled { .. } | Event::BudgetResolved { .. }
        ) {
            self.packet = None;
        }
    }

    fn window(&mut self, due_at: Timestamp, escalated_at: Option<Timestamp>) {
        if let Some(packet) = &mut self.packet {
            packet.due_at = due_at;
            packet.escalated_at = escalated_at.or(packet.escalated_at);
        }
    }

    fn vote(&mut self, recorded: &Recorded) {
        let Event::VoteCast {
            item,
            verdict,
            digest,
            values,
            ..
        } = &recorded.event
        else {
            return;
        };
        if let Some(packet) = &mut self.packet {
            packet.votes.push(Vote {
                by: recorded.actor.name.clone(),
                verdict: *verdict,
                item: *item,
                digest: *digest,
                at: recorded.at,
                reason: values.reason.clone(),
            });
        }
    }

    fn close(&mut self, status: PacketStatus, recorded: &Recorded) {
        if let Some(packet) = &mut self.packet {
            packet.status = status;
            packet.closed_by = Some(recorded.actor.name.clone());
            packet.closed_at = Some(recorded.at);
        }
    }

    fn keep_packet(&mut self) {
        if let Some(packet) = &self.packet {
            self.packets.retain(|row| row.packet != packet.packet);
            self.packets.push(packet.clone());
        }
    }

    fn effect_event(&mut self, recorded: &Recorded) {
        let (state, attempt, error) = match &recorded.event {
            Event::EffectIntended {
                attempt, values, ..
            } => {
                self.live = Some(values.effect.as_ref().clone());
                (EffectState::Intent, *attempt, None)
            }
            Event::EffectBlocked { values, reason, .. } => {
                self.live = Some(values.effect.as_ref().clone());
                (EffectState::Blocked, 0, Some(reason))
            }
            Event::EffectConfirmed { attempt, .. } => (EffectState::Confirmed, *attempt, None),
            Event::EffectRefused {
                attempt, values, ..
            } => (EffectState::Refused, *attempt, Some(&values.message)),
            Event::EffectDeferred {
                attempt, values, ..
            } => (EffectState::Planned, *attempt, Some(&values.message)),
            Event::EffectUnknown {
                attempt, values, ..
            } => (EffectState::Unknown, *attempt, Some(&values.message)),
            Event::EffectSettled { .. } => return self.settled(recorded),
            // These leave every effect where it was.
            Event::RunStarted { .. }
            | Event::CallStarted { .. }
            | Event::CallFailed { .. }
            | Event::StepCompleted { .. }
            | Event::GatePassed { .. }
            | Event::PacketOpened { .. }
            | Event::PacketAmended { .. }
            | Event::PacketEscalated { .. }
            | Event::PacketExtended { .. }
            | Event::VoteCast { .. }
            | Event::PacketClosed { .. }
            | Event::BudgetResolved { .. }
            | Event::GrantVoided { .. }
            | Event::ProbeStarted { .. }
            | Event::ProbeAnswered { .. }
            | Event::WaitStarted { .. }
            | Event::RunPaused { .. }
            | Event::RunResumed { .. }
            | Event::StateOverridden { .. }
            | Event::StepParked { .. }
            | Event::DeadLetterRedriven { .. }
            | Event::DeadLetterDiscarded { .. }
            | Event::CompensationStarted { .. }
            | Event::RunTerminated { .. }
            | Event::RunEnded { .. }
            | Event::CommandRefused { .. } => return,
        };
        self.keep_effect(recorded, state, attempt, error);
    }

    fn settled(&mut self, recorded: &Recorded) {
        let Event::EffectSettled {
            attempt, settled, ..
        } = &recorded.event
        else {
            return;
        };
        let state = match settled {
            Settled::Happened => EffectState::Confirmed,
            Settled::NotHappened => EffectState::Planned,
            Settled::AskAgain => return,
        };
        self.keep_effect(recorded, state, *attempt, None);
    }

    fn keep_effect(
        &mut self,
        recorded: &Recorded,
        state: EffectState,
        attempt: u32,
        error: Option<&String>,
    ) {
        let Some(effect) = &self.live else { return };
        let undone = effect.undoes.filter(|_| state == EffectState::Confirmed);
        let undone = self.done.iter().find(|done| Some(done.key) == undone);
        let undone = undone.map(|done| compensated(done, effect.key, recorded));
        let stands = (state, attempt, error.map(String::as_str));
        self.put(effect_row(effect, recorded, stands));
        if let Some(row) = undone {
            self.put(row);
        }
    }

    fn put(&mut self, row: EffectRow) {
        self.effects
            .retain(|known| known.idempotency_key != row.idempotency_key);
        self.effects.push(row);
    }
}

/// The row of `effect` as it stands since `recorded`: its state, its attempt, and why.
pub(super) fn effect_row(
    effect: &PlannedEffect,
    recorded: &Recorded,
    (state, attempt, error): (EffectState, u32, Option<&str>),
) -> EffectRow {
    EffectRow {
        idempotency_key: effect.key,
        run: recorded.run,
        step: effect.step.clone(),
        tool: effect.tool.clone(),
        state,
        digest: effect.digest,
        operation: effect.operation.clone(),
        amount: effect.amount,
        attempt,
        updated_at: recorded.at,
        error: error.map(str::to_owned),
        identity: identities::held(effect, state),
        undoes: effect.undoes,
        undone_by: None,
    }
}

/// An effect whose undoing, `by`, was just confirmed. Its business identity is free again.
fn compensated(done: &Done, by: IdempotencyKey, recorded: &Recorded) -> EffectRow {
    EffectRow {
        idempotency_key: done.key,
        run: recorded.run,
        step: done.step.clone(),
        tool: done.tool.clone(),
        state: EffectState::Compensated,
        digest: done.digest,
        operation: done.operation.clone(),
        amount: done.amount,
        attempt: done.attempt,
        updated_at: recorded.at,
        error: None,
        identity: None,
        undoes: None,
        undone_by: Some(by),
    }
}
