//! Pictures of every pane and overlay at the two sizes that count.

use countersign::console::message::Message;
use countersign::console::request::Request;
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

#[test]
fn no_amount_is_cut_at_any_width() {
    for columns in 40..=200 {
        let mut stage = Stage::with(columns, 40, packets());
        let list = stage.press("j").picture();
        for amount in [" 7 850.00", " 1 000 000.00", "  10.00"] {
            let whole = |line: &str| {
                let rest = line.split_once(amount).map(|(_, rest)| rest);
                rest.is_some_and(|rest| rest.starts_with([' ', '│']))
            };
            assert!(list.lines().any(whole), "{columns}: {amount}\n{list}");
        }
        assert!(list.contains("PO-9902"), "{columns}\n{list}");
        for keys in ["tab", "esc a"] {
            let picture = stage.press(keys).picture();
            assert!(
                picture.contains("1 000 000.00 USD"),
                "{columns} {keys}\n{picture}"
            );
        }
    }
}

#[test]
fn the_largest_amount_there_is_has_its_column() {
    for columns in [40, 60, 80, 110, 140, 180, 200] {
        let mut largest = order(1, Tier::Critical, "90071992547409.91");
        largest.amount = Some("-90071992547409.91 USD".parse().unwrap());
        let stage = Stage::with(columns, 24, vec![largest]);
        let picture = stage.picture();
        let row = picture
            .lines()
            .find(|line| line.contains("-90 071 992 547 409.91"));
        assert!(row.is_some(), "{columns}\n{picture}");
    }
}

#[test]
fn beside_a_packet_stands_its_run_where_there_is_room() {
    let read = crate::run_stage::run(1, countersign::domain::RunStatus::Waiting);
    let mut packet = order(1, Tier::Critical, "7850.00");
    packet.run = read.detail.row.run;
    let mut stage = Stage::with(179, 45, vec![packet]);
    let asked = |stage: &Stage| {
        let reads = stage.asked.iter();
        reads
            .filter(|request| matches!(request, Request::ReadRun(_)))
            .count()
    };
    assert_eq!(asked(&stage), 0, "nothing is read that has no place");
    stage.tell(Message::Resized {
        columns: 180,
        rows: 45,
    });
    assert_eq!(asked(&stage), 1);
    assert!(
        stage.draw().contains("reading the run"),
        "{}",
        stage.picture()
    );
    let run = read.detail.row.run;
    stage.tell(Message::Run {
        run,
        found: Ok(Box::new(read)),
    });
    let picture = stage.draw();
    for said in ["TIMELINE", "t opens it", "1 WHY YOU", "waiting at review"] {
        assert!(picture.contains(said), "{said}\n{picture}");
    }
    insta::assert_snapshot!("queue_180x45", picture);
}

#[test]
fn what_is_told_goes_on_in_the_line_below() {
    let mut stage = Stage::with(60, 20, packets());
    let picture = stage.press("j k a").picture();
    let footer: Vec<&str> = picture.lines().skip(18).map(str::trim).collect();
    let said = footer.join(" ");
    for part in [
        "read it whole first (tab, then space): WHY YOU",
        "AGENT SAYS",
    ] {
        assert!(said.contains(part), "{picture}");
    }
    // Without a line below, it names what one line holds.
    let mut low = Stage::with(60, 19, packets());
    let picture = low.press("j k a").picture();
    let last = picture.lines().last().unwrap_or_default();
    assert!(
        last.contains("read it whole first") && last.ends_with("more"),
        "{picture}"
    );
}
