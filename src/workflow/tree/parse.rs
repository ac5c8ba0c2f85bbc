//! From YAML text to the tree, within limits on size, depth and aliases.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_saphyr::{DuplicateKeyPolicy, Location, MergeKeyPolicy, Spanned};

use crate::domain::limits;
use crate::workflow::source::{Position, Span, offset};
use crate::workflow::tree::{Data, Entry, Node};

/// A file that is no YAML, or breaks a limit while it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    pub message: String,
    pub span: Span,
}

/// Reads one YAML document. Merge keys and tags of an application's own are refused: a definition
/// is read by people too, and should say what it means where it says it.
///
/// # Errors
/// Answers the first syntax error; after one nothing that follows can be trusted.
pub fn parse(text: &str) -> Result<Node, YamlError> {
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        emit_comments: false,
        budget: serde_saphyr::budget! {
            max_depth: limits::DEFINITION_NESTING_MAX,
            max_documents: 1,
            max_nodes: limits::DEFINITION_NODES_MAX,
        },
    };
    match serde_saphyr::from_str_with_options::<Spanned<Data>>(text, options) {
        Ok(root) => Ok(node(root)),
        Err(error) => Err(YamlError {
            message: message(&error),
            span: error
                .location()
                .map_or(0..0, |location| place(text, &location)),
        }),
    }
}

fn node(spanned: Spanned<Data>) -> Node {
    Node {
        span: span(&spanned.referenced),
        data: spanned.value,
    }
}

fn span(location: &Location) -> Span {
    let bytes = location.span();
    let start = bytes.byte_offset().unwrap_or_default();
    let end = start.saturating_add(bytes.byte_len().unwrap_or_default());
    let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    size(start)..size(end)
}

/// Syntax errors carry line and column alone.
fn place(text: &str, location: &Location) -> Span {
    if location.span().byte_offset().is_some() {
        return span(location);
    }
    let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let at = offset(
        text,
        Position {
            line: size(location.line()),
            column: size(location.column()),
        },
    );
    at..at + 1
}

/// The library repeats the place at the end and in further lines; the place is kept apart here.
fn message(error: &serde_saphyr::Error) -> String {
    let text = error
        .without_snippet()
        .render_with_formatter(&serde_saphyr::UserMessageFormatter);
    let line = text.lines().next().unwrap_or_default();
    let line = line.split(" at line ").next().unwrap_or(line);
    line.trim_end_matches(['.', ':']).to_owned()
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DataVisitor)
    }
}

struct DataVisitor;

impl<'de> Visitor<'de> for DataVisitor {
    type Value = Data;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Data, E> {
        Ok(Data::Null)
    }

    fn visit_none<E>(self) -> Result<Data, E> {
        Ok(Data::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data, D::Error> {
        Data::deserialize(deserializer)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Data, E> {
        Ok(Data::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Data, E> {
        Ok(Data::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Data, E> {
        Ok(Data::Number(number.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Data, E> {
        Number::from_f64(number)
            .map(Data::Number)
            .ok_or_else(|| E::custom("a number must be finite"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Data, E> {
        Ok(Data::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Data, E> {
        Ok(Data::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Data, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Spanned<Data>>()? {
            list.push(node(item));
        }
        Ok(Data::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Data, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = members.next_key::<Spanned<Data>>()? {
            let key_span = span(&key.referenced);
            let key = match key.value {
                Data::Text(text) => text,
                Data::Number(number) => number.to_string(),
                Data::Bool(flag) => flag.to_string(),
                Data::Null => "null".to_owned(),
                Data::List(_) | Data::Map(_) => {
                    return Err(A::Error::custom("a key must be a plain name"));
                }
            };
            entries.push(Entry {
                key,
                key_span,
                value: node(members.next_value::<Spanned<Data>>()?),
            });
        }
        Ok(Data::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a: plain text\nb: {c: '${ x }', d: \"q\\\"q\"}\ne:\n  - 1\n  - 2.50\nf: |\n  block ${ y }\n  more\ng: >-\n  fold\n  ed\nh: [a,\n  b]\nn:\ny: yes\nz: 007\nt: true\n";

    fn slice(node: &Node) -> &str {
        TEXT.get(node.span.clone()).unwrap()
    }

    #[test]
    fn spans_hold_what_was_written() {
        let root = parse(TEXT).unwrap();
        assert_eq!(slice(root.at("/a")), "plain text");
        assert_eq!(slice(root.at("/b/c")), "'${ x }'");
        assert_eq!(slice(root.at("/b/d")), "\"q\\\"q\"");
        assert_eq!(slice(root.at("/e/1")), "2.50");
        assert!(
            slice(root.at("/f")).contains("${ y }"),
            "{:?}",
            slice(root.at("/f"))
        );
        assert_eq!(
            TEXT.get(root.entry("f").unwrap().key_span.clone()),
            Some("f")
        );
    }

    #[test]
    fn plain_words_follow_the_core_schema() {
        let root = parse(TEXT).unwrap();
        assert_eq!(root.at("/n").data, Data::Null);
        assert_eq!(root.at("/y").data, Data::Text("yes".to_owned()));
        assert_eq!(root.at("/z").data, Data::Text("007".to_owned()));
        assert_eq!(root.at("/t").data, Data::Bool(true));
        assert_eq!(
            root.at("/f").data,
            Data::Text("block ${ y }\nmore\n".to_owned())
        );
    }

    #[test]
    fn both_of_two_equal_keys_are_kept() {
        let root = parse("a: 1\na: 2\n").unwrap();
        assert_eq!(root.entries().len(), 2);
    }

    #[test]
    fn a_syntax_error_has_a_place() {
        for (text, start) in [
            ("a: [1, 2\nb: 3\n", 10),
            ("a: 'x\n", 6),
            ("a: b: c\n", 4),
            ("a:\n- 1\n b: 2\n", 9),
            ("a: *nope\n", 3),
            ("b: 1\n<<: {a: 1}\n", 5),
            ("a: !x 1\n", 6),
            ("a: 1\n---\nb: 1\n", 5),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.span.start, start, "{text:?} {error:?}");
            assert!(!error.message.is_empty() && !error.message.contains(" line "));
        }
    }

    #[test]
    fn deep_nesting_and_alias_bombs_are_refused() {
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        assert!(parse(&deep).is_err());
        let row = |level: u32| vec![format!("*a{level}"); 10].join(",");
        let rows = (1..12).map(|level| format!("a{level}: &a{level} [{}]\n", row(level - 1)));
        let bomb = format!(
            "a0: &a0 [{}]\n{}",
            ["x"; 10].join(","),
            rows.collect::<String>()
        );
        assert!(parse(&bomb).is_err());
    }
}
