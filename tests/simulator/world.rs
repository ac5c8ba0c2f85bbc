//! The outside world: three targets with one ledger, which is the truth. They misbehave as the
//! dice say. An ERP and a payment API keep keys; a CRM keeps none and can be asked.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use countersign::domain::{HeaderValue, Request};
use countersign::engine::{CallFailure, FailureClass};
use countersign::tools::{Answer, Call, CallResult, Tools};
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::disk::Disk;
use crate::twin::Twin;

/// One thing that was done.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    /// What it is in business terms: one order number, one numbered refund, one deal.
    pub(crate) operation: String,
    /// The effect's own key, wherever the tool's file puts it.
    pub(crate) key: String,
    pub(crate) body: String,
    /// A synced INTENT named the key before it was done.
    pub(crate) intended: bool,
    /// Commits that were written when it was done.
    pub(crate) after: usize,
    /// What was answered, and the key under which the target answers it again.
    answer: Value,
    kept_under: Option<String>,
}

/// A write that left a process.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) key: String,
    /// Commits that were durable when its first byte left.
    pub(crate) after: usize,
}

#[derive(Default)]
struct Ledger {
    done: Vec<Done>,
    sent: Vec<Sent>,
    /// Keys of effects of which a target said that it did them, and did not.
    lied: Vec<String>,
    arrivals: u64,
    faults: BTreeMap<String, u64>,
}

/// How the first write of a story fares, and what the probe says of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    /// Done or not, its answer is lost.
    pub(crate) lost: Option<Lost>,
    /// A probe of a deal settles nothing.
    pub(crate) inconclusive: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    Before,
    After,
}

/// What comes back over the wire.
enum Wire {
    Unconnected,
    Reset,
    Late,
    CutShort,
    Status(u16, String, Option<i64>),
}

pub(crate) struct World {
    ledger: Mutex<Ledger>,
    dice: Dice,
    disk: Disk,
    twin: Option<Twin>,
    /// Faults in a hundred requests.
    faults: AtomicU64,
    script: Mutex<Script>,
}

impl World {
    pub(crate) fn new(disk: &Disk, dice: Dice, faults: u64, twin: Option<Twin>) -> Arc<Self> {
        Arc::new(Self {
            ledger: Mutex::default(),
            dice,
            disk: disk.clone(),
            twin,
            faults: AtomicU64::new(faults),
            script: Mutex::default(),
        })
    }

    /// A world without faults in which this much was done, and the first write fares as scripted.
    pub(crate) fn scripted(disk: &Disk, dice: Dice, done: Vec<Done>, script: Script) -> Arc<Self> {
        Arc::new(Self {
            ledger: Mutex::new(Ledger {
                done,
                ..Ledger::default()
            }),
            dice,
            disk: disk.clone(),
            twin: None,
            faults: AtomicU64::new(0),
            script: Mutex::new(script),
        })
    }

    /// From now on every request is done and answered.
    pub(crate) fn behave(&self) {
        self.faults.store(0, Ordering::SeqCst);
    }

    pub(crate) fn done(&self) -> Vec<Done> {
        self.lock().done.clone()
    }

    pub(crate) fn lied(&self) -> Vec<String> {
        self.lock().lied.clone()
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.lock().sent.clone()
    }

    /// What a person sees who looks at the target: what was answered, if this effect was done.
    pub(crate) fn happened(&self, key: &str) -> Option<Value> {
        let ledger = self.lock();
        let done = ledger.done.iter().find(|done| done.key == key);
        done.map(|done| done.answer.clone())
    }

    /// So much time went by that no target keeps a key any more.
    pub(crate) fn forget_keys(&self) {
        for done in &mut self.lock().done {
            done.kept_under = None;
        }
    }

    pub(crate) fn faults_by_tool(&self) -> BTreeMap<String, u64> {
        self.lock().faults.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap()
    }

