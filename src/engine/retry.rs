//! When a failed call may be repeated: 1 s, 2 s, 4 s, each with at most 10 % jitter, or none where time
//! is no real one.

use crate::domain::{Timestamp, limits};
use crate::engine::draft::Draft;
use crate::engine::event::CallFailure;

/// The time of the next try after `retries` retries; none once they are used up.
///
/// The target's own `Retry-After` is honoured where it is longer, within the limit.
pub(super) fn retry_at(
    draft: &mut Draft<'_>,
    retries: u32,
    failure: &CallFailure,
) -> Option<Timestamp> {
    let index = usize::try_from(retries).ok()?;
    let wait_ms = *limits::RETRY_WAITS_MS.get(index)?;
    let random = if draft.envelope.jitter {
        let [first, second, ..] = draft.draw("jitter");
        i64::from(u16::from_be_bytes([first, second]))
    } else {
        0
    };
    let most_ms = wait_ms
        .saturating_mul(limits::RETRY_JITTER_PERCENT_MAX)
        .saturating_div(100);
    let jitter_ms = most_ms
        .saturating_mul(random)
        .checked_div(i64::from(u16::MAX))
        .unwrap_or_default();
    let wished_ms = failure
        .retry_after_ms
        .unwrap_or(0)
        .min(limits::RETRY_AFTER_MS_MAX);
    Some(
        draft
            .now()
            .plus_ms(wait_ms.saturating_add(jitter_ms).max(wished_ms)),
    )
}
