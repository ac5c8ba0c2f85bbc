//! A dialog in three parts: what stays above, what scrolls where it is longer than the screen, and
//! what is answered below. It is answered only once the end of what scrolls was on the screen.

use crate::console::text::{Line, Mark};

/// Lines that a page key scrolls. No dialog that is answered shows fewer of what it decides.
pub const PAGE: usize = 4;

/// Where the reader stands in what scrolls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    /// Lines that are scrolled past.
    pub top: usize,
    /// All of it was on the screen.
    pub seen: bool,
}

impl Scroll {
    /// A page up or down.
    pub fn page(&mut self, down: bool) {
        self.top = if down {
            self.top.saturating_add(PAGE)
        } else {
            self.top.saturating_sub(PAGE)
        };
    }
}

/// The lines of the parts, laid out.
#[derive(Debug)]
pub struct Parts {
    head: Vec<Line>,
    body: Vec<Line>,
    foot: Vec<Line>,
}

/// A line, and how far to the right its further lines stand.
pub type Given = (Line, usize);

impl Parts {
    /// Lays the parts out in lines of `width` columns.
    pub fn laid(
        width: usize,
        ascii: bool,
        (head, body, foot): (Vec<Given>, Vec<Given>, Vec<Given>),
    ) -> Self {
        let laid = |lines: Vec<Given>| {
            let lines = lines.into_iter();
            lines
                .flat_map(|(line, indent)| line.laid(width, indent, ascii))
                .collect()
        };
        Self {
            head: laid(head),
            body: laid(body),
            foot: laid(foot),
        }
    }

    /// Tells whether a screen of `rows` shows enough of it: else nothing may be decided in it.
    pub fn fits(&self, rows: usize) -> bool {
        let room = self.room(rows);
        let around = self.head.len().saturating_add(self.foot.len());
        let all = around.saturating_add(room.min(self.body.len()));
        all.saturating_add(2) <= rows && (room >= self.body.len() || room >= PAGE)
    }

    /// It was on a screen of `rows`: where its reader stands now, no further than its end.
    pub fn seen(&self, scroll: Scroll, rows: usize) -> Scroll {
        let last = self.body.len().saturating_sub(self.room(rows));
        let top = scroll.top.min(last);
        Scroll {
            top,
            seen: scroll.seen || top >= last,
        }
    }

    /// What a screen of `rows` shows of it.
    pub fn window(self, scroll: Scroll, rows: usize) -> Vec<Line> {
        let room = self.room(rows);
        let all = self.body.len();
        let top = scroll.top.min(all.saturating_sub(room));
        let mut lines = self.head;
        lines.extend(self.body.into_iter().skip(top).take(room));
        if room < all {
            let below = all.saturating_sub(top.saturating_add(room));
            let said = if below == 0 {
                "the end; pgup scrolls back".to_owned()
            } else {
                format!("{below} more lines below: pgdn")
            };
            lines.push(Line::new().own(&said, Mark::Warning));
        }
        lines.extend(self.foot);
        lines
    }

    /// Lines that the body has on a screen of `rows`: all it needs, or what is left.
    fn room(&self, rows: usize) -> usize {
        let around = self.head.len().saturating_add(self.foot.len());
        let left = rows.saturating_sub(around.saturating_add(2));
        // One of them says how much more there is.
        if self.body.len() <= left {
            self.body.len()
        } else {
            left.saturating_sub(1)
        }
    }
}
