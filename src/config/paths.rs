//! Where files live when nobody says where: the XDG base directories.

use std::path::PathBuf;

use etcetera::BaseStrategy as _;
use etcetera::base_strategy::Xdg;

use crate::config::ConfigError;

const FOLDER: &str = "countersign";
const HEADS_FOLDER: &str = "heads";
const STORE_FILE: &str = "store.db";
const CONFIG_FILE: &str = "countersign.toml";

/// `$XDG_DATA_HOME/countersign/store.db`, by default under `~/.local/share`.
pub fn default_store() -> Result<PathBuf, ConfigError> {
    let data = base("store")?.data_dir();
    Ok(data.join(FOLDER).join(STORE_FILE))
}

/// `$XDG_CONFIG_HOME/countersign/countersign.toml`, by default under `~/.config`.
pub fn default_config() -> Result<PathBuf, ConfigError> {
    let config = base("config")?.config_dir();
    Ok(config.join(FOLDER).join(CONFIG_FILE))
}

/// `$XDG_STATE_HOME/countersign/heads`, by default under `~/.local/state`: the newest head of each
/// store that was used.
pub fn heads() -> Result<PathBuf, ConfigError> {
    let state = base("store")?.state_dir();
    let state = state.ok_or_else(|| ConfigError::NoHome {
        option: "store",
        why: "there is no directory for a program's state".to_owned(),
    })?;
    Ok(state.join(FOLDER).join(HEADS_FOLDER))
}

fn base(option: &'static str) -> Result<Xdg, ConfigError> {
    Xdg::new().map_err(|error| ConfigError::NoHome {
        option,
        why: error.to_string(),
    })
}
