//! Where mistakes gather while a file is checked.

use crate::domain::limits::DIAGNOSTICS_MAX;
use crate::workflow::diagnostic::{Diagnostic, Finding, Level};
use crate::workflow::source::{SourceFile, Span};

/// The mistakes of one file, and the file for their places.
#[derive(Debug)]
pub(crate) struct Sink<'a> {
    file: &'a SourceFile,
    found: Vec<Diagnostic>,
    errors: usize,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(file: &'a SourceFile) -> Self {
        Self {
            file,
            found: Vec::new(),
            errors: 0,
        }
    }

    /// Keeps a mistake. Past the limit mistakes are counted but no longer kept.
    pub(crate) fn report(&mut self, span: &Span, finding: Finding) {
        self.errors += usize::from(finding.severity == Level::Error);
        if self.found.len() >= DIAGNOSTICS_MAX {
            return;
        }
        let diagnostic = Diagnostic::at(self.file, span, finding);
        if !self.found.contains(&diagnostic) {
            self.found.push(diagnostic);
        }
    }

    /// Errors so far; a part is sound when this did not change while it was checked.
    pub(crate) fn errors(&self) -> usize {
        self.errors
    }

    pub(crate) fn text(&self) -> &'a str {
        &self.file.text
    }

    /// Everything found, in the order of the file.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.found
            .sort_by_key(|found| (found.line, found.column, found.code));
        self.found
    }
}
