//! Asks for a reason before a run is paused, resumed or overridden.
//!
//! Like the verdict dialog: deaf at first, `y` on the buttons commits, enter on Cancel leaves, what
//! is pasted is absorbed. It is bound to a run by its id.

pub mod draw;

use std::borrow::Cow;

use serde_json::Value;

use crate::console::model::runs::Control;
use crate::console::overlays::walk::{Dialog, Walk};
use crate::domain::unique_json::parse_value;
use crate::domain::{Fields, RunId};

/// Deaf for so long after it opened, in milliseconds.
const DEAD_MS: u64 = 350;

/// Indices of the fields of an override; the reason is the last one of every dialog.
pub const PATH: usize = 0;
pub const VALUE: usize = 1;

#[derive(Clone, Debug)]
pub struct ReasonDialog {
    pub control: Control,
    pub run: RunId,
    /// What the run is called.
    pub called: String,
    /// What is in flight while this is decided, and what waits for a person.
    pub remarks: Vec<String>,
    /// The state as it was read last; none where it was not read yet.
    pub state: Option<Fields>,
    pub walk: Walk,
}

impl ReasonDialog {
    pub fn open(control: Control, run: RunId, called: String, at_ms: u64) -> Self {
        Self {
            control,
            run,
            called,
            remarks: Vec::new(),
            state: None,
            walk: Walk::new(fields(control), at_ms, DEAD_MS),
        }
    }

    /// Index of the field for the reason.
    pub fn reason_at(&self) -> usize {
        fields(self.control).saturating_sub(1)
    }

    pub fn reason(&self) -> &str {
        self.walk.text(self.reason_at())
    }

    /// The field of the state that is overridden, as it was typed.
    pub fn path(&self) -> &str {
        match self.control {
            Control::Override => self.walk.text(PATH),
            Control::Pause | Control::Resume => "",
        }
    }

    /// The value as it was typed.
    pub fn value(&self) -> &str {
        match self.control {
            Control::Override => self.walk.text(VALUE),
            Control::Pause | Control::Resume => "",
        }
    }

    /// The value as it will be set: JSON where it is JSON, else text.
    ///
    /// # Errors
    /// JSON that means two things: a name given twice, a number that would become another one.
    pub fn new_value(&self) -> Result<Value, String> {
        let typed = self.value();
        match parse_value(typed) {
            Ok(value) => Ok(value),
            Err(why) if serde_json::from_str::<Value>(typed).is_ok() => Err(why),
            Err(_) => Ok(Value::String(typed.to_owned())),
        }
    }

    /// The value that stands there now, as far as the state was read.
    pub fn old_value(&self) -> Option<&Value> {
        let mut names = self.path().split('.');
        let first = self.state.as_ref()?.get(names.next()?)?;
        names.try_fold(first, |value, name| value.get(name))
    }
}

impl Dialog for ReasonDialog {
    fn walk(&self) -> &Walk {
        &self.walk
    }

    fn walk_mut(&mut self) -> &mut Walk {
        &mut self.walk
    }

    fn lacks(&self) -> Option<Cow<'static, str>> {
        if self.control == Control::Override {
            if self.path().is_empty() {
                let said = "name the value: a field of the state, as in address.city";
                return Some(Cow::Borrowed(said));
            }
            if self.value().is_empty() {
                return Some(Cow::Borrowed("write the new value; \"\" is an empty text"));
            }
            if let Err(why) = self.new_value() {
                return Some(Cow::Owned(why));
            }
        }
        let none = self.reason().is_empty();
        none.then_some(Cow::Borrowed("write a reason; it stands in the journal"))
    }
}

fn fields(control: Control) -> usize {
    match control {
        Control::Override => 3,
        Control::Pause | Control::Resume => 1,
    }
}
