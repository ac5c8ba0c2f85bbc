//! From a packet or an event to its run, and from a run to its packet.

use super::{look, shown};
use crate::console::model::filter::Filter;
use crate::console::model::{Focus, Model, Notice, Screen};
use crate::console::request::Request;
use crate::console::update::{arrive, move_cursor};
use crate::console::view::layout;
use crate::domain::{PacketStatus, RunId};

/// Shows the run of the packet or event under the cursor.
pub fn go_to(model: &mut Model) -> Vec<Request> {
    let run = match model.screen {
        Screen::Queue => model.queue.selected_row().map(|row| row.run),
        Screen::Audit => model.audit.current().and_then(|event| event.run),
        Screen::Runs => model.runs.list.selected,
    };
    let Some(run) = run else {
        model.tell(Notice::info("what is under the cursor belongs to no run"));
        return Vec::new();
    };
    to_run(model, run)
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

/// Shows the packet that the run waits for.
pub fn go_to_packet(model: &mut Model) -> Vec<Request> {
    let Some(row) = model.runs.selected_row() else {
        model.tell(Notice::info("there is no run under the cursor"));
        return Vec::new();
    };
    let read = model.runs.current().and_then(|read| read.detail.packet);
    let Some(packet) = row.packet.or(read) else {
        let text = format!("this run is {}: it waits for no packet", row.status);
        model.tell(Notice::info(text));
        return Vec::new();
    };
    let open = model
        .queue
        .row(packet)
        .is_some_and(|row| row.status == PacketStatus::Open);
    if !open {
        let text = format!("packet {packet} is not open any more: nothing is left to decide");
        model.tell(Notice::info(text));
        return Vec::new();
    }
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
