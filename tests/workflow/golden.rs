//! Wrong files and exactly what is said of each. `BLESS=1 cargo test --test workflow` rewrites the
//! expected output; read the difference before it is kept.

use std::collections::BTreeSet;
use std::fs;

use countersign::workflow::{
    Code, Diagnostic, Palette, SourceFile, ToolBox, check, render, shipped,
};

use crate::files::{folder, tools, yaml_files};

/// A tool file is loaded together with the shipped ones, which have no mistakes.
fn of_tool(file: &SourceFile) -> Vec<Diagnostic> {
    let mut files = shipped().tools.clone();
    files.push(file.clone());
    let (_, diagnostics) = ToolBox::load(&files);
    assert!(diagnostics.iter().all(|found| found.file == file.name));
    diagnostics
}

/// Every wrong file with its folder and its mistakes.
fn all() -> Vec<(&'static str, SourceFile, Vec<Diagnostic>)> {
    let known = tools();
    let mut all = Vec::new();
    for file in yaml_files("wrong") {
        let diagnostics = check(&file, known).diagnostics;
        all.push(("wrong", file, diagnostics));
    }
    for file in yaml_files("wrong_tools") {
        let diagnostics = of_tool(&file);
        all.push(("wrong_tools", file, diagnostics));
    }
    all
}

#[test]
fn every_wrong_file_is_told_exactly_what_is_wrong() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut differences = Vec::new();
    for (place, file, diagnostics) in all() {
        let found = render(&diagnostics, &file, Palette::Plain);
        let path = folder(place).join(file.name.replace(".yaml", ".out"));
        if bless {
            fs::write(&path, &found).unwrap();
        } else if fs::read_to_string(&path).unwrap_or_default() != found {
            differences.push(format!("{} now says:\n{found}", path.display()));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn no_wrong_file_passes() {
    let files = all();
    assert!(files.len() >= 24, "only {} files", files.len());
    for (_, file, diagnostics) in &files {
        assert!(!diagnostics.is_empty(), "{} has no mistake", file.name);
    }
    let several = files.iter().filter(|(_, _, found)| found.len() >= 3);
    assert!(several.count() >= 10);
}

#[test]
fn every_code_is_shown_by_an_example() {
    let files = all();
    let found = files.iter().flat_map(|(_, _, found)| found);
    let shown: BTreeSet<Code> = found.map(|found| found.code).collect();
    let missing: Vec<&Code> = Code::ALL
        .iter()
        .filter(|code| !shown.contains(code))
        .collect();
    assert!(missing.is_empty(), "no example shows {missing:?}");
}

#[test]
fn nothing_compiles_where_an_error_was_found() {
    let known = tools();
    let mut with_errors = 0;
    for file in yaml_files("wrong") {
        let checked = check(&file, known);
        let has_error = checked.diagnostics.iter().any(Diagnostic::is_error);
        assert_eq!(checked.definition.is_none(), has_error, "{}", file.name);
        with_errors += usize::from(has_error);
    }
    assert!(with_errors > 0);
}

#[test]
fn every_place_lies_in_its_file() {
    for (_, file, diagnostics) in all() {
        let lines: Vec<&str> = file.text.lines().collect();
        for found in diagnostics {
            let line = lines.get(found.line - 1);
            let width = line.map_or(0, |line| line.chars().count());
            assert!(
                found.column <= width + 1 && found.len >= 1,
                "{}: {found:?}",
                file.name
            );
        }
    }
}