    async fn answer(&self, call: &Call<'_>) -> CallResult {
        let mut request = call.request.clone();
        // Something in this process's memory is not what was decided any more.
        if call.tool.is_write() && self.faulty() && self.dice.chance(15) {
            request.body = request.body.map(|body| body.replacen('1', "9", 1));
        }
        if request.digest() != call.digest && self.twin != Some(Twin::NoDigest) {
            return Err(failure(FailureClass::Safe, "digest_mismatch", None));
        }
        if call.tool.is_write() {
            let (_, key) = named(call, &request);
            let after = self.disk.survives();
            self.lock().sent.push(Sent { key, after });
        }
        tokio::time::sleep(Duration::from_millis(1 + self.dice.below(30))).await;
        let wire = self.exchange(call, &request);
        if let Wire::Late = wire {
            // Longer than anybody waits; the adapter's deadline comes first.
            tokio::time::sleep(Duration::from_secs(10)).await;
            return Err(failure(FailureClass::Unknown, "timeout", None));
        }
        tokio::time::sleep(Duration::from_millis(self.dice.below(400))).await;
        judged(call, wire, self.twin)
    }

    fn faulty(&self) -> bool {
        self.dice.chance(self.faults.load(Ordering::SeqCst))
    }

    /// What is done is done here, in one instant; what follows is the answer's fate.
    fn exchange(&self, call: &Call<'_>, request: &Request) -> Wire {
        let lost = self
            .script
            .lock()
            .unwrap()
            .lost
            .take_if(|_| call.tool.is_write());
        match lost {
            Some(Lost::Before) => return Wire::Reset,
            Some(Lost::After) => {
                self.serve(call, request);
                return Wire::Reset;
            }
            None => {}
        }
        if !self.faulty() {
            return self.serve(call, request);
        }
        let tool = call.tool.name.to_string();
        *self.lock().faults.entry(tool).or_default() += 1;
        match self.dice.below(13) {
            0 => Wire::Unconnected,
            1 => Wire::Reset,
            2 => Wire::Status(503, "{}".to_owned(), Some(1_500)),
            3 => Wire::Status(429, "{}".to_owned(), None),
            4 => self.lie(call, request),
            5 => Wire::Status(422, "{}".to_owned(), None),
            kind => {
                let answered = self.serve(call, request);
                match (kind, answered) {
                    (6 | 7, _) => Wire::Reset,
                    (8, _) => Wire::CutShort,
                    (9, _) => Wire::Late,
                    (10 | 11, _) => Wire::Status(500, "oops".to_owned(), None),
                    (_, Wire::Status(status, body, wish)) => {
                        let half = body.len() / 2;
                        Wire::Status(
                            status,
                            body.get(..half).unwrap_or_default().to_owned(),
                            wish,
                        )
                    }
                    (_, other) => other,
                }
            }
        }
    }

