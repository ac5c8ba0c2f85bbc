//! Editing the state under a packet.

use crate::console::key::{Code, Key};
use crate::console::message::Refusal;
use crate::console::model::Model;
use crate::console::request::{Request, Ticket};
use crate::runtime::Amended;

pub fn open(_model: &mut Model) -> Vec<Request> {
    Vec::new()
}

pub fn key(model: &mut Model, key: Key, _at_ms: u64) -> Vec<Request> {
    if key.code == Code::Esc {
        model.overlays.pop();
    }
    Vec::new()
}

pub fn paste(_model: &mut Model, _text: &str, _at_ms: u64) -> bool {
    false
}

pub fn amended(
    _model: &mut Model,
    _ticket: Ticket,
    _outcome: Result<Amended, Refusal>,
) -> Vec<Request> {
    Vec::new()
}

pub fn edited(_model: &mut Model, _outcome: Result<Option<String>, Refusal>) -> Vec<Request> {
    Vec::new()
}
