//! How alike two names are: the Sørensen–Dice coefficient over pairs of neighbouring characters.

/// The pairs of a name's lower-case letters and digits, words joined by one space; sorted.
#[derive(Debug)]
pub(super) struct Grams(Vec<(char, char)>);

impl Grams {
    pub(super) fn of(name: &str) -> Self {
        let folded: String = name
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase();
        // A space at both ends gives first and last letters, and one-letter names, pairs too.
        let starts = std::iter::once(' ').chain(folded.chars());
        let ends = folded.chars().chain(std::iter::once(' '));
        let mut grams: Vec<_> = starts.zip(ends).collect();
        grams.sort_unstable();
        Self(grams)
    }

    /// Twice the pairs in common over all pairs, from 0 to 1 in ten-thousandths.
    pub(super) fn similarity(&self, other: &Self) -> f64 {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut shared = 0_u32;
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            match a.cmp(b) {
                std::cmp::Ordering::Less => drop(left.next()),
                std::cmp::Ordering::Greater => drop(right.next()),
                std::cmp::Ordering::Equal => {
                    shared += 1;
                    left.next();
                    right.next();
                }
            }
        }
        let pairs = u32::try_from(self.0.len() + other.0.len()).unwrap_or(u32::MAX);
        let coefficient = f64::from(2 * shared) / f64::from(pairs.max(1));
        (coefficient * 10_000.0).floor() / 10_000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(a: &str, b: &str) -> f64 {
        Grams::of(a).similarity(&Grams::of(b))
    }

    #[test]
    fn spelling_apart_from_letters_does_not_count() {
        assert!((alike("Orgenics, Ltd", "ORGENICS  LTD") - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn the_coefficient_is_the_published_one() {
        // " night " and " nacht " share " n", "ht" and "t " of six pairs each.
        assert!((alike("night", "nacht") - 0.5).abs() < f64::EPSILON);
        assert!(alike("abc", "xyz").abs() < f64::EPSILON);
        assert!(alike("", "").abs() <= 1.0);
    }

    #[test]
    fn it_reads_the_same_both_ways() {
        let (a, b) = ("CIPLA LIMITED", "MICRO LABS LIMITED");
        assert!((alike(a, b) - alike(b, a)).abs() < f64::EPSILON);
    }
}
