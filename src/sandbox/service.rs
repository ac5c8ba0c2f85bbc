//! The services. Each is one file: its operations, its tables, its routes.

mod crm;
mod erp;
mod payments;
mod register;
mod similarity;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::SandboxError;
use super::world::World;
use crate::domain::limits::SANDBOX_TEXT_BYTES_MAX;
use crate::domain::{Digest, DigestBuilder, canonical_json};

/// A service of the outside world.
pub(super) struct Service {
    pub(super) name: &'static str,
    /// What faults may name.
    pub(super) operations: &'static [&'static str],
    /// Its tables; run at every start.
    pub(super) schema: &'static str,
    pub(super) routes: fn(&Arc<World>) -> Result<Router, SandboxError>,
}

pub(super) const ALL: &[Service] = &[
    erp::SERVICE,
    register::SERVICE,
    payments::SERVICE,
    crm::SERVICE,
];

/// The request's idempotency key; an empty one counts as none.
///
/// # Errors
/// A sentence for the caller where the key is not text of a bearable length.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, String> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        Ok("") => Ok(None),
        Ok(key) if key.len() <= SANDBOX_TEXT_BYTES_MAX => Ok(Some(key.to_owned())),
        Ok(_) => Err(format!(
            "the idempotency key is longer than {SANDBOX_TEXT_BYTES_MAX} bytes"
        )),
        Err(_) => Err("the idempotency key is not ASCII text".to_owned()),
    }
}

/// Reads a JSON body, with a fingerprint that ignores spacing and the order of members.
fn read_body<T: DeserializeOwned>(body: &Bytes) -> Result<(T, Digest), String> {
    let bad = |error: serde_json::Error| format!("the body is not what is expected: {error}");
    let value: Value = serde_json::from_slice(body).map_err(bad)?;
    let canonical = canonical_json(&value).map_err(bad)?;
    let read = serde_json::from_value(value).map_err(bad)?;
    let fingerprint = DigestBuilder::new("countersign/sandbox-body/v1")
        .bytes(&canonical)
        .finish();
    Ok((read, fingerprint))
}

/// Reads a form body, with a fingerprint that ignores the order of its fields.
fn read_form(body: &Bytes) -> (Vec<(String, String)>, Digest) {
    let mut fields: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    fields.sort();
    let fingerprint = fields
        .iter()
        .fold(
            DigestBuilder::new("countersign/sandbox-form/v1"),
            |digest, (name, value)| digest.text(name).text(value),
        )
        .finish();
    (fields, fingerprint)
}

/// A text that must say something, and not too much.
fn need_text(name: &str, text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err(format!("{name} is empty"));
    }
    if text.len() > SANDBOX_TEXT_BYTES_MAX {
        return Err(format!(
            "{name} is longer than {SANDBOX_TEXT_BYTES_MAX} bytes"
        ));
    }
    Ok(())
}
