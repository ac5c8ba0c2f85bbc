//! Checks the chain: every hash, every commitment, every row that the journal binds.

use crate::console::message::Refusal;
use crate::console::model::audit::{Check, Reading};
use crate::console::model::{Focus, Model, Notice};
use crate::console::panes;
use crate::console::request::Request;
use crate::console::update::audit::{lay, pages, set_filter};
use crate::console::update::{act, arrive};
use crate::store::VerifyReport;

/// Begins a check, unless one is under way.
pub fn check(model: &mut Model) -> Vec<Request> {
    if let Some(Check::UnderWay { done, total }) = model.audit.check {
        let percent = panes::audit::said::percent(done, total);
        model.tell(Notice::info(format!(
            "a check of the chain is under way: {percent} %"
        )));
        return Vec::new();
    }
    let total = model.audit.head.map_or(0, |head| head.size);
    model.audit.check = Some(Check::UnderWay { done: 0, total });
    arrive::resized(model);
    vec![Request::Verify]
}

pub fn verifying(model: &mut Model, done: u64, total: u64) {
    if matches!(model.audit.check, Some(Check::UnderWay { .. })) {
        model.audit.check = Some(Check::UnderWay { done, total });
        model.dirty = true;
    }
}

pub fn verified(model: &mut Model, outcome: Result<VerifyReport, Refusal>) {
    let check = match outcome {
        Ok(report) => Check::Done {
            report,
            at: model.now,
        },
        Err(refusal) => Check::Failed(refusal.message),
    };
    let said = panes::audit::said::outcome(&check);
    model.audit.check = Some(check);
    if let Some(said) = said {
        model.tell(said);
    }
    arrive::resized(model);
}

/// The first event that the last check found wrong.
///
/// # Errors
/// That no check found any.
pub fn bad_here(model: &Model) -> Result<u64, Notice> {
    let bad = match &model.audit.check {
        Some(Check::Done { report, .. }) => report.first_bad_seq,
        Some(Check::UnderWay { .. } | Check::Failed(_)) | None => None,
    };
    bad.ok_or_else(|| Notice::info("no check found the chain broken (C checks it)"))
}

/// Shows the first event that the last check found wrong.
pub fn go_to_bad(model: &mut Model) -> Vec<Request> {
    let seq = match bad_here(model) {
        Ok(seq) => seq,
        Err(notice) => {
            model.tell(notice);
            return Vec::new();
        }
    };
    act::focus(model, Focus::List);
    model.disarmed = false;
    model.audit.follow = false;
    let mut requests = set_filter(model, "");
    model.audit.selected = Some(seq);
    if model.audit.current().is_some() {
        let height = panes::audit::list_rows(model);
        model.audit.fit(height);
        lay(model);
        return requests;
    }
    requests.clear();
    requests.extend(pages::ask(model, Reading::Around(seq)));
    requests
}
