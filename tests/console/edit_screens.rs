//! Pictures of the edit form, and of the packet that comes of it.

use countersign::console::message::Message;
use countersign::console::request::Request;
use countersign::runtime::Amended;

use crate::edit::{editable, fill, open, stage, version_two};
use crate::stage::Stage;

const SIZES: [(u16, u16); 2] = [(80, 24), (140, 45)];

fn pictures(name: &str, act: impl Fn(&mut Stage)) {
    for (columns, rows) in SIZES {
        let mut stage = stage(columns, rows);
        open(&mut stage);
        act(&mut stage);
        insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), stage.picture());
    }
}

#[test]
fn form_with_changes() {
    pictures("form_with_changes", |stage| {
        fill(stage, "vendor", "Alpha Technology Systems International");
        fill(stage, "amount", "9000.00");
        stage.press("ctrl-s").write("the offer says so");
    });
}

#[test]
fn form_with_a_problem() {
    pictures("form_with_a_problem", |stage| {
        fill(stage, "amount", "12,5");
        stage.press("ctrl-s");
    });
}

#[test]
fn raw_json_with_an_error() {
    pictures("raw_json_with_an_error", |stage| {
        stage.press("f2 down down end").write(",");
    });
}

#[test]
fn changed_packet() {
    pictures("changed_packet", |stage| {
        fill(stage, "amount", "9000.00");
        stage
            .press("ctrl-s")
            .write("the offer says so")
            .press("ctrl-s");
        let Some(Request::Amend { ticket, amendment }) = stage.asked.last() else {
            panic!("nothing was sent: {}", stage.picture());
        };
        let next = version_two(&editable(1), &amendment.set);
        let outcome = Ok(Amended {
            packet: next.packet,
            version: next.version,
            digest: next.digest,
        });
        let ticket = *ticket;
        stage.put(next);
        stage.tell(Message::Amended { ticket, outcome });
        stage.draw();
    });
}
