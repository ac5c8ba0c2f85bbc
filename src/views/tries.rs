//! What was tried for one effect, and what came of each try: sent, asked about, said by a person.

use serde::Serialize;
use serde_json::Value;

use crate::domain::{IdempotencyKey, Timestamp, ToolName};
use crate::engine::{Event, Recorded, Settled};

/// One try, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Try {
    pub at: Timestamp,
    pub kind: TryKind,
    pub attempt: u32,
    /// What was called; of what a person said, what it was about.
    pub tool: ToolName,
    /// None while nothing came of it.
    pub came: Option<Came>,
    pub came_at: Option<Timestamp>,
    /// What the target answered, where it was asked.
    pub answer: Option<Value>,
    /// Why nothing is known, or the reason that a person gave.
    pub message: Option<String>,
    /// The person who said it.
    pub by: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TryKind {
    Sent,
    Asked,
    Said,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    Confirmed,
    Refused,
    /// Certainly not done.
    NotDone,
    Unknown,
    /// The target was asked first: nothing was sent by this try.
    AskedFirst,
    Found,
    NotFound,
    /// It answered, and the answer settles nothing.
    SettlesNothing,
    /// Asking failed: there is no answer.
    NoAnswer,
    Happened,
    NotHappened,
    AskAgain,
}

/// The tries of the effect under `key`, newest first.
pub fn tries(events: &[Recorded], key: IdempotencyKey) -> Vec<Try> {
    let mut tries = Tries {
        key,
        all: Vec::new(),
    };
    for recorded in events {
        tries.begun(recorded);
        tries.answered(recorded);
        tries.came(recorded);
    }
    tries.all.reverse();
    tries.all
}

struct Tries {
    key: IdempotencyKey,
    /// Oldest first.
    all: Vec<Try>,
}

impl Tries {
    /// Something is sent, asked or said.
    fn begun(&mut self, recorded: &Recorded) {
        if let Event::EffectIntended {
            tool, key, attempt, ..
        } = &recorded.event
            && *key == self.key
        {
            self.push(recorded, TryKind::Sent, (*attempt, tool));
        } else if let Event::ProbeStarted {
            tool, key, attempt, ..
        } = &recorded.event
            && *key == self.key
        {
            // What was not sent yet when the target was asked was not sent.
            self.close(TryKind::Sent, recorded, (Came::AskedFirst, None));
            self.push(recorded, TryKind::Asked, (*attempt, tool));
        } else if let Event::EffectSettled {
            tool,
            key,
            attempt,
            settled,
            values,
            ..
        } = &recorded.event
            && *key == self.key
        {
            self.push(recorded, TryKind::Said, (*attempt, tool));
            let came = match settled {
                Settled::Happened => Came::Happened,
                Settled::NotHappened => Came::NotHappened,
                Settled::AskAgain => Came::AskAgain,
            };
            self.close(TryKind::Said, recorded, (came, values.reason.as_ref()));
        }
    }

    /// The target answered a question, or did not.
    fn answered(&mut self, recorded: &Recorded) {
        let Event::ProbeAnswered {
            key,
            found,
            failure,
            values,
            ..
        } = &recorded.event
        else {
            return;
        };
        if *key != self.key {
            return;
        }
        let came = match (found, failure) {
            (Some(true), _) => Came::Found,
            (Some(false), _) => Came::NotFound,
            (None, Some(_)) => Came::NoAnswer,
            (None, None) => Came::SettlesNothing,
        };
        if let Some(asked) = self.close(TryKind::Asked, recorded, (came, values.message.as_ref())) {
            asked.answer.clone_from(&values.output);
        }
    }

    /// What was sent has an outcome, or has none.
    fn came(&mut self, recorded: &Recorded) {
        let (key, came, message) = if let Event::EffectConfirmed { key, .. } = &recorded.event {
            (key, Came::Confirmed, None)
        } else if let Event::EffectRefused { key, values, .. } = &recorded.event {
            (key, Came::Refused, Some(&values.message))
        } else if let Event::EffectDeferred { key, values, .. } = &recorded.event {
            (key, Came::NotDone, Some(&values.message))
        } else if let Event::EffectUnknown { key, values, .. } = &recorded.event {
            (key, Came::Unknown, Some(&values.message))
        } else {
            return;
        };
        if *key != self.key {
            return;
        }
        let sent = self
            .close(TryKind::Sent, recorded, (came, message))
            .is_some();
        // Why an answer settles nothing is told by what follows it.
        if let Some(last) = self.all.last_mut().filter(|_| !sent)
            && last.came == Some(Came::SettlesNothing)
            && last.message.is_none()
        {
            last.message = message.cloned();
        }
    }

    fn push(&mut self, recorded: &Recorded, kind: TryKind, (attempt, tool): (u32, &ToolName)) {
        let by = (kind == TryKind::Said).then(|| recorded.actor.name.clone());
        self.all.push(Try {
            at: recorded.at,
            kind,
            attempt,
            tool: tool.clone(),
            came: None,
            came_at: None,
            answer: None,
            message: None,
            by,
        });
    }

    /// The last try, if it is of this kind and nothing came of it before.
    fn close(
        &mut self,
        kind: TryKind,
        recorded: &Recorded,
        (came, message): (Came, Option<&String>),
    ) -> Option<&mut Try> {
        let last = self.all.last_mut()?;
        if last.kind != kind || last.came.is_some() {
            return None;
        }
        last.came = Some(came);
        last.came_at = Some(recorded.at);
        last.message = message.cloned();
        Some(last)
    }
}
