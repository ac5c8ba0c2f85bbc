//! Times and amounts as people read them.

use crate::console::text::Shown;
use crate::domain::{Money, Timestamp};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// How long until `due`: `00:41` in hours and minutes, `1d02h`, `late 5m`, `47s`.
pub fn until(due: Timestamp, now: Timestamp) -> String {
    let left = due.ms_since(now);
    if left < 0 {
        format!("late {}", long(left.saturating_neg()))
    } else {
        long(left)
    }
}

/// A length of time: `47s`, `12m`, `2h10m`, `1d02h`.
pub fn long(ms: i64) -> String {
    if ms < MINUTE_MS {
        format!("{}s", ms / 1_000)
    } else if ms < HOUR_MS {
        format!("{}m", ms / MINUTE_MS)
    } else if ms < DAY_MS {
        format!("{}h{:02}m", ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS)
    } else {
        format!("{}d{:02}h", ms / DAY_MS, ms % DAY_MS / HOUR_MS)
    }
}

/// How long ago; never negative where clocks differ.
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    long(now.ms_since(then).max(0))
}

/// The time of day to the minute, in UTC, with the day before it where that was not the last one:
/// `02:13`, `11-20 02:13`.
pub fn clock(then: Timestamp, now: Timestamp) -> String {
    let whole = then.to_string();
    let from = if now.ms_since(then) < DAY_MS { 11 } else { 5 };
    whole.get(from..16).unwrap_or(&whole).replace('T', " ")
}

/// An amount with its thousands apart by no-break spaces: `7 850.00`.
pub fn amount(money: &Money) -> Shown {
    let decimal = money.decimal();
    let (sign, digits) = match decimal.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", decimal.as_str()),
    };
    let (whole, rest) = match digits.split_once('.') {
        Some((whole, cents)) => (whole, format!(".{cents}")),
        None => (digits, String::new()),
    };
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len().saturating_sub(index)).is_multiple_of(3) {
            // No line is broken there.
            grouped.push('\u{a0}');
        }
        grouped.push(digit);
    }
    Shown::own(&format!("{sign}{grouped}{rest}"))
}

/// An amount with its currency.
pub fn money(money: &Money) -> Shown {
    amount(money).join(&Shown::own(&format!("\u{a0}{}", money.currency)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_short_and_exact_enough() {
        let cases = [
            (0, "0s"),
            (59_999, "59s"),
            (60_000, "1m"),
            (2 * HOUR_MS + 10 * MINUTE_MS, "2h10m"),
            (26 * HOUR_MS, "1d02h"),
        ];
        for (ms, said) in cases {
            assert_eq!(long(ms), said);
        }
        assert_eq!(until(Timestamp(0), Timestamp(90_000)), "late 1m");
        assert_eq!(ago(Timestamp(90_000), Timestamp(0)), "0s");
    }

    #[test]
    fn a_time_of_day_has_its_date_where_it_is_not_of_today() {
        let then = Timestamp(1_795_269_600_000);
        assert_eq!(clock(then, then.plus_ms(HOUR_MS)), "14:00");
        assert_eq!(clock(then, then.plus_ms(DAY_MS)), "11-21 14:00");
    }

    #[test]
    fn amounts_have_their_thousands_apart() {
        for (decimal, said) in [
            ("7850.00", "7 850.00"),
            ("-1234567.89", "-1 234 567.89"),
            ("0.01", "0.01"),
            ("999.99", "999.99"),
        ] {
            let money = Money::from_decimal(decimal, "USD".parse().unwrap()).unwrap();
            assert_eq!(amount(&money).text(), said.replace(' ', "\u{a0}"));
        }
    }
}
