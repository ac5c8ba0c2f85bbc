//! A list with a cursor that is a row, never a place, and the window through which it is seen.
//!
//! What enters or leaves above the cursor moves the window and not the cursor: it keeps its line
//! on the screen as far as the list reaches.

/// Rows in their order by their ids.
#[derive(Clone, Debug)]
pub struct CursorList<Id> {
    shown: Vec<Id>,
    pub selected: Option<Id>,
    /// Index of the row at the top of the window.
    pub top: usize,
}

impl<Id> Default for CursorList<Id> {
    fn default() -> Self {
        Self {
            shown: Vec::new(),
            selected: None,
            top: 0,
        }
    }
}

impl<Id: Copy + PartialEq> CursorList<Id> {
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    pub fn first(&self) -> Option<Id> {
        self.shown.first().copied()
    }

    pub fn iter(&self) -> impl Iterator<Item = Id> {
        self.shown.iter().copied()
    }

    /// Index of the row under the cursor.
    pub fn index(&self) -> Option<usize> {
        let selected = self.selected?;
        self.shown.iter().position(|id| *id == selected)
    }

    /// The rows of the window.
    pub fn window(&self, height: usize) -> impl Iterator<Item = Id> {
        self.shown.iter().skip(self.top).take(height).copied()
    }

    /// Changes the rows and keeps the cursor on its line. Where its row is gone it goes to the
    /// one in its place.
    pub fn change(&mut self, height: usize, change: impl FnOnce(&mut Vec<Id>)) {
        let at = self.index().unwrap_or(self.top);
        let line = at.saturating_sub(self.top);
        change(&mut self.shown);
        if self.index().is_none() {
            let next = self.shown.get(at).or(self.shown.last());
            self.selected = next.copied();
        }
        self.top = self.index().unwrap_or(0).saturating_sub(line);
        self.fit(height);
    }

    /// Moves the window no further than the list goes, with the cursor in it.
    pub fn fit(&mut self, height: usize) {
        let at = self.index().unwrap_or(0);
        self.top = fitted(self.top, at, self.shown.len(), height);
    }

    /// Puts the window back to where it was, as far as the list and the cursor let it.
    pub fn top_at(&mut self, top: usize, height: usize) {
        self.top = top;
        self.fit(height);
    }

    /// Moves the cursor by rows.
    pub fn step(&mut self, by: isize, height: usize) {
        let at = self.index().unwrap_or(0);
        self.go_to(at.saturating_add_signed(by), height);
    }

    /// Moves the cursor to an index, or to the last row.
    pub fn go_to(&mut self, index: usize, height: usize) {
        let last = self.shown.len().saturating_sub(1);
        self.selected = self.shown.get(index.min(last)).copied();
        self.fit(height);
    }
}

/// Where the window of a list of `rows` begins, so that row `at` is in it and as little as can be
/// lies beyond the list's end.
pub fn fitted(top: usize, at: usize, rows: usize, height: usize) -> usize {
    let height = height.max(1);
    let top = top.min(rows.saturating_sub(height));
    if at < top {
        at
    } else if at >= top.saturating_add(height) {
        at.saturating_add(1).saturating_sub(height)
    } else {
        top
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(ids: std::ops::Range<u32>) -> CursorList<u32> {
        let mut list = CursorList::default();
        list.change(4, |shown| shown.extend(ids));
        list
    }

    #[test]
    fn what_enters_or_leaves_above_moves_the_window() {
        let mut list = list(10..30);
        list.go_to(8, 4);
        assert_eq!((list.selected, list.top), (Some(18), 5));
        list.change(4, |shown| {
            shown.insert(0, 9);
            shown.insert(0, 8);
        });
        assert_eq!((list.selected, list.top), (Some(18), 7));
        list.change(4, |shown| shown.retain(|id| !(8..12).contains(id)));
        assert_eq!((list.selected, list.top), (Some(18), 3));
    }

    #[test]
    fn a_cursor_whose_row_is_gone_goes_to_the_one_in_its_place() {
        let mut list = list(0..5);
        list.go_to(2, 4);
        list.change(4, |shown| shown.retain(|id| *id != 2));
        assert_eq!(list.selected, Some(3));
        list.change(4, |shown| shown.truncate(1));
        assert_eq!((list.selected, list.top), (Some(0), 0));
        list.change(4, Vec::clear);
        assert_eq!((list.selected, list.index()), (None, None));
    }
}
