//! Review windows that have passed: found by a query, passed one after the other, in due order.
//! A waiting packet has no task and no timer of its own.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::domain::{Actor, Timestamp};
use crate::engine::Command;
use crate::runtime::handle::Drive;
use crate::runtime::shared::Shared;
use crate::runtime::{Handle, RuntimeError};
use crate::store::DuePacket;

/// Packets looked up at a time.
const PAGE: u32 = 256;
/// After what time those that could not be passed are looked at again.
const AGAIN_MS: i64 = 1_000;

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
        // The last one that stays due whatever is done: those behind it have their turn all the same.
        let mut after = None;
        loop {
            let due = self.store.due_packets(self.now(), after, PAGE)?;
            for packet in &due {
                if self.fence().is_none() || self.deadlines_hold() {
                    return Ok(());
                }
                if self.troubles.sets_aside(packet.run) {
                    after = Some(packet.packet);
                    continue;
                }
                match self.pass(packet).await {
                    Ok(()) => {}
                    // Somebody was faster, or the window moved meanwhile.
                    Err(RuntimeError::Rejected(_)) => after = Some(packet.packet),
                    Err(error) => {
                        after = Some(packet.packet);
                        self.troubles.record(packet.run, &error);
                    }
                }
            }
            if due.len() < PAGE as usize {
                let again = after.map_or(i64::MIN, |_| self.now().plus_ms(AGAIN_MS).0);
                self.pass_again_ms.store(again, Ordering::Release);
                return Ok(());
            }
        }
    }

    /// When the next review window passes, where this process passes any.
    pub(super) fn next_deadline(&self) -> Result<Option<Timestamp>, RuntimeError> {
        if self.drive != Drive::Everything || self.deadlines_hold() {
            return Ok(None);
        }
        let again = Timestamp(self.pass_again_ms.load(Ordering::Acquire));
        Ok(self.store.next_deadline()?.map(|next| next.max(again)))
    }

    async fn pass(self: &Arc<Self>, due: &DuePacket) -> Result<(), RuntimeError> {
        let handle = Handle {
            shared: Arc::clone(self),
        };
        let packet = due.packet;
        let command = match self.means_nothing(due)? {
            Some(why) => Command::ExtendPacket {
                packet,
                reason: why.to_owned(),
            },
            None => Command::PassDeadline { packet },
        };
        handle.command(due.run, &Actor::system(), command).await?;
        Ok(())
    }

    /// Why silence, which would reject the packet, means nothing: its window passed before the clock
    /// was last said to be right, or began when no window acted. Nobody may have had the time, or
    /// the reason, to answer.
    fn means_nothing(&self, due: &DuePacket) -> Result<Option<&'static str>, RuntimeError> {
        let trusted = Timestamp(self.clock_trusted_ms.load(Ordering::Acquire));
        let state = self.load(due.run)?;
        let open = state.packet.as_deref();
        let Some(open) = open.filter(|open| open.packet == due.packet) else {
            return Ok(None);
        };
        let why = if due.opened_before {
            "It was opened by an older program, in which nothing followed when a window passed."
        } else if open.due_at <= trusted {
            "The clock was in question when its window passed."
        } else {
            return Ok(None);
        };
        let definition = self.library.pinned(state.definition)?;
        let rejects = open.escalated_at.is_some() || definition.authority.escalate.is_empty();
        Ok(rejects.then_some(why))
    }
}
