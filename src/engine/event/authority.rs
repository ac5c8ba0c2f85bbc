//! Who stands behind an event.

use serde::{Deserialize, Serialize};

use crate::domain::{Actor, ActorKind};

/// On whose authority an event stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    pub kind: ActorKind,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os_user: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub claimed: bool,
}

impl From<&Actor> for Authority {
    fn from(actor: &Actor) -> Self {
        Self {
            kind: actor.kind,
            name: actor.name.clone(),
            os_user: actor.os_user.clone(),
            claimed: actor.claimed,
        }
    }
}
