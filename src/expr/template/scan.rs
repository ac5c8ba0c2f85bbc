//! Where the expressions in a text begin and end.

use crate::expr::CompileError;
use crate::expr::fence::{TokenKind, next_token};

/// A stretch of a template's text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Literal text, `$${` already turned into `${`.
    Literal(String),
    /// What stands between `${` and its `}`, trimmed; `offset` is where that begins.
    Source { offset: usize, source: &'t str },
    /// A `${` that nothing closes; it takes the rest of the text.
    Unclosed { offset: usize, error: CompileError },
}

/// Cuts `text` up. Braces and quotes inside an expression are understood, so that
/// `${ {"a": "}"} }` is one.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, opened) = rest.split_at(at);
        let after = opened.get(2..).unwrap_or_default();
        if let Some(before) = before.strip_suffix('$') {
            literal.push_str(before);
            literal.push_str("${");
            rest = after;
            continue;
        }
        literal.push_str(before);
        if !literal.is_empty() {
            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
        }
        let start = text.len() - after.len();
        match closing(after) {
            Ok(end) => {
                let (inside, closed) = after.split_at(end);
                let blank = inside.len() - inside.trim_start().len();
                pieces.push(Piece::Source {
                    offset: start + blank,
                    source: inside.trim(),
                });
                rest = closed.get(1..).unwrap_or_default();
            }
            Err(error) => {
                pieces.push(Piece::Unclosed {
                    offset: start,
                    error,
                });
                return pieces;
            }
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    pieces
}

/// The byte of the `}` that closes an expression whose source starts `after`.
fn closing(after: &str) -> Result<usize, CompileError> {
    let mut open = 0_usize;
    let mut at = 0;
    while let Some(token) = next_token(after, at)? {
        match (token.kind, token.text) {
            (TokenKind::Open, "{") => open += 1,
            (TokenKind::Close, "}") if open == 0 => return Ok(token.offset),
            (TokenKind::Close, "}") => open -= 1,
            _ => {}
        }
        at = token.end();
    }
    Err(CompileError {
        hint: Some("close it with `}`; write `$${` for a literal `${`".to_owned()),
        ..CompileError::at(0, after.len(), "`${` has no closing `}`")
    })
}
