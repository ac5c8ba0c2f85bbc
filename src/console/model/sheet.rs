//! A long text laid out for one width: lines in sections, and which of them were on the screen.

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
        for line in line.wrap(self.width, MARGIN) {
            self.add(line);
        }
    }

    /// Adds a line behind the margin, in as many as it takes; the later ones stand `indent` to the
    /// right.
    pub fn wrapped(&mut self, line: &Line, indent: usize) {
        let parts = line.parts().iter();
        let hidden: usize = parts.map(|part| part.text.hidden()).sum();
        self.hidden = self.hidden.saturating_add(hidden);
        for line in line.laid(self.width, indent, self.ascii) {
            self.add(line);
        }
    }

    /// Adds an empty line.
    pub fn gap(&mut self) {
        self.add(Line::new());
    }

    fn add(&mut self, line: Line) {
        self.lines.push(line);
        self.seen.push(false);
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

    /// Takes over what was seen of the same text at the same width.
    pub fn keep_seen_of(&mut self, other: &Self) {
        if self.lines == other.lines {
            self.seen.clone_from(&other.seen);
            self.top = other.top;
        }
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
        let first = self.sections.get(index).map_or(0, |section| section.first);
        let next = self.sections.get(index.saturating_add(1));
        let end = next.map_or(self.lines.len(), |section| section.first);
        let lines = self.seen.get(first..end);
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
