//! Reads the journal page by page, one page at a time, as far as the cursor needs it.

use crate::console::message::EventsPage;
use crate::console::model::Model;
use crate::console::model::audit::{Reading, search};
use crate::console::panes;
use crate::console::request::Request;

/// So many rows before an end of the window the next page is asked for.
const AHEAD: usize = 100;
/// When so many pages came meanwhile they are not all read only to be scrolled past.
const FAR_PAGES: u64 = 4;

/// Asks for a page; one under way is no longer wanted.
pub(super) fn ask(model: &mut Model, reading: Reading) -> Vec<Request> {
    let ticket = model.ticket();
    let audit = &mut model.audit;
    if !matches!(reading, Reading::Older | Reading::Newer) {
        audit.pages_left = super::PAGES_PER_KEY;
    }
    let mut wanted = audit.filter.wanted();
    match reading {
        Reading::Anew | Reading::Newest => {}
        Reading::Oldest => wanted.after = Some(0),
        Reading::Around(seq) => {
            let half = u64::from(search::PAGE / 2);
            wanted.before = Some(seq.saturating_add(half));
        }
        Reading::Older => wanted.before = Some(audit.oldest()),
        Reading::Newer => wanted.after = Some(audit.newest()),
    }
    audit.asked = Some((ticket, reading));
    model.dirty = true;
    vec![Request::ReadEvents { ticket, wanted }]
}

/// Takes a page, unless it is not the one asked for last.
pub fn page(model: &mut Model, page: EventsPage) -> Vec<Request> {
    let Some((ticket, reading)) = model.audit.asked else {
        return Vec::new();
    };
    if ticket != page.ticket {
        return Vec::new();
    }
    model.audit.asked = None;
    model.dirty = true;
    match page.found {
        Ok(read) => {
            let height = panes::audit::list_rows(model);
            model.audit.trouble = None;
            model.audit.take(read, reading, height);
            model.audit.pages_left = model.audit.pages_left.saturating_sub(1);
            super::lay(model);
            more(model)
        }
        Err(refusal) => {
            super::troubled(model, &refusal);
            Vec::new()
        }
    }
}

/// Asks for the next page if the cursor needs one.
pub(super) fn more(model: &mut Model) -> Vec<Request> {
    if model.audit.asked.is_some() || model.audit.trouble.is_some() {
        return Vec::new();
    }
    if !model.audit.loaded {
        return ask(model, Reading::Anew);
    }
    let far = FAR_PAGES.saturating_mul(search::PAGE.into());
    if model.audit.is_attached() && model.audit.behind() > far {
        if model.audit.follow {
            return ask(model, Reading::Newest);
        }
        model.audit.detach();
    }
    match needed(model) {
        Some(reading) => ask(model, reading),
        None => Vec::new(),
    }
}

fn needed(model: &Model) -> Option<Reading> {
    let audit = &model.audit;
    let at = audit.index().unwrap_or(0);
    let may = !audit.filter.has_words() || audit.pages_left > 0;
    if audit.is_attached() && audit.behind() > 0 {
        return Some(Reading::Newer);
    }
    if !audit.is_attached() && at < AHEAD && may {
        return Some(Reading::Newer);
    }
    // What is searched for is wanted by the screenful, the rest before it is missed.
    let ahead = if audit.filter.has_words() {
        panes::audit::list_rows(model)
    } else {
        AHEAD
    };
    let near_end = at.saturating_add(ahead) >= audit.len();
    (near_end && may && !audit.is_complete()).then_some(Reading::Older)
}
