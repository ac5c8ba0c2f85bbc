//! What the console is told of a packet.

use crate::console::model::answer::WantedAnswer;
use crate::domain::Packet;
use crate::runtime::Stake;
use crate::views::Try;

/// A packet, and what the store knows about it elsewhere.
#[derive(Clone, Debug)]
pub struct PacketRead {
    pub packet: Packet,
    pub beside: Beside,
}

/// What a person needs to answer a packet and the packet itself does not hold.
#[derive(Clone, Debug, Default)]
pub enum Beside {
    #[default]
    Nothing,
    /// It asks for more budget: what its run spent and did.
    Stake(Stake),
    /// It asks whether an effect happened.
    Outcome {
        /// What was tried for it, newest first.
        tries: Vec<Try>,
        /// What the target answers, where something is made of it.
        answer: Option<WantedAnswer>,
    },
    /// It could not be read, and why.
    Unread(String),
}

impl PacketRead {
    /// A packet that says everything itself.
    pub fn alone(packet: Packet) -> Self {
        Self {
            packet,
            beside: Beside::Nothing,
        }
    }
}
