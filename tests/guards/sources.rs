//! The source files, as the guards read them.

use std::fs;
use std::path::Path;

/// Fewer files than this means that the guards look in the wrong place.
const FILES_MIN: usize = 150;

/// One file below `src/`.
pub(crate) struct Source {
    /// Relative to the checkout, as in `src/engine/decide.rs`.
    pub path: String,
    /// The first part of the module path: `engine`; `lib` and `main` for those files.
    pub room: String,
    pub text: String,
}

impl Source {
    /// The lines before the inline tests, which stand last.
    pub(crate) fn untested(&self) -> &str {
        let tests = self.text.find("#[cfg(test)]\nmod tests {");
        tests.map_or(&self.text, |start| &self.text[..start])
    }

    /// The lines that are compiled into the program, with their numbers: no comments, no tests.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.untested().lines().enumerate();
        lines
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
            .map(|(index, line)| (index + 1, line))
    }
}

/// Every Rust file below `src/`.
pub(crate) fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    walk(Path::new("src"), &mut |path| {
        // A room's `tests.rs` is its inline tests in a file of their own.
        let is_code = path.extension().is_some_and(|extension| extension == "rs")
            && path.file_name().is_some_and(|name| name != "tests.rs");
        if is_code {
            let shown = path.to_str().unwrap().to_owned();
            let room = shown.split('/').nth(1).unwrap().trim_end_matches(".rs");
            found.push(Source {
                room: room.to_owned(),
                text: fs::read_to_string(path).unwrap(),
                path: shown,
            });
        }
    });
    assert!(
        found.len() >= FILES_MIN,
        "only {} files were found",
        found.len()
    );
    found
}

/// Visits every file below `folder`.
pub(crate) fn walk(folder: &Path, visit: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, visit);
        } else {
            visit(&path);
        }
    }
}

/// A made-up file, for broken twins.
pub(crate) fn twin(room: &str, text: &str) -> Source {
    Source {
        path: format!("src/{room}/twin.rs"),
        room: room.to_owned(),
        text: text.to_owned(),
    }
}
