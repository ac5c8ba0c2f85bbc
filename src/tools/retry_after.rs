//! `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date.

use jiff::fmt::rfc2822;

use crate::domain::limits::RETRY_AFTER_MS_MAX;

/// How long the target wishes to be left alone, in milliseconds, held at the limit.
///
/// A date means something only beside the `Date` of the same answer: the two clocks that are
/// compared are then one. Without it, and for anything unreadable, there is no wish.
pub(super) fn wish_ms(retry_after: Option<&str>, date: Option<&str>) -> Option<i64> {
    let wish = retry_after?.trim();
    let wait_ms = if wish.bytes().all(|digit| digit.is_ascii_digit()) && !wish.is_empty() {
        // More digits than fit are a very long time.
        wish.parse().unwrap_or(i64::MAX).saturating_mul(1_000)
    } else {
        let until = rfc2822::parse(wish).ok()?.timestamp().as_millisecond();
        let sent = rfc2822::parse(date?.trim())
            .ok()?
            .timestamp()
            .as_millisecond();
        until.saturating_sub(sent)
    };
    Some(wait_ms.clamp(0, RETRY_AFTER_MS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Option<&str> = Some("Sun, 06 Nov 1994 12:00:00 GMT");

    #[test]
    fn seconds_are_taken_up_to_the_limit() {
        assert_eq!(wish_ms(Some("2"), None), Some(2_000));
        assert_eq!(wish_ms(Some("0"), None), Some(0));
        assert_eq!(
            wish_ms(Some("99999999999999999999"), None),
            Some(RETRY_AFTER_MS_MAX)
        );
    }

    #[test]
    fn a_date_is_measured_by_the_answers_own_clock() {
        let later = Some("Sun, 06 Nov 1994 12:00:30 GMT");
        assert_eq!(wish_ms(later, NOON), Some(30_000));
        assert_eq!(wish_ms(NOON, later), Some(0));
        assert_eq!(wish_ms(later, None), None);
    }

    #[test]
    fn what_is_neither_is_no_wish() {
        for wish in ["", "soon", "-1", "1.5"] {
            assert_eq!(wish_ms(Some(wish), NOON), None, "{wish}");
        }
        assert_eq!(wish_ms(None, NOON), None);
    }
}
