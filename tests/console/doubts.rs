//! Runs with an effect of which nobody knows whether it happened.

use countersign::console::message::{DoubtsNews, Message, RunRead, Told, ToldKind};
use countersign::domain::{EffectState, RunStatus, Timestamp};
use countersign::views::{Doing, Pursuit};

use crate::run_stage::{Runs, failed, five, nth, run};
use crate::stage::{NOW, packet_id};

const HOUR_MS: i64 = 3_600_000;

/// A run whose order may have been placed at 13:13.
fn in_doubt(status: RunStatus, doing: Doing, tries: &[(ToldKind, i64)]) -> RunRead {
    let mut read = run(1, status);
    let mut effect = failed(1).effects.remove(0);
    effect.state = EffectState::Unknown;
    effect.error = Some("the connection was lost after the request was sent".to_owned());
    let key = effect.idempotency_key;
    read.tries = tries
        .iter()
        .map(|(kind, minutes)| Told {
            at: since().plus_ms(minutes * 60_000),
            step: "commit".into(),
            key: Some(key),
            kind: *kind,
            what: None,
            words: None,
            by: None,
        })
        .collect();
    read.effects.push(effect);
    read.detail.pursuit = Some(Pursuit {
        idempotency_key: key,
        doing,
    });
    read
}

fn since() -> Timestamp {
    NOW.plus_ms(-47 * 60_000)
}

fn told(runs: &mut Runs, effects: usize, since: Vec<(u128, Timestamp)>) {
    runs.stage.tell(Message::Doubts(DoubtsNews {
        effects,
        more: effects >= 500,
        since: since.into_iter().map(|(n, at)| (nth(n), at)).collect(),
    }));
    runs.stage.draw();
}

#[test]
fn the_row_says_since_when_its_outcome_is_unknown() {
    for (columns, words) in [
        (80, "!! outcome unknown since 13:13"),
        (140, "!! unknown since 13:13"),
        (40, "!! unknown 13:13"),
    ] {
        let mut runs = Runs::with(columns, 24, five());
        told(&mut runs, 1, vec![(2, since())]);
        runs.says(words);
        told(&mut runs, 0, Vec::new());
        assert!(!runs.picture().contains(words));
        runs.says("=  paused");
    }
    let mut runs = Runs::with(80, 24, five());
    told(&mut runs, 1, vec![(2, since().plus_ms(-24 * HOUR_MS))]);
    runs.says("!! outcome unknown since 11-20 13:13");
}

#[test]
fn the_footer_counts_effects_in_doubt_on_every_screen() {
    let mut runs = Runs::with(80, 24, five());
    assert!(
        !runs.picture().contains("in doubt"),
        "they were not read yet"
    );
    told(&mut runs, 0, Vec::new());
    runs.says("· 0 effects in doubt");
    runs.press("1");
    assert!(!runs.picture().contains("in doubt"));
    told(&mut runs, 1, vec![(2, since())]);
    runs.says("· !! 1 effect in doubt");
    told(&mut runs, 500, vec![(2, since())]);
    runs.says("· !! 500 or more effects in doubt");
}

#[test]
fn a_long_name_of_the_store_does_not_hide_them() {
    let mut runs = Runs::with(60, 24, five());
    runs.stage.model.session.store = "/a/very/long/name/".repeat(9);
    told(&mut runs, 3, vec![(2, since())]);
    runs.says("!! 3 effects in doubt");
}

#[test]
fn where_the_footer_has_one_line_the_crumbs_say_it() {
    let mut runs = Runs::with(80, 16, five());
    told(&mut runs, 2, vec![(2, since())]);
    runs.says("Runs · !! 2 effects in doubt");
}

#[test]
fn the_details_say_what_was_asked_and_what_is_done_next() {
    use ToldKind::{ProbeFoundNothing, Sent, Unknown};
    let at = since().plus_ms(60_000);
    let packet = packet_id(1);
    for (status, doing, words) in [
        (
            RunStatus::Running,
            Doing::ResendDue { at },
            "resend due at 13:14:00",
        ),
        (
            RunStatus::Running,
            Doing::AskDue { at },
            "the target is asked at 13:14:00",
        ),
        (
            RunStatus::Running,
            Doing::Asked,
            "the target is being asked",
        ),
        (RunStatus::Running, Doing::Sent, "sent again under its key"),
        (RunStatus::Paused, Doing::Held, "before the run is resumed"),
        (
            RunStatus::Waiting,
            Doing::Person { packet },
            "a person is asked: packet",
        ),
        (RunStatus::DeadLettered, Doing::Nothing, "a dead letter (3)"),
        (
            RunStatus::Terminated,
            Doing::Nothing,
            "countersign effects probe",
        ),
    ] {
        let tries = [
            (Sent, 0),
            (Unknown, 0),
            (ProbeFoundNothing, 1),
            (Unknown, 2),
        ];
        let runs = Runs::with(140, 45, vec![in_doubt(status, doing, &tries)]);
        runs.says("!! outcome unknown since 13:13");
        let said = details(&runs);
        let found = "unknown since 13:13:00; asked at 13:14:00: found nothing; ";
        assert!(said.contains(found), "{said}");
        assert!(said.contains(words), "{words}: {said}");
    }
}

/// The details beside the list as one line.
fn details(runs: &Runs) -> String {
    let picture = runs.picture();
    let right = picture.lines().filter_map(|line| line.rsplit_once("││"));
    let words = right.map(|(_, line)| line.trim_matches(|c: char| c == '┆' || c == '│'));
    let words = words.flat_map(str::split_whitespace);
    words
        .filter(|word| *word != "┆»")
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn what_was_settled_in_between_begins_anew() {
    use ToldKind::{NotDone, Unknown};
    let tries = [(Unknown, -30), (NotDone, -20), (Unknown, 0)];
    let runs = Runs::with(
        140,
        45,
        vec![in_doubt(RunStatus::Running, Doing::Sent, &tries)],
    );
    runs.says("!! outcome unknown since 13:13");
}

#[test]
fn a_run_in_doubt_is_drawn() {
    use ToldKind::{ProbeFoundNothing, Sent, Unknown};
    let tries = [(Sent, 0), (Unknown, 0), (ProbeFoundNothing, 1)];
    let packet = packet_id(1);
    let read = in_doubt(RunStatus::Waiting, Doing::Person { packet }, &tries);
    for (columns, rows) in [(40, 24), (60, 20), (80, 24), (140, 45)] {
        let mut runs = Runs::with(
            columns,
            rows,
            vec![read.clone(), run(2, RunStatus::Running)],
        );
        told(&mut runs, 1, vec![(1, since())]);
        insta::assert_snapshot!(format!("doubt_{columns}x{rows}"), runs.picture());
    }
}
