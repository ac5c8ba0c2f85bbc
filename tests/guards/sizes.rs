//! Small files, small functions. The counts are ratchets: they may be lowered, never raised.

use crate::sources::{Source, sources, twin};

/// Lines of a file without its inline tests.
const FILE_LINES_MAX: usize = 600;
/// Files over this are thought about; so many there may be.
const FILE_LINES_THINK: usize = 400;
const FILES_OVER_THINK_MAX: usize = 1;
/// Lines of a function from its first to its closing brace.
const FUNCTION_LINES_MAX: usize = 70;
/// Functions over this are few.
const FUNCTION_LINES_LONG: usize = 50;
const FUNCTIONS_LONG_MAX: usize = 13;
/// Fewer functions than this means that they are not recognised.
const FUNCTIONS_MIN: usize = 800;

#[test]
fn files_are_small() {
    let sizes = sources()
        .into_iter()
        .map(|source| (length(&source), source.path));
    let mut large: Vec<_> = sizes
        .filter(|(lines, _)| *lines > FILE_LINES_THINK)
        .collect();
    large.sort();
    assert!(large.len() <= FILES_OVER_THINK_MAX, "{large:?}");
    assert!(
        large.iter().all(|(lines, _)| *lines <= FILE_LINES_MAX),
        "{large:?}"
    );
}

#[test]
fn functions_are_small() {
    let all: Vec<_> = sources().iter().flat_map(functions).collect();
    assert!(
        all.len() >= FUNCTIONS_MIN,
        "only {} functions were seen",
        all.len()
    );
    let over = |limit: usize| -> Vec<String> {
        let long = all.iter().filter(|function| function.lines > limit);
        long.map(|function| format!("{}, {} lines", function.at, function.lines))
            .collect()
    };
    let large = over(FUNCTION_LINES_MAX);
    assert!(large.is_empty(), "{large:?}");
    let long = over(FUNCTION_LINES_LONG);
    assert!(long.len() <= FUNCTIONS_LONG_MAX, "{}: {long:?}", long.len());
}

#[test]
fn a_long_function_is_measured() {
    let body = "        x();\n".repeat(80);
    let declared = "trait T {\n    fn wide(\n        &self,\n    ) -> T;\n}\n";
    assert!(functions(&twin("cli", &format!("{declared}{body}}}\n"))).is_empty());
    let text = format!("impl T {{\n    pub fn long(\n        &self,\n    ) {{\n{body}    }}\n}}\n");
    let found = functions(&twin("cli", &text));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].lines, 84);
}

struct Function {
    at: String,
    lines: usize,
}

fn length(source: &Source) -> usize {
    source.untested().lines().count()
}

/// Functions as rustfmt lays them out: the closing brace stands under the line that begins them.
fn functions(source: &Source) -> Vec<Function> {
    let lines: Vec<(usize, &str)> = source.code().collect();
    let mut found = Vec::new();
    for (index, (number, line)) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        if !begins_function(line.trim_start()) {
            continue;
        }
        let closing = format!("{}}}", &line[..indent]);
        let declared = format!("{})", &line[..indent]);
        let signature = lines[index + 1..]
            .iter()
            .find(|(_, line)| line.starts_with(&declared) || line.starts_with(&closing));
        if signature.is_some_and(|(_, line)| line.starts_with(&declared) && line.ends_with(';')) {
            // A trait's declaration over several lines has no body.
            continue;
        }
        let end = lines[index..]
            .iter()
            .find(|(_, line)| line.starts_with(&closing));
        let Some((end, _)) = end.filter(|_| !line.trim_end().ends_with(';')) else {
            continue;
        };
        found.push(Function {
            at: format!("{}:{number}", source.path),
            lines: end - number + 1,
        });
    }
    found
}

fn begins_function(line: &str) -> bool {
    let mut words = line.split_whitespace().skip_while(|word| {
        word.starts_with("pub") || matches!(*word, "async" | "const" | "crate)" | "super)")
    });
    words.next() == Some("fn")
}
