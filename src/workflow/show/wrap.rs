//! Text in lines of a width.

use crate::workflow::diagnostic::visible;

/// Columns by which items stand in.
const INDENT: usize = 2;

/// A page that grows line by line.
#[derive(Debug)]
pub(super) struct Page {
    text: String,
    width: usize,
}

impl Page {
    pub(super) fn new(width: usize) -> Self {
        Self {
            text: String::new(),
            width,
        }
    }

    /// One line as it is.
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    pub(super) fn heading(&mut self, title: &str) {
        self.text.push('\n');
        self.wrapped("", title, 0);
    }

    /// A label and words; further lines stand under the words.
    pub(super) fn item(&mut self, label: &str, words: &str) {
        self.wrapped(&format!("{:INDENT$}{label}", ""), words, INDENT * 2);
    }

    /// More about the item above.
    pub(super) fn detail(&mut self, words: &str) {
        self.wrapped(&" ".repeat(INDENT * 3), words, INDENT * 3);
    }

    /// Breaks words into lines, with every control character made visible; the first begins with `start`, the others stand in by `indent`.
    pub(super) fn wrapped(&mut self, start: &str, words: &str, indent: usize) {
        let mut line = visible(start);
        let mut is_empty = true;
        for word in words.split_whitespace() {
            let word = visible(word);
            let space = usize::from(!is_empty);
            let needed = columns(&line) + space + columns(&word);
            if needed > self.width && !is_empty {
                self.line(&line);
                line = " ".repeat(indent);
            } else if space == 1 {
                line.push(' ');
            }
            line.push_str(&word);
            is_empty = false;
        }
        self.line(&line);
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

fn columns(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_cannot_steer_the_terminal() {
        let mut page = Page::new(40);
        page.item("\u{202e}label ", "text \u{1b}[2J \u{7}");
        let text = page.finish();
        assert!(
            !text.contains(|c: char| c != '\n' && c.is_control()) && !text.contains('\u{202e}')
        );
    }

    #[test]
    fn words_stay_whole_and_none_is_lost() {
        let mut page = Page::new(20);
        page.item(
            "when ",
            "a rather long condition with averyverylongwordthatfitsnowhere end",
        );
        let text = page.finish();
        let short = text.lines().filter(|line| !line.contains("averyvery"));
        assert!(
            short.clone().count() > 2 && short.into_iter().all(|line| line.len() <= 20),
            "{text}"
        );
        let words: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(words.len(), 8, "{text}");
    }
}
