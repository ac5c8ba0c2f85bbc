//! Diagnostics as text, with the line, a caret and the hint.

use annotate_snippets::{AnnotationKind, Level as Style, Renderer, Snippet};

use crate::domain::is_hidden;
use crate::workflow::diagnostic::{Diagnostic, Level};
use crate::workflow::source::{Position, SourceFile, offset};

/// Whether text carries terminal colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Palette {
    #[default]
    Plain,
    Colour,
}

/// Renders diagnostics of one file, a blank line between two, a count at the end.
///
/// Control and bidirectional characters of the file come out as visible stand-ins, so the text is
/// safe to show on a terminal.
pub fn render(diagnostics: &[Diagnostic], source: &SourceFile, palette: Palette) -> String {
    let renderer = match palette {
        Palette::Plain => Renderer::plain(),
        Palette::Colour => Renderer::styled(),
    };
    // One stand-in for one character, so that columns stay what they are. Control characters are
    // left: line breaks and tabs are layout, and the renderer has stand-ins for the others.
    let stand_in = |character: char| {
        if is_hidden(character) && !character.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            character
        }
    };
    let shown: String = source.text.chars().map(stand_in).collect();
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&one(diagnostic, &source.name, &shown, &renderer));
        text.push_str("\n\n");
    }
    if !diagnostics.is_empty() {
        text.push_str(&count(diagnostics, source));
    }
    text
}

fn one(diagnostic: &Diagnostic, name: &str, source: &str, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Level::Error => Style::ERROR,
        Level::Warning => Style::WARNING,
    };
    let start = offset(
        source,
        Position {
            line: diagnostic.line,
            column: diagnostic.column,
        },
    );
    let rest = source.get(start..).unwrap_or_default();
    let marked: usize = rest.chars().take(diagnostic.len).map(char::len_utf8).sum();
    let snippet = Snippet::source(source)
        .path(visible(name))
        .annotation(AnnotationKind::Primary.span(start..start + marked));
    let title = level.primary_title(visible(&diagnostic.message));
    let group = title.id(diagnostic.code.as_str()).element(snippet);
    let group = match &diagnostic.hint {
        Some(hint) => group.element(Style::HELP.message(visible(hint))),
        None => group,
    };
    renderer.render(&[group])
}

fn count(diagnostics: &[Diagnostic], source: &SourceFile) -> String {
    let errors = diagnostics.iter().filter(|found| found.is_error()).count();
    let warnings = diagnostics.len() - errors;
    let of = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    };
    let found = match (errors, warnings) {
        (_, 0) => of(errors, "error"),
        (0, _) => of(warnings, "warning"),
        _ => format!("{}, {}", of(errors, "error"), of(warnings, "warning")),
    };
    format!("{}: {found}\n", visible(&source.name))
}

/// Writes control, bidirectional and invisible formatting characters as `\u{…}`.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::diagnostic::{Code, Finding};

    fn rendered(text: &str, span: std::ops::Range<usize>, message: &str) -> String {
        let file = SourceFile::new("w.yaml", text);
        let found = Finding::error(Code::UnknownKey, message).hint("write `name`");
        render(
            &[Diagnostic::at(&file, &span, found)],
            &file,
            Palette::Plain,
        )
    }

    #[test]
    fn the_line_the_caret_and_the_hint_are_shown() {
        let text = rendered("a: 1\nnmae: x\n", 5..9, "`nmae` is not known");
        for part in [
            "error[unknown-key]: `nmae`",
            "w.yaml:2:1",
            "^^^^",
            "write `name`",
            "1 error",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn colours_come_only_when_asked_for() {
        let file = SourceFile::new("w.yaml", "a: 1\n");
        let found = [Diagnostic::at(
            &file,
            &(0..1),
            Finding::error(Code::UnknownKey, "m"),
        )];
        assert!(render(&found, &file, Palette::Colour).contains('\u{1b}'));
        assert!(!render(&found, &file, Palette::Plain).contains('\u{1b}'));
    }

    #[test]
    fn nothing_of_the_file_reaches_a_terminal_raw() {
        let text = rendered(
            "a: \u{202e}\u{1b}[31m\u{200b}\u{3164}x\n",
            3..9,
            "\u{1b}]0;x\u{7} \u{202e}",
        );
        let raw = |c: char| is_hidden(c) && c != '\n';
        assert!(!text.contains(raw), "{text:?}");
    }
}
