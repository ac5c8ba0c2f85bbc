//! What makes two effects the same business act, whichever run plans them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::canonical_value;
use crate::domain::digest::{Digest, DigestBuilder};
use crate::domain::ids::{IdempotencyKey, RunId, ToolName};
use crate::domain::status::EffectState;
use crate::domain::time::Timestamp;

/// The number of an operation that nobody named another one.
const FIRST: u32 = 1;

/// The business identity of an effect: of all effects that are not refused, given up or undone,
/// one holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusinessIdentity {
    /// Digest of the tool's name and the values its file declares.
    pub digest: Digest,
    /// 1, or a later number where a person named the act another operation.
    pub number: u32,
}

impl BusinessIdentity {
    /// Identifies the first operation of `tool` with these values.
    ///
    /// # Errors
    /// Fails where a value has no canonical form.
    pub fn of(tool: &ToolName, values: &[Value]) -> Result<Self, serde_json::Error> {
        let mut digest = DigestBuilder::new("countersign/business-identity/v1")
            .text(tool.as_str())
            .number(values.len() as u64);
        for value in values {
            digest = digest.bytes(&canonical_value(value)?);
        }
        Ok(Self {
            digest: digest.finish(),
            number: FIRST,
        })
    }

    /// The number, where a person gave one.
    pub fn named(&self) -> Option<u32> {
        (self.number > FIRST).then_some(self.number)
    }

    /// Tells whether an effect of this identity may not begin while `held` is held. An act that
    /// nobody named another operation gives way to every number.
    pub fn gives_way_to(&self, held: &Self) -> bool {
        self.digest == held.digest && (self.number == FIRST || self.number == held.number)
    }
}

/// An effect that holds a business identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    pub identity: BusinessIdentity,
    pub run: RunId,
    pub key: IdempotencyKey,
    pub state: EffectState,
    /// Since when it stands so.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(tool: &str, values: &[Value]) -> BusinessIdentity {
        BusinessIdentity::of(&tool.into(), values).unwrap()
    }

    #[test]
    fn no_two_lists_of_values_share_an_identity() {
        let lists = [
            vec![json!("ab"), json!("c")],
            vec![json!("a"), json!("bc")],
            vec![json!("abc")],
            vec![json!(["ab", "c"])],
            vec![json!("1")],
            vec![json!(1)],
            vec![json!(null)],
            vec![],
        ];
        let digests: std::collections::BTreeSet<_> = lists
            .iter()
            .flat_map(|values| [of("bank.pay", values), of("bank.payback", values)])
            .map(|identity| identity.digest)
            .collect();
        assert_eq!(digests.len(), 2 * lists.len());
        let members = [json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1})];
        assert_eq!(of("bank.pay", &members[..1]), of("bank.pay", &members[1..]));
    }

    #[test]
    fn only_a_named_operation_stands_beside_another() {
        let first = of("bank.pay", &[json!("a")]);
        let second = BusinessIdentity { number: 2, ..first };
        let third = BusinessIdentity { number: 3, ..first };
        assert!(first.gives_way_to(&first) && first.gives_way_to(&third));
        assert!(second.gives_way_to(&second));
        assert!(!second.gives_way_to(&first) && !second.gives_way_to(&third));
        let other = of("bank.pay", &[json!("b")]);
        assert!(!first.gives_way_to(&other));
    }
}
