//! The one table of keys: what is pressed where, what it is called, what it does. The help, the
//! palette and the footer are made from it.

mod action;
mod table;

use crate::console::key::Key;

pub use action::{
    Action, Go, InDialog, InFilter, InForm, InKeys, Move, OnBudget, OnJournal, OnLetter, OnList,
    Whole,
};
pub use table::KEYMAP;

/// Where a key means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Queue,
    Packet,
    Runs,
    Run,
    DeadLetters,
    DeadLetter,
    Alerts,
    Alert,
    Audit,
    Record,
    /// A dialog that decides something.
    Dialog,
    /// The line in which a filter is typed.
    Filter,
    /// The same for the journal, which is looked through once it is typed.
    Lookup,
    /// The list of keys of what it was opened over.
    Keys,
    Palette,
    /// The form that edits a state by its fields.
    Form,
    /// The same as JSON.
    Json,
}

impl Place {
    pub const ALL: [Self; 17] = [
        Self::Queue,
        Self::Packet,
        Self::Runs,
        Self::Run,
        Self::DeadLetters,
        Self::DeadLetter,
        Self::Alerts,
        Self::Alert,
        Self::Audit,
        Self::Record,
        Self::Dialog,
        Self::Filter,
        Self::Lookup,
        Self::Keys,
        Self::Palette,
        Self::Form,
        Self::Json,
    ];

    /// Those that are no overlay.
    pub fn is_pane(self) -> bool {
        match self {
            Self::Queue
            | Self::Packet
            | Self::Runs
            | Self::Run
            | Self::DeadLetters
            | Self::DeadLetter
            | Self::Alerts
            | Self::Alert
            | Self::Audit
            | Self::Record => true,
            Self::Dialog
            | Self::Filter
            | Self::Lookup
            | Self::Keys
            | Self::Palette
            | Self::Form
            | Self::Json => false,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Queue => "Queue",
            Self::Packet => "Packet",
            Self::Runs => "Runs",
            Self::Run => "Run",
            Self::DeadLetters => "Dead letters",
            Self::DeadLetter => "Dead letter",
            Self::Alerts => "Alerts",
            Self::Alert => "Alert",
            Self::Audit => "Audit",
            Self::Record => "Event",
            Self::Dialog => "Dialog",
            Self::Filter | Self::Lookup => "Filter",
            Self::Keys => "Keys",
            Self::Palette => "Commands",
            Self::Form => "Edit",
            Self::Json => "Edit as JSON",
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Entry {
    pub action: Action,
    pub places: &'static [Place],
    /// Names of keys; two with a space between are pressed one after the other.
    pub keys: &'static [&'static str],
    /// What it is called in help and palette.
    pub label: &'static str,
    /// The word in the footer; empty where the footer leaves it out.
    pub hint: &'static str,
    /// What happens then, one sentence.
    pub tells: &'static str,
}

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    Action(Action),
    /// The first of two keys.
    Begins(Key),
    Nothing,
}

/// Looks up `key` in `place`, after `before` where that began a pair.
pub fn meaning(place: Place, before: Option<Key>, key: Key) -> Meaning {
    let mut begins = false;
    for entry in KEYMAP.iter().filter(|entry| entry.places.contains(&place)) {
        for name in entry.keys {
            match (pair(name), before) {
                ((first, None), None) if first == Some(key) => {
                    return Meaning::Action(entry.action);
                }
                ((first, Some(second)), Some(before)) if first == Some(before) && second == key => {
                    return Meaning::Action(entry.action);
                }
                ((first, Some(_)), None) if first == Some(key) => begins = true,
                _ => {}
            }
        }
    }
    match before {
        // What follows no pair is taken for itself.
        Some(_) => meaning(place, None, key),
        None if begins => Meaning::Begins(key),
        None => Meaning::Nothing,
    }
}

/// The entries of one place, in the order of the table.
pub fn entries(place: Place) -> impl Iterator<Item = &'static Entry> {
    KEYMAP
        .iter()
        .filter(move |entry| entry.places.contains(&place))
}

/// The first key that does `action` in `place`.
pub fn key_of(place: Place, action: Action) -> Option<&'static str> {
    let mut entries = entries(place);
    let entry = entries.find(|entry| entry.action == action)?;
    entry.keys.first().copied()
}

fn pair(name: &str) -> (Option<Key>, Option<Key>) {
    match name.split_once(' ') {
        Some((first, second)) => (Key::named(first), Key::named(second)),
        None => (Key::named(name), None),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::console::key::Code;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        let mut seen = BTreeMap::new();
        for entry in KEYMAP {
            for place in entry.places {
                for key in entry.keys {
                    let other = seen.insert((*place, *key), entry.label);
                    assert_eq!(other, None, "{key} in {place:?}: {} too", entry.label);
                }
            }
        }
        assert!(seen.len() > 100, "the table was read");
    }

    #[test]
    fn every_name_is_a_key() {
        for entry in KEYMAP {
            for name in entry.keys {
                assert!(pair(name).0.is_some(), "{name}");
                assert_eq!(pair(name).1.is_some(), name.contains(' '), "{name}");
            }
        }
    }

    #[test]
    fn enter_space_and_what_is_left_unbound_on_purpose_never_decide() {
        let decides = |action| match action {
            Action::Decide(_)
            | Action::Settle(_)
            | Action::Budget(_)
            | Action::Edit
            | Action::Acknowledge
            | Action::Run(_) => true,
            Action::Letter(verb) => !matches!(verb, OnLetter::Mark | OnLetter::MarkAll),
            Action::Dialog(step) => step == InDialog::Answer,
            _ => false,
        };
        for name in ["enter", "space", "ctrl-k", "delete", "y", "d d"] {
            for place in Place::ALL.into_iter().filter(|place| place.is_pane()) {
                let bound =
                    entries(place).any(|entry| entry.keys.contains(&name) && decides(entry.action));
                assert!(!bound, "{name} in {place:?}");
            }
        }
    }

    #[test]
    fn a_pair_needs_both_keys() {
        let g = Key::plain(Code::Char('g'));
        let j = Key::plain(Code::Char('j'));
        assert_eq!(meaning(Place::Queue, None, g), Meaning::Begins(g));
        assert_eq!(
            meaning(Place::Queue, Some(g), g),
            Meaning::Action(Action::Move(Move::First))
        );
        assert_eq!(
            meaning(Place::Queue, Some(g), j),
            Meaning::Action(Action::Move(Move::Down))
        );
        assert_eq!(
            meaning(Place::Queue, None, Key::ctrl('k')),
            Meaning::Nothing
        );
    }
}
