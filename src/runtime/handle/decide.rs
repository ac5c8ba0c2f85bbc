//! Verdicts and amendments: bound to what was shown.

use crate::domain::{Actor, Packet, PacketId, PacketStatus};
use crate::engine::{Command, DigestPrefix, Rejection};
use crate::runtime::{
    Amended, Amendment, BudgetAnswered, BudgetRequest, Handle, RuntimeError, VerdictRequest,
    VerdictTaken,
};

impl Handle {
    /// Gives a verdict. Where this process executes it also drives the run on.
    ///
    /// # Errors
    /// A [`Rejection`]: the packet changed, was decided by somebody else, or is not this actor's.
    pub async fn verdict(
        &self,
        request: VerdictRequest,
        by: &Actor,
    ) -> Result<VerdictTaken, RuntimeError> {
        let packet = self.packet(request.packet)?;
        let command = Command::GiveVerdict {
            packet: request.packet,
            digest: prefix(&request.digest)?,
            verdict: request.verdict,
            item: request.item,
            reason: request.reason,
        };
        let run = packet.run;
        let state = self.command(run, by, command).await;
        let state = state.map_err(|error| self.name_the_winner(request.packet, error))?;
        Ok(VerdictTaken {
            packet: request.packet,
            verdict: request.verdict,
            by: by.name.clone(),
            run,
            run_status: state.status(),
        })
    }

    /// Answers a packet that asks for more budget. Where this process executes it also drives the
    /// run on.
    ///
    /// # Errors
    /// A [`Rejection`]: as for a verdict, or the packet asks something else.
    pub async fn resolve_budget(
        &self,
        request: BudgetRequest,
        by: &Actor,
    ) -> Result<BudgetAnswered, RuntimeError> {
        let packet = self.packet(request.packet)?;
        let command = Command::ResolveBudget {
            packet: request.packet,
            digest: prefix(&request.digest)?,
            answer: request.answer,
            reason: request.reason,
        };
        let state = self.command(packet.run, by, command).await;
        let state = state.map_err(|error| self.name_the_winner(request.packet, error))?;
        Ok(BudgetAnswered {
            packet: request.packet,
            answer: request.answer,
            by: by.name.clone(),
            run: packet.run,
            run_status: state.status(),
        })
    }

    /// Edits the state under an open packet; the packet stays open, with a new digest.
    ///
    /// # Errors
    /// A [`Rejection`]: as for a verdict, or the edit is not valid.
    pub async fn amend(&self, amendment: Amendment, by: &Actor) -> Result<Amended, RuntimeError> {
        let packet = self.packet(amendment.packet)?;
        let command = Command::AmendPacket {
            packet: amendment.packet,
            digest: prefix(&amendment.digest)?,
            set: amendment.set,
            reason: amendment.reason,
        };
        let state = self.command(packet.run, by, command).await;
        let state = state.map_err(|error| self.name_the_winner(amendment.packet, error))?;
        let amended = state
            .packet
            .as_deref()
            .filter(|open| open.packet == amendment.packet);
        match amended {
            Some(open) => Ok(Amended {
                packet: open.packet,
                version: open.version,
                digest: open.digest,
            }),
            None => Err(RuntimeError::NoSuchPacket(amendment.packet)),
        }
    }

    /// Tells the loser of a race who won, from the packet itself where the run forgot.
    pub(super) fn name_the_winner(&self, packet: PacketId, error: RuntimeError) -> RuntimeError {
        let RuntimeError::Rejected(Rejection::AlreadyDecided {
            closed_by: None, ..
        }) = &error
        else {
            return error;
        };
        match self.packet(packet) {
            Ok(closed) if closed.status != PacketStatus::Open => already_decided(&closed).into(),
            Ok(_) | Err(_) => error,
        }
    }
}

fn already_decided(packet: &Packet) -> Rejection {
    Rejection::AlreadyDecided {
        packet: packet.packet,
        status: packet.status,
        closed_by: packet.closed_by.clone().zip(packet.closed_at),
    }
}

fn prefix(digest: &str) -> Result<DigestPrefix, Rejection> {
    DigestPrefix::parse(digest).ok_or_else(|| Rejection::BadDigest {
        given: digest.to_owned(),
    })
}
