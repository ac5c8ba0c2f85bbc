//! Reads a packet with what a person needs to answer it.

use super::refusal;
use crate::console::message::{Beside, PacketRead};
use crate::domain::{Packet, PacketId, Question};
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
    Ok(match packet.question {
        Question::Effects | Question::Outcome { .. } => Beside::Nothing,
        Question::Budget { .. } => Beside::Stake(handle.stake(packet.run)?),
    })
}
