//! Review windows that have passed: found by a query, passed one after the other, in due order.
//! A waiting packet has no task and no timer of its own.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::domain::{Actor, PacketId, RunId, Timestamp};
use crate::engine::Command;
use crate::runtime::shared::Shared;
use crate::runtime::{Handle, RuntimeError};

/// Packets looked up at a time.
const PAGE: u32 = 256;

impl Shared {
    /// Passes what is due, unless that is under way already.
    pub(super) fn pass_deadlines_soon(self: &Arc<Self>) {
        if self.passing.swap(true, Ordering::AcqRel) {
            return;
        }
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            let passed = shared.pass_deadlines().await;
            shared.passing.store(false, Ordering::Release);
            if let Err(error) = passed {
                shared.troubles.record_of_store(&error);
            }
        });
    }

    async fn pass_deadlines(self: &Arc<Self>) -> Result<(), RuntimeError> {
        loop {
            let due = self.store.due_packets(self.now(), PAGE)?;
            let mut passed = 0;
            for (run, packet) in due {
                if self.fence().is_none() || self.deadlines_hold() {
                    return Ok(());
                }
                if self.troubles.sets_aside(run) {
                    continue;
                }
                match self.pass(run, packet).await {
                    Ok(()) => passed += 1,
                    // Somebody was faster, or the window moved meanwhile.
                    Err(RuntimeError::Rejected(_)) => {}
                    Err(error) => self.troubles.record(run, &error),
                }
            }
            if passed == 0 {
                return Ok(());
            }
        }
    }

    async fn pass(self: &Arc<Self>, run: RunId, packet: PacketId) -> Result<(), RuntimeError> {
        let handle = Handle {
            shared: Arc::clone(self),
        };
        let command = if self.fell_due_meanwhile(run, packet)? {
            let reason = "The clock was in question when its window passed.".to_owned();
            Command::ExtendPacket { packet, reason }
        } else {
            Command::PassDeadline { packet }
        };
        handle.command(run, &Actor::system(), command).await?;
        Ok(())
    }
    /// Tells whether silence would reject a packet whose window passed before the clock was last
    /// said to be right: then nobody may have had the time to answer.
    fn fell_due_meanwhile(&self, run: RunId, packet: PacketId) -> Result<bool, RuntimeError> {
        let trusted = Timestamp(self.clock_trusted_ms.load(Ordering::Acquire));
        let state = self.load(run)?;
        let open = state.packet.as_deref();
        let Some(open) = open.filter(|open| open.packet == packet && open.due_at <= trusted) else {
            return Ok(false);
        };
        let definition = self.library.pinned(state.definition)?;
        Ok(open.escalated_at.is_some() || definition.authority.escalate.is_empty())
    }
}
