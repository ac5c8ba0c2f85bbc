//! The form in which the state under a packet is edited.

use crate::console::model::packet::Bound;

#[derive(Clone, Debug)]
pub struct EditForm {
    pub bound: Bound,
}
