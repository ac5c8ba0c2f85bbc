//! What a figure found: counts, invariants that did not hold, and what was too little to tell.

use std::fmt;

/// What a figure comes to; the worst of several is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Word {
    Kept,
    Skipped,
    Void,
    Broken,
}

impl Word {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Skipped => "skipped",
            Self::Void => "void",
            Self::Broken => "BROKEN",
        }
    }
}

/// Counts so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    said: Vec<String>,
    broken: Vec<String>,
    void: Vec<String>,
    /// Invariants that the twin breaks, and that were found kept.
    unseen: Vec<String>,
    skipped: bool,
}

impl Tally {
    /// The machine lacks what the fault is made with.
    pub(crate) fn skipped(needs: &str) -> Self {
        Self {
            said: vec![format!("needs {needs}")],
            skipped: true,
            ..Self::default()
        }
    }

    /// A figure that nothing depends on.
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.said.push(text.into());
    }

    /// An invariant: there must be none of these.
    pub(crate) fn none(&mut self, what: &str, found: usize) {
        self.said.push(format!("{found} {what}"));
        if found > 0 {
            self.broken.push(format!("{found} {what}"));
        }
    }

    /// An invariant that the twin breaks: there the check must see it broken.
    pub(crate) fn caught(&mut self, what: &str, found: usize) {
        self.none(what, found);
        if found == 0 {
            self.unseen.push(what.to_owned());
        }
    }

    /// Whether the check saw all that its twin breaks.
    pub(crate) fn saw_its_twin(&self) -> bool {
        self.unseen.is_empty()
    }

    /// An invariant that may fail in many ways; each is told, the first few in full.
    pub(crate) fn faultless(&mut self, what: &str, found: &[String]) {
        const TOLD: usize = 3;
        self.none(what, found.len());
        self.broken.extend(found.iter().take(TOLD).cloned());
    }

    /// A condition without which the figure says nothing.
    pub(crate) fn need(&mut self, what: &str, found: usize, least: usize) {
        self.said.push(format!("{found} {what}"));
        if found < least {
            self.void.push(format!("{least} {what} were needed"));
        }
    }

    pub(crate) fn word(&self) -> Word {
        if self.skipped {
            Word::Skipped
        } else if !self.broken.is_empty() {
            Word::Broken
        } else if !self.void.is_empty() {
            Word::Void
        } else {
            Word::Kept
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said.join(", "))?;
        for broken in &self.broken {
            write!(f, " [broken: {broken}]")?;
        }
        for void in &self.void {
            write!(f, " [void: {void}]")?;
        }
        Ok(())
    }
}
