//! One line on the screen: texts and what they mean. The theme gives meanings their looks.

use super::Shown;

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
        self.show(Shown::of(words), mark)
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
        self.show(Shown::of(&" ".repeat(missing)), Mark::Plain)
    }

    /// `text` in a field of `columns`: cut with `…`, or filled with spaces after it.
    #[must_use]
    pub fn field(self, text: &Shown, columns: usize, mark: Mark) -> Self {
        let end = self.width().saturating_add(columns);
        self.show(cut(text, columns), mark).pad(end)
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
        let mut lines = vec![Self::new()];
        for part in &self.parts {
            let mut rest = part.text.clone();
            while !rest.is_empty() {
                let used = lines.last().map_or(0, Self::width);
                let room = columns.saturating_sub(used);
                let fresh = lines.len() == 1 && used == 0 || lines.len() > 1 && used == indent;
                let (head, tail) = take(&rest, room, fresh);
                if let Some(last) = lines.last_mut()
                    && !head.is_empty()
                {
                    last.parts.push(Part {
                        text: head,
                        mark: part.mark,
                    });
                }
                if !tail.is_empty() {
                    lines.push(Self::new().pad(indent));
                }
                rest = tail;
            }
        }
        lines
    }
}

/// What of `text` goes into `room` columns. On a fresh line something always does.
fn take(text: &Shown, room: usize, fresh: bool) -> (Shown, Shown) {
    if text.width() <= room {
        return (text.clone(), Shown::default());
    }
    if let Some(columns) = last_space(text, room) {
        return text.split(columns);
    }
    if !fresh {
        // A word that does not fit here may fit the next line whole.
        return (Shown::default(), text.clone());
    }
    text.split(room)
}

/// Columns up to and with the last space within `room`.
fn last_space(text: &Shown, room: usize) -> Option<usize> {
    let (head, _) = text.split(room);
    if head.width() > room {
        return None;
    }
    let shown = head.text();
    let at = shown.rfind(' ')?.saturating_add(1);
    let before = shown.get(..at)?;
    Some(unicode_width::UnicodeWidthStr::width(before))
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
    let line = Line::new().show(text.clone(), Mark::Plain).cut(columns);
    Shown::of(&line.text())
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
