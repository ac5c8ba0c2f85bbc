//! Reads a packet with what a person needs to answer it.

use super::refusal;
use crate::console::message::{Beside, PacketRead};
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
        (Question::Outcome { .. }, Some(effect)) => Beside::Tries(handle.tries(effect.key)?),
        // What its run spends and does later is none of a closed one.
        (Question::Budget { .. }, _) if open => Beside::Stake(handle.stake(packet.run)?),
        (Question::Effects | Question::Outcome { .. } | Question::Budget { .. }, _) => {
            Beside::Nothing
        }
    })
}
