//! The pure rooms mention nothing that does I/O, tells the time, or has a random order.

use crate::sources::{Source, sources, twin};

const PURE: [&str; 6] = ["domain", "expr", "workflow", "govern", "engine", "views"];

/// Words that a pure room never says.
const IMPURE: [&str; 20] = [
    "std::fs",
    "std::net",
    "std::io",
    "std::env",
    "std::process",
    "std::thread",
    "tokio::",
    "async fn",
    ".await",
    "SystemTime",
    "Instant::",
    "Timestamp::now",
    "HashMap",
    "HashSet",
    "rusqlite",
    "reqwest",
    "getrandom",
    "rand::",
    "new_v4",
    "Mutex",
];

/// Words of one room alone, and who else may say them.
const OWNED: [(&str, &[&str]); 6] = [
    ("ratatui", &["console"]),
    ("crossterm", &["console"]),
    ("rusqlite", &["store", "sandbox"]),
    ("reqwest::Client", &["tools"]),
    ("axum::", &["sandbox"]),
    ("clap::", &["cli"]),
];

/// The files of the console that talk to terminal, clock and runtime. All others are pure.
const CONSOLE_SHELL: [&str; 5] = [
    "src/console/run.rs",
    "src/console/run/",
    "src/console/worker",
    "src/console/terminal.rs",
    "src/console/input.rs",
];

/// What puts text on a screen without making it safe. One file may: it takes nothing but lines.
const RAW_TEXT: [&str; 8] = [
    "Span",
    "Paragraph",
    "ratatui::text",
    "set_string",
    "set_symbol",
    "set_char",
    "ListItem",
    "widgets::Table",
];
const DRAWS: &str = "src/console/text/draw.rs";

/// Fewer lines than this means that the pure rooms were not found.
const LINES_MIN: usize = 5_000;

#[test]
fn pure_rooms_say_no_impure_word() {
    let (mut lines, mut wrong) = (0, Vec::new());
    for source in sources()
        .iter()
        .filter(|source| PURE.contains(&source.room.as_str()))
    {
        lines += source.code().count();
        wrong.extend(impure(source));
    }
    assert!(lines >= LINES_MIN, "only {lines} lines were read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn update_and_view_say_no_impure_word() {
    let (mut lines, mut wrong) = (0, Vec::new());
    for source in sources().iter().filter(|source| source.room == "console") {
        if CONSOLE_SHELL
            .iter()
            .any(|shell| source.path.starts_with(shell))
        {
            continue;
        }
        lines += source.code().count();
        wrong.extend(impure(source));
    }
    assert!(lines >= 2_000, "only {lines} lines were read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn foreign_text_has_one_way_to_the_screen() {
    let (mut drawn, mut wrong) = (0, Vec::new());
    for source in sources().iter().filter(|source| source.room == "console") {
        for (number, line) in source.code() {
            let raw = RAW_TEXT.iter().find(|word| line.contains(**word));
            match raw {
                Some(_) if source.path == DRAWS => drawn += 1,
                Some(word) => wrong.push(format!("{}:{number}: {word}", source.path)),
                None => {}
            }
        }
    }
    assert!(drawn > 0, "the one way was not found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn words_of_one_room_stay_there() {
    let mut wrong = Vec::new();
    for (word, rooms) in OWNED {
        let mut said = 0;
        for source in sources() {
            let hits = source.code().filter(|(_, line)| line.contains(word));
            for (number, _) in hits {
                said += 1;
                if !rooms.contains(&source.room.as_str()) {
                    wrong.push(format!("{}:{number}: {word}", source.path));
                }
            }
        }
        assert!(
            said > 0,
            "nobody says {word}: the guard looks for the wrong word"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_impure_word_is_found_in_code_alone() {
    for word in IMPURE {
        assert!(
            !impure(&twin("engine", &format!("let x = {word}();"))).is_empty(),
            "{word}"
        );
        assert!(
            impure(&twin("engine", &format!("// not {word}"))).is_empty(),
            "{word}"
        );
        let tests = format!("#[cfg(test)]\nmod tests {{ {word} }}");
        assert!(impure(&twin("engine", &tests)).is_empty(), "{word}");
    }
}

fn impure(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in source.code() {
        for word in IMPURE.iter().filter(|word| line.contains(**word)) {
            found.push(format!("{}:{number}: {word}", source.path));
        }
    }
    found
}
