//! Text made safe to show: what a terminal would obey or hide stands there as a visible token.
//!
//! | character | shown as |
//! |---|---|
//! | control, bidirectional, zero-width, tag, other invisible ones | `<U+202E>`, a row of the same one as `<U+202E×40>` |
//! | combining marks past the second on one letter | the same |
//! | everything else | itself |
//!
//! Nothing is dropped: every character is itself or in a token, which [`Shown::hidden`] counts.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::domain::is_hidden;

/// Marks that stand on one letter in ordinary writing; more of them are a pile that covers other lines.
const MARKS_MAX: usize = 2;

/// Text that a terminal shows exactly as it is written here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    pieces: Vec<Piece>,
    hidden: usize,
    width: usize,
}

/// A stretch of text without tokens, or one token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub(super) text: String,
    pub(super) token: bool,
}

impl Shown {
    /// Makes foreign text safe; line breaks and tabs become tokens too.
    pub fn of(text: &str) -> Self {
        let mut maker = Maker::default();
        for c in text.chars() {
            maker.push(c);
        }
        maker.finish()
    }

    /// Makes foreign text of several lines safe: line feeds end lines, all else as in [`Shown::of`].
    pub fn lines_of(text: &str) -> Vec<Self> {
        text.split('\n').map(Self::of).collect()
    }

    /// Characters that stand in tokens.
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// Columns it takes.
    pub fn width(&self) -> usize {
        self.width
    }

    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The first `columns` of it, and what is left. A token that does not fit whole stays whole in
    /// the rest unless it is wider than `columns` itself; at least one cluster is always taken.
    pub fn split(&self, columns: usize) -> (Self, Self) {
        let (mut head, mut rest) = (Self::default(), Self::default());
        for piece in &self.pieces {
            if !rest.is_empty() {
                rest.push(&piece.text, piece.token);
            } else if head.width.saturating_add(columns_of(&piece.text)) <= columns {
                head.push(&piece.text, piece.token);
            } else if piece.token && !head.is_empty() && columns_of(&piece.text) <= columns {
                rest.push(&piece.text, true);
            } else {
                let room = columns.saturating_sub(head.width);
                let at = break_at(&piece.text, room, head.is_empty());
                let (taken, left) = piece.text.split_at_checked(at).unwrap_or((&piece.text, ""));
                head.push(taken, piece.token);
                rest.push(left, piece.token);
            }
        }
        (head, rest)
    }

    /// The text as it stands on the screen.
    pub fn text(&self) -> String {
        self.pieces
            .iter()
            .map(|piece| piece.text.as_str())
            .collect()
    }

    fn push(&mut self, text: &str, token: bool) {
        if !text.is_empty() {
            self.add(text, columns_of(text), token);
        }
    }

    /// Adds text of a known width; what was checked before is not checked again.
    pub(super) fn add(&mut self, text: &str, width: usize, token: bool) {
        self.width = self.width.saturating_add(width);
        match self.pieces.last_mut() {
            Some(last) if !last.token && !token => last.text.push_str(text),
            _ => self.pieces.push(Piece {
                text: text.to_owned(),
                token,
            }),
        }
    }
}

/// Columns of a text: those of its clusters, one after the other, as they are drawn. The width of
/// a whole text can be less where letters join.
pub(super) fn columns_of(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true)
        .map(unicode_width::UnicodeWidthStr::width)
        .sum()
}

/// Where text is cut so that what comes before takes at most `room` columns.
fn break_at(text: &str, room: usize, at_least_one: bool) -> usize {
    let mut used = 0_usize;
    for (at, cluster) in text.grapheme_indices(true) {
        used = used.saturating_add(cluster.width());
        if used > room && !(at == 0 && at_least_one) {
            return at;
        }
    }
    text.len()
}

#[derive(Default)]
struct Maker {
    shown: Shown,
    plain: String,
    /// Combining marks since the last letter.
    marks: usize,
    /// The character of the token under way, and how often it came.
    run: Option<(char, usize)>,
}

impl Maker {
    fn push(&mut self, c: char) {
        let combining = !is_hidden(c) && c.width() == Some(0);
        // A mark at the very start would stand on whatever was drawn before.
        let stray = combining && self.plain.is_empty();
        self.marks = if combining {
            self.marks.saturating_add(1)
        } else {
            0
        };
        if is_hidden(c) || stray || self.marks > MARKS_MAX {
            self.hide(c);
        } else {
            self.end_run();
            self.plain.push(c);
        }
    }

    fn hide(&mut self, c: char) {
        self.shown.hidden = self.shown.hidden.saturating_add(1);
        self.shown.push(&std::mem::take(&mut self.plain), false);
        match &mut self.run {
            Some((same, times)) if *same == c => *times = times.saturating_add(1),
            _ => {
                self.end_run();
                self.run = Some((c, 1));
            }
        }
    }

    fn end_run(&mut self) {
        if let Some((c, times)) = self.run.take() {
            self.shown.push(&token(c, times), true);
        }
    }

    fn finish(mut self) -> Shown {
        self.end_run();
        self.shown.push(&self.plain, false);
        self.shown
    }
}

fn token(c: char, times: usize) -> String {
    let code_point = u32::from(c);
    if times > 1 {
        format!("<U+{code_point:04X}×{times}>")
    } else {
        format!("<U+{code_point:04X}>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_of_any_script_is_itself() {
        for text in [
            "Côte d'Ivoire",
            "e\u{301}te\u{301}",
            "שלום",
            "株式会社",
            "100 €",
            "ภาษาไทย",
            "",
        ] {
            let shown = Shown::of(text);
            assert_eq!((shown.text().as_str(), shown.hidden()), (text, 0));
        }
    }

    #[test]
    fn what_a_terminal_obeys_or_hides_is_a_token() {
        let cases = [
            ("\u{1b}[2Jgone", "<U+001B>[2Jgone", 1),
            ("pay\u{202e}001", "pay<U+202E>001", 1),
            ("a\u{200b}\u{200b}\u{200b}b", "a<U+200B×3>b", 3),
            ("a\u{200b}\u{200c}b", "a<U+200B><U+200C>b", 2),
            ("a\tb\nc", "a<U+0009>b<U+000A>c", 2),
            ("\u{301}a", "<U+0301>a", 1),
        ];
        for (text, expected, hidden) in cases {
            let shown = Shown::of(text);
            assert_eq!((shown.text().as_str(), shown.hidden()), (expected, hidden));
        }
    }

    #[test]
    fn a_pile_of_marks_does_not_cover_other_lines() {
        let pile: String = "a"
            .chars()
            .chain(std::iter::repeat_n('\u{336}', 40))
            .collect();
        let shown = Shown::of(&pile);
        assert_eq!(shown.text(), "a\u{336}\u{336}<U+0336×38>");
        assert_eq!(shown.hidden(), 38);
    }

    #[test]
    fn splitting_loses_nothing_and_keeps_tokens_whole() {
        let shown = Shown::of("ab\u{202e}cd株");
        for columns in 0..20 {
            let (head, rest) = shown.split(columns);
            assert_eq!(head.text() + &rest.text(), shown.text(), "{columns}");
            assert!(head.width() <= columns.max(1) || head.text().graphemes(true).count() == 1);
        }
        assert_eq!(shown.split(9).0.text(), "ab");
        assert_eq!(shown.split(10).0.text(), "ab<U+202E>");
    }
}
