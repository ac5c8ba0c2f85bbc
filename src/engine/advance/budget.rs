//! The ceilings of a run: checked before a step is entered and before a call is made.
//!
//! within → goes on
//! would be passed, `on_breach: ask` → `PacketOpened` that asks about the budget
//! would be passed, `on_breach: fail` → `RunEnded` with `budget_exhausted` or `max_steps_exceeded`

use crate::domain::{BudgetLimit, Fields, OnBreach, Question, RunStatus, StepId, Tier, limits};
use crate::engine::assess::Assessment;
use crate::engine::draft::Draft;
use crate::engine::packet::{Identity, emit_opened, make_packet};
use crate::engine::rejection::Rejection;
use crate::engine::state::RunError;
use crate::govern::policy::Judgement;
use crate::workflow::{Step, StepKind, StepLimit};

/// A ceiling that the next step or call would pass.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Breach {
    limit: BudgetLimit,
    /// What is used, allowed, and would come on top.
    used: i64,
    allowed: i64,
    next: i64,
    message: String,
}

/// What one call of a step costs, in micro-dollars; none where it costs nothing.
pub(in crate::engine) fn cost_of(step: &Step) -> Option<i64> {
    match &step.kind {
        StepKind::Tool(call) => call.cost_micro_usd,
        StepKind::Compute { .. } | StepKind::Gate(_) | StepKind::Wait(_) => None,
    }
}

/// The ceiling that entering a step would pass; none where it may be entered.
///
/// # Errors
/// A sentence, where the budget's expression gives no number of steps.
pub(super) fn of_steps(draft: &Draft<'_>, step: &Step) -> Result<Option<Breach>, String> {
    let granted = match &draft.definition().budget.steps {
        StepLimit::Fixed(steps) => *steps,
        StepLimit::Computed(template) => {
            let review = draft.review();
            let value = template.render(&draft.scope(&review));
            let value = value.map_err(|error| error.to_string())?;
            let steps = value.as_u64().and_then(|steps| u32::try_from(steps).ok());
            steps
                .filter(|steps| *steps <= limits::RUN_STEPS_MAX)
                .ok_or_else(|| {
                    format!(
                        "`budget.steps` gives {value}, no whole number up to {}",
                        limits::RUN_STEPS_MAX
                    )
                })?
        }
    };
    let allowed = granted.saturating_add(draft.state.ledger.more_steps);
    let taken = draft.state.steps_taken;
    Ok((taken >= allowed).then(|| Breach {
        limit: BudgetLimit::Steps,
        used: taken.into(),
        allowed: allowed.into(),
        next: 1,
        message: format!(
            "The budget allows {}; `{}` would be one more.",
            BudgetLimit::Steps.amount(allowed.into()),
            step.id
        ),
    }))
}

/// The ceiling that one more call of a step would pass; none where it may be made.
pub(in crate::engine) fn of_cost(draft: &Draft<'_>, step: &Step) -> Option<Breach> {
    // What is undone is undone whatever was spent.
    if draft.state.saga.undoes() {
        return None;
    }
    let next = cost_of(step)?;
    let cap = draft.definition().budget.cost_micro_usd?;
    let ledger = &draft.state.ledger;
    let allowed = cap.saturating_add(ledger.more_micro_usd);
    let used = ledger.committed_micro_usd();
    let money = |amount| BudgetLimit::Cost.amount(amount);
    (used.saturating_add(next) > allowed).then(|| Breach {
        limit: BudgetLimit::Cost,
        used,
        allowed,
        next,
        message: format!(
            "The budget allows {}, and {} of it are spent; the next call of `{}` costs {}.",
            money(allowed),
            money(used),
            step.id,
            money(next)
        ),
    })
}

/// Stops before the step or call: a person is asked, or the run fails. `entered`: this visit of
/// the step has begun.
pub(in crate::engine) fn stop(
    draft: &mut Draft<'_>,
    step: &StepId,
    entered: bool,
    breach: Breach,
) -> Result<(), Rejection> {
    match draft.definition().budget.on_breach {
        OnBreach::Ask => ask(draft, step, entered, breach),
        OnBreach::Fail => draft.end(RunStatus::Failed, Some(error(breach.limit, breach.message))),
    }
}

/// Why a run that passed its budget failed.
pub(in crate::engine) fn error(limit: BudgetLimit, message: String) -> RunError {
    RunError {
        code: limit.code().to_owned(),
        message,
    }
}

fn ask(
    draft: &mut Draft<'_>,
    step: &StepId,
    entered: bool,
    breach: Breach,
) -> Result<(), Rejection> {
    let mut judgement = Judgement::clear();
    let code = breach.limit.code();
    judgement.ask("budget", Tier::Elevated, Some(code), &breach.message);
    let assessment = Assessment {
        effects: Vec::new(),
        duplicates: Vec::new(),
        evidence: Vec::new(),
        confidence: None,
        note: None,
        title: Some(format!(
            "More budget? {} of {} used",
            breach.limit.amount(breach.used),
            breach.limit.amount(breach.allowed)
        )),
        judgement,
    };
    let identity = Identity {
        packet: draft.draw_packet_id(),
        version: 1,
        edited_by: draft.state.edited_by.clone(),
    };
    let mut packet = make_packet(draft, &draft.state, step, assessment, identity)?;
    packet.approvals = 1;
    packet.question = Question::Budget {
        limit: breach.limit,
        used: breach.used,
        allowed: breach.allowed,
        next: breach.next,
        entered,
        message: breach.message,
    };
    packet.digest = packet.digest_of_parts();
    // The step is not entered by this.
    let visit = draft.state.visits.get(step).copied().unwrap_or(0);
    emit_opened(draft, (step, visit), packet, Fields::new())
}
