//! The HTTP adapter: sends exactly what was decided, once, and says what came of it.
//!
//! | failed at | class | code |
//! |---|---|---|
//! | building the request, its credential | safe | `url`, `header`, `credential` … |
//! | comparing it with what was decided | safe | `digest_mismatch` |
//! | connecting: name, TCP, TLS | safe | `connect` |
//! | the deadline | unknown | `timeout` |
//! | the connection, once it stood | unknown | `reset` |
//! | the answer | see [`outcome`] | |

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use reqwest::Client;

use super::answer::{self, Answered};
use super::client::{Clients, Need};
use super::connector::Connectors;
use super::outcome::{self, cause, failure};
use super::outgoing::Outgoing;
use super::{Call, CallResult, Tools, wording};
use crate::domain::limits::{ANSWER_BYTES_MAX, CALL_TIMEOUT_MS_DEFAULT, CALL_TIMEOUT_MS_MAX};
use crate::engine::{CallFailure, FailureClass};
use crate::workflow::Tool;

/// Makes calls over HTTP. Cheap to make: clients are built at the first call.
#[derive(Debug)]
pub struct HttpTools {
    connectors: Connectors,
    clients: Clients,
}

impl HttpTools {
    pub fn new(connectors: Connectors) -> Self {
        Self {
            connectors,
            clients: Clients::default(),
        }
    }

    async fn send(&self, call: Call<'_>) -> CallResult {
        let target = wording::target(&call.request.method, &call.request.url);
        let unsent = |code: &str, why: String| {
            let message = format!("{target} was not sent: {why}");
            failure(FailureClass::Safe, code, message)
        };
        let outgoing = Outgoing::build(call.request, &self.connectors)
            .map_err(|unbuilt| unsent(unbuilt.code, unbuilt.why))?;
        if outgoing.digest() != Some(call.digest) {
            let why = "it is not the request that was recorded".to_owned();
            return Err(unsent("digest_mismatch", why));
        }
        let need = Need {
            tls: outgoing.request.url().scheme() == "https",
            fresh: call.tool.is_write() && call.tool.manifest.key.is_none(),
        };
        let client = self
            .clients
            .get(need)
            .map_err(|error| unsent("client", cause(error)))?;
        let secrets = outgoing.secrets();
        let deadline = deadline(call.tool);
        let exchange = exchange(client, outgoing, &target, answer_bytes_max(call.tool));
        let answered = match tokio::time::timeout(deadline, exchange).await {
            Ok(answered) => answered?,
            Err(_elapsed) => {
                let waited_ms = deadline.as_millis();
                let message = format!("{target} was not answered within {waited_ms} ms");
                return Err(failure(FailureClass::Unknown, "timeout", message));
            }
        };
        outcome::judge(&call, &target, answered, &secrets)
    }
}

impl Tools for HttpTools {
    fn call<'a>(&'a self, call: Call<'a>) -> Pin<Box<dyn Future<Output = CallResult> + Send + 'a>> {
        Box::pin(self.send(call))
    }
}

/// Sends a request and reads its answer.
async fn exchange(
    client: &Client,
    outgoing: Outgoing,
    target: &str,
    bytes_max: usize,
) -> Result<Answered, CallFailure> {
    match client.execute(outgoing.request).await {
        Ok(response) => Ok(answer::read(response, bytes_max).await),
        // The client marks nothing but the making of a connection so: no byte had left.
        Err(error) if error.is_connect() => {
            let message = format!("{target} was not sent, no connection: {}", cause(error));
            Err(failure(FailureClass::Safe, "connect", message))
        }
        Err(error) => {
            let message = format!("{target} was sent and not answered: {}", cause(error));
            Err(failure(FailureClass::Unknown, "reset", message))
        }
    }
}

fn deadline(tool: &Tool) -> Duration {
    let ms = if tool.timeout_ms > 0 {
        tool.timeout_ms.min(CALL_TIMEOUT_MS_MAX)
    } else {
        CALL_TIMEOUT_MS_DEFAULT
    };
    Duration::from_millis(ms.unsigned_abs())
}

fn answer_bytes_max(tool: &Tool) -> usize {
    let wanted = tool.manifest.answer_bytes_max.unwrap_or(ANSWER_BYTES_MAX);
    wanted.min(ANSWER_BYTES_MAX)
}
