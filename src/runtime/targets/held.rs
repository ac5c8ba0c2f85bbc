//! Due retries that wait in their rows because their target takes nothing just now, and since when.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::RunId;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Wait {
    target: String,
    /// Until when at most, by elapsed time; none where it waits for its turn.
    until_ms: Option<i64>,
}

#[derive(Debug, Default)]
pub(super) struct Held {
    runs: BTreeMap<RunId, Wait>,
}

impl Held {
    /// Keeps a run waiting for its target; false, and it is forgotten, once it has waited for
    /// `longest_ms`.
    pub(super) fn keep(
        &mut self,
        run: RunId,
        target: &str,
        (now_ms, longest_ms): (i64, i64),
    ) -> bool {
        let fresh = || Wait {
            target: target.to_owned(),
            until_ms: Some(now_ms.saturating_add(longest_ms)),
        };
        let wait = self.runs.entry(run).or_insert_with(fresh);
        if wait.target != target || wait.until_ms.is_none() {
            *wait = fresh();
        }
        let keeps = wait.until_ms.is_some_and(|until_ms| now_ms < until_ms);
        if !keeps {
            self.runs.remove(&run);
        }
        keeps
    }

    /// Keeps a run waiting for its turn among the retries of its target.
    pub(super) fn keep_for_share(&mut self, run: RunId, target: &str) {
        let wait = Wait {
            target: target.to_owned(),
            until_ms: None,
        };
        self.runs.insert(run, wait);
    }

    /// Targets that somebody waits for.
    pub(super) fn targets(&self) -> BTreeSet<String> {
        let waits = self.runs.values();
        waits.map(|wait| wait.target.clone()).collect()
    }

    /// The target that a run waits for, and whether it has waited for long enough.
    pub(super) fn of(&self, run: RunId, now_ms: i64) -> Option<(&str, bool)> {
        let wait = self.runs.get(&run)?;
        let over = wait.until_ms.is_some_and(|until_ms| until_ms <= now_ms);
        Some((wait.target.as_str(), over))
    }

    pub(super) fn drop_of(&mut self, run: RunId) {
        self.runs.remove(&run);
    }

    /// Forgets the runs that are not due any more: somebody ended or held them meanwhile.
    pub(super) fn keep_only(&mut self, due: &[RunId]) {
        let due: BTreeSet<RunId> = due.iter().copied().collect();
        self.runs.retain(|run, _| due.contains(run));
    }

    pub(super) fn len(&self) -> usize {
        self.runs.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(number: u128) -> RunId {
        RunId(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn a_run_waits_from_its_first_look_and_not_for_ever() {
        let mut held = Held::default();
        for now_ms in [0, 40, 99] {
            assert!(held.keep(run(1), "erp", (now_ms, 100)));
        }
        assert_eq!(held.of(run(1), 99), Some(("erp", false)));
        assert_eq!(held.of(run(1), 100), Some(("erp", true)));
        assert!(!held.keep(run(1), "erp", (100, 100)));
        assert_eq!(held.len(), 0);
        assert!(held.keep(run(1), "erp", (100, 100)), "its next retry");
    }

    #[test]
    fn a_run_that_is_not_due_any_more_is_forgotten() {
        let mut held = Held::default();
        assert!(held.keep(run(1), "erp", (0, 100)));
        assert!(held.keep(run(2), "erp", (0, 100)));
        held.keep_only(&[run(2), run(3)]);
        assert_eq!((held.of(run(1), 0), held.len()), (None, 1));
    }
}
