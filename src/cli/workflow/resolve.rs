//! From a file on disk to a checked definition: the workflow room itself opens no files.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::config::read_regular;
use crate::domain::limits::DEFINITION_BYTES_MAX;
use crate::workflow::shipped::shipped;
use crate::workflow::{
    Checked, Definition, Diagnostic, Palette, SourceFile, ToolBox, check, render,
};

/// A workflow file with the tools it may use.
#[derive(Debug)]
pub struct Files {
    pub workflow: SourceFile,
    /// Files in the folder `tools` beside it, then the shipped ones they do not replace.
    pub tools: Vec<SourceFile>,
}

/// Tells whether an argument means a file and no name of a known workflow: workflow names have
/// neither a slash nor one of these extensions.
pub fn is_file(argument: &str) -> bool {
    let extension = Path::new(argument)
        .extension()
        .and_then(|text| text.to_str());
    argument.contains('/') || matches!(extension, Some("yaml" | "yml"))
}

/// Checks the file that `argument` means; `None` where it is a name.
///
/// # Errors
/// An unreadable file; a definition with mistakes, which are remarked on stderr for people.
pub fn definition_file(
    argument: &str,
    out: &mut Output,
) -> Result<Option<Arc<Definition>>, Failure> {
    if !is_file(argument) {
        return Ok(None);
    }
    let files = load(Path::new(argument))?;
    let (checked, tool_mistakes) = check_files(&files);
    let errors = || {
        checked
            .diagnostics
            .iter()
            .chain(&tool_mistakes)
            .filter(|found| found.is_error())
    };
    if let (Some(definition), None) = (&checked.definition, errors().next()) {
        return Ok(Some(Arc::clone(definition)));
    }
    if !out.is_json() {
        out.remark(rendered(&files, &checked.diagnostics, &tool_mistakes));
    }
    let first = errors().next().map_or_else(String::new, |found| {
        format!(
            ", the first in {}:{}:{}: {}",
            found.file, found.line, found.column, found.message
        )
    });
    let message = format!("{argument} has {} mistakes{first}", errors().count());
    Err(Failure::usage("invalid_workflow", message).hint(format!(
        "`countersign workflow check {argument}` shows them all"
    )))
}

/// Reads a workflow file and the tools beside it.
pub fn load(path: &Path) -> Result<Files, Failure> {
    let workflow = read(path)?;
    let folder = path.parent().unwrap_or(Path::new("")).join("tools");
    let mut tools = Vec::new();
    for path in yaml_files(&folder)? {
        tools.push(read(&path)?);
    }
    // A tool beside the workflow replaces the shipped one of its name, mistakes and all.
    let (own, _) = ToolBox::load(&tools);
    let replaced = |name: &str| own.get(name).is_some() || own.broken_file(name).is_some();
    let shipped = shipped().tools.iter();
    tools.extend(shipped.filter(|file| !replaced(tool_name(file))).cloned());
    Ok(Files { workflow, tools })
}

/// Checks the workflow, and answers the mistakes of its tool files beside it.
pub fn check_files(files: &Files) -> (Checked, Vec<Diagnostic>) {
    let (tools, tool_mistakes) = ToolBox::load(&files.tools);
    (check(&files.workflow, &tools), tool_mistakes)
}

/// Every mistake with its line and a caret, safe to show on a terminal.
pub fn rendered(files: &Files, found: &[Diagnostic], tool_mistakes: &[Diagnostic]) -> String {
    let mut parts = Vec::new();
    if !found.is_empty() {
        parts.push(render(found, &files.workflow, Palette::Plain));
    }
    for file in &files.tools {
        let own = tool_mistakes.iter().filter(|found| found.file == file.name);
        let own: Vec<Diagnostic> = own.cloned().collect();
        if !own.is_empty() {
            parts.push(render(&own, file, Palette::Plain));
        }
    }
    parts.join("\n")
}

/// Shipped tool files are named after their tools.
fn tool_name(file: &SourceFile) -> &str {
    let name = file.name.rsplit('/').next().unwrap_or(&file.name);
    name.strip_suffix(".yaml").unwrap_or(name)
}

/// YAML files of a folder in the order of their names; none where there is no such folder.
fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Failure::unreadable(folder, &error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry
            .map_err(|error| Failure::unreadable(folder, &error))?
            .path();
        if matches!(
            path.extension().and_then(|text| text.to_str()),
            Some("yaml" | "yml")
        ) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<SourceFile, Failure> {
    let text = read_regular(path, DEFINITION_BYTES_MAX as u64).map_err(|error| {
        if error.kind() == ErrorKind::FileTooLarge {
            let message = format!(
                "{} is larger than a definition may be ({DEFINITION_BYTES_MAX} bytes)",
                path.display()
            );
            return Failure::usage("definition_too_large", message);
        }
        Failure::unreadable(path, &error)
    })?;
    let text = String::from_utf8(text).map_err(|error| {
        let at = error.utf8_error().valid_up_to() + 1;
        Failure::usage(
            "not_utf8",
            format!("{} is not UTF-8 (byte {at})", path.display()),
        )
    })?;
    Ok(SourceFile::new(path.display().to_string(), text))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_and_files_are_told_apart() {
        assert!(is_file("./w") && is_file("w.yaml") && is_file("a/b.yml"));
        assert!(!is_file("purchase-order") && !is_file("v1.2"));
    }

    #[test]
    fn a_tool_beside_the_workflow_replaces_the_shipped_one() {
        let dir = tempfile::tempdir().unwrap();
        let shipped_tool = shipped().tools.first().unwrap();
        fs::write(
            dir.path().join("w.yaml"),
            &shipped().workflow("purchase-order").unwrap().text,
        )
        .unwrap();
        fs::create_dir(dir.path().join("tools")).unwrap();
        fs::write(dir.path().join("tools/mine.yaml"), &shipped_tool.text).unwrap();
        let files = load(&dir.path().join("w.yaml")).unwrap();
        assert_eq!(files.tools.len(), shipped().tools.len());
        let (checked, mistakes) = check_files(&files);
        assert!(
            checked.definition.is_some() && mistakes.is_empty(),
            "{mistakes:?}"
        );
    }

    #[test]
    fn a_shipped_tool_file_is_named_after_its_tool() {
        let (tools, _) = ToolBox::load(&shipped().tools);
        let files: BTreeSet<&str> = shipped().tools.iter().map(tool_name).collect();
        assert_eq!(files, tools.names().collect());
    }
}
