//! The queue under the cursor.

use countersign::console::message::{Message, QueueNews};
use countersign::domain::{PacketStatus, Tier};
use countersign::views::QueueRow;

use crate::stage::{Stage, closed, order, packet_id};

fn five(tier: Tier) -> Vec<countersign::domain::Packet> {
    (1..=5).map(|n| order(n * 10, tier, "100.00")).collect()
}

#[test]
fn a_row_that_enters_above_moves_the_window_and_not_the_cursor() {
    let mut stage = Stage::with(80, 24, five(Tier::Routine));
    stage.press("j j");
    let line = |stage: &Stage| {
        let picture = stage.picture();
        picture.lines().position(|line| line.contains('▌')).unwrap()
    };
    let before = line(&stage);
    stage.put(order(1, Tier::Routine, "1.00"));
    assert_eq!(stage.selected(), Some(packet_id(30)));
    assert_eq!(line(&stage), before);
    assert_eq!(stage.model.queue.list.len(), 6);
}

#[test]
fn on_a_critical_packet_the_list_stands_still() {
    let mut stage = Stage::with(80, 24, five(Tier::Critical));
    stage.press("j");
    stage.put(order(1, Tier::Critical, "9000.00"));
    stage.put(closed(
        &order(10, Tier::Critical, "100.00"),
        PacketStatus::Approved,
        "rv2",
    ));
    assert_eq!(
        (stage.model.queue.list.len(), stage.model.queue.arrived()),
        (5, 1)
    );
    assert!(
        stage.picture().contains("1 new ↑ (gg)"),
        "{}",
        stage.picture()
    );
    stage.press("g g");
    assert_eq!(stage.selected(), Some(packet_id(1)));
    assert_eq!(
        (stage.model.queue.list.len(), stage.model.queue.arrived()),
        (5, 0)
    );
}

#[test]
fn the_row_under_the_cursor_stays_when_somebody_else_decides_it() {
    let mut stage = Stage::with(80, 24, five(Tier::Routine));
    stage.press("j");
    stage.put(closed(
        &order(20, Tier::Routine, "100.00"),
        PacketStatus::Rejected,
        "rv2",
    ));
    assert_eq!(stage.selected(), Some(packet_id(20)));
    let picture = stage.draw();
    assert!(picture.contains("rejected by rv2"), "{picture}");
    stage.press("j");
    assert_eq!(stage.selected(), Some(packet_id(30)));
    assert_eq!(stage.model.queue.list.len(), 4);
}

#[test]
fn a_filter_narrows_while_it_is_typed_and_esc_takes_it_back() {
    let mut stage = Stage::with(80, 24, five(Tier::Routine));
    stage.press("/").write("9930");
    assert_eq!(stage.model.queue.list.len(), 1);
    assert_eq!(stage.selected(), Some(packet_id(30)));
    stage.press("esc");
    assert_eq!(stage.model.queue.list.len(), 5);
    stage.press("/").write("colour:red");
    assert!(
        stage.picture().contains("no field `colour`"),
        "{}",
        stage.picture()
    );
    stage.press("enter esc");
    assert_eq!(stage.model.queue.list.len(), 5);
}

#[test]
fn an_empty_queue_says_why() {
    let stage = Stage::with(80, 24, Vec::new());
    assert!(
        stage.picture().contains("Nothing waits for a person."),
        "{}",
        stage.picture()
    );
    let mut stage = Stage::with(80, 24, five(Tier::Routine));
    stage
        .press("/")
        .write("nothing_is_called_so")
        .press("enter");
    assert!(
        stage.picture().contains("Nothing matches"),
        "{}",
        stage.picture()
    );
}

#[test]
fn several_rows_that_change_their_places_at_once_stay_in_order() {
    let mut stage = Stage::with(80, 24, five(Tier::Routine));
    stage.press("j");
    let later = |n: u128, due: u128| {
        let mut packet = order(n, Tier::Routine, "100.00");
        packet.due_at = order(due, Tier::Routine, "100.00").due_at;
        QueueRow::of(&packet)
    };
    let rows = vec![later(10, 60), later(20, 5), later(40, 1), later(50, 15)];
    stage.tell(Message::Queue(QueueNews { whole: false, rows }));
    let shown: Vec<_> = stage.model.queue.window(9).map(|row| row.packet).collect();
    assert_eq!(shown, [40, 20, 50, 30, 10].map(packet_id));
    assert_eq!(stage.selected(), Some(packet_id(20)));
}

#[test]
fn what_a_filter_keeps_out_is_still_there_without_it() {
    let mut stage = Stage::with(80, 24, five(Tier::Routine));
    stage.press("/").write("tier:routine").press("enter");
    stage.put(order(7, Tier::Critical, "9000.00"));
    stage.put(order(30, Tier::Elevated, "100.00"));
    assert_eq!(stage.model.queue.list.len(), 4);
    assert_eq!(stage.model.queue.open(), 6);
    stage.press("esc");
    assert_eq!(stage.model.queue.list.len(), 6);
}

#[test]
fn packets_beyond_the_list_are_counted() {
    let mut stage = Stage::with(80, 24, five(Tier::Routine));
    assert!(!stage.picture().contains("due first"));
    stage.tell(Message::Open(23_418));
    let picture = stage.draw();
    assert!(
        picture.contains("5 of 23 418 read, those due first"),
        "{picture}"
    );
    assert!(picture.contains("Queue 23418"), "{picture}");
    stage.press("/").write("nobody-of-this-name");
    let picture = stage.draw();
    assert!(
        picture.contains("among the 5 of 23 418 due first"),
        "{picture}"
    );
}
