//! A write step sends its effect, once it may.
//!
//! granted, and what would be sent is what was granted → `EffectIntended`
//! granted by a person, but changed, expired or void → `GrantVoided`, `PacketOpened`
//! granted by rules, but changed → judged on the spot
//! granted, but the same was begun elsewhere meanwhile → as changed: a person is asked
//! refused by a reviewer → passed over
//! no grant → judged on the spot: allow → `EffectIntended`, ask → `PacketOpened`, deny →
//! `EffectBlocked`
//! the run is older than the target keeps keys → `EffectIntended`, `ProbeStarted`

use std::sync::Arc;

use crate::domain::limits::SEND_WITHIN_MS;
use crate::domain::{PlannedEffect, PolicyVerdict, RunStatus, Tier, Timestamp};
use crate::engine::advance::closing::gives_up;
pub(in crate::engine) use crate::engine::advance::sent::Sent;
pub(in crate::engine) use crate::engine::advance::unknown::{ask_person, start_probe, unknown};
use crate::engine::advance::{budget, edge_or, finish_step, follow, gate};
use crate::engine::assess::{Assessment, assess};
use crate::engine::dead_letter::StuckAt;
use crate::engine::draft::{Draft, next_of};
use crate::engine::duplicate::{in_the_way_of, stands_for};
use crate::engine::event::{
    CallFailure, EffectValues, Event, FailureClass, Grant, Next, StepValues,
};
use crate::engine::packet::open_packet;
use crate::engine::plan::{PlanError, not_canonical, plan_effect};
use crate::engine::rejection::Rejection;
use crate::engine::settling;
pub(in crate::engine) use crate::engine::settling::Settle;
use crate::engine::state::Leave;
use crate::workflow::Step;

pub(super) fn reach(draft: &mut Draft<'_>, step: &Step, entered: bool) -> Result<(), Rejection> {
    let visit = if entered {
        draft.state.visits.get(&step.id).copied().unwrap_or(1)
    } else {
        draft.next_visit(&step.id)
    };
    let grant = draft.state.grants.get(&step.id).cloned();
    if grant.as_ref().is_some_and(|grant| grant.refused) {
        return pass_over(draft, step, visit);
    }
    let number = grant.as_ref().and_then(|grant| grant.number);
    let effect = match plan_numbered(draft, step, number) {
        Ok(effect) => effect,
        Err(error) => {
            return draft.park(
                &step.id,
                StuckAt::Planning,
                ("cannot_plan", error.to_string()),
            );
        }
    };
    let Some(grant) = grant else {
        return judge_on_the_spot(draft, step, visit, None);
    };
    match mismatch(draft, &grant, &effect) {
        None => intend(draft, visit, effect, Some(&grant)),
        Some(why) => {
            if grant.void.is_none() {
                draft.emit(Event::GrantVoided {
                    step: step.id.clone(),
                    packet: grant.packet,
                    reason: why.clone(),
                })?;
            }
            judge_on_the_spot(draft, step, visit, grant.packet.map(|_| why))
        }
    }
}

/// Why a grant does not cover this effect now.
fn mismatch(draft: &Draft<'_>, grant: &Grant, effect: &PlannedEffect) -> Option<String> {
    if let Some(void) = &grant.void {
        return Some(void.clone());
    }
    if let Some(until) = grant.until.filter(|until| *until < draft.now()) {
        return Some(format!("The approval was valid until {until}."));
    }
    if grant.effect != effect.digest {
        return Some("What would be sent is no longer what was approved.".to_owned());
    }
    let held = in_the_way_of(draft.cx.holders, effect).next();
    held.map(|held| stands_for(held, draft.state.run))
}

/// Plans the effect as the operation that a person named it, if one did.
fn plan_numbered(
    draft: &Draft<'_>,
    step: &Step,
    number: Option<u32>,
) -> Result<PlannedEffect, PlanError> {
    let effect = plan_effect(draft.cx, &draft.state, step)?;
    let tool = effect.tool.clone();
    let numbered = effect.numbered(number);
    numbered.map_err(|error| not_canonical(&tool, &error))
}

