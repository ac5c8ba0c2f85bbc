//! What the journal tells about the tries of a step, for a person who has to judge them.

use crate::console::message::{Told, ToldKind};
use crate::domain::{IdempotencyKey, StepId, ToolName};
use crate::engine::{Event, Recorded, Settled};

/// What an event says of a call, an effect or a dead letter; none where it says nothing of them.
pub(super) fn told(recorded: &Recorded) -> Option<Told> {
    let about = match &recorded.event {
        event @ (Event::CallStarted { .. } | Event::CallFailed { .. }) => of_read(event)?,
        event @ (Event::ProbeStarted { .. } | Event::ProbeAnswered { .. }) => of_probe(event)?,
        event @ (Event::StepParked { .. }
        | Event::DeadLetterRedriven { .. }
        | Event::DeadLetterDiscarded { .. }) => of_letter(event)?,
        event => of_effect(event)?,
    };
    let people = matches!(
        about.kind,
        ToldKind::SaidHappened
            | ToldKind::SaidNotHappened
            | ToldKind::SaidAskAgain
            | ToldKind::Redriven
            | ToldKind::Discarded
    );
    Some(Told {
        at: recorded.at,
        step: about.step.clone(),
        key: about.key,
        kind: about.kind,
        what: about.tool.map(ToString::to_string),
        words: about.words.map(str::to_owned),
        by: people.then(|| recorded.actor.name.clone()),
    })
}

struct About<'e> {
    kind: ToldKind,
    step: &'e StepId,
    key: Option<IdempotencyKey>,
    tool: Option<&'e ToolName>,
    words: Option<&'e str>,
}

impl<'e> About<'e> {
    fn of(kind: ToldKind, step: &'e StepId) -> Self {
        Self {
            kind,
            step,
            key: None,
            tool: None,
            words: None,
        }
    }

    fn key(mut self, key: IdempotencyKey) -> Self {
        self.key = Some(key);
        self
    }

    fn tool(mut self, tool: &'e ToolName) -> Self {
        self.tool = Some(tool);
        self
    }

    fn words(mut self, words: Option<&'e str>) -> Self {
        self.words = words;
        self
    }
}

fn of_read(event: &Event) -> Option<About<'_>> {
    if let Event::CallStarted { step, tool, .. } = event {
        Some(About::of(ToldKind::Asked, step).tool(tool))
    } else if let Event::CallFailed { step, values, .. } = event {
        Some(About::of(ToldKind::Failed, step).words(Some(&values.message)))
    } else {
        None
    }
}

fn of_probe(event: &Event) -> Option<About<'_>> {
    if let Event::ProbeStarted {
        step, tool, key, ..
    } = event
    {
        Some(About::of(ToldKind::Probed, step).tool(tool).key(*key))
    } else if let Event::ProbeAnswered {
        step,
        key,
        found,
        values,
        ..
    } = event
    {
        let kind = match found {
            Some(true) => ToldKind::ProbeFound,
            Some(false) => ToldKind::ProbeFoundNothing,
            None => ToldKind::ProbeSettlesNothing,
        };
        let words = values.message.as_deref();
        Some(About::of(kind, step).key(*key).words(words))
    } else {
        None
    }
}

fn of_letter(event: &Event) -> Option<About<'_>> {
    if let Event::StepParked { step, values, .. } = event {
        Some(About::of(ToldKind::Parked, step).words(Some(&values.message)))
    } else if let Event::DeadLetterRedriven { step, values, .. } = event {
        Some(About::of(ToldKind::Redriven, step).words(values.reason.as_deref()))
    } else if let Event::DeadLetterDiscarded { step, values, .. } = event {
        Some(About::of(ToldKind::Discarded, step).words(values.reason.as_deref()))
    } else {
        None
    }
}

fn of_effect(event: &Event) -> Option<About<'_>> {
    if let Event::EffectIntended {
        step,
        tool,
        key,
        attempt,
        ..
    } = event
    {
        let kind = if *attempt > 1 {
            ToldKind::SentAgain
        } else {
            ToldKind::Sent
        };
        Some(About::of(kind, step).tool(tool).key(*key))
    } else if let Event::EffectConfirmed {
        step, tool, key, ..
    } = event
    {
        Some(About::of(ToldKind::Confirmed, step).tool(tool).key(*key))
    } else if let Event::EffectSettled {
        step,
        tool,
        key,
        settled,
        values,
        ..
    } = event
    {
        let kind = match settled {
            Settled::Happened => ToldKind::SaidHappened,
            Settled::NotHappened => ToldKind::SaidNotHappened,
            Settled::AskAgain => ToldKind::SaidAskAgain,
        };
        let words = values.reason.as_deref();
        Some(About::of(kind, step).tool(tool).key(*key).words(words))
    } else {
        of_failed_effect(event)
    }
}

fn of_failed_effect(event: &Event) -> Option<About<'_>> {
    let (kind, step, tool, key, values) = if let Event::EffectRefused {
        step,
        tool,
        key,
        values,
        ..
    } = event
    {
        (ToldKind::Refused, step, tool, key, values)
    } else if let Event::EffectDeferred {
        step,
        tool,
        key,
        values,
        ..
    } = event
    {
        (ToldKind::NotDone, step, tool, key, values)
    } else if let Event::EffectUnknown {
        step,
        tool,
        key,
        values,
        ..
    } = event
    {
        (ToldKind::Unknown, step, tool, key, values)
    } else {
        return None;
    };
    let about = About::of(kind, step).tool(tool).key(*key);
    Some(about.words(Some(&values.message)))
}
