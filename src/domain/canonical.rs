//! Canonical JSON (RFC 8785): the one byte form that is hashed.

use serde::Serialize;

/// Writes `value` as canonical JSON.
///
/// # Errors
/// Fails where RFC 8785 has no form: a number that is not finite, a map key that is not text.
pub fn canonical_json<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    serde_json_canonicalizer::to_vec(value)
}
