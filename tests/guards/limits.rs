//! A limit that nothing obeys is a promise that nobody keeps.

use std::fs;

use crate::sources::{Source, sources};

/// Fewer constants than this means that they are not recognised.
const LIMITS_MIN: usize = 40;

#[test]
fn every_limit_is_used() {
    let limits = fs::read_to_string("src/domain/limits.rs").unwrap();
    let names: Vec<&str> = limits
        .lines()
        .filter_map(|line| line.strip_prefix("pub const ")?.split(':').next())
        .collect();
    assert!(
        names.len() >= LIMITS_MIN,
        "only {} limits were found",
        names.len()
    );
    let sources = sources();
    let used = |name: &str| {
        let others = sources
            .iter()
            .filter(|source| source.path != "src/domain/limits.rs");
        others
            .flat_map(Source::code)
            .any(|(_, line)| says(line, name))
            || limits.lines().any(|line| {
                line.starts_with("pub const ")
                    && line
                        .split_once('=')
                        .is_some_and(|(_, value)| says(value, name))
            })
    };
    let unused: Vec<&&str> = names.iter().filter(|name| !used(name)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn a_name_within_a_longer_name_is_no_use() {
    assert!(says("x.len() > limits::ROWS_MAX {", "ROWS_MAX"));
    assert!(!says("x.len() > LIST_ROWS_MAX {", "ROWS_MAX"));
}

/// Tells whether `line` says `name` as a whole word.
fn says(line: &str, name: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(name)
        .any(|(at, _)| !line[..at].ends_with(word) && !line[at + name.len()..].starts_with(word))
}
