//! Who may decide a packet: roles, and separation of duties where the contract asks for it.

use crate::domain::{Actor, ActorKind, Packet};
use crate::workflow::Definition;

/// Why an actor may not decide a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAllowed {
    /// None of these roles is held.
    Role { needed: Vec<String> },
    /// The actor has a part in what is judged.
    Separation { why: &'static str },
    /// Only people decide.
    NotAPerson,
}

/// Tells whether `actor` may say what became of an effect that no packet asks about.
pub fn may_settle(definition: &Definition, actor: &Actor) -> bool {
    actor.kind == ActorKind::Person && actor.roles.any_of(&definition.authority.decide)
}

/// Checks that `actor` may decide `packet` of a run that `initiator` started.
///
/// # Errors
/// [`NotAllowed`], with the reason.
pub fn may_decide(
    definition: &Definition,
    packet: &Packet,
    initiator: &str,
    actor: &Actor,
) -> Result<(), NotAllowed> {
    if actor.kind != ActorKind::Person {
        return Err(NotAllowed::NotAPerson);
    }
    let authority = &definition.authority;
    let mut needed = authority.decide.clone();
    if packet.escalated_at.is_some() {
        needed.extend(authority.escalate.iter().cloned());
    }
    if !actor.roles.any_of(&needed) {
        return Err(NotAllowed::Role { needed });
    }
    if !authority.separation {
        return Ok(());
    }
    if actor.name == initiator {
        return Err(NotAllowed::Separation {
            why: "whoever started a run does not decide on it",
        });
    }
    if actor.name == definition.scope.agent || actor.name == definition.intent.owner {
        return Err(NotAllowed::Separation {
            why: "the agent's owner does not decide for it",
        });
    }
    if packet.edited_by.as_deref() == Some(actor.name.as_str()) {
        return Err(NotAllowed::Separation {
            why: "whoever edited a packet last does not decide on it",
        });
    }
    Ok(())
}
