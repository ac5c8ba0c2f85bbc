//! Parsing, with errors a workflow author can act on.

use cel::common::ast::SourceInfo;
use cel::parser::Expression;
use cel::{ParseError, ParseErrors};

use crate::expr::CompileError;
use crate::expr::fence::{Token, TokenKind, next_token};
use crate::expr::functions::environment;

/// Parses a source that has passed the fence.
///
/// # Errors
/// The first syntax error, with its place.
pub(super) fn parse(source: &str) -> Result<(Expression, SourceInfo), CompileError> {
    environment()
        .parser()
        .parse_with_source_info(source)
        .map_err(|errors| worded(source, &errors))
}

/// Where in `source` the node `id` begins: byte offset and length of its first token.
pub(super) fn place(source: &str, info: &SourceInfo, id: u64) -> (usize, usize) {
    let Some((start, stop)) = info.offset_for(id) else {
        return (0, source.len());
    };
    // The offsets are bytes, the second that of the token's last character.
    let byte = |index: u32| {
        usize::try_from(index)
            .unwrap_or(usize::MAX)
            .min(source.len())
    };
    let start = source.floor_char_boundary(byte(start));
    let end = source.ceil_char_boundary(byte(stop).saturating_add(1).min(source.len()));
    (start, end.saturating_sub(start))
}

fn worded(source: &str, errors: &ParseErrors) -> CompileError {
    // The parser goes on after a fault and then complains about the holes in its own tree.
    let about_source = |error: &&ParseError| !is_internal(&error.msg);
    let errors = &errors.errors;
    let Some(first) = errors.iter().find(about_source).or(errors.first()) else {
        return CompileError::at(0, source.len(), "this is no expression");
    };
    let offset = offset_of(source, first.pos);
    let len = match next_token(source, offset) {
        Ok(Some(token)) if token.offset == offset => token.text.len(),
        _ => source
            .get(offset..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8),
    };
    let token = source.get(offset..offset + len).unwrap_or_default();
    CompileError {
        message: message(&first.msg, token),
        offset,
        len,
        hint: hint(source),
    }
}

fn is_internal(message: &str) -> bool {
    message.starts_with("Incomplete ") || message.starts_with("No `") || message == "UNKNOWN"
}

fn message(told: &str, token: &str) -> String {
    if told.starts_with("Syntax error: ") {
        return if token.is_empty() {
            "the expression ends too early".to_owned()
        } else {
            format!("`{token}` is not expected here")
        };
    }
    match told {
        "invalid argument to has() macro" => "`has` names a member, as in has(state.vendor)".into(),
        "argument must be a simple name" => "the name of the element must be a plain name".into(),
        "invalid int literal" | "invalid uint literal" => "the number is too large".into(),
        "invalid double literal" => "the number cannot be read".into(),
        _ if told.starts_with("invalid string literal") => {
            "the text holds an unknown escape".into()
        }
        _ if told.starts_with("reserved identifier") => format!("`{token}` is a reserved word"),
        _ if told.starts_with("unsupported syntax") => format!("`{token}` is not supported here"),
        _ if is_internal(told) => "the expression is incomplete".to_owned(),
        other => other.to_owned(),
    }
}

/// Lines count from 1, columns count characters from 1.
fn offset_of(source: &str, (line, column): (isize, isize)) -> usize {
    let skipped = usize::try_from(line.saturating_sub(1)).unwrap_or_default();
    let start: usize = source
        .split_inclusive('\n')
        .take(skipped)
        .map(str::len)
        .sum();
    let column = usize::try_from(column.saturating_sub(1)).unwrap_or_default();
    source
        .get(start..)
        .and_then(|rest| rest.char_indices().nth(column))
        .map_or(source.len(), |(byte, _)| start + byte)
}

fn hint(source: &str) -> Option<String> {
    let mut before: Option<Token<'_>> = None;
    let mut at = 0;
    while let Ok(Some(token)) = next_token(source, at) {
        let member = before.is_some_and(|before| before.text == ".");
        if token.kind == TokenKind::Word && !member {
            let instead = match token.text {
                "and" | "AND" => Some("&&"),
                "or" | "OR" => Some("||"),
                "not" | "NOT" => Some("!"),
                _ => None,
            };
            if let Some(instead) = instead {
                return Some(format!("write `{instead}` for `{}`", token.text));
            }
            let words = |token: &Token<'_>| token.kind == TokenKind::Word && token.text != "in";
            if token.text != "in" && before.as_ref().is_some_and(words) {
                return Some("text stands in quotes, as in \"In review\"".to_owned());
            }
        }
        if matches!(token.text, "&" | "|") {
            return Some(format!("write `{0}{0}`", token.text));
        }
        at = token.end();
        before = Some(token);
    }
    let nested = source.matches('?').count() > 1;
    nested.then(|| "put a `? :` inside another one in brackets".to_owned())
}
