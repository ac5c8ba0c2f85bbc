//! A scripted target inside the process: answers at once, and counts what it was asked to do.

use std::collections::BTreeMap;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::cli::bench::machine::Stopwatch;
use crate::domain::HeaderValue;
use crate::engine::{CallFailure, FailureClass};
use crate::tools::{Answer, Call, CallResult, Tools};

/// The register, the ERP, and a source of incompressible notes.
#[derive(Debug)]
pub(super) struct Target {
    /// How often each idempotency key was sent.
    sent: Mutex<BTreeMap<String, u32>>,
    notes: Mutex<Notes>,
    note_bytes: usize,
    /// When each note was asked for, in milliseconds since the target was made.
    stamps: Option<Mutex<Vec<f64>>>,
    made: Stopwatch,
}

/// Text without repetition, from a 64-bit xorshift generator: enough for text no compressor shrinks.
#[derive(Debug)]
struct Notes(u64);

impl Notes {
    fn next(&mut self, bytes: usize) -> String {
        const LETTERS: &[u8; 64] =
            b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
        let mut text = String::with_capacity(bytes);
        while text.len() < bytes {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            let index = usize::from(self.0.to_le_bytes()[5] & 63);
            text.push(char::from(LETTERS.get(index).copied().unwrap_or(b'a')));
        }
        text
    }
}

impl Target {
    pub(super) fn new(note_bytes: usize) -> Self {
        Self {
            sent: Mutex::default(),
            notes: Mutex::new(Notes(0x9E37_79B9_7F4A_7C15)),
            note_bytes,
            stamps: None,
            made: Stopwatch::start(),
        }
    }

    /// A target that also keeps when each note was asked for.
    pub(super) fn with_stamps(note_bytes: usize) -> Self {
        Self {
            stamps: Some(Mutex::default()),
            ..Self::new(note_bytes)
        }
    }

    pub(super) fn stamps(&self) -> Vec<f64> {
        self.stamps
            .as_ref()
            .map_or_else(Vec::new, |stamps| lock(stamps).clone())
    }

    /// Effects performed.
    pub(super) fn effects(&self) -> usize {
        lock(&self.sent).len()
    }

    /// Effects that were sent more than once.
    pub(super) fn repeated(&self) -> usize {
        lock(&self.sent)
            .values()
            .filter(|times| **times > 1)
            .count()
    }

    fn answer(&self, call: &Call<'_>) -> CallResult {
        let (status, output) = match call.tool.name.as_str() {
            "register.lookup" => (200, registered()),
            "erp.commit_order" => (201, self.commit(call)),
            "bench.note" => (200, self.note()),
            other => return Err(unknown_tool(other)),
        };
        Ok(Answer { status, output })
    }

    fn note(&self) -> Value {
        if let Some(stamps) = &self.stamps {
            lock(stamps).push(self.made.elapsed_ms());
        }
        json!({ "text": lock(&self.notes).next(self.note_bytes) })
    }

    fn commit(&self, call: &Call<'_>) -> Value {
        let key = call
            .request
            .headers
            .iter()
            .find_map(|header| match &header.value {
                HeaderValue::Text(key) if header.name == "idempotency-key" => Some(key.clone()),
                HeaderValue::Text(_) | HeaderValue::Secret { .. } => None,
            });
        *lock(&self.sent).entry(key.unwrap_or_default()).or_default() += 1;
        let body = call.request.body.as_deref().unwrap_or("null");
        let order: Value = serde_json::from_str(body).unwrap_or(Value::Null);
        json!({
            "order_id": "ORD-1",
            "po_id": order.get("po_id"),
            "vendor": order.get("vendor"),
            "amount": order.get("amount"),
            "currency": order.get("currency"),
            "created_at": "2026-11-21T00:00:00Z",
        })
    }
}

impl Tools for Target {
    fn call<'a>(&'a self, call: Call<'a>) -> Pin<Box<dyn Future<Output = CallResult> + Send + 'a>> {
        let result = self.answer(&call);
        Box::pin(ready(result))
    }
}

fn registered() -> Value {
    json!({
        "vendor": "Alpha Tech Systems",
        "validated": true,
        "match": 1.0,
        "registration": {
            "number": "REG-0001",
            "name": "Alpha Tech Systems",
            "country": "n/a",
            "registered_on": "2006-01-01",
            "status": "active",
        },
    })
}

fn unknown_tool(name: &str) -> CallFailure {
    CallFailure {
        class: FailureClass::Refused,
        code: "unknown_tool".to_owned(),
        message: format!("The scripted target does not know `{name}`."),
        retry_after_ms: None,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
