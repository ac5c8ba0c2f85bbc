//! What was read of a packet stays read as long as it says the same.

use countersign::console::message::Message;
use countersign::domain::{Packet, Tier, Verdict, Vote};

use crate::stage::{NOW, Stage, amended, order};

fn critical() -> Packet {
    let mut packet = order(1, Tier::Critical, "7850.00");
    packet.approvals = 2;
    let note = "The vendor is known and has delivered before. ".repeat(12);
    packet.reasons[0].text = note;
    crate::stage::seal(&mut packet);
    packet
}

fn read() -> Stage {
    let mut stage = Stage::with(80, 24, vec![critical()]);
    stage.press("tab");
    for _ in 0..40 {
        stage.press("space");
    }
    assert!(stage.model.packet.sheet.unread().is_empty());
    stage
}

#[test]
fn another_size_leaves_what_was_read() {
    let mut stage = read();
    for (columns, rows) in [(140, 45), (60, 20), (45, 14), (80, 24)] {
        stage.tell(Message::Resized { columns, rows });
        stage.draw();
        let unread = stage.model.packet.sheet.unread();
        assert!(unread.is_empty(), "{columns}x{rows}: {unread:?}");
    }
}

#[test]
fn half_of_a_section_stays_half_read_at_another_size() {
    let mut stage = Stage::with(80, 24, vec![critical()]);
    stage.press("tab");
    let before = stage.model.packet.sheet.unread();
    assert!(before.contains(&"POLICY"), "{before:?}");
    stage.tell(Message::Resized {
        columns: 78,
        rows: 12,
    });
    stage.draw();
    assert!(stage.model.packet.sheet.unread().contains(&"POLICY"));
}

#[test]
fn a_vote_of_another_person_makes_only_its_section_unread() {
    let mut stage = read();
    stage.press("g g");
    let mut voted = critical();
    voted.votes.push(Vote {
        by: "MGR_JOHN".to_owned(),
        verdict: Verdict::Approve,
        reason: Some("checked".to_owned()),
        at: NOW,
        item: 0,
        digest: critical().digest,
    });
    stage.put(voted);
    stage.draw();
    assert_eq!(stage.model.packet.sheet.unread(), ["HISTORY"]);
}

#[test]
fn what_changed_is_unread_and_the_rest_stays_read() {
    let mut stage = read();
    stage.put(amended(&critical(), "9000.00"));
    let unread = stage.model.packet.sheet.unread();
    assert!(unread.contains(&"EFFECT"), "{unread:?}");
    assert!(!unread.contains(&"EVIDENCE") && !unread.contains(&"AGENT SAYS"));
}

#[test]
fn the_notice_names_what_is_unread() {
    let mut stage = Stage::with(80, 24, vec![critical()]);
    stage.press("a");
    let picture = stage.picture();
    for name in ["read it whole", "EVIDENCE", "POLICY", "AGENT SAYS"] {
        assert!(
            picture.lines().skip(22).any(|line| line.contains(name)),
            "{name}: {picture}"
        );
    }
}
