//! Money in integer minor units. Decimal text in, decimal text out, never a double.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Minor units per unit: every currency here has two decimals.
const MINOR_PER_UNIT: i64 = 100;

/// The largest amount either way: integers up to 2^53 - 1 survive canonical JSON (RFC 8785).
pub const MINOR_MAX: i64 = (1 << 53) - 1;

/// Why a text or number is no money.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("`{0}` is not an amount: write digits with at most two decimals, as in 5000.00")]
    NotAnAmount(String),
    #[error("`{0}` has more than two decimals")]
    TooManyDecimals(String),
    #[error("`{0}` is too large")]
    TooLarge(String),
    #[error("`{0}` is not a currency: write three capital letters, as in USD")]
    NotACurrency(String),
    #[error("{0} and {1} are different currencies")]
    CurrencyMismatch(Currency, Currency),
}

/// An ISO 4217 code, three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    pub const USD: Self = Self(*b"USD");

    pub fn as_str(&self) -> &str {
        // The constructor admits capital ASCII letters alone.
        str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|letter| letter.is_ascii_uppercase()) => {
                Ok(Self([*a, *b, *c]))
            }
            _ => Err(MoneyError::NotACurrency(text.to_owned())),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount: `{"minor":785000,"currency":"USD"}` in JSON, `7850.00 USD` as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    /// Reads decimal text such as `7850`, `7850.5` or `-7850.00`.
    ///
    /// # Errors
    /// Anything else: signs other than a leading `-`, exponents, separators, a third decimal,
    /// an amount past [`MINOR_MAX`].
    pub fn from_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let bad = || MoneyError::NotAnAmount(text.to_owned());
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let numeric = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !numeric(whole) || !numeric(fraction) {
            return Err(bad());
        }
        let significant = fraction.trim_end_matches('0');
        if significant.len() > 2 {
            return Err(MoneyError::TooManyDecimals(text.to_owned()));
        }
        let too_large = |_| MoneyError::TooLarge(text.to_owned());
        let units: i64 = whole.parse().map_err(too_large)?;
        let cents: i64 = format!("{significant:0<2}").parse().map_err(too_large)?;
        let minor = units
            .checked_mul(MINOR_PER_UNIT)
            .and_then(|minor| minor.checked_add(cents))
            .filter(|minor| *minor <= MINOR_MAX)
            .ok_or_else(|| MoneyError::TooLarge(text.to_owned()))?;
        Ok(Self {
            minor: if negative {
                minor.saturating_neg()
            } else {
                minor
            },
            currency,
        })
    }

    /// The amount without its currency, always with two decimals.
    pub fn decimal(&self) -> String {
        let sign = if self.minor < 0 { "-" } else { "" };
        let minor = self.minor.unsigned_abs();
        let unit = MINOR_PER_UNIT.unsigned_abs();
        let whole = minor.checked_div(unit).unwrap_or_default();
        let cents = minor.checked_rem(unit).unwrap_or_default();
        format!("{sign}{whole}.{cents:02}")
    }

    /// Compares two amounts of one currency.
    ///
    /// # Errors
    /// Amounts of different currencies have no order.
    pub fn compare(&self, other: &Self) -> Result<std::cmp::Ordering, MoneyError> {
        if self.currency == other.currency {
            Ok(self.minor.cmp(&other.minor))
        } else {
            Err(MoneyError::CurrencyMismatch(self.currency, other.currency))
        }
    }

    /// Adds two amounts of one currency.
    ///
    /// # Errors
    /// Different currencies, or a sum past [`MINOR_MAX`].
    pub fn plus(&self, other: &Self) -> Result<Self, MoneyError> {
        self.compare(other)?;
        let minor = self
            .minor
            .checked_add(other.minor)
            .filter(|minor| (-MINOR_MAX..=MINOR_MAX).contains(minor))
            .ok_or_else(|| MoneyError::TooLarge(format!("{self} + {other}")))?;
        Ok(Self {
            minor,
            currency: self.currency,
        })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Reads `5000.00 USD`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (amount, currency) = text
            .split_once(' ')
            .ok_or_else(|| MoneyError::NotAnAmount(text.to_owned()))?;
        Self::from_decimal(amount, currency.parse()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Result<i64, MoneyError> {
        Money::from_decimal(text, Currency::USD).map(|money| money.minor)
    }

    #[test]
    fn decimal_text_becomes_minor_units() {
        assert_eq!(usd("7850"), Ok(785_000));
        assert_eq!(usd("7850.5"), Ok(785_050));
        assert_eq!(usd("-0.01"), Ok(-1));
        assert_eq!(usd("4999.990"), Ok(499_999));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", ".", "1.", ".5", "1e3", "+1", "1,000", "NaN", "--1", "٣"] {
            assert!(
                matches!(usd(text), Err(MoneyError::NotAnAmount(_))),
                "{text}"
            );
        }
        assert!(matches!(usd("0.001"), Err(MoneyError::TooManyDecimals(_))));
        assert!(matches!(
            usd("99999999999999999999"),
            Err(MoneyError::TooLarge(_))
        ));
        assert!(matches!(
            usd("90071992547410.00"),
            Err(MoneyError::TooLarge(_))
        ));
    }

    #[test]
    fn text_round_trips() {
        for text in ["0.00 USD", "-12.05 EUR", "5000.00 USD"] {
            assert_eq!(
                text.parse::<Money>().map(|m| m.to_string()).as_deref(),
                Ok(text)
            );
        }
    }

    #[test]
    fn another_currency_is_an_error() {
        let (a, b) = ("1.00 USD".parse::<Money>(), "1.00 EUR".parse::<Money>());
        let (Ok(a), Ok(b)) = (a, b) else {
            panic!("both are money")
        };
        assert!(a.compare(&b).is_err() && a.plus(&b).is_err());
    }
}