    /// A success that is none: an error as the body, or nothing done at all.
    fn lie(&self, call: &Call<'_>, request: &Request) -> Wire {
        if !call.tool.is_write() || self.dice.chance(50) {
            return Wire::Status(200, r#"{"error":"no"}"#.to_owned(), None);
        }
        let (_, key) = named(call, request);
        let mut ledger = self.lock();
        if ledger.done.iter().any(|done| done.key == key) {
            return Wire::Reset;
        }
        let answer = written(call, request, (0, &key));
        ledger.lied.push(key);
        Wire::Status(200, answer.to_string(), None)
    }

    fn serve(&self, call: &Call<'_>, request: &Request) -> Wire {
        if !call.tool.is_write() {
            return Wire::Status(200, self.look_up(call, request).to_string(), None);
        }
        match self.perform(call, request) {
            Some(answer) => Wire::Status(200, answer.to_string(), None),
            None => Wire::Status(404, "{}".to_owned(), None),
        }
    }

    /// None where there is no such order to cancel.
    fn perform(&self, call: &Call<'_>, request: &Request) -> Option<Value> {
        let (operation, key) = named(call, request);
        let intended = self.disk.intends(&key);
        let mut ledger = self.lock();
        ledger.arrivals += 1;
        let kept_under = header(request, "idempotency-key").map(|key| match self.twin {
            Some(Twin::KeyPerAttempt) => format!("{key}/{}", ledger.arrivals),
            Some(Twin::UndoKeyPerAttempt) if operation.starts_with("cancel/") => {
                format!("{key}/{}", ledger.arrivals)
            }
            _ => key,
        });
        let known = |done: &&Done| kept_under.is_some() && done.kept_under == kept_under;
        if let Some(first) = ledger.done.iter().find(known) {
            return Some(first.answer.clone());
        }
        let cancels = operation.strip_prefix("cancel/");
        if cancels.is_some_and(|order| !ledger.done.iter().any(|done| done.made(order))) {
            return None;
        }
        let answer = written(call, request, (ledger.done.len() + 1, &key));
        ledger.done.push(Done {
            operation,
            key,
            body: request.body.clone().unwrap_or_default(),
            intended,
            after: self.disk.written(),
            answer: answer.clone(),
            kept_under,
        });
        Some(answer)
    }

    fn look_up(&self, call: &Call<'_>, request: &Request) -> Value {
        let ledger = self.lock();
        let named = request.url.rsplit(['/', '=']).next().unwrap_or_default();
        match call.tool.name.as_str() {
            "register.lookup" => {
                let known = !request.url.contains("Stranger");
                json!({ "vendor": "Alpha", "validated": known, "match": if known { 0.97 } else { 0.1 },
                        "registration": { "number": "R-1" } })
            }
            "erp.find_order" => {
                let operation = format!("order/{named}");
                let done = ledger.done.iter();
                let orders: Vec<Value> = done
                    .filter(|done| done.operation == operation)
                    .map(|done| {
                        let mut order = done.answer.clone();
                        let cancelled = format!("cancel/{}", text(&order["order_id"]));
                        let mut later = ledger.done.iter();
                        order["cancelled"] = later.any(|done| done.operation == cancelled).into();
                        order
                    })
                    .collect();
                json!({ "orders": orders, "has_more": false })
            }
            "payments.find_charge" => json!({
                "id": named, "object": "charge", "amount": 500_000, "amount_refunded": 0,
                "currency": "usd", "refunded": false, "status": "succeeded",
            }),
            "payments.list_refunds" => {
                let refunds = ledger.done.iter().filter(|done| {
                    done.operation.starts_with("refund/")
                        && request.url.contains(&form(&done.body, "charge"))
                });
                let data: Vec<Value> = refunds.map(|done| refund_of(&done.body, 0)).collect();
                json!({ "object": "list", "has_more": false, "data": data })
            }
            "crm.find_deal" => {
                let operation = format!("deal/{named}");
                let past = ledger
                    .done
                    .iter()
                    .filter(|done| done.operation == operation);
                let history: Vec<Value> = past
                    .map(|done| json!({ "reference": done.key, "at": "2026-11-21T00:00:00Z" }))
                    .collect();
                let unclear = self.script.lock().unwrap().inconclusive;
                json!({ "deal_id": named, "properties": {}, "revision": history.len(),
                        "updated_at": null, "has_more": unclear, "history": history })
            }
            other => panic!("nobody serves {other}"),
        }
    }
}

impl Done {
    /// It made this order.
    pub(crate) fn made(&self, order: &str) -> bool {
        self.operation.starts_with("order/") && self.answer["order_id"] == order
    }

