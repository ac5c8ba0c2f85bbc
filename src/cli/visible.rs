//! Makes hidden characters visible before a terminal gets them.
//!
//! Vendor names, notes and answers come from strangers. A terminal obeys control characters, and
//! bidirectional overrides, zero-width and tag characters make a text read differently from what
//! it is. Each of them is shown as its code point, `<U+202E>`: removing it would hide that
//! somebody put it there.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::domain::hidden::SPACES_MAX;
use crate::domain::{is_blank, is_hidden};

/// `text` on one line, every hidden character (line breaks and tabs too) as `<U+XXXX>`. Blanks
/// that would fill a line, and so lay out the next one, are shown the same way.
pub fn visible(text: &str) -> Cow<'_, str> {
    let odd = |c: char| is_hidden(c) || is_blank(c);
    if !text.chars().any(odd) && !text.contains(&" ".repeat(SPACES_MAX + 1)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut spaces = 0;
    for c in text.chars().map(Some).chain([None]) {
        if c == Some(' ') {
            spaces += 1;
            continue;
        }
        match spaces {
            few @ 0..=SPACES_MAX => shown.push_str(&" ".repeat(few)),
            many => {
                // Writing to a String cannot fail.
                let _infallible = write!(shown, "<U+0020×{many}>");
            }
        }
        spaces = 0;
        match c {
            Some(c) if odd(c) => {
                let _infallible = write!(shown, "<U+{:04X}>", u32::from(c));
            }
            Some(c) => shown.push(c),
            None => {}
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_of_any_script_is_untouched() {
        for text in ["Côte d'Ivoire", "שלום", "株式会社", "100 €", ""] {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn what_a_terminal_obeys_or_hides_is_shown_as_its_code_point() {
        let cases = [
            ("\u{1b}[2Jgone", "<U+001B>[2Jgone"),
            ("a\u{9b}31m", "a<U+009B>31m"),
            ("line\nbreak\ttab\r", "line<U+000A>break<U+0009>tab<U+000D>"),
            ("\u{7f}", "<U+007F>"),
            ("pay\u{202e}001", "pay<U+202E>001"),
            ("ze\u{200b}ro", "ze<U+200B>ro"),
            ("\u{feff}bom", "<U+FEFF>bom"),
            ("t\u{e0041}ag", "t<U+E0041>ag"),
            ("\u{2066}iso\u{2069}", "<U+2066>iso<U+2069>"),
            ("note\u{1d173}s", "note<U+1D173>s"),
            (
                "\u{600}\u{6dd}\u{70f}\u{110bd}1",
                "<U+0600><U+06DD><U+070F><U+110BD>1",
            ),
            ("a\u{2800}\u{a0}b", "a<U+2800><U+00A0>b"),
            ("a         1.00 USD", "a<U+0020×9>1.00 USD"),
            ("a        b ", "a        b "),
        ];
        for (text, shown) in cases {
            assert_eq!(visible(text), shown);
        }
    }
}
