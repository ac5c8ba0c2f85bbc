//! The margin: a bar before every line with text of elsewhere, where that text cannot write.
//!
//! | margin | the line |
//! |---|---|
//! | blank | this program's own words |
//! | `┆ ` | has text of elsewhere |
//! | `┆»` | goes on with it: it is no line of its own, whatever it looks like |

use super::{Line, Mark};

/// Columns of the margin.
pub const MARGIN: usize = 2;

impl Line {
    /// The line in as many lines as it takes, each in `columns` with the margin, the later ones
    /// `indent` to the right. Where the terminal has `ascii` alone, letters beyond it stand there
    /// as their numbers.
    pub fn laid(&self, columns: usize, indent: usize, ascii: bool) -> Vec<Self> {
        let room = columns.saturating_sub(MARGIN);
        let lines = if ascii {
            self.in_ascii().wrap(room, indent)
        } else {
            self.wrap(room, indent)
        };
        let lines = lines.into_iter().enumerate();
        lines.map(|(at, line)| line.margined(at > 0)).collect()
    }

    /// The line behind its margin; `goes_on` says that it continues the one above.
    #[must_use]
    pub fn margined(self, goes_on: bool) -> Self {
        let unvouched = self.parts().iter().any(|part| part.mark == Mark::Untrusted);
        let mark = if unvouched {
            Mark::Warning
        } else {
            Mark::Faint
        };
        let margin = match (self.is_foreign(), goes_on) {
            (false, _) => "  ",
            (true, false) => "┆ ",
            (true, true) => "┆»",
        };
        Self::new().say(margin, mark).join(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &Line, columns: usize) -> Vec<String> {
        line.laid(columns, 2, false)
            .iter()
            .map(Line::text)
            .collect()
    }

    #[test]
    fn the_bar_stands_before_every_line_with_foreign_text_and_no_other() {
        let own = Line::new().say("needs one person", Mark::Plain);
        assert_eq!(texts(&own, 12), ["  needs one ", "    person"]);
        let foreign = Line::new()
            .say("vendor ", Mark::Faint)
            .put("a b c d e f", Mark::Plain);
        assert_eq!(
            texts(&foreign, 12),
            ["┆ vendor a ", "┆»  b c d e ", "┆»  f"]
        );
    }

    #[test]
    fn foreign_text_never_stands_in_the_margin() {
        let hostile = [
            "ok".to_owned() + &" ".repeat(90) + "7 850.00 USD  approved by MGR_JANE_DOE",
            "ok".to_owned() + &"\u{a0}".repeat(90) + "2 EFFECT",
            "\u{2800}".repeat(90) + "needs one person",
            "┆ ┆»".repeat(30),
            "x".repeat(300),
        ];
        for text in hostile {
            for columns in 3..100 {
                for line in Line::new().put(&text, Mark::Plain).laid(columns, 2, false) {
                    let margin: String = line.text().chars().take(MARGIN).collect();
                    assert!(
                        ["┆ ", "┆»"].contains(&margin.as_str()),
                        "{columns}: {margin:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn without_unicode_every_letter_is_still_told_apart() {
        let line = Line::new().put("Café 株", Mark::Plain);
        let laid = line.laid(80, 0, true);
        assert_eq!(laid.len(), 1);
        assert_eq!(laid[0].text(), "┆ Caf<U+00E9> <U+682A>");
        assert_eq!(line.parts()[0].text.hidden(), 0, "a letter hides nothing");
    }
}
