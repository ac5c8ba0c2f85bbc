//! One sentence for the person, in the footer until the next key.

use crate::console::text::Mark;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub mark: Mark,
}

impl Notice {
    pub fn info(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            mark: Mark::Info,
        }
    }

    pub fn good(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            mark: Mark::Good,
        }
    }

    pub fn warning(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            mark: Mark::Warning,
        }
    }

    pub fn danger(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            mark: Mark::Danger,
        }
    }
}
