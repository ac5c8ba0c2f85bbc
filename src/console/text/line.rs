//! One line on the screen: texts and what they mean. The theme gives meanings their looks.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::Shown;
use super::shown::{Kind, Piece, columns_of};

/// What a text means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    #[default]
    Plain,
    /// Of less importance.
    Faint,
    Strong,
    /// The name of a part of the screen.
    Title,
    Danger,
    Warning,
    Good,
    Info,
    /// A key to press.
    Key,
    /// Words that nobody vouches for.
    Untrusted,
    /// Where typing goes.
    Cursor,
}

/// A stretch of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub text: Shown,
    pub mark: Mark,
}

/// One line. Built left to right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    parts: Vec<Part>,
}

impl Line {
    pub fn new() -> Self {
        Self::default()
    }

    /// This program's own words.
    #[must_use]
    pub fn say(self, words: &'static str, mark: Mark) -> Self {
        self.show(Shown::own(words), mark)
    }

    /// This program's own words that are made while it runs: numbers, times, ids, digests. Never
    /// a string of elsewhere, not even within them.
    #[must_use]
    pub fn own(self, words: &str, mark: Mark) -> Self {
        self.show(Shown::own(words), mark)
    }

    /// What the person at the keyboard types.
    #[must_use]
    pub fn typed(self, text: &str, mark: Mark) -> Self {
        self.show(Shown::typed(text), mark)
    }

    #[must_use]
    pub fn show(mut self, text: Shown, mark: Mark) -> Self {
        if !text.is_empty() {
            self.parts.push(Part { text, mark });
        }
        self
    }

    /// Foreign text, made safe.
    #[must_use]
    pub fn put(self, text: &str, mark: Mark) -> Self {
        self.show(Shown::of(text), mark)
    }

    /// Spaces up to column `columns`.
    #[must_use]
    pub fn pad(self, columns: usize) -> Self {
        let missing = columns.saturating_sub(self.width());
        self.show(Shown::own(&" ".repeat(missing)), Mark::Plain)
    }

    /// `text` in a field of `columns`: cut with `…`, or filled with spaces after it.
    #[must_use]
    pub fn field(self, text: &Shown, columns: usize, mark: Mark) -> Self {
        let end = self.width().saturating_add(columns);
        self.show(cut(text, columns), mark).pad(end)
    }

    /// `text` in a field of `columns` whose last one is empty; nothing where it has none.
    #[must_use]
    pub fn cell(self, text: &Shown, columns: usize, mark: Mark) -> Self {
        match columns.checked_sub(1) {
            Some(inside) => self.field(text, inside, mark).say(" ", Mark::Plain),
            None => self,
        }
    }

    /// `text` at the right end of a field of `columns`. Where it does not fit its end is kept: the
    /// end of an amount decides, and a field is made wide enough for every amount.
    #[must_use]
    pub fn field_right(self, text: &Shown, columns: usize, mark: Mark) -> Self {
        let start = self
            .width()
            .saturating_add(columns.saturating_sub(text.width()));
        self.pad(start).show(cut(text, columns), mark)
    }

    /// Another line after this one.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }

    /// `right` at the right edge of `columns`; where both do not fit, this line is cut.
    #[must_use]
    pub fn with_right(self, right: Self, columns: usize) -> Self {
        let room = columns.saturating_sub(right.width());
        let left = if self.width() < room || right.parts.is_empty() {
            self
        } else {
            self.cut(room.saturating_sub(1))
        };
        left.pad(room).join(right)
    }

    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub fn width(&self) -> usize {
        self.parts.iter().map(|part| part.text.width()).sum()
    }

    /// Some of it came from elsewhere.
    pub fn is_foreign(&self) -> bool {
        self.parts.iter().any(|part| part.text.is_foreign())
    }

    /// The line as it stands on the screen.
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.text()).collect()
    }

    /// The line in `columns`, its end replaced by `…` where it is longer.
    #[must_use]
    pub fn cut(self, columns: usize) -> Self {
        if self.width() <= columns {
            return self;
        }
        let mut short = Self::new();
        let room = columns.saturating_sub(1);
        for part in self.parts {
            let left = room.saturating_sub(short.width());
            if part.text.width() <= left {
                short.parts.push(part);
                continue;
            }
            if left > 0 {
                short = short.show(fitting(&part.text, left), part.mark);
            }
            break;
        }
        if columns > 0 {
            short.say("…", Mark::Faint)
        } else {
            short
        }
    }

    /// The line in as many lines as it takes, each in `columns`, the later ones `indent` to the
    /// right. Breaks after spaces where it can; no character is lost.
    pub fn wrap(&self, columns: usize, indent: usize) -> Vec<Self> {
        let columns = columns.max(1);
        let indent = if indent < columns { indent } else { 0 };
        let mut wrapper = Wrapper::new(columns, indent);
        for part in &self.parts {
            for piece in part.text.pieces() {
                wrapper.piece(piece, part.mark);
            }
        }
        wrapper.finish()
    }

    /// Adds a cluster or a token whose width is known.
    fn add(&mut self, atom: &Atom<'_>) {
        match self.parts.last_mut() {
            Some(last) if last.mark == atom.mark => {
                last.text
                    .add(atom.text, atom.width, atom.kind, atom.foreign);
            }
            _ => {
                let mut text = Shown::default();
                text.add(atom.text, atom.width, atom.kind, atom.foreign);
                self.parts.push(Part {
                    text,
                    mark: atom.mark,
                });
            }
        }
    }
}

