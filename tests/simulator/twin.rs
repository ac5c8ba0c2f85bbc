//! Broken twins: one part does what it must never do, and the checks must see it.

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
}

impl Twin {
    /// Those that random histories show.
    pub(crate) const RANDOM: [Self; 8] = [
        Self::AcknowledgedUnsynced,
        Self::KeyPerAttempt,
        Self::RetryOn500,
        Self::NoDigest,
        Self::NoCompareAndSwap,
        Self::StateAfterStep,
        Self::UndoKeyPerAttempt,
        Self::SendsAfterStop,
    ];
}
