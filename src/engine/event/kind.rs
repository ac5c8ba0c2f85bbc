//! The words under which the journal lists events.

use crate::engine::event::Event;

impl Event {
    /// The kind under which the journal lists it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::RunStarted { .. } => "run_started",
            Self::CallStarted { .. } => "call_started",
            Self::CallFailed { .. } => "call_failed",
            Self::StepCompleted { .. } => "step_completed",
            Self::GatePassed { .. } => "gate_passed",
            Self::PacketOpened { .. } => "packet_opened",
            Self::PacketAmended { .. } => "packet_amended",
            Self::PacketEscalated { .. } => "packet_escalated",
            Self::PacketExtended { .. } => "packet_extended",
            Self::VoteCast { .. } => "vote_cast",
            Self::PacketClosed { .. } => "packet_closed",
            Self::GrantVoided { .. } => "grant_voided",
            Self::EffectIntended { .. } => "effect_intended",
            Self::EffectConfirmed { .. } => "effect_confirmed",
            Self::EffectRefused { .. } => "effect_refused",
            Self::EffectDeferred { .. } => "effect_deferred",
            Self::EffectUnknown { .. } => "effect_unknown",
            Self::ProbeStarted { .. } => "probe_started",
            Self::ProbeAnswered { .. } => "probe_answered",
            Self::EffectSettled { .. } => "effect_settled",
            Self::EffectBlocked { .. } => "effect_blocked",
            Self::BudgetResolved { .. } => "budget_resolved",
            Self::WaitStarted { .. } => "wait_started",
            Self::RunPaused { .. } => "run_paused",
            Self::RunResumed { .. } => "run_resumed",
            Self::StateOverridden { .. } => "state_overridden",
            Self::StepParked { .. } => "step_parked",
            Self::DeadLetterRedriven { .. } => "dead_letter_redriven",
            Self::DeadLetterDiscarded { .. } => "dead_letter_discarded",
            Self::CompensationStarted { .. } => "compensation_started",
            Self::RunTerminated { .. } => "run_terminated",
            Self::RunEnded { .. } => "run_ended",
            Self::CommandRefused { .. } => "command_refused",
        }
    }
}
