//! Tools and requests as the engine hands them to the adapter.

use countersign::domain::tool::{EffectKind, KeySupport, Method, Trust};
use countersign::domain::{Digest, Header, HeaderValue, Request, ToolManifest, ToolName};
use countersign::engine::CallFailure;
use countersign::expr::Template;
use countersign::tools::{Call, CallResult, Connectors, HttpTools, Tools};
use countersign::workflow::Tool;
use countersign::workflow::schema::Schema;
use serde_json::{Value, json};

/// A read whose answer is any JSON object.
pub(crate) fn read() -> Tool {
    tool(EffectKind::Read, None)
}

/// A write that the target performs once a key; 429 and 503 mean that nothing was done.
pub(crate) fn keyed_write() -> Tool {
    let key = KeySupport {
        header: "idempotency-key".to_owned(),
        kept: "24h".to_owned(),
    };
    tool(EffectKind::Write, Some(key))
}

/// A write that must not be sent twice.
pub(crate) fn keyless_write() -> Tool {
    tool(EffectKind::Write, None)
}

pub(crate) fn with_timeout(mut tool: Tool, timeout_ms: i64) -> Tool {
    tool.timeout_ms = timeout_ms;
    tool
}

pub(crate) fn get(url: &str) -> Request {
    Request {
        method: "GET".to_owned(),
        url: url.to_owned(),
        headers: Vec::new(),
        body: None,
    }
}

pub(crate) fn post(url: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let header = |(name, text): &(&str, &str)| Header {
        name: (*name).to_owned(),
        value: HeaderValue::Text((*text).to_owned()),
    };
    Request {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers: headers.iter().map(header).collect(),
        body: Some(body.to_owned()),
    }
}

/// An adapter that knows no connector: what it calls needs no credential.
pub(crate) fn adapter() -> HttpTools {
    HttpTools::new(Connectors::default())
}

pub(crate) async fn call(tools: &HttpTools, tool: &Tool, request: &Request) -> CallResult {
    let digest = request.digest();
    tools
        .call(Call {
            tool,
            request,
            digest,
        })
        .await
}

pub(crate) async fn failure(tools: &HttpTools, tool: &Tool, request: &Request) -> CallFailure {
    call(tools, tool, request).await.unwrap_err()
}

fn tool(effect: EffectKind, key: Option<KeySupport>) -> Tool {
    let output = json!({"type": "object"});
    let manifest = ToolManifest {
        tool: "target.act".to_owned(),
        connector: "target".to_owned(),
        purpose: None,
        effect,
        method: Method::Post,
        path: "/act".to_owned(),
        query: [].into(),
        headers: [].into(),
        body: None,
        auth: None,
        args: json!({}),
        output: output.clone(),
        key,
        identity: Vec::new(),
        nothing_done: vec![429, 503],
        probe: None,
        compensate: None,
        timeout: None,
        answer_bytes_max: None,
        volatile: Vec::new(),
        trust: Trust::Untrusted,
        unverifiable: true,
    };
    Tool {
        name: ToolName::from("target.act"),
        pin: Digest::of(b"target.act"),
        path: Template::parse(&json!("/act")).unwrap(),
        query: Vec::new(),
        headers: Vec::new(),
        body: None,
        identity: Vec::new(),
        timeout_ms: 5_000,
        key_kept_ms: None,
        args: schema(&json!({})),
        output: schema(&output),
        probe: None,
        compensate: None,
        manifest,
    }
}

pub(crate) fn schema(source: &Value) -> Schema {
    Schema::compile(source).unwrap()
}
