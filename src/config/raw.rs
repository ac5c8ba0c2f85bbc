//! The configuration file as written. Positions are kept where a value can still turn out wrong.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

/// The whole file. Unknown keys are errors: a misspelt limit must not be a missing one.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawConfig {
    /// The store file, where neither `--store` nor `COUNTERSIGN_STORE` names one.
    pub store: Option<PathBuf>,
    #[serde(default)]
    pub connectors: BTreeMap<String, RawConnector>,
    #[serde(default)]
    pub actors: Vec<RawActor>,
    #[serde(default)]
    pub notifications: RawNotifications,
    #[serde(default)]
    pub limits: RawLimits,
}

/// Where one outside system lives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawConnector {
    pub base_url: Spanned<String>,
    pub credential: Option<Spanned<RawCredential>>,
    /// Failures in a row after which it is left alone.
    pub breaker_failures: Option<Spanned<u32>>,
    /// How long it is left alone before it is tried again.
    pub breaker_open_ms: Option<Spanned<i64>>,
    /// Retries that it gets, in percent of the first tries it gets.
    pub retry_percent: Option<Spanned<u32>>,
    /// Requests that may be under way at it at one time.
    pub in_flight: Option<Spanned<usize>>,
}

/// Where a secret is found when a request leaves; the secret itself never stands here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawCredential {
    pub env: Option<String>,
    pub file: Option<PathBuf>,
}

/// A person and the operating-system user that may act under that name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawActor {
    pub name: Spanned<String>,
    pub os_user: Spanned<String>,
    pub roles: Vec<String>,
}

/// How people are told what they did not ask for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawNotifications {
    /// The console rings the terminal's bell; it does unless this is false.
    pub bell: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawLimits {
    /// Runs driven at one time.
    pub runs_driven: Option<Spanned<usize>>,
}