/// Judges a write that has no binding grant. `void` tells why a person's grant fell: then a
/// person is asked again, whatever the rules say.
fn judge_on_the_spot(
    draft: &mut Draft<'_>,
    step: &Step,
    visit: u32,
    void: Option<String>,
) -> Result<(), Rejection> {
    let mut assessment = match assess(draft.cx, &draft.state, &step.id) {
        Ok(assessment) => assessment,
        Err(error) => {
            return draft.park(
                &step.id,
                StuckAt::Planning,
                ("cannot_plan", error.to_string()),
            );
        }
    };
    if let Some(why) = void {
        let judgement = &mut assessment.judgement;
        judgement.ask("approval.void", Tier::Elevated, Some("approval_void"), &why);
    }
    match assessment.judgement.verdict {
        PolicyVerdict::Allow => allow(draft, visit, assessment),
        PolicyVerdict::Ask => open_packet(
            draft,
            &step.id,
            visit,
            assessment,
            crate::domain::Fields::new(),
        ),
        PolicyVerdict::Deny => {
            let next = rejected_edge(draft, step);
            gate::block(draft, (&step.id, visit), &assessment, &next)?;
            follow(draft, &next)
        }
    }
}

fn allow(draft: &mut Draft<'_>, visit: u32, assessment: Assessment) -> Result<(), Rejection> {
    match assessment.effects.into_iter().next() {
        Some(effect) => intend(draft, visit, effect, None),
        None => Err(draft.broken("a write step planned no effect")),
    }
}

/// A run older than the time for which the target keeps a key may have used it already, on a copy
/// of the store that was lost: the target is asked before the first byte leaves. Where an older copy
/// was taken as it is, so is one that keeps no keys, and where nothing can be asked a person is.
fn intend(
    draft: &mut Draft<'_>,
    visit: u32,
    effect: PlannedEffect,
    grant: Option<&Grant>,
) -> Result<(), Rejection> {
    let step = draft.step(&effect.step)?;
    if let Some(breach) = budget::of_cost(draft, step) {
        let entered = draft.state.visits.get(&step.id) >= Some(&visit);
        return budget::stop(draft, &step.id, entered, breach);
    }
    let leave = Leave {
        since: draft.state.started_at,
        packet: grant.and_then(|grant| grant.packet),
        state_version: None,
        until: None,
    };
    let attempt = draft.state.saga.first_attempt();
    let asked = Sent::new(&effect.step, (attempt, 0), leave, &effect);
    let keyed = draft.definition().tools.get(&effect.tool);
    let keyed = keyed.is_some_and(|tool| tool.manifest.key.is_some());
    let lost = draft.cx.lost_before;
    let lost = lost.is_some_and(|at| draft.state.started_at <= at);
    let settle = settle_by(draft, &asked);
    first_intent(draft, (step, visit), effect, grant)?;
    match settle {
        // Nothing is under way at the target: one "no" is enough.
        Settle::Probe if keyed || lost => start_probe(draft, &asked, 1, None),
        Settle::Person if lost => ask_person(draft, &asked, &lost_history()),
        Settle::Key | Settle::Probe | Settle::Person => Ok(()),
    }
}

fn lost_history() -> CallFailure {
    CallFailure {
        class: FailureClass::Unknown,
        code: "history_lost".to_owned(),
        message: "An older copy of the store was taken as it is: whether this was sent by the one \
                  that was lost is not known. Nothing was sent from here."
            .to_owned(),
        retry_after_ms: None,
    }
}

fn first_intent(
    draft: &mut Draft<'_>,
    (step, visit): (&Step, u32),
    effect: PlannedEffect,
    grant: Option<&Grant>,
) -> Result<(), Rejection> {
    draft.emit(Event::EffectIntended {
        step: effect.step.clone(),
        visit,
        attempt: draft.state.saga.first_attempt(),
        retries: 0,
        unknown: false,
        tool: effect.tool.clone(),
        key: effect.key,
        digest: effect.digest,
        packet: grant.and_then(|grant| grant.packet),
        until: grant.and_then(|grant| grant.until),
        send_before: Some(send_before(draft)),
        cost_micro_usd: budget::cost_of(step).filter(|_| effect.undoes.is_none()),
        values: EffectValues {
            effect: Arc::new(effect),
        },
    })
}

/// A process that was stopped after INTENT sends nothing once it goes on.
fn send_before(draft: &Draft<'_>) -> Timestamp {
    draft.now().plus_ms(SEND_WITHIN_MS)
}

/// A reviewer refused this effect while others of its packet went through: it is left out.
fn pass_over(draft: &mut Draft<'_>, step: &Step, visit: u32) -> Result<(), Rejection> {
    let Some(rejected) = &step.edges.rejected else {
        return finish_step(draft, step, (visit, 0), &[], None);
    };
    let next = next_of(rejected);
    draft.emit(Event::StepCompleted {
        step: step.id.clone(),
        visit,
        attempt: 0,
        next: next.clone(),
        values: StepValues {
            output: None,
            set: crate::domain::Fields::new(),
        },
    })?;
    follow(draft, &next)
}

