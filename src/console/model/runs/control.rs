//! What a person can do to a run.

use crate::domain::RunStatus;
use crate::runtime::TerminatePreview;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    Pause,
    Resume,
    Override,
}

impl Control {
    pub const ALL: [Self; 3] = [Self::Pause, Self::Resume, Self::Override];

    pub fn name(self) -> &'static str {
        match self {
            Self::Pause => "pause…",
            Self::Resume => "resume…",
            Self::Override => "override…",
        }
    }

    /// The key that opens its dialog.
    pub fn key(self) -> &'static str {
        match self {
            Self::Pause => "p",
            Self::Resume => "P",
            Self::Override => "O",
        }
    }

    /// What it does, in one breath.
    pub fn does(self) -> &'static str {
        match self {
            Self::Pause => {
                "Nothing more is sent for this run. What is in flight still records its outcome. Approves nothing."
            }
            Self::Resume => {
                "The run goes on where it stood; one that waited for a person waits again. Approves nothing."
            }
            Self::Override => {
                "Sets one value of the state, checked by the workflow's schema. Approvals given before are void; an open packet gets a new version. Approves nothing."
            }
        }
    }

    /// Why it cannot be done to a run of this status.
    pub fn refused(self, status: RunStatus) -> Option<String> {
        if status.is_final() {
            let nothing = match self {
                Self::Pause => "there is nothing left to pause",
                Self::Resume => "it does not go on",
                Self::Override => "its state is final",
            };
            return Some(format!("this run has ended ({status}): {nothing}"));
        }
        let held = matches!(status, RunStatus::Paused | RunStatus::Isolated);
        match self {
            Self::Pause if status == RunStatus::Paused => {
                Some("this run is paused already".to_owned())
            }
            Self::Resume if !held => Some(format!(
                "this run is {status}, not paused: there is nothing to resume"
            )),
            Self::Override if !held && status != RunStatus::DeadLettered => Some(format!(
                "this run is {status}: pause it first (p), then override the value"
            )),
            Self::Pause | Self::Resume | Self::Override => None,
        }
    }
}

/// Why a run can neither be stopped nor undone.
pub fn terminate_refused(preview: &TerminatePreview) -> Option<String> {
    if let Some(why) = &preview.refused {
        return Some(why.clone());
    }
    let status = preview.status;
    let nothing = "this run is terminated already: nothing it did is left to undo";
    let undoing = format!("this run is {status}: what it did is being undone already");
    match (preview.stops, preview.undoes, status.is_final()) {
        (false, false, true) => Some(nothing.to_owned()),
        (false, false, false) => Some(undoing),
        (true, _, _) | (_, true, _) => None,
    }
}
