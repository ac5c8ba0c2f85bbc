//! Text made safe to show: what a terminal would obey or hide stands there as a visible token.
//!
//! | character | shown as |
//! |---|---|
//! | control, bidirectional, zero-width, tag, other invisible ones | `<U+202E>`, a row of the same one as `<U+202E×40>` |
//! | spaces other than the plain one, blank letters, private use | the same |
//! | plain spaces, more than eight in a row | `<U+0020×40>` |
//! | combining marks past the second on one letter | the same |
//! | everything else | itself |
//!
//! Nothing is dropped: every character is itself or in a token, which [`Shown::hidden`] counts.
//! Blanks are among them because whoever fills a line with them lays out the line below.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::domain::hidden::SPACES_MAX;
use crate::domain::{is_blank, is_hidden};

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
    pub(super) kind: Kind,
    /// It came from elsewhere.
    pub(super) foreign: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Words,
    /// It stands for what would not be seen.
    Token,
    /// It stands for a letter that the terminal cannot show.
    Escape,
}

/// Whose text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Own,
    Typed,
    Foreign,
}

impl Shown {
    /// Makes foreign text safe; line breaks and tabs become tokens too.
    pub fn of(text: &str) -> Self {
        Self::made(text, Source::Foreign)
    }

    /// This program's own words: numbers, times, amounts, names that are fixed. Their no-break
    /// spaces stay.
    pub fn own(text: &str) -> Self {
        Self::made(text, Source::Own)
    }

    /// What the person at the keyboard typed or edits: made safe, but their spaces stay.
    pub fn typed(text: &str) -> Self {
        Self::made(text, Source::Typed)
    }

    fn made(text: &str, source: Source) -> Self {
        let mut maker = Maker::of(source);
        for c in text.chars() {
            maker.push(c);
        }
        maker.finish()
    }

    /// Another text after this one.
    #[must_use]
    pub fn join(mut self, other: &Self) -> Self {
        for piece in &other.pieces {
            self.push(&piece.text, piece.kind, piece.foreign);
        }
        self.hidden = self.hidden.saturating_add(other.hidden);
        self
    }

