//! `packets escalate`, `packets extend`.

use clap::Args;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::session::{self, Access};
use crate::cli::visible::visible;
use crate::domain::PacketId;

/// Which way the window is moved.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    Escalate,
    Extend,
}

/// The digest stays: it covers no deadline.
#[derive(Debug, Args)]
pub struct MoveWindow {
    /// The packet's id
    packet: PacketId,
    /// Why; stands in the journal
    #[arg(long)]
    reason: String,
}

impl MoveWindow {
    pub fn run(self, way: Way, context: &mut Context) -> Result<Done, Failure> {
        let actor = context.actor()?;
        let (packet, reason) = (self.packet, self.reason);
        let moved = session::with(context, Access::Attach, async |handle, _| {
            Ok(match way {
                Way::Escalate => handle.escalate(packet, &reason, &actor).await?,
                Way::Extend => handle.extend(packet, &reason, &actor).await?,
            })
        })?;
        let out = &mut context.out;
        if out.is_json() {
            out.document(&moved)?;
            return Ok(Done::Well);
        }
        let (verb, by) = (moved.verdict, visible(&moved.by));
        out.line(format_args!("packet {packet}: {verb} by {by}"))?;
        out.line(format_args!("due    {}", moved.due_at))?;
        Ok(Done::Well)
    }
}
