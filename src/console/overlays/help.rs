//! Keys and actions: the table of keys as help, and as a palette that runs what it finds.

pub mod draw;

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::console::key::Key;
use crate::console::keymap::{Entry, InKeys, KEYMAP, Place, entries};
use crate::console::model::Field;

/// Actions that a page key goes over.
const PAGE: usize = 10;

#[derive(Clone, Debug)]
pub struct Help {
    pub place: Place,
    pub field: Field,
    /// Index among the entries that are found.
    pub at: usize,
    /// It was opened to run something, not to read.
    pub palette: bool,
}

impl Help {
    pub fn open(place: Place, palette: bool) -> Self {
        Self {
            place,
            field: Field::default(),
            at: 0,
            palette,
        }
    }

    /// Whether what is chosen can be run from here. What a key does in a dialog or a form is for
    /// its key alone.
    pub fn runs(&self) -> bool {
        self.place.is_pane()
    }

    /// The entry under the cursor.
    pub fn chosen(&self) -> Option<&'static Entry> {
        self.found().get(self.at).copied()
    }

    /// Those of the place; in the palette then those of the other panes.
    fn all(&self) -> Vec<&'static Entry> {
        let mut all: Vec<&Entry> = entries(self.place).collect();
        if self.palette {
            let elsewhere = KEYMAP.iter().filter(|entry| {
                let pane = entry.places.iter().any(|place| place.is_pane());
                pane && !all.iter().any(|here| here.action == entry.action)
            });
            let elsewhere: Vec<&Entry> = elsewhere.collect();
            all.extend(elsewhere);
        }
        all
    }

    /// The entries that the typed words find, best first; all of them where nothing is typed.
    pub fn found(&self) -> Vec<&'static Entry> {
        let typed = self.field.text().trim();
        let all = self.all();
        if typed.is_empty() {
            return all;
        }
        let pattern = Pattern::new(
            typed,
            CaseMatching::Ignore,
            Normalization::Smart,
            AtomKind::Fuzzy,
        );
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut found: Vec<(u32, &Entry)> = all
            .into_iter()
            .filter_map(|entry| {
                let words = format!("{} {}", entry.label, entry.keys.join(" "));
                let score = pattern.score(Utf32Str::new(&words, &mut buffer), &mut matcher)?;
                Some((score, entry))
            })
            .collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, entry)| entry).collect()
    }

    /// Moves the cursor.
    pub fn step(&mut self, step: InKeys) {
        let last = self.found().len().saturating_sub(1);
        let at = match step {
            InKeys::Down => self.at.saturating_add(1),
            InKeys::Up => self.at.saturating_sub(1),
            InKeys::PageDown => self.at.saturating_add(PAGE),
            InKeys::PageUp => self.at.saturating_sub(PAGE),
            InKeys::Run | InKeys::Close => self.at,
        };
        self.at = at.min(last);
    }

    /// Takes a key of the field.
    pub fn typed(&mut self, key: Key) {
        if self.field.key(key) {
            self.at = 0;
        }
    }
}
