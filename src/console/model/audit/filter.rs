//! What the journal is narrowed to: `run:`, `actor:` and `kind:`, which the store looks up, and
//! words, which are looked for in every event that is read.

use crate::console::request::EventsWanted;
use crate::domain::RunId;

/// The fields that the store looks up.
const FIELDS: &str = "run, actor, kind";

/// A filter as it was typed, and what it means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventsFilter {
    text: String,
    run: Option<RunId>,
    actor: Option<String>,
    kind: Option<String>,
    words: Vec<Word>,
}

/// A word that an event must hold, or must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub not: bool,
    /// In lower case.
    pub text: String,
}

/// Why a filter means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    #[error("no field `{0}` here: {FIELDS}")]
    NoField(String),
    #[error("`{0}:` stands twice")]
    Twice(&'static str),
    #[error("write what `{0}:` must be")]
    NoValue(&'static str),
    #[error("`!` works before words, not before a field")]
    NotBeforeField,
    #[error("no run known here is called `{0}`: write its whole id")]
    NoRun(String),
    #[error("{count} runs are called `{given}`: write more of its id")]
    ManyRuns { given: String, count: usize },
}

impl EventsFilter {
    /// Reads a filter; `runs` answers the runs that a key or a part of an id names.
    pub fn parse(text: &str, runs: impl Fn(&str) -> Vec<RunId>) -> Result<Self, FilterError> {
        let mut filter = Self {
            text: text.trim().to_owned(),
            ..Self::default()
        };
        for word in text.split_whitespace() {
            filter.take(word, &runs)?;
        }
        Ok(filter)
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Events must be read to know whether it lets them through.
    pub fn has_words(&self) -> bool {
        !self.words.is_empty()
    }

    pub fn run(&self) -> Option<RunId> {
        self.run
    }

    /// The stretch of the journal that it lets through.
    pub fn wanted(&self) -> EventsWanted {
        EventsWanted {
            run: self.run,
            actor: self.actor.clone(),
            kind: self.kind.clone(),
            words: self.words.clone(),
            before: None,
            after: None,
        }
    }

    fn take(&mut self, word: &str, runs: &impl Fn(&str) -> Vec<RunId>) -> Result<(), FilterError> {
        let (not, rest) = match word.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        let Some((name, value)) = rest.split_once(':') else {
            if !rest.is_empty() {
                let text = rest.to_lowercase();
                self.words.push(Word { not, text });
            }
            return Ok(());
        };
        let name = name.to_lowercase();
        let (name, text) = match name.as_str() {
            "run" => {
                let run = one_run(value, runs)?;
                return set("run", not, value, &mut self.run, run);
            }
            "actor" => ("actor", &mut self.actor),
            "kind" => ("kind", &mut self.kind),
            _ => return Err(FilterError::NoField(name)),
        };
        set(name, not, value, text, value.to_owned())
    }
}

fn set<T>(
    name: &'static str,
    not: bool,
    given: &str,
    place: &mut Option<T>,
    value: T,
) -> Result<(), FilterError> {
    if not {
        Err(FilterError::NotBeforeField)
    } else if given.is_empty() {
        Err(FilterError::NoValue(name))
    } else if place.replace(value).is_some() {
        Err(FilterError::Twice(name))
    } else {
        Ok(())
    }
}

fn one_run(given: &str, runs: &impl Fn(&str) -> Vec<RunId>) -> Result<RunId, FilterError> {
    if given.is_empty() {
        return Err(FilterError::NoValue("run"));
    }
    if let Ok(run) = given.parse() {
        return Ok(run);
    }
    let found = runs(given);
    match found.as_slice() {
        [run] => Ok(*run),
        [] => Err(FilterError::NoRun(given.to_owned())),
        several => Err(FilterError::ManyRuns {
            given: given.to_owned(),
            count: several.len(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const RUN: RunId = RunId(Uuid::from_u128(0x1234));

    fn parse(text: &str) -> Result<EventsFilter, String> {
        let runs = |given: &str| match given {
            "PO-1" => vec![RUN],
            "PO" => vec![RUN, RUN],
            _ => Vec::new(),
        };
        EventsFilter::parse(text, runs).map_err(|error| error.to_string())
    }

    #[test]
    fn fields_go_to_the_store_and_words_into_the_events() {
        let filter = parse(" run:PO-1 Kind:vote_cast actor:MGR_X Refund !Late ").unwrap();
        let wanted = filter.wanted();
        assert_eq!(wanted.run, Some(RUN));
        assert_eq!(wanted.actor.as_deref(), Some("MGR_X"));
        assert_eq!(wanted.kind.as_deref(), Some("vote_cast"));
        let words: Vec<(bool, &str)> = wanted
            .words
            .iter()
            .map(|word| (word.not, word.text.as_str()))
            .collect();
        assert_eq!(words, [(false, "refund"), (true, "late")]);
        let whole = parse(&format!("run:{RUN}")).unwrap();
        assert_eq!((whole.run(), whole.has_words()), (Some(RUN), false));
    }

    #[test]
    fn what_means_nothing_is_said() {
        for (text, said) in [
            ("colour:red", "no field `colour` here: run, actor, kind"),
            ("run:PO", "2 runs are called `PO`: write more of its id"),
            (
                "run:x",
                "no run known here is called `x`: write its whole id",
            ),
            ("kind:", "write what `kind:` must be"),
            ("actor:a actor:b", "`actor:` stands twice"),
            ("!kind:x", "`!` works before words, not before a field"),
        ] {
            assert_eq!(parse(text).unwrap_err(), said);
        }
    }
}