    /// Some of it came from elsewhere.
    pub fn is_foreign(&self) -> bool {
        self.pieces.iter().any(|piece| piece.foreign)
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
            let whole = piece.kind != Kind::Words;
            if !rest.is_empty() {
                rest.push(&piece.text, piece.kind, piece.foreign);
            } else if head.width.saturating_add(columns_of(&piece.text)) <= columns {
                head.push(&piece.text, piece.kind, piece.foreign);
            } else if whole && !head.is_empty() && columns_of(&piece.text) <= columns {
                rest.push(&piece.text, piece.kind, piece.foreign);
            } else {
                let room = columns.saturating_sub(head.width);
                let at = break_at(&piece.text, room, head.is_empty());
                let (taken, left) = piece.text.split_at_checked(at).unwrap_or((&piece.text, ""));
                head.push(taken, piece.kind, piece.foreign);
                rest.push(left, piece.kind, piece.foreign);
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

    pub(super) fn push(&mut self, text: &str, kind: Kind, foreign: bool) {
        if !text.is_empty() {
            self.add(text, columns_of(text), kind, foreign);
        }
    }

    /// Adds text of a known width; what was checked before is not checked again.
    pub(super) fn add(&mut self, text: &str, width: usize, kind: Kind, foreign: bool) {
        self.width = self.width.saturating_add(width);
        match self.pieces.last_mut() {
            Some(last)
                if last.kind == Kind::Words && kind == Kind::Words && last.foreign == foreign =>
            {
                last.text.push_str(text);
            }
            _ => self.pieces.push(Piece {
                text: text.to_owned(),
                kind,
                foreign,
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

struct Maker {
    source: Source,
    shown: Shown,
    plain: String,
    /// Combining marks since the last letter.
    marks: usize,
    /// The character of the token under way, and how often it came.
    run: Option<(char, usize)>,
    /// Plain spaces since the last character.
    spaces: usize,
}

impl Maker {
    fn of(source: Source) -> Self {
        Self {
            source,
            shown: Shown::default(),
            plain: String::new(),
            marks: 0,
            run: None,
            spaces: 0,
        }
    }

    fn push(&mut self, c: char) {
        if c == ' ' {
            self.spaces = self.spaces.saturating_add(1);
            self.marks = 0;
            return;
        }
        self.end_spaces();
        let unseen = is_hidden(c) || (self.source != Source::Own && is_blank(c));
        let combining = !unseen && c.width() == Some(0);
        // A mark at the very start would stand on whatever was drawn before.
        let stray = combining && self.plain.is_empty();
        self.marks = if combining {
            self.marks.saturating_add(1)
        } else {
            0
        };
        if unseen || stray || self.marks > MARKS_MAX {
            self.hide(c, 1);
        } else {
            self.end_run();
            self.plain.push(c);
        }
    }

    fn hide(&mut self, c: char, more: usize) {
        self.shown.hidden = self.shown.hidden.saturating_add(more);
        self.end_plain();
        match &mut self.run {
            Some((same, times)) if *same == c => *times = times.saturating_add(more),
            _ => {
                self.end_run();
                self.run = Some((c, more));
            }
        }
    }

    fn end_spaces(&mut self) {
        let spaces = std::mem::take(&mut self.spaces);
        if self.source == Source::Foreign && spaces > SPACES_MAX {
            return self.hide(' ', spaces);
        }
        if spaces > 0 {
            self.end_run();
            self.plain.extend(std::iter::repeat_n(' ', spaces));
        }
    }

    fn end_plain(&mut self) {
        let plain = std::mem::take(&mut self.plain);
        let foreign = self.source == Source::Foreign;
        self.shown.push(&plain, Kind::Words, foreign);
    }

    fn end_run(&mut self) {
        if let Some((c, times)) = self.run.take() {
            let foreign = self.source == Source::Foreign;
            self.shown.push(&token(c, times), Kind::Token, foreign);
        }
    }

    fn finish(mut self) -> Shown {
        self.end_spaces();
        self.end_run();
        self.end_plain();
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
            "        eight spaces are an indent",
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
            ("a\u{a0}\u{a0}b\u{2800}", "a<U+00A0×2>b<U+2800>", 3),
            ("\u{3164}\u{115f}\u{ffa0}", "<U+3164><U+115F><U+FFA0>", 3),
            ("a          b", "a<U+0020×10>b", 10),
            ("a\u{200b}         ", "a<U+200B><U+0020×9>", 10),
            ("icon \u{e0b0}", "icon <U+E0B0>", 1),
        ];
        for (text, expected, hidden) in cases {
            let shown = Shown::of(text);
            assert_eq!((shown.text().as_str(), shown.hidden()), (expected, hidden));
        }
    }

    #[test]
    fn every_space_of_unicode_but_the_plain_one_is_a_token() {
        let spaces = ('\0'..=char::MAX).filter(|c| c.is_whitespace() && *c != ' ');
        let mut count = 0;
        for c in spaces {
            assert_eq!(
                Shown::of(&format!("a{c}b")).hidden(),
                1,
                "{}",
                c.escape_unicode()
            );
            count += 1;
        }
        assert!(count > 20, "{count}");
    }

    #[test]
    fn own_words_keep_their_spaces_and_typed_ones_theirs() {
        let text = "1\u{a0}000.00           USD";
        assert_eq!(
            (Shown::own(text).text().as_str(), Shown::own(text).hidden()),
            (text, 0)
        );
        assert!(!Shown::own(text).is_foreign() && Shown::of(text).is_foreign());
        let typed = Shown::typed(text).text();
        assert_eq!(typed, "1<U+00A0>000.00           USD");
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
