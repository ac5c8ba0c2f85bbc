//! What every command is given: the global options, the configuration, the streams.

use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::cli::options::GlobalOptions;
use crate::cli::output::Output;
use crate::cli::visible::visible;
use crate::config::{Config, OsUser, paths};
use crate::domain::Actor;

/// One command line's surroundings.
#[derive(Debug)]
pub struct Context {
    pub options: GlobalOptions,
    pub out: Output,
    config: Option<Config>,
    /// The store is this user's own, not one made for a demonstration.
    keeps_heads: bool,
}

impl Context {
    pub fn new(options: GlobalOptions) -> Self {
        let out = Output::standard(options.json);
        Self {
            options,
            out,
            config: None,
            keeps_heads: true,
        }
    }

    /// The configuration, read once and only by commands that need it. What is unwise in it is
    /// remarked on stderr.
    pub fn config(&mut self) -> Result<Config, Failure> {
        if let Some(config) = &self.config {
            return Ok(config.clone());
        }
        let config = Config::load(self.options.config.as_deref())?;
        for warning in &config.warnings {
            self.out
                .remark(format_args!("warning: {}", visible(warning)));
        }
        self.config = Some(config.clone());
        Ok(config)
    }

    /// Uses the configuration at `path` and the store at `store` whatever the options say, and keeps
    /// no head of it.
    pub fn use_files(&mut self, config: &Path, store: &Path) {
        self.options.config = Some(config.to_owned());
        self.options.store = Some(store.to_owned());
        self.config = None;
        self.keeps_heads = false;
    }

    /// Where the heads of stores are kept; none where this user has no place for them.
    pub fn heads(&self) -> Option<PathBuf> {
        paths::heads().ok().filter(|_| self.keeps_heads)
    }

    /// The caller, authenticated.
    pub fn actor(&mut self) -> Result<Actor, Failure> {
        let config = self.config()?;
        let wanted = self.options.actor.as_deref();
        Ok(config.actors.authenticate(wanted, &OsUser::current())?)
    }

    /// Refuses a name given with `--as` that the caller may not use, for commands that only read.
    pub fn check_actor(&mut self) -> Result<(), Failure> {
        if self.options.actor.is_some() {
            self.actor()?;
        }
        Ok(())
    }

    /// Refuses a store that somebody named and that does not exist: it may be mistyped, and an
    /// empty console would not tell.
    pub fn check_named_store(&self) -> Result<(), Failure> {
        match &self.options.store {
            Some(path) if !path.exists() => Err(Failure::no_store(path)),
            Some(_) | None => Ok(()),
        }
    }

    /// The store file: `--store`, `COUNTERSIGN_STORE`, the configuration, the default.
    pub fn store_path(&mut self) -> Result<PathBuf, Failure> {
        if let Some(path) = &self.options.store {
            return Ok(path.clone());
        }
        match self.config()?.store {
            Some(path) => Ok(path),
            None => Ok(paths::default_store()?),
        }
    }
}
