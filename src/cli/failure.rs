//! Every room's error as a kind, a code, one sentence, a hint and an exit status: the only such
//! mapping.
//!
//! | exit | kind | means |
//! |---|---|---|
//! | 1 | failed | it was tried and did not work |
//! | 2 | usage | the command line or a file given with it is wrong |
//! | 3 | not found | the thing named does not exist |
//! | 4 | refused | a rule says no: stale digest, already decided, not permitted, over a limit |
//! | 5 | integrity | the journal does not verify, or the file is no sound store |
//! | 6 | busy | another process holds what is needed |

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use crate::cli::output::Output;
use crate::cli::visible::visible;
use crate::config::ConfigError;
use crate::engine::Rejection;
use crate::runtime::RuntimeError;
use crate::store::StoreError;

/// What sort of failure it is; decides the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Failed,
    Usage,
    NotFound,
    Refused,
    Integrity,
    Busy,
}

impl Kind {
    /// The process's exit status.
    pub fn status(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Refused => 4,
            Self::Integrity => 5,
            Self::Busy => 6,
        }
    }

    /// What to do next where the error itself does not say.
    fn advice(self) -> &'static str {
        match self {
            Self::Failed => "`countersign doctor` checks the store, the clock and the connectors",
            Self::Usage => "`countersign help` lists the commands, `--help` after one its options",
            Self::NotFound => "list what there is with the `list` command of the same noun",
            Self::Refused => "look at it again with the `show` command of the same noun",
            Self::Integrity => "keep the file as it is and run `countersign audit verify`",
            Self::Busy => "try again, or end the process that holds the store",
        }
    }
}

/// Why a command ended without doing what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub kind: Kind,
    /// A stable word for scripts.
    pub code: &'static str,
    /// One sentence without its full stop: what happened, to what, why.
    pub message: String,
    /// What to do next, where the message does not say it.
    pub hint: Option<String>,
}

impl Failure {
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            code,
            message: message.into(),
            hint: None,
        }
    }

    pub fn usage(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, code, message)
    }

    /// A failure of this program or of the machine, not of what it was given.
    pub fn internal(error: &dyn std::error::Error) -> Self {
        Self::new(Kind::Failed, "internal", error.to_string())
    }

    /// The file at `path` cannot be read.
    pub fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        let (kind, code) = match error.kind() {
            std::io::ErrorKind::NotFound => (Kind::NotFound, "no_such_file"),
            std::io::ErrorKind::InvalidInput => (Kind::Usage, "no_regular_file"),
            std::io::ErrorKind::FileTooLarge => (Kind::Usage, "file_too_large"),
            _ => (Kind::Failed, "unreadable_file"),
        };
        Self::new(
            kind,
            code,
            format!("cannot read {}: {error}", path.display()),
        )
        .hint("name a regular file that you may read")
    }

    /// The code of a store that another process keeps locked.
    pub const STORE_BUSY: &str = "store_busy";

    /// The code of [`Failure::no_store`].
    pub const NO_STORE: &str = "no_store";

    /// There is no store at all where one is needed.
    pub fn no_store(path: &Path) -> Self {
        let message = format!("there is no store {}", path.display());
        Self::new(Kind::NotFound, Self::NO_STORE, message)
            .hint("`countersign start` creates one, --store names another")
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Writes one sentence to stderr, beginning with `before`: `the verdict is recorded, but …`.
    pub fn remark(&self, before: &str, out: &mut Output) {
        let message = visible(&self.message);
        match self.hint.as_deref().map(visible) {
            Some(hint) => out.remark(format_args!("countersign: {before}{message}; {hint}")),
            None => out.remark(format_args!("countersign: {before}{message}")),
        }
    }

    /// Writes one sentence to stderr and, for machines, the error document to stdout.
    pub fn report(&self, out: &mut Output) -> ExitCode {
        self.remark("", out);
        if out.is_json() {
            let hint = self.hint.as_deref().unwrap_or_else(|| self.kind.advice());
            let document =
                json!({"error": {"code": self.code, "message": self.message, "hint": hint}});
            // Where stdout is broken too, the sentence on stderr and the status have said it.
            drop(out.document(&document).and_then(|()| out.flush()));
        }
        ExitCode::from(self.kind.status())
    }
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        let kind = match &rejection {
            Rejection::NoRun { .. } => Kind::NotFound,
            _ => Kind::Refused,
        };
        Self::new(kind, rejection.code(), rejection.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let (kind, code) = match &error {
            StoreError::Conflict { .. } => (Kind::Busy, "conflict"),
            StoreError::DuplicateKey { .. } => (Kind::Refused, "duplicate_key"),
            StoreError::DuplicateIdentity { .. } => (Kind::Refused, "duplicate_identity"),
            StoreError::Fenced => (Kind::Busy, "fenced"),
            StoreError::Busy { .. } => (Kind::Busy, Self::STORE_BUSY),
            StoreError::NotAStore { .. } => (Kind::Integrity, "not_a_store"),
            StoreError::Newer { .. } => (Kind::Failed, "newer_store"),
            StoreError::NewerRun { .. } => (Kind::Failed, "newer_run"),
            StoreError::Open { .. } => (Kind::Failed, "store_not_opened"),
            StoreError::Full { .. } => (Kind::Failed, "disk_full"),
            StoreError::Disk { .. } => (Kind::Failed, "disk_failed"),
            StoreError::Integrity { .. } => (Kind::Integrity, "integrity"),
            StoreError::Schema { .. } => (Kind::Integrity, "foreign_schema"),
            StoreError::CommitUnknown { .. } => (Kind::Failed, "commit_unknown"),
            StoreError::Broken { .. } => (Kind::Failed, "store_broken"),
            StoreError::OlderCopy { .. } => (Kind::Integrity, "older_copy"),
            StoreError::OtherHistory { .. } => (Kind::Integrity, "other_history"),
            StoreError::ExecutorElsewhere { .. } => (Kind::Busy, "executor_elsewhere"),
            StoreError::CopyExecutes { .. } => (Kind::Busy, "copy_executes"),
            StoreError::Failed { .. } => (Kind::Failed, "store_failed"),
            StoreError::NoSuchRow { .. } => (Kind::NotFound, "no_such_row"),
            StoreError::Closed => (Kind::Failed, "store_closed"),
            StoreError::TooLarge { .. } => (Kind::Refused, "too_large"),
        };
        Self::new(kind, code, error.to_string())
    }
}