/// How an unknown outcome may be settled now.
pub(in crate::engine) fn settle_by(draft: &Draft<'_>, sent: &Sent) -> Settle {
    let Some(tool) = draft.definition().tools.get(&sent.effect.tool) else {
        return Settle::Person;
    };
    let age_ms = draft.now().ms_since(sent.leave.since);
    settling::settle_by(tool, age_ms, gives_up(draft, sent))
}

pub(in crate::engine) fn has_probe(draft: &Draft<'_>, sent: &Sent) -> bool {
    let tool = draft.definition().tools.get(&sent.effect.tool);
    tool.is_some_and(|tool| tool.probe.is_some())
}

/// Sends an effect that certainly did not happen, if its approval still holds; else a person is
/// asked again.
pub(in crate::engine) fn send_anew(draft: &mut Draft<'_>, sent: &Sent) -> Result<(), Rejection> {
    send_while_granted(draft, sent, sent.retries.saturating_add(1))
}

fn send_while_granted(draft: &mut Draft<'_>, sent: &Sent, retries: u32) -> Result<(), Rejection> {
    let ended = sent.leave.until.filter(|until| *until < draft.now());
    let Some(until) = ended else {
        return send_again(draft, sent, retries, false);
    };
    let why = format!("The approval was valid until {until}.");
    draft.emit(Event::GrantVoided {
        step: sent.step.clone(),
        packet: sent.leave.packet,
        reason: why.clone(),
    })?;
    let step = draft.step(&sent.step)?;
    let visit = draft.state.visits.get(&sent.step).copied().unwrap_or(1);
    judge_on_the_spot(draft, step, visit, Some(why))
}

/// Takes an effect up again that certainly did not happen: while it is still what was granted, and
/// the grant holds, under its own key; else it is judged anew.
pub(in crate::engine) fn redrive(draft: &mut Draft<'_>, sent: &Sent) -> Result<(), Rejection> {
    let step = draft.step(&sent.step)?;
    let visit = draft.state.visits.get(&sent.step).copied().unwrap_or(1);
    let assessment = match assess(draft.cx, &draft.state, &sent.step) {
        Ok(assessment) => assessment,
        Err(error) => {
            let why = ("cannot_plan", error.to_string());
            return draft.park(&sent.step, StuckAt::Planning, why);
        }
    };
    let number = sent.effect.identity.and_then(|identity| identity.named());
    let planned = plan_numbered(draft, step, number);
    let same = planned.is_ok_and(|planned| planned.digest == sent.effect.digest);
    let version = sent.leave.state_version;
    let edited = version.is_some_and(|version| version != draft.state.state_version);
    let void = if !same {
        Some("What would be sent is no longer what was approved.")
    } else if edited {
        Some("The state was changed after it was approved.")
    } else {
        None
    };
    let verdict = assessment.judgement.verdict;
    if let (Some(packet), Some(why)) = (sent.leave.packet, void) {
        draft.emit(Event::GrantVoided {
            step: sent.step.clone(),
            packet: Some(packet),
            reason: why.to_owned(),
        })?;
        return judge_on_the_spot(draft, step, visit, Some(why.to_owned()));
    }
    let asks = sent.leave.packet.is_none() && verdict == PolicyVerdict::Ask;
    if !same || asks || verdict == PolicyVerdict::Deny {
        return judge_on_the_spot(draft, step, visit, None);
    }
    send_while_granted(draft, sent, 0)
}

/// Sends an effect again under its own key: a new INTENT for a new attempt. `unknown` tells that
/// an earlier attempt may have happened.
pub(in crate::engine) fn send_again(
    draft: &mut Draft<'_>,
    sent: &Sent,
    retries: u32,
    unknown: bool,
) -> Result<(), Rejection> {
    draft.emit(Event::EffectIntended {
        step: sent.step.clone(),
        visit: draft.state.visits.get(&sent.step).copied().unwrap_or(1),
        attempt: sent.attempt.saturating_add(1),
        retries,
        unknown,
        tool: sent.effect.tool.clone(),
        key: sent.effect.key,
        digest: sent.effect.digest,
        packet: sent.leave.packet,
        until: sent.leave.until,
        send_before: Some(send_before(draft)),
        // An effect costs once, whatever it takes to settle it.
        cost_micro_usd: None,
        values: EffectValues {
            effect: Arc::clone(&sent.effect),
        },
    })
}

/// Where a rejected packet of a write step leads; an undoing that is rejected is passed over.
pub(in crate::engine) fn rejected_edge(draft: &Draft<'_>, step: &Step) -> Next {
    if draft.state.saga.undoes() {
        return Next::Stay;
    }
    edge_or(step.edges.rejected.as_ref(), RunStatus::Rejected)
}

/// Where an approved packet of the write step itself leads: on with the step.
pub(in crate::engine) const APPROVED: Next = Next::Stay;
