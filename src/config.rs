//! Configuration: raw (as written) becomes resolved (validated, able to act).
//!
//! Precedence, lowest first: built-in default, configuration file, environment, command line.
//! Must not know runs, workflows or the store's tables.

pub mod actors;
pub mod error;
pub mod os_user;
pub mod paths;
pub mod raw;
pub mod regular_file;
pub mod resolved;
mod targets;

pub use actors::ActorList;
pub use error::ConfigError;
pub use os_user::OsUser;
pub use regular_file::{open_regular, read_regular};
pub use resolved::Config;
