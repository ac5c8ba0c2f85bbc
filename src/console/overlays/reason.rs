//! Asks for a reason before a run is paused, resumed or overridden.
//!
//! Like the verdict dialog: deaf at first, `y` on the buttons commits, enter on Cancel leaves, what
//! is pasted is absorbed. It is bound to a run by its id.

pub mod draw;
pub mod keys;

use serde_json::Value;

use crate::console::model::Field;
use crate::console::model::runs::Control;
use crate::console::overlays::deaf::Deaf;
use crate::console::request::Ticket;
use crate::domain::unique_json::parse_value;
use crate::domain::{Fields, RunId};

/// Deaf for so long after it opened, in milliseconds.
const DEAD_MS: u64 = 350;

/// What has the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    Path,
    Value,
    Reason,
    Cancel,
    Commit,
}

/// How far it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    Asking,
    /// The command is on its way.
    Sent(Ticket),
    /// It was not done, and why. Nothing can be committed from here.
    Over(String),
}

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
    pub path: Field,
    pub value: Field,
    pub reason: Field,
    pub spot: Spot,
    pub stage: Stage,
    /// What is still missing, said when the person tried to commit.
    pub missing: Option<String>,
    pub deaf: Deaf,
}

impl ReasonDialog {
    pub fn open(control: Control, run: RunId, called: String, at_ms: u64) -> Self {
        Self {
            control,
            run,
            called,
            remarks: Vec::new(),
            state: None,
            path: Field::default(),
            value: Field::default(),
            reason: Field::default(),
            spot: match control {
                Control::Override => Spot::Path,
                Control::Pause | Control::Resume => Spot::Reason,
            },
            stage: Stage::Asking,
            missing: None,
            deaf: Deaf::new(at_ms, DEAD_MS),
        }
    }

    /// The value as it will be set: JSON where it is JSON, else text.
    ///
    /// # Errors
    /// JSON that means two things: a name given twice, a number that would become another one.
    pub fn new_value(&self) -> Result<Value, String> {
        let typed = self.value.text().trim();
        match parse_value(typed) {
            Ok(value) => Ok(value),
            Err(why) if serde_json::from_str::<Value>(typed).is_ok() => Err(why),
            Err(_) => Ok(Value::String(typed.to_owned())),
        }
    }

    /// The value that stands there now, as far as the state was read.
    pub fn old_value(&self) -> Option<&Value> {
        let mut names = self.path.text().trim().split('.');
        let first = self.state.as_ref()?.get(names.next()?)?;
        names.try_fold(first, |value, name| value.get(name))
    }

    /// What keeps it from being done.
    pub fn lacks(&self) -> Option<String> {
        if self.control == Control::Override {
            if self.path.text().trim().is_empty() {
                return Some("name the value: a field of the state, as in address.city".to_owned());
            }
            if self.value.text().trim().is_empty() {
                return Some("write the new value; \"\" is an empty text".to_owned());
            }
            if let Err(why) = self.new_value() {
                return Some(why);
            }
        }
        let none = self.reason.text().trim().is_empty();
        none.then(|| "write a reason; it stands in the journal".to_owned())
    }

    fn spots(&self) -> &'static [Spot] {
        match self.control {
            Control::Override => &[
                Spot::Path,
                Spot::Value,
                Spot::Reason,
                Spot::Cancel,
                Spot::Commit,
            ],
            Control::Pause | Control::Resume => &[Spot::Reason, Spot::Cancel, Spot::Commit],
        }
    }
}
