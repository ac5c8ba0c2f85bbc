//! Names that say nothing, and places that exist on one machine alone.

use std::fs;
use std::path::Path;

use crate::sources::{sources, walk};

const EMPTY_NAMES: [&str; 6] = ["utils", "util", "common", "helpers", "manager", "misc"];

/// Written in two parts, so that this file does not find itself.
const MACHINE_PLACES: [&str; 2] = [concat!("/wo", "rk/"), concat!("/ro", "ot/.")];

#[test]
fn no_file_has_a_name_that_says_nothing() {
    for source in sources() {
        let parts = source.path.split(['/', '.']);
        let empty: Vec<&str> = parts.filter(|part| EMPTY_NAMES.contains(part)).collect();
        assert!(empty.is_empty(), "{}", source.path);
        assert!(!source.path.ends_with("/mod.rs"), "{}", source.path);
    }
}

#[test]
fn nothing_names_a_place_on_one_machine() {
    let (mut read, mut found) = (0, Vec::new());
    for folder in ["src", "tests", "assets", ".config", ".ci"] {
        walk(Path::new(folder), &mut |path| {
            if let Ok(text) = fs::read_to_string(path) {
                read += 1;
                let hits = MACHINE_PLACES.iter().filter(|place| text.contains(**place));
                found.extend(hits.map(|place| format!("{}: {place}", path.display())));
            }
        });
    }
    for file in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "Cargo.toml"] {
        let text = fs::read_to_string(file).unwrap();
        found.extend(
            MACHINE_PLACES
                .iter()
                .filter(|place| text.contains(**place))
                .map(|_| file.to_owned()),
        );
    }
    assert!(read > 200, "only {read} files were read");
    assert!(found.is_empty(), "{found:?}");
}
