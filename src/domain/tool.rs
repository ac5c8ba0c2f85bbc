//! A tool's manifest: how one operation of an outside system is called, and what its answers mean.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One operation of a connector, as its file states it.
///
/// Texts may hold `${ … }` with CEL over `args`, the call's arguments, and in a write over `key`,
/// the effect's idempotency key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolManifest {
    /// `connector.operation`.
    pub tool: String,
    /// The configured connector that knows the base URL and the credential.
    pub connector: String,
    /// One line for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Whether a call changes the world.
    pub effect: EffectKind,
    pub method: Method,
    /// Below the connector's base URL; `${ … }` values are percent-encoded.
    pub path: String,
    /// Query parameters by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, Value>,
    /// Extra headers by lower-case name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// How the connector's credential is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// JSON Schema of the arguments.
    pub args: Value,
    /// JSON Schema of the answer.
    pub output: Value,
    /// Says that the target performs one effect per key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeySupport>,
    /// What makes two calls the same business act, across runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identity: Vec<Value>,
    /// Answers with these statuses mean that nothing was done; they may be retried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nothing_done: Vec<u16>,
    /// How to ask whether an effect happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probe>,
    /// The tool call that undoes this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compensate: Option<Compensate>,
    /// How long one call may take, as in `10s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
    /// Bytes of answer accepted at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_bytes_max: Option<usize>,
    /// Argument fields that differ between otherwise equal calls (request ids, times).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volatile: Vec<String>,
    /// How far the answer's text is trusted; untrusted unless said otherwise.
    #[serde(default)]
    pub trust: Trust,
    /// Says that this write can be neither keyed nor probed: sent at most once, never resent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unverifiable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    Read,
    Write,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A request body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Body {
    /// Sent as canonical JSON.
    Json(Value),
    /// Sent as `application/x-www-form-urlencoded`, sorted by name.
    Form(BTreeMap<String, Value>),
}

/// How a credential is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Auth {
    /// `authorization: Bearer SECRET`.
    Bearer,
    /// The secret alone, in the header named.
    Header(String),
}

/// How a target takes idempotency keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeySupport {
    /// The header that carries the key.
    pub header: String,
    /// How long the target remembers a key, as in `24h`.
    pub kept: String,
}

/// A verification read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// The read tool that is asked.
    pub tool: String,
    /// Its arguments, over `args` and `key` of the write.
    pub args: BTreeMap<String, Value>,
    /// CEL over `args` and `key` of the write and `output` (the read's answer): did it happen?
    pub found: String,
    /// What the write would have answered, made of the same; nothing is known of it where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
}

/// The undo of a write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Compensate {
    /// The write tool that undoes.
    pub tool: String,
    /// Its arguments, over `args` and `output` of the write that is undone.
    pub args: BTreeMap<String, Value>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    #[default]
    Untrusted,
    Trusted,
}
