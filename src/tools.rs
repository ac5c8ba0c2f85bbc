//! Adapters that act on the world. Must not know the store.

mod answer;
mod client;
pub mod connector;
mod http;
mod outcome;
mod outgoing;
mod retry_after;
mod secret;
mod wording;

pub use connector::{Connector, ConnectorError, Connectors};
pub use http::HttpTools;
pub use secret::SecretSource;

use std::future::Future;
use std::pin::Pin;

use serde_json::Value;

use crate::domain::{Digest, Request};
use crate::engine::CallFailure;
use crate::workflow::Tool;

/// One call to make.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    pub tool: &'a Tool,
    pub request: &'a Request,
    /// What the journal says will be sent: recomputed from what is about to leave and compared.
    pub digest: Digest,
}

/// A documented answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// HTTP status, 2xx.
    pub status: u16,
    /// Checked against the tool's output schema.
    pub output: Value,
}

/// What came of a call.
pub type CallResult = Result<Answer, CallFailure>;

/// A way to make calls: HTTP, or a scripted target.
pub trait Tools: Send + Sync + 'static {
    fn call<'a>(&'a self, call: Call<'a>) -> Pin<Box<dyn Future<Output = CallResult> + Send + 'a>>;
}
