//! A long text laid out for one width: lines in sections, and which of them were on the screen.

use std::ops::Range;

use crate::console::text::{Line, MARGIN};

/// A part of a sheet, from line `first` up to the next part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    pub title: &'static str,
    pub first: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    lines: Vec<Line>,
    sections: Vec<Section>,
    /// The lines as they were given, before they were wrapped.
    given: Vec<Line>,
    /// Of each line the one of those that it is a part of.
    part_of: Vec<usize>,
    /// Columns of a line with its margin.
    width: usize,
    /// The terminal shows ASCII alone.
    ascii: bool,
    /// Characters of it that stand in tokens.
    hidden: usize,
    /// Whether each line was on the screen.
    seen: Vec<bool>,
    /// The line at the top of the window.
    pub top: usize,
}

impl Sheet {
    /// An empty sheet for lines of `width` columns, on a terminal that may show ASCII alone.
    pub fn of_width(width: usize, ascii: bool) -> Self {
        Self {
            width,
            ascii,
            ..Self::default()
        }
    }

    /// Columns of a line beside the margin.
    pub fn width(&self) -> usize {
        self.width.saturating_sub(MARGIN)
    }

    /// Begins a section with its title as a line. Own words begin in the margin, where no text of
    /// elsewhere can.
    pub fn section(&mut self, title: &'static str, line: &Line) {
        self.sections.push(Section {
            title,
            first: self.lines.len(),
        });
        if line.is_foreign() {
            return self.wrapped(line, MARGIN);
        }
        self.lay(line.clone(), line.wrap(self.width, MARGIN));
    }

    /// Adds a line behind the margin, in as many as it takes; the later ones stand `indent` to the
    /// right.
    pub fn wrapped(&mut self, line: &Line, indent: usize) {
        let parts = line.parts().iter();
        let hidden: usize = parts.map(|part| part.text.hidden()).sum();
        self.hidden = self.hidden.saturating_add(hidden);
        self.lay(line.clone(), line.laid(self.width, indent, self.ascii));
    }

    /// Adds an empty line.
    pub fn gap(&mut self) {
        self.lay(Line::new(), vec![Line::new()]);
    }

    fn lay(&mut self, given: Line, lines: Vec<Line>) {
        for line in lines {
            self.lines.push(line);
            self.part_of.push(self.given.len());
            self.seen.push(false);
        }
        self.given.push(given);
    }

    /// Characters of it that a reader would not have seen, each time they stand there.
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    pub fn len(&self) -> usize {
        self.lines.len()
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    pub fn window(&self, height: usize) -> impl Iterator<Item = &Line> {
        self.lines.iter().skip(self.top).take(height)
    }

    /// Scrolls by lines, no further than the end.
    pub fn scroll(&mut self, by: isize, height: usize) {
        self.scroll_to(self.top.saturating_add_signed(by), height);
    }

    pub fn scroll_to(&mut self, top: usize, height: usize) {
        self.top = top.min(self.lines.len().saturating_sub(height));
    }

    /// Index of the section at the top of the window.
    pub fn section_at_top(&self) -> Option<usize> {
        let after = self
            .sections
            .iter()
            .filter(|section| section.first <= self.top);
        after.count().checked_sub(1)
    }

    pub fn to_section(&mut self, index: usize, height: usize) {
        if let Some(section) = self.sections.get(index) {
            self.scroll_to(section.first, height);
        }
    }

    /// Notes that the window of `height` lines was on the screen.
    pub fn mark_seen(&mut self, height: usize) {
        for seen in self.seen.iter_mut().skip(self.top).take(height) {
            *seen = true;
        }
    }

    /// Takes over what was seen of each section that says the same there, whatever the width, and
    /// where the window stood.
    pub fn keep_seen_of(&mut self, other: &Self) {
        for index in 0..self.sections.len() {
            let title = self.sections.get(index).map(|section| section.title);
            let there = other.sections.iter();
            let there = there.map(|section| section.title);
            let Some(there) = there.clone().position(|other| Some(other) == title) else {
                continue;
            };
            let (mine, theirs) = (self.given_in(index), other.given_in(there));
            if self.given.get(mine.clone()) != other.given.get(theirs.clone()) {
                continue;
            }
            for (given, part_of) in self.part_of.iter().enumerate() {
                if !mine.contains(part_of) {
                    continue;
                }
                let same = part_of
                    .saturating_sub(mine.start)
                    .saturating_add(theirs.start);
                if let Some(seen) = self.seen.get_mut(given) {
                    *seen = other.given_seen(same);
                }
            }
        }
        self.top = other.top;
        if self.given == other.given {
            let at_top = other.part_of.get(other.top);
            let first = self.part_of.iter().position(|given| Some(given) == at_top);
            self.top = first.unwrap_or(other.top);
        }
    }

    /// Tells whether every part of a line as it was given was on the screen.
    fn given_seen(&self, given: usize) -> bool {
        let parts = self.part_of.iter().zip(&self.seen);
        let mut parts = parts.filter(|(part_of, _)| **part_of == given);
        parts.all(|(_, seen)| *seen)
    }

    /// The lines of a section as they were given.
    fn given_in(&self, index: usize) -> Range<usize> {
        let lines = self.lines_in(index);
        let given = |line: usize| self.part_of.get(line).copied();
        given(lines.start).unwrap_or(self.given.len())..given(lines.end).unwrap_or(self.given.len())
    }

    /// The lines of a section.
    fn lines_in(&self, index: usize) -> Range<usize> {
        let first = |index| {
            self.sections
                .get(index)
                .map(|section: &Section| section.first)
        };
        let end = first(index.saturating_add(1)).unwrap_or(self.lines.len());
        first(index).unwrap_or(end)..end
    }

    /// Sections of which every line was on the screen, and all sections.
    pub fn read(&self) -> (usize, usize) {
        let whole = (0..self.sections.len()).filter(|index| self.section_seen(*index));
        (whole.count(), self.sections.len())
    }

    /// Titles of the sections that were not on the screen whole.
    pub fn unread(&self) -> Vec<&'static str> {
        let unseen = (0..self.sections.len()).filter(|index| !self.section_seen(*index));
        unseen
            .filter_map(|index| self.sections.get(index))
            .map(|section| section.title)
            .collect()
    }

    fn section_seen(&self, index: usize) -> bool {
        let lines = self.seen.get(self.lines_in(index));
        lines.is_some_and(|lines| lines.iter().all(|seen| *seen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::text::Mark;

    fn sheet() -> Sheet {
        let mut sheet = Sheet::of_width(20, false);
        for title in ["one", "two"] {
            sheet.section(title, &Line::new().say(title, Mark::Title));
            for _ in 0..9 {
                sheet.wrapped(&Line::new().say("text", Mark::Plain), 0);
            }
        }
        sheet
    }

    #[test]
    fn a_section_is_read_once_all_of_it_was_on_the_screen() {
        let mut sheet = sheet();
        sheet.mark_seen(8);
        assert_eq!((sheet.read(), sheet.unread()), ((0, 2), vec!["one", "two"]));
        sheet.scroll(2, 8);
        sheet.mark_seen(8);
        assert_eq!((sheet.read(), sheet.unread()), ((1, 2), vec!["two"]));
        sheet.scroll(100, 8);
        assert_eq!(sheet.top, 12);
        sheet.mark_seen(8);
        assert_eq!(sheet.read(), (1, 2), "lines 10 and 11 were skipped");
        sheet.scroll_to(9, 8);
        sheet.mark_seen(8);
        assert_eq!(sheet.read(), (2, 2));
    }
}
