//! Reads a packet with what a person needs to answer it.

use super::refusal;
use crate::console::message::{Beside, PacketRead};
use crate::console::model::answer::WantedAnswer;
use crate::domain::{Packet, PacketId, PacketStatus, Question};
use crate::runtime::{Handle, RuntimeError};

pub(super) fn read(handle: &Handle, packet: PacketId) -> Result<PacketRead, RuntimeError> {
    let packet = handle.packet(packet)?;
    // A packet stays readable where what stands beside it is not.
    let beside = beside(handle, &packet);
    Ok(PacketRead {
        beside: beside.unwrap_or_else(|error| Beside::Unread(refusal(error).message)),
        packet,
    })
}

fn beside(handle: &Handle, packet: &Packet) -> Result<Beside, RuntimeError> {
    let open = packet.status == PacketStatus::Open;
    Ok(match (&packet.question, packet.effects.first()) {
        (Question::Outcome { .. }, Some(effect)) => {
            // Without its definition it is answered all the same, by key and reason alone.
            let definition = handle.pinned(packet.definition).ok();
            Beside::Outcome {
                tries: handle.tries(effect.key)?,
                answer: definition.and_then(|pinned| WantedAnswer::of_effect(pinned, effect)),
            }
        }
        // What its run spends and does later is none of a closed one.
        (Question::Budget { .. }, _) if open => Beside::Stake(handle.stake(packet.run)?),
        (Question::Effects | Question::Outcome { .. } | Question::Budget { .. }, _) => {
            Beside::Nothing
        }
    })
}
