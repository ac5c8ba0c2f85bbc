//! A target in memory that keeps keys, and answers as its script says.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};

use countersign::domain::{HeaderValue, Request};
use countersign::engine::{CallFailure, FailureClass};
use countersign::tools::{Answer, Call, CallResult, Tools};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

/// How one request is treated. Without a reply in the script a request is done and answered.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// It is done and answered.
    Done,
    /// Nothing is done, and that is said.
    Busy,
    /// It is refused for what it says.
    Invalid,
    /// It is done, and the answer is lost.
    Lost,
    /// It is done, and no answer ever comes.
    Silence,
    /// Nothing is done, and no answer ever comes.
    Swallowed,
    /// It is done, and the worker that sent it fails.
    Panic,
    /// It is done once somebody opens the gate.
    Gated(Arc<Semaphore>),
}

/// One request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) tool: String,
    pub(crate) key: Option<String>,
}

#[derive(Debug, Default)]
struct Inner {
    script: BTreeMap<String, VecDeque<Reply>>,
    arrivals: Vec<Arrival>,
    done: BTreeMap<String, u32>,
    /// The writes that were done, as orders.
    orders: Vec<Value>,
}

#[derive(Debug, Default)]
pub(crate) struct Target {
    inner: Mutex<Inner>,
    /// The register knows no vendor.
    stranger: bool,
}

impl Target {
    pub(crate) fn of_strangers() -> Self {
        Self {
            stranger: true,
            ..Self::default()
        }
    }

    /// The next requests of a tool are treated so, one after the other.
    pub(crate) fn script(&self, tool: &str, replies: impl IntoIterator<Item = Reply>) {
        let mut inner = self.lock();
        let queue = inner.script.entry(tool.to_owned()).or_default();
        queue.extend(replies);
    }

    /// Requests of a tool that arrived so far.
    pub(crate) fn arrivals(&self, tool: &str) -> Vec<Arrival> {
        let inner = self.lock();
        let arrivals = inner.arrivals.iter();
        arrivals
            .filter(|arrival| arrival.tool == tool)
            .cloned()
            .collect()
    }

    /// How often anything was done, by key; a write without key counts under its body.
    pub(crate) fn done(&self) -> BTreeMap<String, u32> {
        self.lock().done.clone()
    }

    fn arrive(&self, call: &Call<'_>) -> Option<Reply> {
        let tool = call.tool.name.to_string();
        let key = key_of(call.request);
        let mut inner = self.lock();
        inner.arrivals.push(Arrival {
            tool: tool.clone(),
            key,
        });
        inner.script.get_mut(&tool).and_then(VecDeque::pop_front)
    }

    fn act(&self, call: &Call<'_>) -> Answer {
        if call.tool.is_write() {
            let mut inner = self.lock();
            let key = key_of(call.request);
            let name = key
                .clone()
                .unwrap_or_else(|| call.request.body.clone().unwrap_or_default());
            let body = call.request.body.as_deref().unwrap_or("{}");
            let mut order: Value = serde_json::from_str(body).unwrap();
            order["order_id"] = "O-1".into();
            order["cancelled"] = false.into();
            order["reference"] = key.clone().into();
            let times = inner.done.entry(name).or_default();
            if *times == 0 || key.is_none() {
                *times += 1;
                inner.orders.push(order);
            }
        }
        Answer {
            status: 200,
            output: self.output(call),
        }
    }

    fn output(&self, call: &Call<'_>) -> Value {
        match call.tool.name.as_str() {
            "register.lookup" => json!({
                "vendor": "Alpha", "validated": !self.stranger, "match": 0.97,
                "registration": { "number": "R-1" },
            }),
            "erp.find_order" => {
                let orders = self.lock().orders.clone();
                // `found` and `order` are what older programs ask for.
                json!({ "found": !orders.is_empty(), "order": orders.last(), "orders": orders,
                        "has_more": false })
            }
            _ => json!({
                "order_id": "O-1", "po_id": "P", "vendor": "Alpha",
                "amount": "1.00", "currency": "USD",
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }
}

impl Tools for Target {
    fn call<'a>(&'a self, call: Call<'a>) -> Pin<Box<dyn Future<Output = CallResult> + Send + 'a>> {
        Box::pin(async move {
            assert_eq!(call.request.digest(), call.digest);
            match self.arrive(&call) {
                None | Some(Reply::Done) => Ok(self.act(&call)),
                Some(Reply::Busy) => Err(failure(FailureClass::Safe, "status_503")),
                Some(Reply::Invalid) => Err(failure(FailureClass::Refused, "status_422")),
                Some(Reply::Lost) => {
                    self.act(&call);
                    Err(failure(FailureClass::Unknown, "timeout"))
                }
                Some(Reply::Silence) => {
                    self.act(&call);
                    std::future::pending().await
                }
                Some(Reply::Panic) => {
                    self.act(&call);
                    panic!("the worker fails while it waits for its answer");
                }
                Some(Reply::Swallowed) => std::future::pending().await,
                Some(Reply::Gated(gate)) => {
                    gate.acquire().await.unwrap().forget();
                    Ok(self.act(&call))
                }
            }
        })
    }
}

fn key_of(request: &Request) -> Option<String> {
    let header = request
        .headers
        .iter()
        .find(|header| header.name == "idempotency-key")?;
    match &header.value {
        HeaderValue::Text(text) => Some(text.clone()),
        HeaderValue::Secret { .. } => None,
    }
}

fn failure(class: FailureClass, code: &str) -> CallFailure {
    CallFailure {
        class,
        code: code.to_owned(),
        message: format!("The target failed: {code}."),
        retry_after_ms: None,
    }
}
