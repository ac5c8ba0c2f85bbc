//! The part of a tool file that makes the request.

use crate::workflow::check::reader::{self, MapReader};
use crate::workflow::check::sink::Sink;
use crate::workflow::check::template;
use crate::workflow::diagnostic::{Code, Finding};
use crate::workflow::source::Span;
use crate::workflow::toolbox::inspect::Around;
use crate::workflow::tree::{Data, Entry};

/// Effect, method, path, query, headers, body and credential.
pub(super) fn parts(map: &mut MapReader<'_>, around: &Around<'_>, sink: &mut Sink<'_>) {
    if let Some(entry) = map.required("effect") {
        one_of(entry, &["read", "write"], sink);
    }
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let method = map.required("method");
    let method = method.and_then(|entry| Some((entry, one_of(entry, &known, sink)?)));
    if let Some((entry, word)) = method {
        fits_effect(entry, word, around, sink);
    }
    if let Some(entry) = map.required("path") {
        path(entry, around, sink);
    }
    if let Some(entry) = map.optional("query") {
        for parameter in reader::open_map(entry, sink) {
            template(&parameter.value, around.place(), &around.names, sink);
        }
    }
    if let Some(entry) = map.optional("headers") {
        for header in reader::open_map(entry, sink) {
            header_name(&header.key, &header.key_span, sink);
            template(&header.value, around.place(), &around.names, sink);
        }
    }
    if let Some(entry) = map.optional("body") {
        if method.is_some_and(|(_, word)| word == "GET") {
            let finding = Finding::error(Code::BodyOnGet, "a GET request has no body")
                .hint("move the values to `query`, or use POST");
            sink.report(&entry.key_span, finding);
        }
        body(entry, around, sink);
    }
    if let Some(entry) = map.optional("auth") {
        auth(entry, sink);
    }
}

/// Reads one of a few words that no other room has a type for.
pub(super) fn one_of<'n>(entry: &'n Entry, known: &[&str], sink: &mut Sink<'_>) -> Option<&'n str> {
    let word = reader::text(entry, sink)?;
    if known.contains(&word) {
        return Some(word);
    }
    let message = format!("`{}` cannot be `{word}`", entry.key);
    let finding = Finding::error(Code::BadEnumValue, message)
        .hint(format!("write one of: {}", known.join(", ")));
    sink.report(&entry.value.span, finding);
    None
}

fn fits_effect(entry: &Entry, word: &str, around: &Around<'_>, sink: &mut Sink<'_>) {
    let finding = match (around.is_write, word) {
        (true, "GET") => Finding::error(Code::BadMethod, "a write cannot be a GET request")
            .hint("GET may be repeated by anything on the way; use POST, PUT, PATCH or DELETE"),
        (false, "PUT" | "PATCH" | "DELETE") => Finding::error(
            Code::BadMethod,
            format!("a read cannot be a {word} request"),
        )
        .hint("use GET or POST, or say `effect: write`"),
        _ => return,
    };
    sink.report(&entry.value.span, finding);
}

fn path(entry: &Entry, around: &Around<'_>, sink: &mut Sink<'_>) {
    let Some(text) = reader::text(entry, sink) else {
        return;
    };
    let literal = without_expressions(text);
    let wrong = |c: char| c.is_whitespace() || c.is_control() || "?#\\".contains(c);
    let hint = if !literal.starts_with('/') {
        "begin with `/`: the connector's base URL ends without one"
    } else if literal.contains("//") || literal.split('/').any(|part| part == "..") {
        "write plain segments, without `//` and `..`"
    } else if literal.contains(wrong) {
        "put parameters into `query`; spaces, `?`, `#` and `\\` cannot stand in a path"
    } else {
        return template(&entry.value, around.place(), &around.names, sink);
    };
    let finding = Finding::error(Code::BadPath, format!("`{text}` is no path")).hint(hint);
    sink.report(&entry.value.span, finding);
    template(&entry.value, around.place(), &around.names, sink);
}

/// The text with an `x` for each `${ … }`.
fn without_expressions(text: &str) -> String {
    let mut literal = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        literal.push_str(before);
        literal.push('x');
        let mut depth = 1_u32;
        let end = after.find(|c| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        rest = end.and_then(|end| after.get(end + 1..)).unwrap_or_default();
    }
    literal.push_str(rest);
    literal
}

/// A key whose value is a header name.
pub(super) fn header_text(entry: &Entry, sink: &mut Sink<'_>) {
    if let Some(name) = reader::text(entry, sink) {
        header_name(name, &entry.value.span, sink);
    }
}

/// A header name is a token (RFC 9110, section 5.6.2).
fn header_name(name: &str, span: &Span, sink: &mut Sink<'_>) {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        let message = format!("`{name}` is no header name");
        let finding = Finding::error(Code::BadHeader, message)
            .hint("use letters, digits and `-`, as in idempotency-key");
        sink.report(span, finding);
    }
}

fn body(entry: &Entry, around: &Around<'_>, sink: &mut Sink<'_>) {
    let opened = MapReader::open(&entry.value, "`body`", &entry.key_span, sink);
    let Some(mut map) = opened else { return };
    let (json, form) = (map.optional("json"), map.optional("form"));
    map.finish(sink);
    if let Some(entry) = json {
        template(&entry.value, around.place(), &around.names, sink);
    }
    for field in form.map_or(&[][..], |entry| reader::open_map(entry, sink)) {
        template(&field.value, around.place(), &around.names, sink);
    }
    let finding = match (json, form) {
        (None, None) => Finding::error(Code::MissingKey, "`body` is neither `json` nor `form`"),
        (Some(_), Some(_)) => {
            Finding::error(Code::MisplacedKey, "a body is `json` or `form`, not both")
        }
        _ => return,
    };
    sink.report(&entry.key_span, finding);
}

fn auth(entry: &Entry, sink: &mut Sink<'_>) {
    if let Data::Map(_) = entry.value.data {
        let opened = MapReader::open(&entry.value, "`auth`", &entry.key_span, sink);
        let Some(mut map) = opened else { return };
        if let Some(entry) = map.required("header") {
            header_text(entry, sink);
        }
        map.finish(sink);
    } else {
        one_of(entry, &["bearer"], sink);
    }
}