    /// The target does not keep its key any more.
    pub(crate) fn forgotten(mut self) -> Self {
        self.kept_under = None;
        self
    }
}

impl Tools for World {
    fn call<'a>(&'a self, call: Call<'a>) -> Pin<Box<dyn Future<Output = CallResult> + Send + 'a>> {
        Box::pin(async move { self.answer(&call).await })
    }
}

/// What a write is in business terms, and the effect's own key.
fn named(call: &Call<'_>, request: &Request) -> (String, String) {
    let body = request.body.clone().unwrap_or_default();
    match call.tool.name.as_str() {
        "erp.commit_order" => {
            let order: Value = serde_json::from_str(&body).unwrap();
            let key = header(request, "idempotency-key").unwrap();
            (format!("order/{}", text(&order["po_id"])), key)
        }
        "erp.cancel_order" => {
            let cancel: Value = serde_json::from_str(&body).unwrap();
            let key = header(request, "idempotency-key").unwrap();
            (format!("cancel/{}", text(&cancel["order_id"])), key)
        }
        "payments.refund" => {
            let (charge, number) = (form(&body, "charge"), form(&body, "metadata[number]"));
            (
                format!("refund/{charge}/{number}"),
                form(&body, "metadata[operation]"),
            )
        }
        "crm.update_deal" => {
            let update: Value = serde_json::from_str(&body).unwrap();
            let deal = request.url.rsplit('/').next().unwrap();
            (
                format!("deal/{deal}"),
                update["reference"].as_str().unwrap().to_owned(),
            )
        }
        other => panic!("nobody serves {other}"),
    }
}

/// What a write is answered.
fn written(call: &Call<'_>, request: &Request, (number, key): (usize, &str)) -> Value {
    let body = request.body.clone().unwrap_or_default();
    match call.tool.name.as_str() {
        "erp.commit_order" => order_of(&body, (number, key)),
        "erp.cancel_order" => {
            let mut cancelled: Value = serde_json::from_str(&body).unwrap();
            // …/orders/{po_id}/cancel
            cancelled["po_id"] = request.url.rsplit('/').nth(1).into();
            cancelled["cancelled"] = true.into();
            cancelled
        }
        "payments.refund" => refund_of(&body, number),
        _ => json!({ "deal_id": request.url.rsplit('/').next(), "properties": {}, "revision": 1 }),
    }
}

fn order_of(body: &str, (number, key): (usize, &str)) -> Value {
    let mut order: Value = serde_json::from_str(body).unwrap();
    order["order_id"] = format!("O-{number}").into();
    order["cancelled"] = false.into();
    order["reference"] = key.into();
    order
}

fn refund_of(body: &str, number: usize) -> Value {
    let amount: i64 = form(body, "amount").parse().unwrap();
    json!({ "id": format!("re_{number}"), "object": "refund", "amount": amount,
            "charge": form(body, "charge"), "currency": "usd", "status": "succeeded",
            "metadata": { "operation": form(body, "metadata[operation]") } })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// A field of a form; what is looked for here needs no decoding of its value.
fn form(body: &str, name: &str) -> String {
    let name = name.replace('[', "%5B").replace(']', "%5D");
    body.split('&')
        .find_map(|pair| pair.strip_prefix(&format!("{name}=")))
        .unwrap_or_else(|| panic!("no {name} in {body}"))
        .to_owned()
}

fn header(request: &Request, name: &str) -> Option<String> {
    let header = request.headers.iter().find(|header| header.name == name)?;
    match &header.value {
        HeaderValue::Text(text) => Some(text.clone()),
        HeaderValue::Secret { .. } => None,
    }
}

/// The outcome classes of the design, by the tool's file: a part of its own, not the adapter's.
fn judged(call: &Call<'_>, wire: Wire, twin: Option<Twin>) -> CallResult {
    let write = call.tool.is_write();
    let (status, body, wish) = match wire {
        Wire::Unconnected => return Err(failure(FailureClass::Safe, "connect", None)),
        Wire::Reset | Wire::Late => return Err(failure(FailureClass::Unknown, "reset", None)),
        Wire::CutShort => return Err(failure(FailureClass::Unknown, "truncated", None)),
        Wire::Status(status, body, wish) => (status, body, wish),
    };
    let code = format!("status_{status}");
    let harmless = twin == Some(Twin::RetryOn500) && status == 500;
    if harmless || call.tool.manifest.nothing_done.contains(&status) {
        return Err(failure(FailureClass::Safe, &code, wish));
    }
    match status {
        200 => match serde_json::from_str::<Value>(&body) {
            Ok(output) if call.tool.output.problems(&output).is_empty() => {
                Ok(Answer { status, output })
            }
            _ => Err(failure(FailureClass::Unusable, "answer_schema", None)),
        },
        429 if !write => Err(failure(FailureClass::Safe, &code, wish)),
        404 | 422 => Err(failure(FailureClass::Refused, &code, wish)),
        _ => Err(failure(FailureClass::Unknown, &code, wish)),
    }
}

fn failure(class: FailureClass, code: &str, retry_after_ms: Option<i64>) -> CallFailure {
    CallFailure {
        class,
        code: code.to_owned(),
        message: format!("The target failed: {code}."),
        retry_after_ms,
    }
}
