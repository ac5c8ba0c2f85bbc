//! What a form edits the state of, and what it is bound to.

use crate::console::model::packet::Bound;
use crate::domain::{DeadLetterId, PacketId};
use crate::views::DeadLetterRow;

/// What is edited, as it was on the screen.
#[derive(Clone, Debug)]
pub enum Subject {
    Packet(Bound),
    /// The step goes on with the edited state, once what would happen was shown.
    Letter(Box<DeadLetterRow>),
}

/// Which of all packets and letters it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectId {
    Packet(PacketId),
    Letter(DeadLetterId),
}

impl Subject {
    pub fn id(&self) -> SubjectId {
        match self {
            Self::Packet(bound) => SubjectId::Packet(bound.packet),
            Self::Letter(row) => SubjectId::Letter(row.dead_letter),
        }
    }

    /// The packet's version that the form is bound to.
    pub fn bound(&self) -> Option<Bound> {
        match self {
            Self::Packet(bound) => Some(*bound),
            Self::Letter(_) => None,
        }
    }

    pub fn letter(&self) -> Option<&DeadLetterRow> {
        match self {
            Self::Packet(_) => None,
            Self::Letter(row) => Some(row),
        }
    }
}
