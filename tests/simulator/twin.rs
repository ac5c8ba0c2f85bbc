//! Broken twins: one part does what it must never do, and the checks must see it.

use std::sync::Arc;

use countersign::store::Commit;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Twin {
    /// synchronous=NORMAL: a commit is acknowledged before it is synced.
    AcknowledgedUnsynced,
    /// Each attempt leaves under a key of its own.
    KeyPerAttempt,
    /// 500 counts as an answer after which nothing was done.
    RetryOn500,
    /// An old token commits and sends.
    NoFencing,
    /// What leaves is not compared with what was decided.
    NoDigest,
    /// A verdict commits whatever was committed meanwhile.
    NoCompareAndSwap,
    /// INTENT is acknowledged first and written with what follows.
    StateAfterStep,
    /// Each attempt of an undoing leaves under a key of its own.
    UndoKeyPerAttempt,
    /// Whether a run was terminated is not read again right before the first byte.
    SendsAfterStop,
    /// What a run did is undone in the order in which it was done.
    UndoesForwards,
    /// That a packet was escalated is forgotten.
    EscalatesAgain,
}

impl Twin {
    /// Those that random histories show.
    pub(crate) const RANDOM: [Self; 10] = [
        Self::AcknowledgedUnsynced,
        Self::KeyPerAttempt,
        Self::RetryOn500,
        Self::NoDigest,
        Self::NoCompareAndSwap,
        Self::StateAfterStep,
        Self::UndoKeyPerAttempt,
        Self::SendsAfterStop,
        Self::UndoesForwards,
        Self::EscalatesAgain,
    ];

    /// What this twin's store keeps of a commit.
    pub(crate) fn spoils(self, mut commit: Commit) -> Commit {
        let has = |kind: &str| commit.events.iter().any(|found| found.event.kind() == kind);
        let closes = has("compensation_started") || has("run_terminated");
        if self == Self::UndoesForwards && closes {
            Arc::make_mut(&mut commit.after).saga.done.reverse();
        } else if self == Self::EscalatesAgain && has("packet_escalated") {
            let state = Arc::make_mut(&mut commit.after);
            if let Some(packet) = &mut state.packet {
                packet.escalated_at = None;
            }
            for packet in &mut commit.rows.packets {
                packet.escalated_at = None;
            }
        }
        commit
    }
}
