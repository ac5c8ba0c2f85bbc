//! What is wrong with a file: where, why, and what to write instead.

mod code;
mod render;

use serde::{Deserialize, Serialize};

use crate::domain::status::words;
use crate::workflow::source::{SourceFile, Span, position, within};

pub use code::Code;
pub(crate) use render::visible;
pub use render::{Palette, render};

words!(
    /// Whether a mistake keeps the definition from being used.
    Level {
        Error => "error",
        Warning => "warning",
    }
);

/// One mistake. In JSON the keys are those that scripts read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    pub severity: Level,
    pub code: Code,
    pub message: String,
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Characters marked, within the line; at least one.
    pub len: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Diagnostic {
    /// Makes a mistake of a span of bytes; of a span over several lines the first is marked.
    pub fn at(file: &SourceFile, span: &Span, found: Finding) -> Self {
        let span = within(&file.text, span);
        let place = position(&file.text, span.start);
        let marked = file.text.get(span).unwrap_or_default();
        let first_line = marked.lines().next().unwrap_or_default();
        Self {
            severity: found.severity,
            code: found.code,
            message: found.message,
            file: file.name.clone(),
            line: place.line,
            column: place.column,
            len: first_line.trim_end().chars().count().max(1),
            hint: found.hint,
        }
    }

    pub fn is_error(&self) -> bool {
        self.severity == Level::Error
    }
}

/// A mistake before it has a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub severity: Level,
    pub code: Code,
    pub message: String,
    pub hint: Option<String>,
}

impl Finding {
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self {
            severity: Level::Error,
            code,
            message: message.into(),
            hint: None,
        }
    }

    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self {
            severity: Level::Warning,
            ..Self::error(code, message)
        }
    }

    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// Hints at the known word nearest to a mistyped one; where none is near, at all that there are.
    #[must_use]
    pub fn did_you_mean<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match nearest(word, &known) {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None if known.is_empty() => self,
            None => self.hint(listed(&known)),
        }
    }
}

/// Known words that a mistyped one is compared with.
const SUGGESTIONS_MAX: usize = 500;

/// Known words that a hint lists.
const LISTED_MAX: usize = 20;

fn listed(known: &[&str]) -> String {
    match known.get(..LISTED_MAX) {
        Some(some) if known.len() > LISTED_MAX => {
            let more = known.len() - LISTED_MAX;
            format!("known are: {} and {more} more", some.join(", "))
        }
        _ => format!("known are: {}", known.join(", ")),
    }
}

/// About a quarter of a word may be mistyped before it reads as another word.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let allowed = (word.chars().count().saturating_add(2) / 4).max(1);
    known
        .iter()
        .take(SUGGESTIONS_MAX)
        .map(|other| (strsim::osa_distance(word, other), *other))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_suggested_and_a_far_one_lists_all() {
        let hint = |word| {
            Finding::error(Code::UnknownStep, "")
                .did_you_mean(word, ["commit", "refuse"])
                .hint
        };
        assert_eq!(hint("comit").as_deref(), Some("did you mean `commit`?"));
        assert_eq!(hint("xyzzy").as_deref(), Some("known are: commit, refuse"));
    }

    #[test]
    fn json_has_the_keys_that_scripts_read() {
        let file = SourceFile::new("w.yaml", "a: 1\nbb: 2\n");
        let found = Finding::error(Code::UnknownKey, "m").hint("h");
        let json = serde_json::to_value(Diagnostic::at(&file, &(5..7), found)).unwrap();
        let expected = serde_json::json!({
            "severity": "error", "code": "unknown-key", "message": "m", "file": "w.yaml",
            "line": 2, "column": 1, "len": 2, "hint": "h",
        });
        assert_eq!(json, expected);
    }
}
