//! What a list is narrowed to: words, `field:value`, and `!` before either for the contrary.
//!
//! A word is found where its letters come in this order, so `alph` and `apt` both find Alpha Tech.
//! Every term must hold.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// A filter as it was typed, and what it means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    not: bool,
    wanted: Wanted,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Word(String),
    Field { name: &'static str, value: String },
}

/// A field that this list does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no field `{given}` here: {}", known.join(", "))]
pub struct NoField {
    pub given: String,
    pub known: &'static [&'static str],
}

/// What a row offers to a filter.
pub trait Filtered {
    /// The texts a word is looked for in.
    fn words(&self) -> String;
    /// The values of a field, in lower case.
    fn values(&self, field: &str) -> Vec<String>;
}

impl Filter {
    /// Reads a filter; `fields` are those of the list.
    ///
    /// # Errors
    /// A field that the list does not have.
    pub fn parse(text: &str, fields: &'static [&'static str]) -> Result<Self, NoField> {
        let terms = text.split_whitespace().map(|word| term(word, fields));
        Ok(Self {
            terms: terms.collect::<Result<_, _>>()?,
            text: text.trim().to_owned(),
        })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Tells which rows hold every term.
    pub fn sieve(&self) -> Sieve<'_> {
        let patterns = self.terms.iter().map(|term| match &term.wanted {
            Wanted::Word(word) => Some(Pattern::new(
                word,
                CaseMatching::Ignore,
                Normalization::Smart,
                AtomKind::Fuzzy,
            )),
            Wanted::Field { .. } => None,
        });
        Sieve {
            filter: self,
            patterns: patterns.collect(),
            matcher: Matcher::new(Config::DEFAULT),
        }
    }
}

/// A filter at work.
#[derive(Debug)]
pub struct Sieve<'f> {
    filter: &'f Filter,
    patterns: Vec<Option<Pattern>>,
    matcher: Matcher,
}

impl Sieve<'_> {
    pub fn lets_through(&mut self, row: &impl Filtered) -> bool {
        let Self {
            filter,
            patterns,
            matcher,
        } = self;
        if filter.terms.is_empty() {
            return true;
        }
        let words = row.words();
        let mut buffer = Vec::new();
        filter.terms.iter().zip(patterns).all(|(term, pattern)| {
            let found = match (&term.wanted, pattern) {
                (Wanted::Field { name, value }, _) => row
                    .values(name)
                    .iter()
                    .any(|has| has.contains(value.as_str())),
                (Wanted::Word(_), Some(pattern)) => pattern
                    .score(Utf32Str::new(&words, &mut buffer), matcher)
                    .is_some(),
                (Wanted::Word(word), None) => words.contains(word.as_str()),
            };
            found != term.not
        })
    }
}

fn term(word: &str, fields: &'static [&'static str]) -> Result<Term, NoField> {
    let (not, word) = match word.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, word),
    };
    let wanted = match word.split_once(':') {
        Some((name, value)) => {
            let lower = name.to_lowercase();
            let name = fields.iter().find(|field| **field == lower);
            Wanted::Field {
                name: name.ok_or(NoField {
                    given: lower,
                    known: fields,
                })?,
                value: value.to_lowercase(),
            }
        }
        None => Wanted::Word(word.to_owned()),
    };
    Ok(Term { not, wanted })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row(&'static str, &'static str);

    impl Filtered for Row {
        fn words(&self) -> String {
            self.0.to_owned()
        }

        fn values(&self, field: &str) -> Vec<String> {
            if field == "tier" {
                vec![self.1.to_owned()]
            } else {
                Vec::new()
            }
        }
    }

    fn holds(filter: &str, row: &Row) -> bool {
        let filter = Filter::parse(filter, &["tier", "run"]).unwrap();
        filter.sieve().lets_through(row)
    }

    #[test]
    fn words_fields_and_their_contraries() {
        let row = Row("PO-9901 Alpha Tech Systems", "critical");
        for filter in [
            "",
            "alpha",
            "apts",
            "ALPHA 9901",
            "tier:crit",
            "!tier:routine",
            "!beta",
        ] {
            assert!(holds(filter, &row), "{filter}");
        }
        for filter in [
            "beta",
            "!alpha",
            "tier:routine",
            "!tier:critical",
            "alpha run:x",
        ] {
            assert!(!holds(filter, &row), "{filter}");
        }
    }

    #[test]
    fn a_field_that_is_not_there_is_named() {
        let error = Filter::parse("colour:red", &["tier", "run"]).unwrap_err();
        assert_eq!(error.to_string(), "no field `colour` here: tier, run");
    }
}
