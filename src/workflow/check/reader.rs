//! Reads maps and scalars of the tree, reporting what is missing, unknown or of a wrong sort.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::domain::limits::NAME_CHARS_MAX;
use crate::domain::status::UnknownWord;
use crate::domain::{Money, micro_usd};
use crate::workflow::check::sink::Sink;
use crate::workflow::diagnostic::{Code, Finding, nearest};
use crate::workflow::duration::parse_duration;
use crate::workflow::source::Span;
use crate::workflow::tree::{Data, Entry, Node};

/// A map whose keys are asked for one by one; what was never asked for is unknown.
#[derive(Debug)]
pub(crate) struct MapReader<'n> {
    node: &'n Node,
    /// What the map is, for messages: `` `intent` ``, `this rule`.
    what: String,
    /// The key or line that stands for the map where something is missing in it.
    at: Span,
    asked: Vec<&'static str>,
    missing: Vec<&'static str>,
}

impl<'n> MapReader<'n> {
    /// Opens a map; anything else is reported.
    pub(crate) fn open(
        node: &'n Node,
        what: impl Into<String>,
        at: &Span,
        sink: &mut Sink<'_>,
    ) -> Option<Self> {
        let what = what.into();
        if !matches!(node.data, Data::Map(_)) {
            wrong_type(node, at, &format!("{what} must be a map of keys"), sink);
            return None;
        }
        report_duplicates(node, sink);
        Some(Self {
            node,
            what,
            at: at.clone(),
            asked: Vec::new(),
            missing: Vec::new(),
        })
    }

    pub(crate) fn optional(&mut self, key: &'static str) -> Option<&'n Entry> {
        self.asked.push(key);
        self.node.entry(key)
    }

    /// Like [`Self::optional`]; where the key is missing, [`Self::finish`] says so.
    pub(crate) fn required(&mut self, key: &'static str) -> Option<&'n Entry> {
        let entry = self.optional(key);
        if entry.is_none() {
            self.missing.push(key);
        }
        entry
    }

    /// Where a key's value stands; where it is missing, what stands for the map.
    pub(crate) fn place_of(&self, key: &str) -> Span {
        let entry = self.node.entry(key);
        entry.map_or_else(|| self.at.clone(), |entry| entry.value.span.clone())
    }

    /// Reports the keys that nobody asked for, and those that are missing. A missing key that was
    /// only mistyped is one mistake, not two.
    pub(crate) fn finish(mut self, sink: &mut Sink<'_>) {
        for entry in self.node.entries() {
            if self.asked.contains(&entry.key.as_str()) {
                continue;
            }
            if let Some(meant) = nearest(&entry.key, &self.missing) {
                self.missing.retain(|key| *key != meant);
            }
            let message = format!("{} has no key `{}`", self.what, entry.key);
            let finding = Finding::error(Code::UnknownKey, message)
                .did_you_mean(&entry.key, self.asked.iter().copied());
            sink.report(&entry.key_span, finding);
        }
        for key in self.missing {
            let message = format!("{} needs `{key}`", self.what);
            sink.report(&self.at, Finding::error(Code::MissingKey, message));
        }
    }
}

/// Reports keys that stand twice in a map.
pub(crate) fn report_duplicates(node: &Node, sink: &mut Sink<'_>) {
    let mut seen = BTreeSet::new();
    for entry in node.entries() {
        if !seen.insert(entry.key.as_str()) {
            let message = format!("`{}` stands here twice", entry.key);
            let finding = Finding::error(Code::DuplicateKey, message)
                .hint("keep one of the two; only the first was read");
            sink.report(&entry.key_span, finding);
        }
    }
}

/// The entries of a map whose keys the author chooses.
pub(crate) fn open_map<'n>(entry: &'n Entry, sink: &mut Sink<'_>) -> &'n [Entry] {
    if !matches!(entry.value.data, Data::Map(_)) {
        let message = format!("`{}` must be a map", entry.key);
        wrong_type(&entry.value, &entry.key_span, &message, sink);
    }
    report_duplicates(&entry.value, sink);
    entry.value.entries()
}

/// The items of a list.
pub(crate) fn list<'n>(entry: &'n Entry, sink: &mut Sink<'_>) -> Option<&'n [Node]> {
    if let Data::List(items) = &entry.value.data {
        return Some(items);
    }
    let message = format!("`{}` must be a list", entry.key);
    wrong_type(&entry.value, &entry.key_span, &message, sink);
    None
}

/// Text that says something.
pub(crate) fn text<'n>(entry: &'n Entry, sink: &mut Sink<'_>) -> Option<&'n str> {
    text_of(
        &entry.value,
        &format!("`{}`", entry.key),
        &entry.key_span,
        sink,
    )
}

pub(crate) fn text_of<'n>(
    node: &'n Node,
    what: &str,
    at: &Span,
    sink: &mut Sink<'_>,
) -> Option<&'n str> {
    match &node.data {
        Data::Text(text) if text.trim().is_empty() => {
            let message = format!("{what} is empty");
            sink.report(&node.span, Finding::error(Code::WrongType, message));
            None
        }
        Data::Text(text) => Some(text),
        _ => {
            wrong_type(node, at, &format!("{what} must be text"), sink);
            None
        }
    }
}

