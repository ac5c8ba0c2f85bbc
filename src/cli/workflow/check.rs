//! `workflow check`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::visible::visible;
use crate::cli::workflow::resolve::{Files, check_files, load, rendered};
use crate::workflow::Diagnostic;

/// Check workflow files: every mistake at once, with line, column and hint
///
/// Tools are looked up in the folder `tools` beside each file and among the shipped ones. Exit
/// status 2 if there is any error; warnings alone are fine.
#[derive(Debug, Args)]
pub struct Check {
    /// The files to check
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Debug, Serialize)]
struct FileReport {
    file: String,
    ok: bool,
    diagnostics: Vec<Diagnostic>,
}

impl Check {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let files: Vec<Files> = self
            .files
            .iter()
            .map(|path| load(path))
            .collect::<Result<_, _>>()?;
        let mut reports = Vec::new();
        for files in &files {
            let report = check(files, context)?;
            reports.push(report);
        }
        if context.out.is_json() {
            context.out.document(&reports)?;
        }
        Ok(if reports.iter().all(|report| report.ok) {
            Done::Well
        } else {
            Done::With(Kind::Usage)
        })
    }
}

fn check(files: &Files, context: &mut Context) -> Result<FileReport, Failure> {
    let (checked, tool_mistakes) = check_files(files);
    let found = checked.diagnostics.iter().chain(&tool_mistakes);
    let report = FileReport {
        file: files.workflow.name.clone(),
        ok: !found.clone().any(Diagnostic::is_error),
        diagnostics: found.cloned().collect(),
    };
    if !context.out.is_json() {
        if !report.diagnostics.is_empty() {
            context
                .out
                .line(rendered(files, &checked.diagnostics, &tool_mistakes))?;
        }
        if report.ok {
            context
                .out
                .line(format_args!("{}: sound", visible(&report.file)))?;
        }
    }
    Ok(report)
}
