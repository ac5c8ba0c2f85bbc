//! The fence before the parser: what a source may look like so that neither the recursive parser
//! nor the recursive evaluator can overflow a thread's stack.
//!
//! One pass over the bytes that knows texts, comments and brackets, nothing else. It over-counts
//! rather than under-counts.

use crate::domain::limits::{EXPRESSION_BYTES_MAX, EXPRESSION_CHAIN_MAX, EXPRESSION_NESTING_MAX};
use crate::expr::CompileError;

/// Measures `source`.
///
/// # Errors
/// Too long, too deeply nested, too many operators on one path, a text without its closing quote,
/// a single `=`.
pub(super) fn measure(source: &str) -> Result<(), CompileError> {
    if source.len() > EXPRESSION_BYTES_MAX {
        return Err(CompileError {
            message: format!(
                "the expression is {} bytes long; at most {EXPRESSION_BYTES_MAX} are allowed",
                source.len()
            ),
            offset: 0,
            len: source.len(),
            hint: Some("split it: compute a part in an earlier step".to_owned()),
        });
    }
    if source.trim().is_empty() {
        return Err(CompileError::at(0, source.len(), "the expression is empty"));
    }
    let mut fence = Fence::default();
    let mut at = 0;
    while let Some(token) = next_token(source, at)? {
        fence.pass(&token)?;
        at = token.end();
    }
    Ok(())
}

/// A piece of source, seen coarsely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'s> {
    pub(super) kind: TokenKind,
    pub(super) offset: usize,
    pub(super) text: &'s str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// An identifier, a keyword or a number.
    Word,
    /// A text or bytes literal with its quotes.
    Text,
    Open,
    Close,
    /// `,` `&&` `||` `:`: the parts beside it stand side by side, not inside one another.
    Separator,
    Question,
    Operator,
}

impl Token<'_> {
    pub(super) fn end(&self) -> usize {
        self.offset + self.text.len()
    }
}

/// The first token at or after byte `from`, or `None` at the end.
pub(super) fn next_token(source: &str, from: usize) -> Result<Option<Token<'_>>, CompileError> {
    let mut offset = from;
    loop {
        let rest = source.get(offset..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        offset += blank;
        if rest.starts_with("//") {
            offset += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        let Some(first) = rest.chars().next() else {
            return Ok(None);
        };
        let (kind, len) = match first {
            _ if literal_prefix(rest).is_some() => (TokenKind::Text, text_len(rest, offset)?),
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => (TokenKind::Word, word_len(rest)),
            '(' | '[' | '{' => (TokenKind::Open, 1),
            ')' | ']' | '}' => (TokenKind::Close, 1),
            ',' | ':' => (TokenKind::Separator, 1),
            '?' => (TokenKind::Question, 1),
            _ if rest.starts_with("&&") || rest.starts_with("||") => (TokenKind::Separator, 2),
            '=' | '!' | '<' | '>' if rest.get(1..2) == Some("=") => (TokenKind::Operator, 2),
            other => (TokenKind::Operator, other.len_utf8()),
        };
        let text = rest.get(..len).unwrap_or(rest);
        return Ok(Some(Token { kind, offset, text }));
    }
}

#[derive(Debug)]
struct Fence {
    /// One frame for each open bracket, and the outermost.
    frames: Vec<Frame>,
    /// Open brackets and `?`.
    nesting: usize,
    /// Operators in all frames.
    chain: usize,
}

#[derive(Debug, Default)]
struct Frame {
    questions: usize,
    chain: usize,
}

impl Default for Fence {
    fn default() -> Self {
        Self {
            frames: vec![Frame::default()],
            nesting: 0,
            chain: 0,
        }
    }
}

impl Fence {
    fn pass(&mut self, token: &Token<'_>) -> Result<(), CompileError> {
        match token.kind {
            TokenKind::Word if token.text == "in" => self.link(token)?,
            TokenKind::Text | TokenKind::Word => {}
            TokenKind::Operator if token.text == "=" => {
                return Err(CompileError {
                    hint: Some("compare with `==`".to_owned()),
                    ..CompileError::at(token.offset, 1, "`=` is no comparison")
                });
            }
            TokenKind::Operator => self.link(token)?,
            TokenKind::Open => {
                self.link(token)?;
                self.deepen(token)?;
                self.frames.push(Frame::default());
            }
            TokenKind::Close => self.close(),
            TokenKind::Separator => self.part(token.text == ","),
            TokenKind::Question => {
                self.part(false);
                self.deepen(token)?;
                if let Some(frame) = self.frames.last_mut() {
                    frame.questions += 1;
                }
            }
        }
        Ok(())
    }

    fn link(&mut self, token: &Token<'_>) -> Result<(), CompileError> {
        self.chain += 1;
        if let Some(frame) = self.frames.last_mut() {
            frame.chain += 1;
        }
        if self.chain > EXPRESSION_CHAIN_MAX {
            return Err(CompileError {
                hint: Some("compute a part in an earlier step, or use sum(…)".to_owned()),
                ..CompileError::at(
                    token.offset,
                    token.text.len(),
                    format!("more than {EXPRESSION_CHAIN_MAX} operators follow one another"),
                )
            });
        }
        Ok(())
    }

    fn deepen(&mut self, token: &Token<'_>) -> Result<(), CompileError> {
        self.nesting += 1;
        if self.nesting > EXPRESSION_NESTING_MAX {
            return Err(CompileError::at(
                token.offset,
                token.text.len(),
                format!("the expression nests more than {EXPRESSION_NESTING_MAX} deep"),
            ));
        }
        Ok(())
    }

    /// A closing bracket without an opening one is left to the parser, which words it better.
    fn close(&mut self) {
        if self.frames.len() > 1
            && let Some(frame) = self.frames.pop()
        {
            self.chain -= frame.chain;
            self.nesting -= frame.questions + 1;
        }
    }

    fn part(&mut self, ends_questions: bool) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        self.chain -= std::mem::take(&mut frame.chain);
        if ends_questions {
            self.nesting -= std::mem::take(&mut frame.questions);
        }
    }
}

fn word_len(rest: &str) -> usize {
    rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(rest.len())
}

/// The letters before a literal's opening quote, or `None` where no literal starts.
fn literal_prefix(rest: &str) -> Option<&str> {
    let letters = rest
        .find(|c: char| !matches!(c, 'r' | 'R' | 'b' | 'B'))
        .unwrap_or(rest.len());
    let (prefix, after) = rest.split_at_checked(letters)?;
    (letters <= 2 && after.starts_with(['"', '\''])).then_some(prefix)
}

fn text_len(rest: &str, offset: usize) -> Result<usize, CompileError> {
    let prefix = literal_prefix(rest).unwrap_or_default();
    let raw = prefix.contains(['r', 'R']);
    let body = rest.get(prefix.len()..).unwrap_or_default();
    let quote = ["\"\"\"", "'''", "\"", "'"]
        .into_iter()
        .find(|quote| body.starts_with(quote))
        .unwrap_or("\"");
    let mut at = prefix.len() + quote.len();
    while let Some(left) = rest.get(at..)
        && let Some(next) = left.chars().next()
    {
        if left.starts_with(quote) {
            return Ok(at + quote.len());
        }
        if next == '\n' && quote.len() == 1 {
            break;
        }
        at += next.len_utf8();
        if next == '\\' && !raw {
            at += rest
                .get(at..)
                .and_then(|left| left.chars().next())
                .map_or(0, char::len_utf8);
        }
    }
    Err(CompileError {
        hint: Some("close it with the same quote".to_owned()),
        ..CompileError::at(offset, at, "the text that begins here has no closing quote")
    })
}
