//! Which characters a reader does not see, or a terminal obeys.
//!
//! The source is Unicode's property `Default_Ignorable_Code_Point` (`DerivedCoreProperties.txt`,
//! Unicode 16): what is drawn as nothing where it is not supported, unassigned places kept for such
//! characters included. Beside it stand control characters, the line and paragraph separators, and
//! every format character (general category `Cf`) that the property leaves out: interlinear
//! annotation, marks that are laid over what follows them, hieroglyph joiners. Characters for
//! private use and spaces are not hidden: they take up room.

use std::borrow::Cow;

/// Tells whether a terminal would obey `c`, or show nothing for it.
pub fn is_hidden(c: char) -> bool {
    // C0, DEL and C1.
    c.is_control()
        || matches!(c,
            // Soft hyphen, combining grapheme joiner, Arabic letter mark.
            '\u{AD}' | '\u{34F}' | '\u{61C}'
            // Arabic, Syriac and Kaithi marks that span the digits or letters after them.
            | '\u{600}'..='\u{605}' | '\u{6DD}' | '\u{70F}' | '\u{890}'..='\u{891}' | '\u{8E2}'
            | '\u{110BD}' | '\u{110CD}'
            // Joiners and controls of Egyptian hieroglyphs.
            | '\u{13430}'..='\u{1343F}'
            // Hangul fillers, Khmer inherent vowels.
            | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            // Mongolian free variation selectors and vowel separator.
            | '\u{180B}'..='\u{180F}'
            // Zero-width characters and marks of direction.
            | '\u{200B}'..='\u{200F}'
            // Line and paragraph separator, bidirectional embeddings and overrides.
            | '\u{2028}'..='\u{202E}'
            // Word joiner, invisible operators, isolates, deprecated format characters.
            | '\u{2060}'..='\u{206F}'
            // Hangul fillers, variation selectors, byte order mark.
            | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
            // Kept for format characters, interlinear annotation.
            | '\u{FFF0}'..='\u{FFFB}'
            // Shorthand and musical format characters.
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            // Tags and further variation selectors, which carry whole hidden messages.
            | '\u{E0000}'..='\u{E0FFF}')
}

/// Plain spaces in a row that may stand as they are: enough for an indent, too few to fill a line.
pub const SPACES_MAX: usize = 8;

/// Tells whether `c` takes up room and shows nothing, or whether only the font knows what it
/// shows. Blank letters that are ignorable too count as hidden already.
pub fn is_blank(c: char) -> bool {
    matches!(c,
        // No-break, ogham, typographic, mathematical and ideographic spaces.
        '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
        // The braille pattern without dots, the musical note head without a note.
        | '\u{2800}' | '\u{1D159}'
        // Private use.
        | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// JSON text with every hidden character that stands in it raw as a `\u` escape: the same
/// document, harmless to a terminal. Outside strings JSON is ASCII, so each hit is in a string.
pub fn escape_json(json: &str) -> Cow<'_, str> {
    // Line breaks between members are layout; inside strings serde_json has escaped them.
    let raw = |c: char| is_hidden(c) && c != '\n';
    if !json.chars().any(raw) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len().saturating_add(16));
    for c in json.chars() {
        if raw(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let escape = format!("\\u{unit:04x}");
                escaped.push_str(&escape);
            }
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Default_Ignorable_Code_Point` as Unicode 16 lists it.
    const DEFAULT_IGNORABLE: [(u32, u32); 17] = [
        (0xAD, 0xAD),
        (0x34F, 0x34F),
        (0x61C, 0x61C),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x200B, 0x200F),
        (0x202A, 0x202E),
        (0x2060, 0x206F),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFEFF, 0xFEFF),
        (0xFFA0, 0xFFA0),
        (0xFFF0, 0xFFF8),
        (0x1BCA0, 0x1BCA3),
        (0x1D173, 0x1D17A),
        (0xE0000, 0xE0FFF),
    ];
    /// Controls, separators, and the format characters that are not ignorable.
    const BESIDE: [(u32, u32); 12] = [
        (0x600, 0x605),
        (0x6DD, 0x6DD),
        (0x70F, 0x70F),
        (0x890, 0x891),
        (0x8E2, 0x8E2),
        (0x110BD, 0x110BD),
        (0x110CD, 0x110CD),
        (0x13430, 0x1343F),
        (0x0, 0x1F),
        (0x7F, 0x9F),
        (0x2028, 0x2029),
        (0xFFF9, 0xFFFB),
    ];

    #[test]
    fn exactly_what_is_listed_is_hidden() {
        let listed = |c: char| {
            let mut ranges = DEFAULT_IGNORABLE.iter().chain(&BESIDE);
            ranges.any(|(from, to)| (*from..=*to).contains(&u32::from(c)))
        };
        for c in '\0'..=char::MAX {
            assert_eq!(is_hidden(c), listed(c), "{}", c.escape_unicode());
        }
    }

    #[test]
    fn letters_spaces_and_symbols_are_seen() {
        for c in "aß שם 株 €😀\u{a0}\u{3000}\u{301}\u{E000}".chars() {
            assert!(!is_hidden(c), "{}", c.escape_unicode());
        }
    }

    #[test]
    fn escaped_json_is_the_same_document() {
        let value = serde_json::json!({"a\u{202e}": "x\u{9b}\u{e0041}\u{7f}\ny"});
        let text = serde_json::to_string_pretty(&value).unwrap();
        let escaped = escape_json(&text);
        assert!(escaped.chars().all(|c| !is_hidden(c) || c == '\n'));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&escaped).unwrap(),
            value
        );
        assert_ne!(escaped, text, "there was something to escape");
    }
}
