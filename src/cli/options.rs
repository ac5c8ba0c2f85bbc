//! The options every command takes.

use std::path::PathBuf;

use clap::Args;

use crate::domain::limits::{DIGEST_PREFIX_MIN, LIST_ROWS_MAX};

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalOptions {
    /// The store file; by default in the user's data directory
    #[arg(long, global = true, value_name = "PATH", env = "COUNTERSIGN_STORE")]
    pub store: Option<PathBuf>,
    /// The configuration (TOML): connectors, actors and roles, limits; may be absent
    #[arg(long, global = true, value_name = "PATH", env = "COUNTERSIGN_CONFIG")]
    pub config: Option<PathBuf>,
    /// Who acts; by default the operating-system user
    ///
    /// The configuration maps operating-system users to actors and roles. Without such a list any
    /// name goes and is recorded as claimed.
    #[arg(
        long = "as",
        global = true,
        value_name = "ACTOR",
        env = "COUNTERSIGN_AS"
    )]
    pub actor: Option<String>,
    /// Print JSON on stdout; remarks and progress go to stderr
    #[arg(long, global = true)]
    pub json: bool,
}

/// Reads a number of rows to list.
pub fn list_limit(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(limit @ 1..=LIST_ROWS_MAX) => Ok(limit),
        _ => Err(format!("write a number from 1 to {LIST_ROWS_MAX}")),
    }
}

/// Reads a digest, or as many of its hex digits as still name what was shown.
pub fn digest_prefix(text: &str) -> Result<String, String> {
    let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hex && (DIGEST_PREFIX_MIN..=64).contains(&text.len()) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(format!(
        "write the digest that was shown, or at least {DIGEST_PREFIX_MIN} of its hex digits"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_prefix_has_at_least_twelve_hex_digits() {
        assert_eq!(digest_prefix("ABCDEF012345").as_deref(), Ok("abcdef012345"));
        for text in ["", "abcdef01234", "abcdef01234g", &"0".repeat(65)] {
            assert!(digest_prefix(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_list_limit_is_bounded() {
        assert_eq!(list_limit("1"), Ok(1));
        for text in ["0", "-1", "10001", "x", ""] {
            assert!(list_limit(text).is_err(), "{text}");
        }
    }
}
