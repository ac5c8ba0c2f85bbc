//! The screen of runs.

use crate::console::key::{Code, Key};
use crate::console::keymap::Action;
use crate::console::message::{Refusal, RunsNews};
use crate::console::model::Model;
use crate::console::request::{Request, Ticket};
use crate::domain::RunId;
use crate::runtime::{RunDetail, RunMoved};

/// What is done to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    Pause,
    Resume,
    Override,
}

pub fn ask(_model: &mut Model, _control: Control) -> Vec<Request> {
    Vec::new()
}

pub fn reason_key(model: &mut Model, key: Key, _at_ms: u64) -> Vec<Request> {
    if key.code == Code::Esc {
        model.overlays.pop();
    }
    Vec::new()
}

pub fn go_to(_model: &mut Model) -> Vec<Request> {
    Vec::new()
}

pub fn go_to_packet(_model: &mut Model) -> Vec<Request> {
    Vec::new()
}

pub fn shown(_model: &mut Model) -> Vec<Request> {
    vec![Request::ReadRuns(None)]
}

pub fn sort(_model: &mut Model) {}

pub fn set_filter(_model: &mut Model, _text: &str) -> Option<String> {
    None
}

pub fn moved_cursor(_model: &mut Model, _action: Action) -> Vec<Request> {
    Vec::new()
}

pub fn resized(_model: &mut Model) {}

pub fn news(_model: &mut Model, _news: RunsNews) -> Vec<Request> {
    Vec::new()
}

pub fn read(
    _model: &mut Model,
    _run: RunId,
    _found: Result<Box<RunDetail>, Refusal>,
) -> Vec<Request> {
    Vec::new()
}

pub fn moved(
    _model: &mut Model,
    _ticket: Ticket,
    _outcome: Result<RunMoved, Refusal>,
) -> Vec<Request> {
    Vec::new()
}
