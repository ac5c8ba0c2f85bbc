//! What people are told without having asked: a new dead letter, a write nobody knows the outcome
//! of, an alert.

use serde::Serialize;

use crate::domain::{NotificationKind, Question, RunId, Timestamp};
use crate::engine::{Event, Recorded, RunState};
use crate::views::AlertRow;

/// One thing to tell, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notification {
    pub kind: NotificationKind,
    /// Id of the dead letter, packet or alert.
    pub subject: String,
    pub run: Option<RunId>,
    /// One line; may quote names from outside.
    pub text: String,
    pub at: Timestamp,
}

impl Notification {
    pub fn of_alert(alert: &AlertRow) -> Self {
        Self {
            kind: NotificationKind::Alert,
            subject: alert.alert.to_string(),
            run: alert.run,
            text: format!("Alert: {}", alert.message),
            at: alert.at,
        }
    }
}

/// What one command's events give people to know.
pub(super) fn notifications_of(events: &[Recorded], after: &RunState) -> Vec<Notification> {
    let events = events.iter();
    events
        .filter_map(|recorded| notification_of(recorded, after))
        .collect()
}

fn notification_of(recorded: &Recorded, after: &RunState) -> Option<Notification> {
    let of = after.key.as_deref().unwrap_or(after.workflow.as_str());
    let (kind, subject, text) = if let Event::StepParked {
        dead_letter,
        step,
        code,
        ..
    } = &recorded.event
    {
        let text = format!("Dead letter: {of} is stuck at {step} ({code}).");
        (NotificationKind::DeadLetter, dead_letter.to_string(), text)
    } else if let Event::PacketOpened { packet, values, .. } = &recorded.event {
        if !matches!(values.packet.question, Question::Outcome { .. }) {
            return None;
        }
        let text = format!("Outcome unknown: {of}. {}", values.packet.title);
        (NotificationKind::OutcomeUnknown, packet.to_string(), text)
    } else if let Event::PacketEscalated { packet, due_at, .. } = &recorded.event {
        let text = format!("Escalated: {of} waits for a decision until {due_at}.");
        (NotificationKind::Escalation, packet.to_string(), text)
    } else {
        return None;
    };
    Some(Notification {
        kind,
        subject,
        run: Some(recorded.run),
        text,
        at: recorded.at,
    })
}
