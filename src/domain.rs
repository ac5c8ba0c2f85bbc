//! The nouns every room shares. No I/O, no clock, no randomness.
#![deny(
    clippy::wildcard_enum_match_arm,
    clippy::disallowed_types,
    clippy::arithmetic_side_effects
)]

pub mod actor;
pub mod budget;
pub mod canonical;
pub mod connector;
pub mod digest;
pub mod hidden;
pub mod identity;
pub mod ids;
pub mod limits;
pub mod money;
pub mod packet;
pub mod request;
pub mod status;
pub mod time;
pub mod tool;
pub mod unique_json;

pub use actor::{Actor, ActorKind, Roles};
pub use budget::{BudgetLimit, OnBreach, micro_usd, usd_text};
pub use canonical::{canonical_json, canonical_value};
pub use connector::ConnectorUrls;
pub use digest::{Digest, DigestBuilder};
pub use hidden::{escape_json, is_blank, is_hidden};
pub use identity::{BusinessIdentity, Holder};
pub use ids::{
    AlertId, DeadLetterId, IdempotencyKey, PacketId, RunId, StepId, ToolName, WorkflowName,
};
pub use money::{Currency, Money};
pub use packet::{
    Evidence, Flag, Packet, PlannedEffect, PolicyResult, PolicyVerdict, Question, Reason, Returned,
    Severity, Tier, Verdict, Vote,
};
pub use request::{Header, HeaderValue, Request};
pub use status::{
    AlertKind, AlertStatus, DeadLetterStatus, EffectState, NotificationKind, PacketStatus,
    RunStatus, StepStatus,
};
pub use time::Timestamp;
pub use tool::ToolManifest;

/// The fields of a state or an input: JSON object members by name, sorted.
pub type Fields = serde_json::Map<String, serde_json::Value>;
