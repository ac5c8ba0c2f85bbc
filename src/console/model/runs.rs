//! The list of runs and the one beside it.

use std::collections::BTreeMap;

use crate::console::model::Sheet;
use crate::console::model::filter::{Filter, Filtered};
use crate::domain::{RunId, RunStatus};
use crate::runtime::RunDetail;
use crate::views::RunRow;

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunSort {
    #[default]
    Newest,
    Changed,
    Status,
}

#[derive(Clone, Debug, Default)]
pub struct Runs {
    pub rows: BTreeMap<RunId, RunRow>,
    pub shown: Vec<RunId>,
    pub selected: Option<RunId>,
    pub top: usize,
    pub sort: RunSort,
    pub filter: Filter,
    pub counts: Vec<(String, u64)>,
    pub loaded: bool,
    /// The run under the cursor, as it was read last.
    pub detail: Option<Box<RunDetail>>,
    pub sheet: Sheet,
    pub trouble: Option<String>,
}

/// What the runs can be filtered by.
pub const FIELDS: &[&str] = &["status", "workflow", "step", "key", "run"];

impl Filtered for RunRow {
    fn words(&self) -> String {
        let key = self.key.as_deref().unwrap_or_default();
        let step = self.step.as_ref().map_or("", |step| step.as_str());
        format!("{key} {} {} {step}", self.workflow, self.status)
    }

    fn values(&self, field: &str) -> Vec<String> {
        match field {
            "status" => vec![self.status.to_string()],
            "workflow" => vec![self.workflow.to_string().to_lowercase()],
            "step" => self
                .step
                .iter()
                .map(|step| step.to_string().to_lowercase())
                .collect(),
            "key" => self.key.iter().map(|key| key.to_lowercase()).collect(),
            "run" => vec![self.run.to_string()],
            _ => Vec::new(),
        }
    }
}

/// The status that a filter asks for alone, so that the store can narrow the list itself.
pub fn status_wanted(filter: &Filter) -> Option<RunStatus> {
    let word = filter.text().strip_prefix("status:")?;
    word.parse().ok()
}
