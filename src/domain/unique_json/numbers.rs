//! Whether the numbers of a JSON text are kept as they are written.
//!
//! A number is read into 64 bits. Where its decimal digits do not come out again, another number
//! was read: `4999.99999999999999999` becomes `5000`, and `9007199254740993.0` an even one.

use serde_json::Number;

/// Characters of a number that a message quotes.
const SHOWN_CHARS_MAX: usize = 40;

/// Finds the first number of a sound JSON text that would become another one, as a sentence.
pub(super) fn first_inexact(text: &str) -> Option<String> {
    let literal = numbers(text).find(|literal| !is_exact(literal))?;
    let mut shown: String = literal.chars().take(SHOWN_CHARS_MAX).collect();
    if shown.len() < literal.len() {
        shown.push('…');
    }
    Some(format!(
        "the number {shown} has more digits than a JSON number keeps: write it as text, in quotes"
    ))
}

/// Every number of a sound JSON text; digits inside strings are none.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let start = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit())?;
            let (_, found) = rest.split_at(start);
            if let Some(string) = found.strip_prefix('"') {
                rest = after_string(string);
                continue;
            }
            let end = found.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
            let (literal, after) = found.split_at(end.unwrap_or(found.len()));
            rest = after;
            return Some(literal);
        }
    })
}

/// What follows the string whose first quote was taken.
fn after_string(mut rest: &str) -> &str {
    while let Some((before, after)) = rest.split_once('"') {
        let escapes = before
            .len()
            .saturating_sub(before.trim_end_matches('\\').len());
        rest = after;
        if escapes.is_multiple_of(2) {
            return rest;
        }
    }
    ""
}

fn is_exact(literal: &str) -> bool {
    let Ok(number) = serde_json::from_str::<Number>(literal) else {
        return false;
    };
    let whole = !literal.contains(['.', 'e', 'E']);
    let written = Decimal::of(literal);
    // A whole number beyond 64 bits is kept as a fraction, of which not every digit counts.
    if whole && number.is_f64() && !written.as_ref().is_some_and(Decimal::is_zero) {
        return false;
    }
    written.is_some() && written == Decimal::of(&number.to_string())
}

/// `±0.DIGITS × 10^exponent`, without zeros at either end of the digits.
#[derive(Debug, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// `None` where the exponent is beyond any number.
    fn of(literal: &str) -> Option<Self> {
        let (negative, literal) = match literal.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, literal),
        };
        let (mantissa, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0');
        let leading = all.len().saturating_sub(digits.len());
        let digits = digits.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            let (negative, exponent) = (false, 0);
            return Some(Self {
                negative,
                digits,
                exponent,
            });
        }
        let point = i64::try_from(whole.len())
            .ok()?
            .checked_sub(i64::try_from(leading).ok()?)?;
        let exponent = exponent.parse::<i64>().ok()?.checked_add(point)?;
        Some(Self {
            negative,
            digits,
            exponent,
        })
    }

    fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_out_again_is_exact() {
        for literal in [
            "0",
            "-0",
            "0.0",
            "-0.00",
            "0e9",
            "1",
            "-1",
            "10",
            "7850.00",
            "78500e-1",
            "4999.99",
            "0.01",
            "0.1",
            "1e2",
            "1E+2",
            "1.50e-7",
            "1e22",
            "18446744073709551615",
            "-9223372036854775808",
            "999999999999.99",
        ] {
            assert!(is_exact(literal), "{literal}");
        }
    }

    #[test]
    fn what_becomes_another_number_is_not() {
        for literal in [
            "4999.99999999999999999",
            "0.1000000000000000000001",
            "9007199254740993.0",
            "18446744073709551616",
            "-9223372036854775809",
            "100000000000000000000",
            "1e-400",
            "1e999",
            "1e99999999999999999999",
            "123456789012345678.01",
        ] {
            assert!(!is_exact(literal), "{literal}");
        }
    }

    #[test]
    fn numbers_inside_strings_are_text() {
        let text = r#"{"a1":"4999.99999999999999999 \" 1e-400 \\","b":[1,-2.5],"c\\":3e1}"#;
        assert_eq!(numbers(text).collect::<Vec<_>>(), ["1", "-2.5", "3e1"]);
        assert_eq!(first_inexact(text), None);
        assert_eq!(numbers("7").collect::<Vec<_>>(), ["7"]);
    }

    #[test]
    fn a_long_number_is_told_by_its_beginning() {
        let told = first_inexact(&format!("[1, 0.{}]", "123".repeat(1_000))).unwrap();
        assert!(told.contains("0.123123") && told.len() < 200, "{told}");
    }
}
