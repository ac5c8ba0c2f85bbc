//! A packet's review window, moved by hand.

use serde::Serialize;

use crate::domain::{Actor, PacketId, RunId, RunStatus, Timestamp};
use crate::engine::Command;
use crate::runtime::{Handle, RuntimeError};

/// A packet that was escalated or has another window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WindowMoved {
    pub packet: PacketId,
    /// `escalate` or `extend`.
    pub verdict: &'static str,
    pub by: String,
    pub run: RunId,
    pub run_status: RunStatus,
    pub due_at: Timestamp,
}

impl Handle {
    /// Lets those whom the contract escalates to decide too, at once.
    ///
    /// # Errors
    /// A rejection: closed, escalated before, nobody to escalate to, not this actor's.
    pub async fn escalate(
        &self,
        packet: PacketId,
        reason: &str,
        by: &Actor,
    ) -> Result<WindowMoved, RuntimeError> {
        let reason = reason.to_owned();
        let command = Command::EscalatePacket { packet, reason };
        self.move_window(packet, ("escalate", command), by).await
    }

    /// Gives a packet another window of the contract's length.
    ///
    /// # Errors
    /// A rejection: closed, or not this actor's.
    pub async fn extend(
        &self,
        packet: PacketId,
        reason: &str,
        by: &Actor,
    ) -> Result<WindowMoved, RuntimeError> {
        let reason = reason.to_owned();
        let command = Command::ExtendPacket { packet, reason };
        self.move_window(packet, ("extend", command), by).await
    }

    async fn move_window(
        &self,
        packet: PacketId,
        (verb, command): (&'static str, Command),
        by: &Actor,
    ) -> Result<WindowMoved, RuntimeError> {
        let run = self.packet(packet)?.run;
        let state = self.command(run, by, command).await;
        let state = state.map_err(|error| self.name_the_winner(packet, error))?;
        let open = state.packet.as_deref();
        let open = open.filter(|open| open.packet == packet);
        Ok(WindowMoved {
            packet,
            verdict: verb,
            by: by.name.clone(),
            run,
            run_status: state.status(),
            due_at: open.ok_or(RuntimeError::NoSuchPacket(packet))?.due_at,
        })
    }
}