/// A name for people and paths: small letters, digits, `-`, `_` and `.`, beginning with a letter.
pub(crate) fn name<'n>(entry: &'n Entry, sink: &mut Sink<'_>) -> Option<&'n str> {
    name_of(
        &entry.value,
        &format!("`{}`", entry.key),
        &entry.key_span,
        sink,
    )
}

pub(crate) fn name_of<'n>(
    node: &'n Node,
    what: &str,
    at: &Span,
    sink: &mut Sink<'_>,
) -> Option<&'n str> {
    let name = text_of(node, what, at, sink)?;
    let fits = name.len() <= NAME_CHARS_MAX
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte)
        });
    if fits {
        return Some(name);
    }
    let message = format!("`{name}` is no name for {what}");
    let finding = Finding::error(Code::BadName, message).hint(format!(
        "begin with a small letter and use a-z, 0-9, `-`, `_` and `.`, at most {NAME_CHARS_MAX} characters"
    ));
    sink.report(&node.span, finding);
    None
}

/// A list of names, such as roles or tools.
pub(crate) fn names<'n>(entry: &'n Entry, sink: &mut Sink<'_>) -> Vec<(&'n str, &'n Node)> {
    let mut found: Vec<(&str, &Node)> = Vec::new();
    for node in list(entry, sink).unwrap_or_default() {
        let what = format!("an item of `{}`", entry.key);
        let Some(name) = name_of(node, &what, &entry.key_span, sink) else {
            continue;
        };
        if found.iter().any(|(known, _)| *known == name) {
            let message = format!("`{name}` stands twice in `{}`", entry.key);
            sink.report(&node.span, Finding::error(Code::DuplicateId, message));
        } else {
            found.push((name, node));
        }
    }
    found
}

