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
        let mut reports = Vec::new();
        let mut unread = None;
        for path in &self.files {
            match load(path) {
                Ok(files) => reports.push(check(&files, context)?),
                // The others are checked all the same.
                Err(failure) => {
                    unread.get_or_insert(failure);
                }
            }
        }
        if let Some(failure) = unread {
            return Err(failure);
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
