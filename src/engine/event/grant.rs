//! Leave to send.

use serde::{Deserialize, Serialize};

use crate::domain::{Digest, PacketId, StepId, Timestamp};

/// Leave to send one effect exactly as planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    pub step: StepId,
    /// Digest of the planned effect.
    pub effect: Digest,
    /// The packet that granted it; none where rules let it through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packet: Option<PacketId>,
    /// Not to be sent after this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why the grant no longer binds, once it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub void: Option<String>,
    /// A reviewer said no to this effect while others of its packet went through.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
    /// The operation that a person named it, beside others of its business identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
}
