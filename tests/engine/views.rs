//! What people see of a run: rows and lines folded from its events.

use std::collections::BTreeMap;

use countersign::domain::{EffectState, PacketStatus, StepStatus, Verdict};
use countersign::engine::{FailureClass, RunState, replay};
use countersign::views::{EffectRow, ViewRows, rows_of, timeline};
use serde_json::json;

use crate::people::{jane, person};
use crate::story::Story;
use crate::workflows::{asking, committed, order, sending};

/// The rows of every command, in order.
fn rows(story: &Story) -> Vec<ViewRows> {
    let mut before: Option<RunState> = None;
    let mut from = 0;
    let mut all = Vec::new();
    for to in &story.groups {
        let after = replay(&story.journal[..*to]).unwrap().unwrap();
        all.push(rows_of(before.as_ref(), &story.journal[from..*to], &after));
        (before, from) = (Some(after), *to);
    }
    all
}

/// Where the one effect of a run stood after each command that touched it.
fn fates(story: &Story) -> Vec<EffectState> {
    let rows = rows(story);
    let effects: Vec<&EffectRow> = rows.iter().flat_map(|rows| &rows.effects).collect();
    assert!(
        effects
            .iter()
            .all(|effect| effect.idempotency_key == effects[0].idempotency_key)
    );
    effects.iter().map(|effect| effect.state).collect()
}

#[test]
fn an_effect_s_row_follows_it_to_its_end() {
    let mut story = order("7850.00", true, 0.97);
    story.verdict(&jane(), Verdict::Approve).unwrap();
    story.answer(committed());
    assert_eq!(fates(&story), [EffectState::Intent, EffectState::Confirmed]);

    let mut story = asking("bank.pay");
    story.verdict(&jane(), Verdict::Reject).unwrap();
    assert_eq!(fates(&story), [EffectState::Blocked]);

    let mut story = sending("bank.pay");
    story.fail(FailureClass::Safe, "status_503");
    story.wake();
    story.fail(FailureClass::Unknown, "timeout");
    story.wake();
    story.answer(json!({}));
    assert_eq!(
        fates(&story),
        [
            EffectState::Intent,
            EffectState::Planned,
            EffectState::Intent,
            EffectState::Unknown,
            EffectState::Intent,
            EffectState::Confirmed
        ]
    );

    let mut story = sending("bank.transfer");
    story.fail(FailureClass::Unknown, "timeout");
    story.answer(json!({ "found": true }));
    assert_eq!(
        fates(&story),
        [
            EffectState::Intent,
            EffectState::Unknown,
            EffectState::Confirmed
        ]
    );

    let mut story = sending("mail.send");
    story.fail(FailureClass::Refused, "status_422");
    assert_eq!(fates(&story), [EffectState::Intent, EffectState::Refused]);
}

#[test]
fn a_packet_s_row_holds_its_votes_and_who_closed_it() {
    let mut story = crate::workflows::two_approvals();
    story.verdict(&person("ANNA"), Verdict::Approve).unwrap();
    story.later(7);
    story.verdict(&person("BERT"), Verdict::Approve).unwrap();
    let rows = rows(&story);
    let packets: Vec<_> = rows.iter().flat_map(|rows| &rows.packets).collect();
    let statuses: Vec<_> = packets.iter().map(|packet| packet.status).collect();
    assert_eq!(
        statuses,
        [
            PacketStatus::Open,
            PacketStatus::Open,
            PacketStatus::Approved
        ]
    );
    let last = packets.last().unwrap();
    let voters: Vec<_> = last.votes.iter().map(|vote| vote.by.as_str()).collect();
    assert_eq!(voters, ["ANNA", "BERT"]);
    assert_eq!(last.closed_by.as_deref(), Some("BERT"));
    assert_eq!(last.closed_at, Some(story.now));
}

#[test]
fn a_run_s_row_says_where_it_stands() {
    let story = order("7850.00", true, 0.97);
    let row = rows(&story).pop().unwrap().run;
    assert_eq!(row.status, story.status());
    assert_eq!(row.step.as_ref().unwrap().as_str(), "review");
    assert_eq!(
        row.packet,
        story.state().packet.as_ref().map(|packet| packet.packet)
    );
}

#[test]
fn a_timeline_has_one_line_for_each_attempt() {
    let mut story = order("4999.99", true, 0.97);
    story.fail(FailureClass::Unknown, "timeout");
    story.wake();
    story.answer(committed());
    let lines = timeline(&story.journal);
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line.step.as_str(), line.attempt, line.status))
        .collect();
    assert_eq!(
        told,
        [
            ("assess", 1, StepStatus::Success),
            ("review", 1, StepStatus::Success),
            ("commit", 1, StepStatus::Failed),
            ("commit", 2, StepStatus::Success)
        ]
    );
    assert!(lines.iter().all(|line| line.finished_at.is_some()));
}

#[test]
fn a_waiting_and_a_parked_step_need_a_person() {
    let waiting = timeline(&order("7850.00", true, 0.97).journal);
    assert_eq!(waiting.last().unwrap().status, StepStatus::NeedsReview);
    let mut parked = sending("mail.send");
    parked.fail(FailureClass::Unknown, "timeout");
    let lines = timeline(&parked.journal);
    let last = lines.last().unwrap();
    assert_eq!(last.status, StepStatus::NeedsReview);
    assert!(last.error.is_some() && last.finished_at.is_none());
}

#[test]
fn a_dead_letter_belongs_to_the_visit_that_failed() {
    let mut story = Story::of(&crate::workflows::two_passes());
    story.start(crate::workflows::row());
    story.answer(json!({}));
    story.fail(FailureClass::Refused, "status_422");
    let visits: BTreeMap<u32, StepStatus> = timeline(&story.journal)
        .iter()
        .map(|line| (line.visit, line.status))
        .collect();
    assert_eq!(
        visits,
        BTreeMap::from([(1, StepStatus::Success), (2, StepStatus::NeedsReview)])
    );
}