/// One of a closed list of words.
pub(crate) fn word<T>(entry: &Entry, sink: &mut Sink<'_>) -> Option<T>
where
    T: FromStr<Err = UnknownWord>,
{
    let text = text(entry, sink)?;
    match text.parse() {
        Ok(word) => Some(word),
        Err(UnknownWord { known, .. }) => {
            let message = format!("`{}` cannot be `{text}`", entry.key);
            let finding = Finding::error(Code::BadEnumValue, message)
                .hint(format!("write one of: {}", known.join(", ")));
            sink.report(&entry.value.span, finding);
            None
        }
    }
}

pub(crate) fn flag(entry: &Entry, sink: &mut Sink<'_>) -> Option<bool> {
    if let Data::Bool(flag) = entry.value.data {
        return Some(flag);
    }
    let message = format!("`{}` must be true or false", entry.key);
    wrong_type(&entry.value, &entry.key_span, &message, sink);
    None
}

/// A whole number within a range.
pub(crate) fn number(
    entry: &Entry,
    range: std::ops::RangeInclusive<u64>,
    sink: &mut Sink<'_>,
) -> Option<u64> {
    let Data::Number(number) = &entry.value.data else {
        let message = format!("`{}` must be a whole number", entry.key);
        wrong_type(&entry.value, &entry.key_span, &message, sink);
        return None;
    };
    let found = number.as_u64().filter(|number| range.contains(number));
    if found.is_none() {
        let message = format!("`{}` cannot be {number}", entry.key);
        let finding = Finding::error(Code::BadNumber, message).hint(format!(
            "write a whole number from {} to {}",
            range.start(),
            range.end()
        ));
        sink.report(&entry.value.span, finding);
    }
    found
}

/// A duration, in milliseconds.
pub(crate) fn duration(entry: &Entry, sink: &mut Sink<'_>) -> Option<i64> {
    let found = match &entry.value.data {
        Data::Text(text) => parse_duration(text),
        Data::Number(number) => parse_duration(&number.to_string()),
        _ => {
            let message = format!("`{}` must be a duration", entry.key);
            wrong_type(&entry.value, &entry.key_span, &message, sink);
            return None;
        }
    };
    match found {
        Ok(ms) => Some(ms),
        Err(error) => {
            let finding = Finding::error(Code::BadDuration, format!("`{}`: {error}", entry.key));
            sink.report(&entry.value.span, finding);
            None
        }
    }
}

/// An amount with its currency, as in `5000.00 USD`; never below zero.
pub(crate) fn money(entry: &Entry, sink: &mut Sink<'_>) -> Option<Money> {
    let found = match &entry.value.data {
        Data::Text(text) => text.parse::<Money>().map_err(|error| error.to_string()),
        Data::Number(number) => Err(format!("{number} has no currency")),
        _ => {
            let message = format!("`{}` must be an amount", entry.key);
            wrong_type(&entry.value, &entry.key_span, &message, sink);
            return None;
        }
    };
    let found = found.and_then(|money| match money.minor {
        0.. => Ok(money),
        _ => Err(format!("{money} is below zero")),
    });
    match found {
        Ok(money) => Some(money),
        Err(message) => {
            let finding = Finding::error(Code::BadMoney, format!("`{}`: {message}", entry.key))
                .hint("write an amount and a currency as text, as in '5000.00 USD'");
            sink.report(&entry.value.span, finding);
            None
        }
    }
}

/// What a call or a run may cost, in millionths of a US dollar.
pub(crate) fn cost(entry: &Entry, sink: &mut Sink<'_>) -> Option<i64> {
    let found = match &entry.value.data {
        Data::Text(text) => micro_usd(text),
        Data::Number(number) => Err(format!("{number} has no currency")),
        _ => {
            let message = format!("`{}` must be a cost", entry.key);
            wrong_type(&entry.value, &entry.key_span, &message, sink);
            return None;
        }
    };
    match found {
        Ok(micro) => Some(micro),
        Err(message) => {
            let finding = Finding::error(Code::BadMoney, format!("`{}`: {message}", entry.key))
                .hint("write US dollars as text, as in '0.08 USD'; six decimals at most");
            sink.report(&entry.value.span, finding);
            None
        }
    }
}

/// Reports a value of a wrong sort at the value, or at its key where there is no value to mark.
pub(crate) fn wrong_type(node: &Node, at: &Span, expected: &str, sink: &mut Sink<'_>) {
    let span = match node.data {
        Data::Null | Data::Map(_) | Data::List(_) => at,
        Data::Bool(_) | Data::Number(_) | Data::Text(_) => &node.span,
    };
    let finding = Finding::error(
        Code::WrongType,
        format!("{expected}, but this is {}", node.sort()),
    );
    let scalar = matches!(node.data, Data::Bool(_) | Data::Number(_));
    let finding = if scalar && expected.ends_with("must be text") {
        finding.hint("put it in quotes")
    } else {
        finding
    };
    sink.report(span, finding);
}
