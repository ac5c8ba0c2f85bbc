//! Who acted: a person, an agent or the system. Never taken from a payload.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What sort of actor this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    Person,
    Agent,
    System,
}

/// The roles an actor holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Roles {
    /// No actors are configured: everybody holds every role.
    All,
    Named(BTreeSet<String>),
}

impl Roles {
    /// Tells whether any of `wanted` is held.
    pub fn any_of<'a>(&self, wanted: impl IntoIterator<Item = &'a String>) -> bool {
        match self {
            Self::All => true,
            Self::Named(held) => wanted.into_iter().any(|role| held.contains(role)),
        }
    }
}

/// An authenticated actor, as the caller was mapped to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub kind: ActorKind,
    pub name: String,
    /// The operating-system user behind a person.
    pub os_user: Option<String>,
    /// True where no configuration maps the caller to this name: the name is only claimed.
    pub claimed: bool,
    pub roles: Roles,
}

impl Actor {
    /// The system itself.
    pub fn system() -> Self {
        Self {
            kind: ActorKind::System,
            name: "SYSTEM".to_owned(),
            os_user: None,
            claimed: false,
            roles: Roles::Named(BTreeSet::new()),
        }
    }

    /// The agent a workflow's scope names.
    pub fn agent(name: &str) -> Self {
        Self {
            kind: ActorKind::Agent,
            name: name.to_owned(),
            ..Self::system()
        }
    }

    /// A person who claims `name`, with every role: nobody configured who may act.
    pub fn claimed(name: &str, os_user: &str) -> Self {
        Self {
            kind: ActorKind::Person,
            name: name.to_owned(),
            os_user: Some(os_user.to_owned()),
            claimed: true,
            roles: Roles::All,
        }
    }
}
