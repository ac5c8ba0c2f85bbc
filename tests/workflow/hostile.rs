//! No text, however broken, stops the check or escapes from what it prints.

use countersign::workflow::{Diagnostic, Palette, SourceFile, ToolBox, check, render, shipped};
use proptest::prelude::*;

use crate::files::{tools, yaml_files};

/// Checks a text as a workflow and as a tool; whatever is found must be showable.
fn survives(text: &str, known: &ToolBox) {
    let file = SourceFile::new("mutated.yaml", text);
    let checked = check(&file, known);
    assert_eq!(
        checked.definition.is_none(),
        checked.diagnostics.iter().any(Diagnostic::is_error)
    );
    let shown = render(&checked.diagnostics, &file, Palette::Plain);
    let raw = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
    };
    assert!(!shown.contains(raw), "{shown:?}");
    let (_, diagnostics) = ToolBox::load(std::slice::from_ref(&file));
    let shown = render(&diagnostics, &file, Palette::Plain);
    assert!(!shown.contains(raw), "{shown:?}");
}

fn texts() -> Vec<String> {
    let mut files = yaml_files("right");
    files.extend(shipped().workflows.iter().cloned());
    files.extend(shipped().tools.iter().cloned());
    files.into_iter().map(|file| file.text).collect()
}

/// Pieces that mean something to YAML, to templates, to CEL or to a terminal.
const PIECES: [&str; 24] = [
    "${",
    "}",
    "{",
    "[",
    "]",
    ": ",
    "- ",
    "'",
    "\"",
    "\n",
    "\n  ",
    "&a ",
    "*a",
    "<<: ",
    "!!x ",
    "| ",
    "null",
    "state.",
    "(((",
    "\u{202e}",
    "\u{200b}",
    "\\e",
    "é\u{301}",
    "0x1F",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn broken_files_are_told_what_is_wrong(
        which in 0_usize..100,
        edits in prop::collection::vec((0.0..1.0_f64, 0_usize..40, 0..PIECES.len()), 1..4),
    ) {
        let texts = texts();
        let mut characters: Vec<char> = texts[which % texts.len()].chars().collect();
        for (place, length, piece) in edits {
            #[expect(
                clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss,
                reason = "a share of a small length"
            )]
            let start = (place * characters.len() as f64) as usize;
            let end = (start + length).min(characters.len());
            characters.splice(start..end, PIECES[piece].chars());
        }
        let text: String = characters.into_iter().collect();
        survives(&text, tools());
    }

    #[test]
    fn any_text_is_survived(text in "\\PC{0,200}") {
        survives(&text, &ToolBox::default());
    }
}

#[test]
fn hostile_texts_are_survived() {
    let known = tools();
    for text in [
        "",
        "\u{feff}workflow: x\n",
        "\0",
        "workflow: \"\\0\\x1b[2J\\u202e\"\n",
        "a: &a [*a]\n",
        "? [a, b]\n: c\n",
        "steps: { a: { compute: { '': '${}' }, next: '' } }\n",
        "workflow: x\r\nsteps: {}\r\n",
        "meaning: { state: { $ref: 'http://127.0.0.1:9/x' } }\n",
        "meaning: { state: { properties: { a: { pattern: '(a+)+$' } } } }\n",
        "1: 2\n~: 3\ntrue: 4\n",
        "workflow: 1e999\n",
    ] {
        survives(text, known);
    }
}
