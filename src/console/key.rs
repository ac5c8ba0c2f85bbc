//! Keys, whatever they came from: a terminal of this machine or another one.

use std::fmt;

/// Keys that come one after the other within so many milliseconds may be pasted.
pub const BURST_MS: u64 = 15;

/// One key as pressed. Shift is in the character itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub code: Code,
    pub ctrl: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    F(u8),
    /// Something that is no key here: a combination that is not bound, a report of the terminal.
    Other,
}

/// The keys that have names, and their names.
const NAMES: [(Code, &str); 16] = [
    (Code::Enter, "enter"),
    (Code::Esc, "esc"),
    (Code::Tab, "tab"),
    (Code::BackTab, "shift-tab"),
    (Code::Backspace, "backspace"),
    (Code::Delete, "delete"),
    (Code::Up, "up"),
    (Code::Down, "down"),
    (Code::Left, "left"),
    (Code::Right, "right"),
    (Code::Home, "home"),
    (Code::End, "end"),
    (Code::PageUp, "pgup"),
    (Code::PageDown, "pgdn"),
    (Code::Char(' '), "space"),
    (Code::F(1), "f1"),
];

impl Key {
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false }
    }

    pub const fn ctrl(c: char) -> Self {
        Self {
            code: Code::Char(c),
            ctrl: true,
        }
    }

    /// The key that a name of the keymap means: `a`, `G`, `ctrl-d`, `enter`, `f2`.
    pub fn named(name: &str) -> Option<Self> {
        if let Some((code, _)) = NAMES.iter().find(|(_, known)| *known == name) {
            return Some(Self::plain(*code));
        }
        if let Some(rest) = name.strip_prefix("ctrl-") {
            return single(rest).map(Self::ctrl);
        }
        let number = name.strip_prefix('f').and_then(|rest| rest.parse().ok());
        match number {
            Some(number) => Some(Self::plain(Code::F(number))),
            None => single(name).map(|c| Self::plain(Code::Char(c))),
        }
    }

    /// The character it types, if it types one.
    pub fn typed(self) -> Option<char> {
        match (self.code, self.ctrl) {
            (Code::Char(c), false) => Some(c),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        if let Some((_, name)) = NAMES.iter().find(|(code, _)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            Code::Char(c) => write!(f, "{c}"),
            Code::F(number) => write!(f, "f{number}"),
            other => write!(f, "{other:?}"),
        }
    }
}

fn single(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_the_key_that_is_called_so() {
        for name in [
            "a",
            "G",
            "ctrl-d",
            "enter",
            "space",
            "f1",
            "f4",
            "?",
            "shift-tab",
            "pgdn",
            "[",
        ] {
            let key = Key::named(name).unwrap();
            assert_eq!(key.to_string(), name);
        }
        assert_eq!(Key::named("nonsense"), None);
        assert_eq!(Key::named(""), None);
    }
}
