//! The line in which a filter is typed; the list narrows with every key.

use crate::console::model::Field;

#[derive(Clone, Debug)]
pub struct FilterBar {
    pub field: Field,
    /// What the list was filtered by before, for leaving with esc.
    pub before: String,
    /// What is wrong with it.
    pub wrong: Option<String>,
}

impl FilterBar {
    pub fn new(text: &str) -> Self {
        Self {
            field: Field::of(text),
            before: text.to_owned(),
            wrong: None,
        }
    }
}
