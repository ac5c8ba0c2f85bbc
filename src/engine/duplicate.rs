//! Effects that another run, or an earlier effect of the same one, stands for already.
//!
//! A person may name such an effect another operation: it then goes under the next free number of
//! its business identity, which its digest covers.

use serde_json::Value;

use crate::domain::{EffectState, Holder, PlannedEffect, RunId, Tier, limits};
use crate::engine::carried::carried;
use crate::engine::command::Context;
use crate::engine::plan::{PlanError, not_canonical};
use crate::engine::probe::asks_by_key;
use crate::engine::state::RunState;
use crate::govern::policy::Judgement;

/// What stands in the way of `effect`, of the effects that were looked up.
pub(super) fn in_the_way_of<'a>(
    holders: &'a [Holder],
    effect: &PlannedEffect,
) -> impl Iterator<Item = &'a Holder> {
    let (identity, key) = (effect.identity, effect.key);
    holders.iter().filter(move |held| {
        held.key != key && identity.is_some_and(|wanted| wanted.gives_way_to(&held.identity))
    })
}

/// Asks about every effect that something stands for already, and numbers it as what approval
/// would name it: another operation. Answers what stands for them.
///
/// # Errors
/// Where an effect's digest cannot be made.
pub(super) fn ask_about_duplicates(
    (holders, state): (&[Holder], &RunState),
    effects: &mut [PlannedEffect],
    judgement: &mut Judgement,
) -> Result<Vec<Holder>, PlanError> {
    // What is judged anew was not done and is given up by that.
    let given_up = carried(state).map(|carried| carried.effect.key);
    let mut duplicates = Vec::new();
    for effect in effects {
        let held = in_the_way_of(holders, effect).filter(|held| Some(held.key) != given_up);
        let held: Vec<&Holder> = held.collect();
        let taken = held.iter().map(|held| held.identity.number).max();
        let Some(number) = taken.map(|taken| taken.saturating_add(1)) else {
            continue;
        };
        for held in held {
            let text = format!(
                "{} Approve only if this is meant as another operation (number {number}); \
                 reject if it is the same.",
                stands_for(held, state.run)
            );
            judgement.ask("effect.duplicate", Tier::Elevated, Some("duplicate"), &text);
            duplicates.push(held.clone());
        }
        *effect = effect
            .clone()
            .numbered(Some(number))
            .map_err(|error| not_canonical(&effect.tool, &error))?;
    }
    Ok(duplicates)
}

/// Why what a probe found may be the act of another effect than `effect`; none where it is not, or
/// where the probe asks by the effect's own key.
pub(super) fn found_of_another(
    cx: &Context<'_>,
    run: RunId,
    effect: &PlannedEffect,
    found: &Value,
) -> Option<String> {
    let identity = effect.identity?;
    if asks_by_key(cx.definition, &effect.tool) {
        return None;
    }
    let mut others = cx.holders.iter();
    let other =
        others.find(|held| held.key != effect.key && held.identity.digest == identity.digest);
    let why = match (other, identity.named()) {
        (Some(held), _) => stands_for(held, run),
        (None, Some(number)) => format!("It was named operation number {number} of the same act."),
        (None, None) => return None,
    };
    Some(format!(
        "The target was asked and found {}, which may be another operation. {why} \
         Say whether this one happened.",
        shown(found)
    ))
}

/// What a target answered, as a person reads it in a sentence.
fn shown(answer: &Value) -> String {
    let text = answer.to_string();
    match text.char_indices().nth(limits::FOUND_CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// What stands for an effect of `run` already, in words.
pub(super) fn stands_for(held: &Holder, run: RunId) -> String {
    let who = if held.run == run {
        "This run".to_owned()
    } else {
        format!("Run {}", held.run)
    };
    let what = match held.state {
        EffectState::Confirmed => "did the same already",
        EffectState::Intent | EffectState::Unknown => "may have done the same",
        EffectState::Planned => "is about to do the same",
        // None of these holds an identity.
        EffectState::Blocked | EffectState::Refused | EffectState::Compensated => {
            "was to do the same"
        }
    };
    format!(
        "{who} {what}: its effect {} is {} since {}.",
        held.key, held.state, held.at
    )
}
