//! Pictures of every pane and overlay at the two sizes that count.

use countersign::domain::{Packet, Tier};

use crate::stage::{Stage, order};

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
