//! Commitments: the journal's body names a salted hash of each value, the values stand beside it.
//!
//! Each member has a salt of its own, derived from the event's salt and the member's name, so
//! that one member can be destroyed while the others still verify. To destroy one alone, its
//! event's salt is replaced by the derived salts of those that stay.

use serde_json::{Map, Value};

use crate::domain::{Digest, DigestBuilder};
use crate::store::StoreError;
use crate::store::canonical::canonical_text;
use crate::store::salt::Salt;

/// An event's values as the side table holds them.
#[derive(Debug)]
pub(super) struct Members {
    pub(super) salt: Salt,
    /// JSON object.
    pub(super) members: String,
}

/// Splits `values` into commitments by name and the row that keeps what they stand for.
pub(super) fn commit_to(
    values: Map<String, Value>,
    salt: Salt,
) -> Result<(Map<String, Value>, Members), StoreError> {
    let mut commitments = Map::new();
    let mut members = String::from("{");
    for (name, value) in values {
        let text = canonical_text(&value)?;
        let quoted = canonical_text(&Value::String(name.clone()))?;
        if members.len() > 1 {
            members.push(',');
        }
        members.push_str(&quoted);
        members.push(':');
        members.push_str(&text);
        let commitment = commitment(&member_salt(&salt, &name), &text);
        commitments.insert(name, Value::String(commitment.to_string()));
    }
    members.push('}');
    Ok((commitments, Members { salt, members }))
}

/// Says what is wrong with stored values, if anything: each must have its commitment. Members
/// that are gone are destroyed, not wrong.
pub(super) fn problem(body: &Value, salts: &[u8], members: &str) -> Option<String> {
    let Ok(Value::Object(members)) = serde_json::from_str(members) else {
        return Some("its values are no JSON object".to_owned());
    };
    let commitments = body.get("commitments").and_then(Value::as_object);
    for (name, value) in &members {
        let promised = commitments
            .and_then(|commitments| commitments.get(name))
            .and_then(Value::as_str);
        let found = salt_of(salts, name)
            .and_then(|salt| Some(commitment(&salt, &canonical_text(value).ok()?).to_string()));
        if promised.is_none() || promised != found.as_deref() {
            return Some("one of its values does not match its commitment".to_owned());
        }
    }
    None
}

/// Tells whether every value that the event commits to still exists.
pub(super) fn complete(body: &Value, members: Option<&str>) -> bool {
    let Some(commitments) = body.get("commitments").and_then(Value::as_object) else {
        return true;
    };
    let kept: Option<Map<String, Value>> = members.map(serde_json::from_str).and_then(Result::ok);
    let kept = kept.unwrap_or_default();
    commitments.keys().all(|name| kept.contains_key(name))
}

fn commitment(salt: &Digest, text: &str) -> Digest {
    DigestBuilder::new("countersign/value/v1")
        .digest(salt)
        .text(text)
        .finish()
}

fn member_salt(salt: &Salt, name: &str) -> Digest {
    DigestBuilder::new("countersign/member-salt/v1")
        .bytes(salt)
        .text(name)
        .finish()
}

/// The salt of one member: derived from the event's, or kept alone as JSON `{name: hex}`.
fn salt_of(salts: &[u8], name: &str) -> Option<Digest> {
    if let Ok(whole) = Salt::try_from(salts) {
        return Some(member_salt(&whole, name));
    }
    let kept: Map<String, Value> = serde_json::from_slice(salts).ok()?;
    kept.get(name)?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn committed() -> (Value, Members) {
        let values = json!({"input": {"a": 1}, "note": "private"});
        let Value::Object(values) = values else {
            unreachable!("an object was written above");
        };
        let (commitments, kept) = commit_to(values, [7; 16]).unwrap();
        (json!({"commitments": commitments}), kept)
    }

    #[test]
    fn what_was_committed_to_verifies() {
        let (body, kept) = committed();
        assert_eq!(kept.members, r#"{"input":{"a":1},"note":"private"}"#);
        assert_eq!(problem(&body, &kept.salt, &kept.members), None);
    }

    #[test]
    fn another_value_or_another_member_is_found() {
        let (body, kept) = committed();
        for altered in [r#"{"input":{"a":2}}"#, r#"{"more":1}"#, "[]", "{"] {
            assert!(problem(&body, &kept.salt, altered).is_some(), "{altered}");
        }
        assert!(problem(&body, &[8; 16], &kept.members).is_some());
    }

    #[test]
    fn one_member_can_be_destroyed_with_its_salt() {
        let (body, kept) = committed();
        let left = member_salt(&kept.salt, "input").to_string();
        let salts = json!({ "input": left }).to_string();
        assert_eq!(
            problem(&body, salts.as_bytes(), r#"{"input":{"a":1}}"#),
            None
        );
        assert!(problem(&body, salts.as_bytes(), r#"{"input":{"a":3}}"#).is_some());
    }
}
