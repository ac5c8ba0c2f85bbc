//! The one table of keys: what is pressed where, what it is called, what it does. The help, the
//! palette and the footer are made from it.

use crate::console::key::Key;

/// What a person can choose to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    Down,
    Up,
    First,
    Last,
    HalfDown,
    HalfUp,
    Open,
    Back,
    NextPane,
    PreviousPane,
    NextSection,
    PreviousSection,
    Section(u8),
    ShowQueue,
    ShowRuns,
    ShowAudit,
    Approve,
    Reject,
    Return,
    Edit,
    Filter,
    Sort,
    Pause,
    Resume,
    Override,
    GoToRun,
    GoToPacket,
    GoToAudit,
    Verify,
    GoToBad,
    Follow,
    Zoom,
    Theme,
    Refresh,
    Redraw,
    Palette,
    Help,
    Suspend,
    Quit,
}

/// Where a key means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Queue,
    Packet,
    Runs,
    Run,
    Audit,
    Record,
}

impl Place {
    pub const ALL: [Self; 6] = [
        Self::Queue,
        Self::Packet,
        Self::Runs,
        Self::Run,
        Self::Audit,
        Self::Record,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Queue => "Queue",
            Self::Packet => "Packet",
            Self::Runs => "Runs",
            Self::Run => "Run",
            Self::Audit => "Audit",
            Self::Record => "Event",
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

const EVERYWHERE: &[Place] = &Place::ALL;
const LISTS: &[Place] = &[Place::Queue, Place::Runs, Place::Audit];
const DETAILS: &[Place] = &[Place::Packet, Place::Run, Place::Record];
const QUEUE: &[Place] = &[Place::Queue, Place::Packet];
const RUNS: &[Place] = &[Place::Runs, Place::Run];
const AUDIT: &[Place] = &[Place::Audit, Place::Record];

macro_rules! keys {
    ($($action:expr, $places:expr, [$($key:literal),+], $hint:literal, $label:literal, $tells:literal;)+) => {
        &[$(Entry {
            action: $action,
            places: $places,
            keys: &[$($key),+],
            label: $label,
            hint: $hint,
            tells: $tells,
        }),+]
    };
}

/// Every key of every place. The order is that of the footer and of the help.
pub const KEYMAP: &[Entry] = keys! {
    Action::Approve, QUEUE, ["a"], "approve…", "approve…", "Opens the dialog; nothing is decided by this key.";
    Action::Reject, QUEUE, ["r"], "reject…", "reject…", "Opens the dialog; a rejected effect is never sent.";
    Action::Return, QUEUE, ["i"], "return…", "return with feedback…", "Opens the dialog; the agent runs again with your words.";
    Action::Edit, QUEUE, ["e"], "edit…", "edit the state…", "Opens a form; a changed state is judged by the rules again and gets a new digest.";
    Action::Open, LISTS, ["enter"], "open", "open", "Moves to the details of the row.";
    Action::Pause, RUNS, ["p"], "pause…", "pause…", "Asks for a reason; nothing more is sent for the run until it is resumed.";
    Action::Resume, RUNS, ["P"], "resume…", "resume…", "Asks for a reason; the run goes on where it stood. Resuming approves nothing.";
    Action::Override, RUNS, ["O"], "override…", "override a value…", "Sets one value of a paused run; approvals given before are void.";
    Action::GoToPacket, RUNS, ["o"], "packet", "go to the packet of the run", "Shows the packet that the run waits for.";
    Action::GoToRun, QUEUE, ["t"], "run", "go to the run", "Shows the run that the packet belongs to.";
    Action::GoToRun, AUDIT, ["t"], "run", "go to the run", "Shows the run that the event belongs to.";
    Action::GoToAudit, &[Place::Packet, Place::Runs, Place::Run], ["A"], "", "journal of the run", "Shows the events of the run in the journal.";
    Action::Verify, AUDIT, ["C"], "check chain", "check the chain", "Recomputes every hash of the journal and names the first bad event.";
    Action::GoToBad, AUDIT, ["b"], "", "go to the first bad event", "Shows the event at which the last check found the chain broken.";
    Action::Follow, &[Place::Audit], ["F"], "follow", "follow the newest", "Keeps the newest event in sight.";
    Action::Filter, LISTS, ["/"], "filter", "filter…", "Narrows the list while you type: words, field:value, ! for not.";
    Action::Sort, &[Place::Queue, Place::Runs], ["S"], "sort", "sort by the next column", "Sorts by the next of the list's orders in turn.";
    Action::Down, EVERYWHERE, ["j", "down"], "", "down", "The next row, or a line down.";
    Action::Up, EVERYWHERE, ["k", "up"], "", "up", "The row before, or a line up.";
    Action::First, EVERYWHERE, ["g g", "home"], "", "to the start", "The first row or line; rows that came meanwhile come in.";
    Action::Last, EVERYWHERE, ["G", "end"], "", "to the end", "The last row or line.";
    Action::HalfDown, EVERYWHERE, ["ctrl-d", "pgdn"], "", "half a page down", "Moves half a page down.";
    Action::HalfUp, EVERYWHERE, ["ctrl-u", "pgup"], "", "half a page up", "Moves half a page up.";
    Action::HalfDown, DETAILS, ["space"], "", "half a page down", "Moves half a page down.";
    Action::NextSection, DETAILS, ["]", "l", "right"], "", "next section", "Scrolls to the next section.";
    Action::PreviousSection, DETAILS, ["[", "h", "left"], "", "section before", "Scrolls to the section before.";
    Action::NextPane, EVERYWHERE, ["tab"], "", "next pane", "Moves between the list and its details.";
    Action::PreviousPane, EVERYWHERE, ["shift-tab"], "", "pane before", "Moves between the list and its details.";
    Action::Zoom, EVERYWHERE, ["z"], "", "zoom the pane", "Gives the pane the whole screen, and back.";
    Action::Section(1), &[Place::Packet], ["1"], "", "section 1", "Scrolls to this section.";
    Action::Section(2), &[Place::Packet], ["2"], "", "section 2", "Scrolls to this section.";
    Action::Section(3), &[Place::Packet], ["3"], "", "section 3", "Scrolls to this section.";
    Action::Section(4), &[Place::Packet], ["4"], "", "section 4", "Scrolls to this section.";
    Action::Section(5), &[Place::Packet], ["5"], "", "section 5", "Scrolls to this section.";
    Action::Section(6), &[Place::Packet], ["6"], "", "section 6", "Scrolls to this section.";
    Action::ShowQueue, &[Place::Queue, Place::Runs, Place::Run, Place::Audit, Place::Record], ["1"], "", "queue", "Shows what waits for a person.";
    Action::ShowRuns, &[Place::Queue, Place::Runs, Place::Run, Place::Audit, Place::Record], ["2"], "", "runs", "Shows every run and where it stands.";
    Action::ShowAudit, &[Place::Queue, Place::Runs, Place::Run, Place::Audit, Place::Record], ["5"], "", "audit", "Shows the journal: every event, and whether the chain of them is whole.";
    Action::Back, EVERYWHERE, ["esc"], "", "back", "Back one level; clears the filter of a list.";
    Action::Palette, EVERYWHERE, [":", "ctrl-p"], ": command", "command palette", "Finds an action by its name and runs it.";
    Action::Help, EVERYWHERE, ["?", "f1"], "? keys", "keys and actions", "Shows this list.";
    Action::Refresh, EVERYWHERE, ["ctrl-r"], "", "refresh", "Reads everything anew.";
    Action::Redraw, EVERYWHERE, ["ctrl-l"], "", "redraw", "Draws the whole screen anew.";
    Action::Theme, EVERYWHERE, ["T"], "", "colours on or off", "Switches between the terminal's colours and none.";
    Action::Suspend, EVERYWHERE, ["ctrl-z"], "", "suspend", "Hands the lease back and leaves the terminal to the shell.";
    Action::Quit, EVERYWHERE, ["q", "ctrl-c"], "", "quit", "Ends the console; what is under way is written to the journal first.";
};

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
        let deciding = [
            Action::Approve,
            Action::Reject,
            Action::Return,
            Action::Edit,
        ];
        for name in ["enter", "space", "ctrl-k", "delete", "y", "d d"] {
            for place in Place::ALL {
                let bound = entries(place)
                    .any(|entry| entry.keys.contains(&name) && deciding.contains(&entry.action));
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
            Meaning::Action(Action::First)
        );
        assert_eq!(
            meaning(Place::Queue, Some(g), j),
            Meaning::Action(Action::Down)
        );
        assert_eq!(
            meaning(Place::Queue, None, Key::ctrl('k')),
            Meaning::Nothing
        );
    }
}
