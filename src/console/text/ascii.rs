//! What is drawn on a terminal that shows ASCII alone.
//!
//! This program's own signs each have one of ASCII that is as wide. Letters of elsewhere stand as
//! their numbers wherever lines are laid out; in a list, where a field has its columns, as `?`:
//! the details beside it tell them apart.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::Line;
use super::shown::{Kind, Piece, Shown};

/// What a piece looks like in ASCII, in as many columns.
pub(super) fn drawn(piece: &Piece) -> Cow<'_, str> {
    if piece.text.is_ascii() {
        return Cow::Borrowed(&piece.text);
    }
    let own = !piece.foreign || piece.kind != Kind::Words;
    let of = |cluster: &str| -> String {
        let mut chars = cluster.chars();
        match (chars.next(), chars.next(), cluster.width()) {
            _ if cluster.is_ascii() => cluster.to_owned(),
            (Some(c), None, 1) if own => sign(c).to_string(),
            (.., width) => "?".repeat(width),
        }
    };
    Cow::Owned(piece.text.graphemes(true).map(of).collect())
}

/// The sign of ASCII for one of this program's own.
fn sign(c: char) -> char {
    match c {
        '\u{a0}' => ' ',
        '│' => '|',
        '─' | '—' => '-',
        '┌' | '┐' | '└' | '┘' | '├' => '+',
        '▌' | '›' | '→' | '»' => '>',
        '←' => '<',
        '↑' => '^',
        '↓' => 'v',
        '┆' => ':',
        '▇' => '#',
        '●' => '*',
        '○' => 'o',
        '…' => '~',
        '·' => ',',
        '×' => 'x',
        ascii if ascii.is_ascii() => ascii,
        _ => '?',
    }
}

impl Line {
    /// The line with every letter of elsewhere that is not ASCII as its number.
    #[must_use]
    pub(super) fn in_ascii(&self) -> Self {
        let mut line = Self::new();
        for part in self.parts() {
            let mut text = Shown::default();
            for piece in part.text.pieces() {
                if piece.foreign && piece.kind == Kind::Words {
                    escape(&mut text, &piece.text);
                } else {
                    text.push(&piece.text, piece.kind, piece.foreign);
                }
            }
            line = line.show(text, part.mark);
        }
        line
    }
}

fn escape(shown: &mut Shown, text: &str) {
    for c in text.chars() {
        if c.is_ascii() {
            shown.push(c.encode_utf8(&mut [0; 4]), Kind::Words, true);
        } else {
            let number = format!("<U+{:04X}>", u32::from(c));
            shown.push(&number, Kind::Escape, true);
        }
    }
}
