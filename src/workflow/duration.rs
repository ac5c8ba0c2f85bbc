//! Durations as people write them in definitions: `500ms`, `10s`, `5m`, `24h`, `7d`.

/// Milliseconds in each unit, the longest unit name first, since `ms` ends like `s`.
const UNITS: [(&str, i64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// The longest duration, ten years: long enough for any window, far from overflow.
const DURATION_MS_MAX: i64 = 3_653 * 86_400_000;

/// A text that is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    #[error(
        "`{0}` is not a duration: write a whole number and a unit, as in 500ms, 10s, 5m, 24h or 7d"
    )]
    NotADuration(String),
    #[error("`{0}` is no time at all: write a duration above zero")]
    Zero(String),
    #[error("`{0}` is longer than ten years")]
    TooLong(String),
}

/// Reads a duration into milliseconds; always above zero.
pub fn parse_duration(text: &str) -> Result<i64, DurationError> {
    let unknown = || DurationError::NotADuration(text.to_owned());
    let (digits, factor) = UNITS
        .iter()
        .find_map(|(unit, factor)| text.strip_suffix(unit).map(|digits| (digits, *factor)))
        .ok_or_else(unknown)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(unknown());
    }
    // Digits alone fail to parse only by their number.
    let count: i64 = digits.parse().unwrap_or(i64::MAX);
    match count.checked_mul(factor) {
        Some(0) => Err(DurationError::Zero(text.to_owned())),
        Some(ms) if ms <= DURATION_MS_MAX => Ok(ms),
        _ => Err(DurationError::TooLong(text.to_owned())),
    }
}

/// Writes milliseconds in the largest unit that holds them whole; a single day stays `24h`.
pub fn format_duration(ms: i64) -> String {
    let whole = UNITS.iter().rev().find(|(unit, factor)| {
        let is_single_day = *unit == "d" && ms == *factor;
        ms % factor == 0 && !is_single_day
    });
    let (unit, factor) = whole.copied().unwrap_or(("ms", 1));
    format!("{}{unit}", ms / factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_is_read_and_written() {
        for (text, ms) in [
            ("500ms", 500),
            ("10s", 10_000),
            ("5m", 300_000),
            ("24h", 86_400_000),
            ("7d", 604_800_000),
        ] {
            assert_eq!(parse_duration(text), Ok(ms));
            assert_eq!(format_duration(ms), text);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "h", "1", "1.5h", "-1s", "1 h", "1h30m", "1w", "٣s"] {
            assert!(
                matches!(parse_duration(text), Err(DurationError::NotADuration(_))),
                "{text}"
            );
        }
        assert!(matches!(parse_duration("0s"), Err(DurationError::Zero(_))));
        assert!(matches!(
            parse_duration("4000d"),
            Err(DurationError::TooLong(_))
        ));
        assert!(matches!(
            parse_duration("99999999999999999999ms"),
            Err(DurationError::TooLong(_))
        ));
    }
}
