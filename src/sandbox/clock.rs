//! The outside world's own clock: the engine's never reaches it.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::domain::Timestamp;

#[expect(
    clippy::disallowed_methods,
    reason = "the sandbox plays other companies' servers, whose clocks nobody injects"
)]
pub(super) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    // A clock before 1970 is held at 1970, and one past year 292 million at the end of time.
    Timestamp(since.map_or(0, |passed| {
        i64::try_from(passed.as_millis()).unwrap_or(i64::MAX)
    }))
}
