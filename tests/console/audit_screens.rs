//! Pictures of the journal.

use countersign::console::message::Message;
use countersign::store::VerifyReport;

use crate::journal::{Journal, opened};
use crate::stage::Stage;

const SIZES: [(u16, u16); 2] = [(80, 24), (140, 45)];

fn pictures(name: &str, count: u64, play: impl Fn(&mut Stage, &Journal)) {
    for (columns, rows) in SIZES {
        let mut journal = Journal::of(count);
        if let Some(event) = journal.events.last_mut() {
            // Its values are gone.
            event.values = None;
        }
        let mut stage = opened(columns, rows, &journal);
        play(&mut stage, &journal);
        insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), stage.draw());
    }
}

#[test]
fn list_and_record() {
    pictures("audit", 9_318, |stage, _| {
        stage.press("j j j j j j j j");
    });
}

#[test]
fn values_destroyed() {
    pictures("audit_destroyed", 9_318, |stage, _| {
        stage.press("tab ]");
    });
}

#[test]
fn filtered() {
    pictures("audit_filtered", 9_318, |stage, journal| {
        stage
            .press("/")
            .write("kind:vote_cast phone")
            .press("enter");
        journal.serve(stage);
    });
}

#[test]
fn check_under_way() {
    pictures("audit_check", 9_318, |stage, _| {
        stage.press("C");
        stage.tell(Message::Verifying {
            done: 4_000,
            total: 9_318,
        });
    });
}

#[test]
fn check_failed() {
    pictures("audit_broken", 9_318, |stage, journal| {
        stage.press("C");
        stage.tell(Message::Verified(Ok(VerifyReport {
            ok: false,
            events: 9_311,
            first_bad_seq: Some(9_312),
            problem: Some("event 9312 does not match the journal".to_owned()),
            head: journal.head(),
            missing_values: countersign::store::MissingValues::default(),
        })));
        stage.press("b");
        journal.serve(stage);
    });
}

#[test]
fn nothing_yet() {
    pictures("audit_empty", 0, |_, _| {});
}

#[test]
fn every_size_is_drawn() {
    let journal = Journal::of(300);
    for columns in [40, 59, 60, 109, 110, 200] {
        for rows in [12, 13, 14, 19, 20, 60] {
            let mut stage = opened(columns, rows, &journal);
            let picture = stage.press("C j ctrl-d G g g tab space z esc").picture();
            assert!(picture.contains("Audit"), "{columns}x{rows}: {picture}");
            assert!(picture.contains("300"), "{columns}x{rows}: {picture}");
        }
    }
}
