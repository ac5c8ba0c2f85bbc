//! Keys and actions: the table of keys as help, and as a palette that runs what it finds.

pub mod draw;

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::console::key::{Code, Key};
use crate::console::keymap::{Action, Entry, Place, entries};
use crate::console::model::Field;

#[derive(Clone, Debug)]
pub struct Help {
    pub place: Place,
    pub field: Field,
    /// Index among the entries that are found.
    pub at: usize,
    /// It was opened to run something, not to read.
    pub palette: bool,
}

/// What comes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    Nothing,
    Close,
    Run(Action),
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

    /// The entries that the typed words find, best first; all of them where nothing is typed.
    pub fn found(&self) -> Vec<&'static Entry> {
        let typed = self.field.text().trim();
        let all = entries(self.place).filter(|entry| !matches!(entry.action, Action::Section(_)));
        if typed.is_empty() {
            return all.collect();
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
            .filter_map(|entry| {
                let words = format!("{} {}", entry.label, entry.keys.join(" "));
                let score = pattern.score(Utf32Str::new(&words, &mut buffer), &mut matcher)?;
                Some((score, entry))
            })
            .collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, entry)| entry).collect()
    }

    pub fn key(&mut self, key: Key) -> Came {
        let last = self.found().len().saturating_sub(1);
        match (key.code, key.ctrl) {
            (Code::Esc | Code::F(1), _) => return Came::Close,
            (Code::Down, _) | (Code::Char('n'), true) => {
                self.at = self.at.saturating_add(1).min(last);
            }
            (Code::Up, _) | (Code::Char('p'), true) => self.at = self.at.saturating_sub(1),
            (Code::PageDown, _) => self.at = self.at.saturating_add(10).min(last),
            (Code::PageUp, _) => self.at = self.at.saturating_sub(10),
            (Code::Enter, _) => {
                return match self.found().get(self.at) {
                    Some(entry) => Came::Run(entry.action),
                    None => Came::Nothing,
                };
            }
            _ => {
                if self.field.key(key) {
                    self.at = 0;
                }
            }
        }
        Came::Nothing
    }
}
