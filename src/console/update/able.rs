//! What can be done now, and why not: for the footer and the palette, which show it before a key
//! is pressed. What a key does then asks the same questions.

use crate::console::keymap::{
    Action, Entry, Go, InDialog, InFilter, InForm, InKeys, OnJournal, OnList, Place,
};
use crate::console::model::{Model, Notice, Screen};
use crate::console::overlays::edit::Stage as FormStage;
use crate::console::overlays::walk::{Spot, Stage};
use crate::console::overlays::{Dialog, Help, Overlay};
use crate::console::update::{alerts, audit, budget, dead_letters, decide, runs, settle};

/// Tells why what an entry names cannot be done where the keys go now.
///
/// # Errors
/// The sentence that its key would answer with.
pub fn able(model: &Model, entry: &Entry) -> Result<(), Notice> {
    match model.overlays.last() {
        Some(
            Overlay::Verdict(_)
            | Overlay::Reason(_)
            | Overlay::Letter(_)
            | Overlay::Settle(_)
            | Overlay::Budget(_)
            | Overlay::Acknowledge(_)
            | Overlay::Terminate(_)
            | Overlay::Quit(_),
        ) => in_dialog(model, entry.action),
        Some(Overlay::Edit(form)) => in_form(&form.stage, entry.action),
        Some(Overlay::Help(help)) => in_keys(model, help, entry.action),
        Some(Overlay::Filter(bar)) => match entry.action {
            Action::Filter(InFilter::Keep) if bar.wrong.is_some() => not_now(),
            Action::Filter(InFilter::Keep | InFilter::Leave)
            | Action::Whole(_)
            | Action::Move(_)
            | Action::Go(_)
            | Action::Decide(_)
            | Action::Edit
            | Action::Run(_)
            | Action::Letter(_)
            | Action::Settle(_)
            | Action::Budget(_)
            | Action::Acknowledge
            | Action::Terminate
            | Action::List(_)
            | Action::Journal(_)
            | Action::Dialog(_)
            | Action::Keys(_)
            | Action::Form(_) => Ok(()),
        },
        None => in_pane(model, entry.action),
    }
}

/// The same for the panes, whatever lies over them.
///
/// # Errors
/// The sentence that its key would answer with.
pub fn in_pane(model: &Model, action: Action) -> Result<(), Notice> {
    match action {
        Action::Decide(verdict) => decide::openable(model, verdict).map(drop),
        Action::Edit => decide::on_screen(model).map(drop),
        Action::Run(control) => runs::able(model, control),
        Action::Settle(settled) => settle::openable(model, settled).map(drop),
        Action::Budget(verb) => budget::openable(model, verb).map(drop),
        Action::Terminate => runs::terminate::openable(model).map(drop),
        Action::Letter(verb) => dead_letters::able(model, verb),
        Action::Acknowledge => alerts::able(model).map(drop),
        Action::Go(Go::Run) => runs::run_here(model).map(drop),
        Action::Go(Go::Packet) => runs::packet_here(model).map(drop),
        Action::Go(Go::Journal) => audit::run_here(model).map(drop),
        Action::Journal(OnJournal::GoToBad) => audit::bad_here(model).map(drop),
        Action::Go(Go::Open) if is_empty(model) => {
            Err(Notice::info("the list is empty: there is nothing to open"))
        }
        Action::Go(_)
        | Action::Move(_)
        | Action::List(OnList::Filter | OnList::Sort | OnList::Follow)
        | Action::Journal(OnJournal::Verify | OnJournal::Follow)
        | Action::Whole(_)
        | Action::Dialog(_)
        | Action::Filter(_)
        | Action::Keys(_)
        | Action::Form(_) => Ok(()),
    }
}

