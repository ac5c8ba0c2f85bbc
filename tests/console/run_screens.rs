//! Pictures of the runs, of one of them, and of the dialogs on it.

use countersign::console::message::RunRead;
use countersign::domain::RunStatus;

use crate::run_stage::{Runs, failed, run};

const SIZES: [(u16, u16); 3] = [(60, 20), (80, 24), (140, 45)];

fn mixed() -> Vec<RunRead> {
    let mut dead = run(2, RunStatus::DeadLettered);
    dead.detail.row.key = None;
    vec![
        run(1, RunStatus::Waiting),
        dead,
        failed(3),
        run(65, RunStatus::Paused),
        run(1_500, RunStatus::Succeeded),
    ]
}

fn pictures(name: &str, reads: &[RunRead], keys: &str) {
    for (columns, rows) in SIZES {
        let mut runs = Runs::with(columns, rows, reads.to_vec());
        runs.press(keys);
        insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), runs.picture());
    }
}

#[test]
fn a_run_that_waits() {
    pictures("waiting", &mixed(), "j k");
}

#[test]
fn a_run_that_failed() {
    pictures("failed", &mixed(), "j j");
}

#[test]
fn a_run_in_full() {
    pictures("whole", &mixed(), "j j tab z");
}

#[test]
fn pausing() {
    pictures("pause", &mixed(), "p");
}

#[test]
fn overriding() {
    for (columns, rows) in SIZES {
        let mut runs = Runs::with(columns, rows, mixed());
        runs.press("j j j O").write("amount").press("tab");
        runs.write("78500.00").press("tab");
        insta::assert_snapshot!(format!("override_{columns}x{rows}"), runs.picture());
    }
}

#[test]
fn no_runs() {
    pictures("none", &[], "j");
}

#[test]
fn every_size_from_40_by_12_to_200_by_60_is_drawn() {
    for columns in [40, 59, 60, 109, 110, 200] {
        for rows in [12, 13, 14, 19, 20, 60] {
            let mut runs = Runs::with(columns, rows, mixed());
            runs.press("j p esc tab G esc");
            let picture = runs.picture();
            assert!(picture.contains("Runs"), "{columns}x{rows}: {picture}");
        }
    }
}
