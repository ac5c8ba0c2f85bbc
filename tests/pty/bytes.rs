//! What stands between the letters that a program writes to its terminal.

use std::collections::BTreeSet;

/// What a terminal would obey.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Control {
    /// `ESC [`, its parameters, its last letter.
    Csi { parameters: String, last: char },
    /// `ESC ]` and its like: a text up to its end.
    Text(String),
    /// `ESC` and one letter.
    Escape(char),
    /// A control character alone.
    Character(u32),
}

/// Every control of a stretch of output, each once.
pub(crate) fn controls(bytes: &[u8]) -> BTreeSet<Control> {
    let text = std::str::from_utf8(bytes).expect("everything written is UTF-8");
    let mut found = BTreeSet::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\u{1b}' {
            if letter.is_control() {
                found.insert(Control::Character(u32::from(letter)));
            }
            continue;
        }
        match letters.next() {
            Some('[') => {
                let mut parameters = String::new();
                while let Some(next) = letters.next_if(|next| ('\u{20}'..'\u{40}').contains(next)) {
                    parameters.push(next);
                }
                let last = letters.next().unwrap_or('\u{0}');
                found.insert(Control::Csi { parameters, last });
            }
            Some(']' | 'P' | '_' | '^' | 'X') => {
                let mut text = String::new();
                while let Some(next) = letters.next_if(|next| !matches!(next, '\u{7}' | '\u{1b}')) {
                    text.push(next);
                }
                found.insert(Control::Text(text));
            }
            Some(other) => {
                found.insert(Control::Escape(other));
            }
            None => {
                found.insert(Control::Escape('\u{0}'));
            }
        }
    }
    found
}

#[test]
fn controls_are_recognised() {
    let csi = |parameters: &str, last| Control::Csi {
        parameters: parameters.to_owned(),
        last,
    };
    let found = controls("a\u{1b}[?25hb\u{1b}[1;31mé\u{1b}]0;title\u{7}\u{1b}7\u{9b}".as_bytes());
    let expected = [
        csi("?25", 'h'),
        csi("1;31", 'm'),
        Control::Text("0;title".to_owned()),
        Control::Escape('7'),
        Control::Character(7),
        Control::Character(0x9b),
    ];
    assert_eq!(found, expected.into_iter().collect());
}
