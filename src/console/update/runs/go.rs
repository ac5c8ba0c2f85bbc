//! From a packet or an event to its run, and from a run to its packet.

use super::{look, shown};
use crate::console::model::filter::Filter;
use crate::console::model::{Focus, Model, Notice, Screen};
use crate::console::request::Request;
use crate::console::update::{arrive, move_cursor};
use crate::console::view::layout;
use crate::domain::{PacketId, PacketStatus, RunId};

/// The run of the packet or event under the cursor.
///
/// # Errors
/// That there is none.
pub fn run_here(model: &Model) -> Result<RunId, Notice> {
    let run = match model.screen {
        Screen::Queue => model.queue.selected_row().map(|row| row.run),
        Screen::DeadLetters => model.dead_letters.rows.selected().map(|row| row.run),
        Screen::Alerts => model.alerts.rows.selected().and_then(|row| row.run),
        Screen::Audit => model.audit.current().and_then(|event| event.run),
        Screen::Runs => model.runs.list.selected,
    };
    run.ok_or_else(|| Notice::info("what is under the cursor belongs to no run"))
}

/// Shows the run of the packet or event under the cursor.
pub fn go_to(model: &mut Model) -> Vec<Request> {
    match run_here(model) {
        Ok(run) => to_run(model, run),
        Err(notice) => {
            model.tell(notice);
            Vec::new()
        }
    }
}

fn to_run(model: &mut Model, run: RunId) -> Vec<Request> {
    model.screen = Screen::Runs;
    model.focus = Focus::List;
    let height = layout::list_height(model);
    model.runs.select(run, height);
    arrive::resized(model);
    let mut requests = shown(model);
    // Its row may be older than those that were read: then it comes with its details.
    requests.extend(model.runs.sought.map(Request::ReadRun));
    requests
}

/// The open packet that the run under the cursor waits for.
///
/// # Errors
/// That it waits for none.
pub fn packet_here(model: &Model) -> Result<PacketId, Notice> {
    let Some(row) = model.runs.selected_row() else {
        return Err(Notice::info("there is no run under the cursor"));
    };
    let read = model.runs.current().and_then(|read| read.detail.packet);
    let Some(packet) = row.packet.or(read) else {
        let text = format!("this run is {}: it waits for no packet", row.status);
        return Err(Notice::info(text));
    };
    let here = model.queue.row(packet);
    if here.is_none_or(|row| row.status != PacketStatus::Open) {
        let text = format!("packet {packet} is not open any more: nothing is left to decide");
        return Err(Notice::info(text));
    }
    Ok(packet)
}

/// Shows the packet that the run waits for.
pub fn go_to_packet(model: &mut Model) -> Vec<Request> {
    let packet = match packet_here(model) {
        Ok(packet) => packet,
        Err(notice) => {
            model.tell(notice);
            return Vec::new();
        }
    };
    model.screen = Screen::Queue;
    model.focus = Focus::List;
    let height = layout::list_height(model);
    model.queue.list.selected = Some(packet);
    model.queue.refilter(height);
    if model.queue.list.selected != Some(packet) {
        model.queue.filter = Filter::default();
        model.queue.list.selected = Some(packet);
        model.queue.settle(height);
    }
    model.disarmed = false;
    arrive::resized(model);
    let mut requests = move_cursor::look(model);
    requests.extend(look(model));
    requests
}
