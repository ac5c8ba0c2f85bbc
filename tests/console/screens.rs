//! Pictures of every pane and overlay at the two sizes that count.

use countersign::domain::{Packet, PacketStatus, Tier};

use crate::stage::{Stage, amended, closed, order};

const SIZES: [(u16, u16); 2] = [(80, 24), (140, 45)];

fn packets() -> Vec<Packet> {
    vec![
        order(1, Tier::Critical, "7850.00"),
        order(2, Tier::Elevated, "1000000.00"),
        order(3, Tier::Routine, "10.00"),
    ]
}

fn pictures(name: &str, keys: &str) {
    for (columns, rows) in SIZES {
        let mut stage = Stage::with(columns, rows, packets());
        stage.press(keys);
        insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), stage.picture());
    }
}

#[test]
fn queue() {
    pictures("queue", "j k");
}

#[test]
fn packet() {
    pictures("packet", "tab space");
}

#[test]
fn verdict_of_an_elevated_packet() {
    pictures("verdict_elevated", "j a");
}

#[test]
fn verdict_of_a_routine_packet() {
    pictures("verdict_routine", "j j a");
}

/// On the first packet, once all of it was read.
fn read_pictures(name: &str, keys: &str, typed: &str) {
    for (columns, rows) in SIZES {
        let mut stage = Stage::with(columns, rows, packets());
        stage.press("tab");
        for _ in 0..40 {
            stage.press("space");
        }
        stage.press("g g esc").press(keys).wait(2_000);
        stage.write(typed);
        insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), stage.picture());
    }
}

#[test]
fn verdict_of_a_critical_packet() {
    read_pictures("verdict_critical", "a", "checked by phone");
}

#[test]
fn rejecting() {
    read_pictures("verdict_reject", "r", "not ordered by us");
}

#[test]
fn returning() {
    read_pictures("verdict_return", "i", "ask for the vendor number");
}

#[test]
fn what_cannot_be_approved_yet() {
    pictures("verdict_unread", "a");
}

#[test]
fn a_packet_that_changed_under_the_dialog() {
    for (columns, rows) in SIZES {
        let mut stage = Stage::with(columns, rows, packets());
        stage.press("j j a");
        stage.put(amended(&order(3, Tier::Routine, "10.00"), "4000.00"));
        let picture = stage.draw();
        insta::assert_snapshot!(format!("verdict_changed_{columns}x{rows}"), picture);
    }
}

#[test]
fn a_packet_that_was_decided_under_the_dialog() {
    for (columns, rows) in SIZES {
        let mut stage = Stage::with(columns, rows, packets());
        stage.press("j j a");
        let packet = order(3, Tier::Routine, "10.00");
        stage.put(closed(&packet, PacketStatus::Approved, "MGR_JOHN"));
        let picture = stage.draw();
        insta::assert_snapshot!(format!("verdict_over_{columns}x{rows}"), picture);
    }
}

#[test]
fn filter() {
    pictures("filter", "/ t i e r : r o u");
}

#[test]
fn filter_that_is_wrong() {
    pictures("filter_wrong", "/ c o l o u r : r e d");
}

#[test]
fn palette() {
    pictures("palette", "j :");
}

#[test]
fn palette_with_words() {
    pictures("palette_found", ": c h e c k");
}

#[test]
fn help_of_a_dialog() {
    pictures("help_dialog", "j j a f1");
}

#[test]
fn ending_with_a_draft() {
    for (columns, rows) in SIZES {
        let mut stage = crate::edit::stage(columns, rows);
        crate::edit::open(&mut stage);
        crate::edit::fill(&mut stage, "amount", "12.50");
        stage.press("esc q");
        insta::assert_snapshot!(format!("quit_{columns}x{rows}"), stage.picture());
    }
}

#[test]
fn help() {
    pictures("help", "?");
}

#[test]
fn empty_queue() {
    for (columns, rows) in SIZES {
        let stage = Stage::with(columns, rows, Vec::new());
        insta::assert_snapshot!(format!("empty_{columns}x{rows}"), stage.picture());
    }
}

#[test]
fn every_size_from_40_by_12_to_200_by_60_is_drawn() {
    for columns in [40, 59, 60, 109, 110, 200] {
        for rows in [12, 13, 14, 19, 20, 60] {
            let mut stage = Stage::with(columns, rows, packets());
            stage.press("j a esc tab esc ?");
            let picture = stage.press("esc").picture();
            assert!(picture.contains("Queue"), "{columns}x{rows}: {picture}");
        }
    }
}
