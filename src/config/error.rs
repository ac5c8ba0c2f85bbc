//! What can be wrong with a configuration.

use std::path::PathBuf;

/// Every way the configuration says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the configuration {}: {why}", path.display())]
    Unreadable { path: PathBuf, why: String },
    /// Lines and columns count from 1, columns in characters.
    #[error("{}:{line}:{column}: {message}", path.display())]
    Invalid {
        path: PathBuf,
        line: usize,
        column: usize,
        message: String,
    },
    #[error("the environment variable {name} is not usable: {why}")]
    Variable { name: &'static str, why: String },
    #[error("there is no home directory ({why}): name the file with --{option}")]
    NoHome { option: &'static str, why: String },
    #[error(
        "the operating-system user {os_user} may not act as {}: the configuration maps no such actor to that user",
        actor.as_deref().unwrap_or("anybody")
    )]
    NotMapped {
        /// `None` where no name was given and none is mapped to the caller.
        actor: Option<String>,
        os_user: String,
    },
    #[error(
        "`{name}` is no name for an actor: write 1 to {max} visible characters without spaces around them"
    )]
    BadActorName { name: String, max: usize },
    #[error(
        "nobody acts as `{name}`: `SYSTEM` and names that begin with `SYSTEM_` are what the journal calls the program itself"
    )]
    ReservedActorName { name: String },
}
