//! The screen of the journal.

use crate::console::keymap::Action;
use crate::console::message::{EventsPage, Refusal};
use crate::console::model::Model;
use crate::console::request::Request;
use crate::store::VerifyReport;

pub fn shown(_model: &mut Model) -> Vec<Request> {
    Vec::new()
}

pub fn of_run(_model: &mut Model) -> Vec<Request> {
    Vec::new()
}

pub fn check(_model: &mut Model) -> Vec<Request> {
    vec![Request::Verify]
}

pub fn follow(_model: &mut Model) -> Vec<Request> {
    Vec::new()
}

pub fn set_filter(_model: &mut Model, _text: &str) -> Vec<Request> {
    Vec::new()
}

pub fn moved_cursor(_model: &mut Model, _action: Action) -> Vec<Request> {
    Vec::new()
}

pub fn resized(_model: &mut Model) {}

pub fn page(_model: &mut Model, _page: EventsPage) -> Vec<Request> {
    Vec::new()
}

pub fn verifying(_model: &mut Model, _done: u64, _total: u64) {}

pub fn verified(_model: &mut Model, _outcome: Result<VerifyReport, Refusal>) {}