/// Tells why an entry of the palette cannot be run: because of what is under the cursor, or
/// because it belongs to another place.
///
/// # Errors
/// The sentence to show.
pub fn runnable(model: &Model, entry: &Entry) -> Result<(), Notice> {
    if entry.places.contains(&model.place()) {
        return in_pane(model, entry.action);
    }
    let places: Vec<&str> = entry.places.iter().map(|place| place.name()).collect();
    let text = format!("this is a command of {}", places.join(" and "));
    Err(Notice::info(text))
}

fn is_empty(model: &Model) -> bool {
    match model.screen {
        Screen::Queue => model.queue.list.is_empty(),
        Screen::Runs => model.runs.list.is_empty(),
        Screen::DeadLetters => model.dead_letters.rows.list.is_empty(),
        Screen::Alerts => model.alerts.rows.list.is_empty(),
        Screen::Audit => model.audit.is_empty(),
    }
}

fn not_now() -> Result<(), Notice> {
    Err(Notice::info("this key does nothing here now"))
}

fn in_dialog(model: &Model, action: Action) -> Result<(), Notice> {
    let dialog = model.overlays.last().and_then(Overlay::dialog);
    let Some(walk) = dialog.map(Dialog::walk) else {
        return Ok(());
    };
    let asks = walk.stage == Stage::Asking;
    let on_button = matches!(walk.spot(), Spot::Cancel | Spot::Commit);
    let works = match action {
        Action::Dialog(InDialog::Answer) => asks && on_button && !walk.deaf.holds(model.at_ms),
        Action::Dialog(InDialog::Enter) => asks && walk.spot() == Spot::Cancel,
        Action::Dialog(InDialog::Next | InDialog::Previous | InDialog::Left | InDialog::Right) => {
            asks
        }
        Action::Dialog(InDialog::Editor) => asks && walk.edited_outside().is_some(),
        Action::Dialog(InDialog::Leave | InDialog::More | InDialog::Less)
        | Action::Move(_)
        | Action::Go(_)
        | Action::Decide(_)
        | Action::Edit
        | Action::Run(_)
        | Action::Letter(_)
        | Action::Settle(_)
        | Action::Budget(_)
        | Action::Acknowledge
        | Action::Terminate
        | Action::List(_)
        | Action::Journal(_)
        | Action::Whole(_)
        | Action::Filter(_)
        | Action::Keys(_)
        | Action::Form(_) => true,
    };
    if works { Ok(()) } else { not_now() }
}

fn in_form(stage: &FormStage, action: Action) -> Result<(), Notice> {
    match (action, stage) {
        (Action::Form(InForm::Leave), _) | (_, FormStage::Editing) => Ok(()),
        (Action::Form(_), FormStage::Reading | FormStage::Sent(_) | FormStage::Over(_)) => {
            not_now()
        }
        (_, FormStage::Reading | FormStage::Sent(_) | FormStage::Over(_)) => Ok(()),
    }
}

fn in_keys(model: &Model, help: &Help, action: Action) -> Result<(), Notice> {
    if action != Action::Keys(InKeys::Run) {
        return Ok(());
    }
    match help.chosen() {
        Some(_) if !help.runs() => not_now(),
        Some(entry) => runnable(model, entry),
        None => not_now(),
    }
}

/// Where the keys go now.
pub fn place(model: &Model) -> Place {
    match model.overlays.last() {
        Some(
            Overlay::Verdict(_)
            | Overlay::Reason(_)
            | Overlay::Letter(_)
            | Overlay::Settle(_)
            | Overlay::Budget(_)
            | Overlay::Acknowledge(_)
            | Overlay::Terminate(_)
            | Overlay::Quit(_),
        ) => Place::Dialog,
        Some(Overlay::Edit(form)) if form.raw.is_some() => Place::Json,
        Some(Overlay::Edit(_)) => Place::Form,
        Some(Overlay::Filter(_)) if model.screen == Screen::Audit => Place::Lookup,
        Some(Overlay::Filter(_)) => Place::Filter,
        Some(Overlay::Help(help)) if help.palette => Place::Palette,
        Some(Overlay::Help(_)) => Place::Keys,
        None => model.place(),
    }
}