/// What is never broken: a cluster, or a token that fits a line.
#[derive(Clone, Copy, Debug)]
struct Atom<'t> {
    text: &'t str,
    width: usize,
    kind: Kind,
    foreign: bool,
    mark: Mark,
}

/// Fills lines word by word, in one pass over the text.
struct Wrapper<'t> {
    columns: usize,
    indent: usize,
    lines: Vec<Line>,
    line: Line,
    used: usize,
    /// What came since the last space.
    word: Vec<Atom<'t>>,
    word_width: usize,
}

impl<'t> Wrapper<'t> {
    fn new(columns: usize, indent: usize) -> Self {
        Self {
            columns,
            indent,
            lines: Vec::new(),
            line: Line::new(),
            used: 0,
            word: Vec::new(),
            word_width: 0,
        }
    }

    fn piece(&mut self, piece: &'t Piece, mark: Mark) {
        let room = self.columns.saturating_sub(self.indent);
        let width = columns_of(&piece.text);
        let atom = |text, width| Atom {
            text,
            width,
            kind: piece.kind,
            foreign: piece.foreign,
            mark,
        };
        if piece.kind != Kind::Words && width <= room {
            return self.atom(atom(&piece.text, width));
        }
        for text in piece.text.graphemes(true) {
            self.atom(atom(text, text.width()));
            if text == " " {
                self.end_word();
            }
        }
    }

    fn atom(&mut self, atom: Atom<'t>) {
        let after = |used: usize, word: usize| used.saturating_add(word).saturating_add(atom.width);
        if after(self.used, self.word_width) > self.columns && !self.at_start() {
            self.end_line();
        }
        // A word longer than a line is broken where the line ends.
        if after(self.used, self.word_width) > self.columns && !self.word.is_empty() {
            self.end_word();
            self.end_line();
        }
        self.word_width = self.word_width.saturating_add(atom.width);
        self.word.push(atom);
    }

    /// Nothing but the indent stands on the line.
    fn at_start(&self) -> bool {
        self.used
            == if self.lines.is_empty() {
                0
            } else {
                self.indent
            }
    }

    fn end_word(&mut self) {
        for atom in self.word.drain(..) {
            self.line.add(&atom);
        }
        self.used = self.used.saturating_add(self.word_width);
        self.word_width = 0;
    }

    fn end_line(&mut self) {
        let next = Line::new().pad(self.indent);
        self.lines.push(std::mem::replace(&mut self.line, next));
        self.used = self.indent;
    }

    fn finish(mut self) -> Vec<Line> {
        self.end_word();
        self.lines.push(self.line);
        self.lines
    }
}

/// The start of `text` that fits `columns`; nothing of a cluster that does not.
fn fitting(text: &Shown, columns: usize) -> Shown {
    let (head, _) = text.split(columns);
    if head.width() <= columns {
        head
    } else {
        Shown::default()
    }
}

fn cut(text: &Shown, columns: usize) -> Shown {
    if text.width() <= columns {
        return text.clone();
    }
    match columns.checked_sub(1) {
        Some(room) => fitting(text, room).join(&Shown::own("…")),
        None => Shown::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line::new().put(text, Mark::Plain)
    }

    #[test]
    fn a_cut_line_says_so() {
        assert_eq!(line("abcdef").cut(6).text(), "abcdef");
        assert_eq!(line("abcdef").cut(4).text(), "abc…");
        assert_eq!(line("abcdef").cut(1).text(), "…");
        assert_eq!(line("株式会社").cut(4).text(), "株…");
    }

    #[test]
    fn wrapping_loses_nothing() {
        let text = "pay 125.00 EUR to cus_8829 and_a_word_that_is_longer_than_the_line \u{202e}x";
        for columns in 1..40 {
            let wrapped = line(text).wrap(columns, 2);
            let joined: String = wrapped
                .iter()
                .enumerate()
                .map(|(index, line)| {
                    let text = line.text();
                    let indent = if index > 0 && columns > 2 { 2 } else { 0 };
                    text.get(indent..).unwrap_or_default().to_owned()
                })
                .collect();
            assert_eq!(joined, Shown::of(text).text(), "{columns}");
            assert!(
                wrapped.iter().all(|line| line.width() <= columns),
                "{columns}"
            );
        }
    }

    #[test]
    fn fields_keep_their_columns() {
        let text = Shown::of("7 850.00");
        let row = Line::new()
            .field(&Shown::of("Alpha Tech Systems"), 8, Mark::Plain)
            .field_right(&text, 10, Mark::Plain);
        assert_eq!(row.text(), "Alpha T…  7 850.00");
    }

    #[test]
    fn the_right_end_stays_when_room_is_short() {
        let short = line("a long left side").with_right(line("right"), 12);
        assert_eq!(short.text(), "a lon… right");
    }
}
