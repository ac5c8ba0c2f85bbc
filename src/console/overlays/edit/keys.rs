//! The keys of the form: one table for what they do and for the line that names them. Every other
//! key is typing.

use crate::console::key::Key;

/// What a person can choose to do in the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    Next,
    Previous,
    Stage,
    Raw,
    Editor,
    Undo,
    Leave,
    MoreDiff,
    LessDiff,
    Redraw,
}

/// One row of the table.
#[derive(Debug)]
pub struct Entry {
    pub choice: Choice,
    pub keys: &'static [&'static str],
    /// The word in the footer over the fields, and over raw JSON; empty where it is left out.
    pub fields: &'static str,
    pub raw: &'static str,
    /// Whether raw JSON has the key too; otherwise it is typing there.
    pub in_raw: bool,
}

macro_rules! keys {
    ($($choice:ident, [$($key:literal),+], $fields:literal, $raw:literal, $in_raw:literal;)+) => {
        &[$(Entry {
            choice: Choice::$choice,
            keys: &[$($key),+],
            fields: $fields,
            raw: $raw,
            in_raw: $in_raw,
        }),+]
    };
}

/// Every key of the form, in the order of the footer.
pub const KEYS: &[Entry] = keys! {
    Stage, ["ctrl-s"], "stage…", "stage…", true;
    Leave, ["esc", "ctrl-c"], "leave, draft kept", "leave, draft kept", true;
    Next, ["tab", "enter", "down"], "next", "", false;
    Raw, ["f2"], "JSON", "fields", true;
    Editor, ["f4"], "editor", "editor", true;
    Undo, ["ctrl-z"], "undo", "undo", true;
    Previous, ["shift-tab", "up"], "", "", false;
    MoreDiff, ["pgdn"], "", "", false;
    LessDiff, ["pgup"], "", "", false;
    Redraw, ["ctrl-l"], "", "", true;
};

/// What a key means beside typing.
pub fn choice(key: Key, raw: bool) -> Option<Choice> {
    let here = KEYS.iter().filter(|entry| entry.in_raw || !raw);
    let pressed = |name: &&str| Key::named(name) == Some(key);
    let mut found = here.filter(|entry| entry.keys.iter().any(pressed));
    found.next().map(|entry| entry.choice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_key_and_means_one_thing() {
        let names: Vec<&str> = KEYS.iter().flat_map(|entry| entry.keys).copied().collect();
        let unique: std::collections::BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(names.len(), unique.len());
        for entry in KEYS {
            for name in entry.keys {
                let key = Key::named(name).unwrap();
                assert_eq!(choice(key, false), Some(entry.choice), "{name}");
                assert_eq!(key.typed(), None, "{name} types a character");
            }
        }
        assert_eq!(choice(Key::named("enter").unwrap(), true), None);
    }
}