impl From<RuntimeError> for Failure {
    fn from(error: RuntimeError) -> Self {
        let (kind, code) = match &error {
            RuntimeError::Rejected(rejection) => return rejection.clone().into(),
            RuntimeError::Store(error) => return error.clone().into(),
            RuntimeError::NoSuchRun(_) => (Kind::NotFound, "no_such_run"),
            RuntimeError::NoSuchPacket(_) => (Kind::NotFound, "no_such_packet"),
            RuntimeError::NoSuchDeadLetter(_) => (Kind::NotFound, "no_such_dead_letter"),
            RuntimeError::NoSuchAlert(_) => (Kind::NotFound, "no_such_alert"),
            RuntimeError::AlertAcknowledged { .. } => (Kind::Refused, "already_acknowledged"),
            RuntimeError::NoSuchEffect(_) => (Kind::NotFound, "no_such_effect"),
            RuntimeError::NoSuchWorkflow(_) => (Kind::NotFound, "no_such_workflow"),
            RuntimeError::TooManyConflicts { .. } => (Kind::Busy, "too_many_conflicts"),
            RuntimeError::Definition { .. } => (Kind::Failed, "definition"),
            RuntimeError::Entropy(_) => (Kind::Failed, "entropy"),
            RuntimeError::Stopped => (Kind::Failed, "stopped"),
        };
        Self::new(kind, code, error.to_string())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let (kind, code) = match &error {
            ConfigError::Unreadable { .. } => (Kind::Usage, "config_unreadable"),
            ConfigError::Invalid { .. } => (Kind::Usage, "config_invalid"),
            ConfigError::Variable { .. } => (Kind::Usage, "variable_invalid"),
            ConfigError::NoHome { .. } => (Kind::Failed, "no_home"),
            ConfigError::NotMapped { .. } => (Kind::Refused, "actor_not_mapped"),
            ConfigError::BadActorName { .. } => (Kind::Usage, "bad_actor_name"),
            ConfigError::ReservedActorName { .. } => (Kind::Usage, "reserved_actor_name"),
        };
        let failure = Self::new(kind, code, error.to_string());
        match error {
            ConfigError::BadActorName { .. } | ConfigError::ReservedActorName { .. } => {
                failure.hint("give a person's name with --as, as in --as MGR_JANE_DOE")
            }
            _ => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path() -> std::path::PathBuf {
        "s.db".into()
    }

    fn why() -> String {
        "why".to_owned()
    }

    #[test]
    fn store_errors_have_the_exit_status_scripts_rely_on() {
        let cases = [
            (StoreError::Busy { path: path() }, 6),
            (
                StoreError::NotAStore {
                    path: path(),
                    why: why(),
                },
                5,
            ),
            (
                StoreError::Newer {
                    path: path(),
                    found: 9,
                    known: 1,
                },
                1,
            ),
            (
                StoreError::Open {
                    path: path(),
                    why: why(),
                },
                1,
            ),
            (StoreError::Full { path: path() }, 1),
            (
                StoreError::Integrity {
                    what: why(),
                    seq: 4,
                },
                5,
            ),
            (StoreError::NoSuchRow { what: why() }, 3),
            (
                StoreError::TooLarge {
                    what: why(),
                    limit: 1,
                },
                4,
            ),
        ];
        for (error, status) in cases {
            let sentence = error.to_string();
            assert_eq!(Failure::from(error).kind.status(), status, "{sentence}");
        }
    }

    #[test]
    fn a_rejection_keeps_its_code_through_the_runtime() {
        let rejection = Rejection::BadDigest { given: "x".into() };
        let failure = Failure::from(RuntimeError::from(rejection));
        assert_eq!((failure.kind, failure.code), (Kind::Refused, "bad_digest"));
    }

    #[test]
    fn what_does_not_exist_is_not_found() {
        let failure = Failure::from(RuntimeError::NoSuchWorkflow("x".into()));
        assert_eq!(
            (failure.kind.status(), failure.code),
            (3, "no_such_workflow")
        );
    }
}
