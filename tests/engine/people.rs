//! Who acts.

use countersign::domain::{Actor, Roles};

/// The reviewer of the purchase order, with every role.
pub(crate) fn jane() -> Actor {
    Actor::claimed("MGR_JANE_DOE", "jane")
}

pub(crate) fn person(name: &str) -> Actor {
    Actor::claimed(name, "someone")
}

/// A person whom the configuration gives these roles and no other.
pub(crate) fn with_roles(name: &str, roles: &[&str]) -> Actor {
    Actor {
        claimed: false,
        roles: Roles::Named(roles.iter().map(|role| (*role).to_owned()).collect()),
        ..person(name)
    }
}
