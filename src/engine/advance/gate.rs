//! A gate judges the effects of the steps it covers, before any of them runs.
//!
//! all allowed → `GatePassed` with a grant for each
//! any asks → `PacketOpened`
//! any denied → `EffectBlocked` for each, on by the edge `rejected`

use std::sync::Arc;

use crate::domain::{PolicyVerdict, RunStatus, StepId};
use crate::engine::advance::{edge_or, follow, render_set};
use crate::engine::assess::{Assessment, assess};
use crate::engine::dead_letter::StuckAt;
use crate::engine::draft::{Draft, next_of};
use crate::engine::event::{EffectValues, Event, Grant, Next};
use crate::engine::packet::{open_packet, with_set};
use crate::engine::rejection::Rejection;
use crate::workflow::{Gate, Step};

pub(super) fn reach(draft: &mut Draft<'_>, step: &Step, gate: &Gate) -> Result<(), Rejection> {
    let assessment = match assess(draft.cx, &draft.state, &step.id) {
        Ok(assessment) => assessment,
        Err(error) => {
            return draft.park(
                &step.id,
                StuckAt::Planning,
                ("cannot_plan", error.to_string()),
            );
        }
    };
    match assessment.judgement.verdict {
        PolicyVerdict::Allow => pass(draft, step, &assessment),
        PolicyVerdict::Ask => ask(draft, step, gate),
        PolicyVerdict::Deny => deny(draft, step, &assessment),
    }
}

fn pass(draft: &mut Draft<'_>, step: &Step, assessment: &Assessment) -> Result<(), Rejection> {
    let grants = assessment
        .effects
        .iter()
        .map(|effect| Grant {
            step: effect.step.clone(),
            effect: effect.digest,
            packet: None,
            until: None,
            void: None,
            refused: false,
            number: None,
        })
        .collect();
    let next = edge_or(step.edges.approved.as_ref(), RunStatus::Succeeded);
    draft.emit(Event::GatePassed {
        step: step.id.clone(),
        visit: draft.next_visit(&step.id),
        policy: assessment.judgement.results.clone(),
        grants,
        next: next.clone(),
    })?;
    follow(draft, &next)
}

/// The packet is made from the state with what the gate sets on asking.
fn ask(draft: &mut Draft<'_>, step: &Step, gate: &Gate) -> Result<(), Rejection> {
    let set = match render_set(draft, &gate.ask, None) {
        Ok(set) => set,
        Err(trouble) => {
            return draft.park(&step.id, StuckAt::Planning, (trouble.code, trouble.message));
        }
    };
    let visit = draft.next_visit(&step.id);
    let mut assessment = match assess(draft.cx, &with_set(&draft.state, &set), &step.id) {
        Ok(assessment) => assessment,
        Err(error) => {
            return draft.park(
                &step.id,
                StuckAt::Planning,
                ("cannot_plan", error.to_string()),
            );
        }
    };
    match assessment.judgement.verdict {
        PolicyVerdict::Ask => {}
        // What the gate sets on asking cannot talk it out of asking.
        PolicyVerdict::Allow => {
            let tier = assessment.judgement.tier.max(crate::domain::Tier::Elevated);
            let text = "A rule asked before the gate set its own fields.";
            assessment.judgement.ask("gate.ask", tier, None, text);
        }
        PolicyVerdict::Deny => return deny(draft, step, &assessment),
    }
    open_packet(draft, &step.id, visit, assessment, set)
}

fn deny(draft: &mut Draft<'_>, step: &Step, assessment: &Assessment) -> Result<(), Rejection> {
    let next = edge_or(step.edges.rejected.as_ref(), RunStatus::Rejected);
    let visit = draft.next_visit(&step.id);
    block(draft, (&step.id, visit), assessment, &next)?;
    follow(draft, &next)
}

/// Records every effect of a denied assessment as blocked; the last one moves the run on.
pub(super) fn block(
    draft: &mut Draft<'_>,
    (at_step, visit): (&StepId, u32),
    assessment: &Assessment,
    next: &Next,
) -> Result<(), Rejection> {
    let (rule, text) = assessment.judgement.denial();
    let reason = format!("{rule}: {text}");
    let last = assessment.effects.len().saturating_sub(1);
    for (index, effect) in assessment.effects.iter().enumerate() {
        draft.emit(Event::EffectBlocked {
            step: effect.step.clone(),
            at_step: at_step.clone(),
            visit,
            tool: effect.tool.clone(),
            key: effect.key,
            digest: effect.digest,
            reason: reason.clone(),
            next: if index == last {
                next.clone()
            } else {
                Next::Stay
            },
            values: EffectValues {
                effect: Arc::new(effect.clone()),
            },
        })?;
    }
    Ok(())
}

/// Where an approved gate leads.
pub(in crate::engine) fn approved_edge(step: &Step) -> Next {
    step.edges.approved.as_ref().map_or(Next::Stay, next_of)
}
