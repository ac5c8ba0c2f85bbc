//! Every prefix of a journal is a crash, with the shipped workflows and the whole runtime: a process
//! finds exactly those commits, recovers, and goes on. What was under way had arrived, or had not.

use crate::checks;
use crate::dice::Dice;
use crate::disk::Disk;
use crate::life::{Simulation, jobs};
use crate::people::Job;
use crate::world::{Done, Lost, Script, World};

/// Longer than any target keeps a key.
const KEYS_GONE_MS: i64 = 25 * 3_600_000;

/// How each story's first write fares.
const SCRIPTS: [Script; 5] = [
    script(None, false),
    script(Some(Lost::Before), false),
    script(Some(Lost::After), false),
    script(Some(Lost::Before), true),
    script(Some(Lost::After), true),
];

const fn script(lost: Option<Lost>, inconclusive: bool) -> Script {
    Script { lost, inconclusive }
}

/// The job at `place` alone.
fn alone(place: usize) -> Vec<Job> {
    vec![jobs(0).swap_remove(place)]
}

/// One whole story without a crash.
fn whole(jobs: &[Job], script: Script) -> Simulation {
    let disk = Disk::new(None);
    let dice = Dice::new(1);
    let world = World::scripted(&disk, dice.split(), Vec::new(), script);
    let mut story = Simulation::of(dice, (disk, world), jobs.to_vec(), None);
    story.calm_life();
    verdict(&story).unwrap_or_else(|why| panic!("{script:?}, whole: {why}"));
    assert_eq!(story.world.done().len(), jobs.len(), "{script:?}, whole");
    story
}

/// The same story, cut after `kept` commits and gone on with `later`.
fn cut(
    whole: &Simulation,
    kept: usize,
    (arrived, forgets, later_ms): (bool, bool, i64),
    script: Script,
) -> Simulation {
    let disk = whole.disk.cut(kept);
    let dice = Dice::new(kept as u64 + 1_000);
    let done: Vec<Done> = whole
        .world
        .done()
        .into_iter()
        .filter(|done| done.after < kept || (arrived && done.after == kept))
        .map(|done| if forgets { done.forgotten() } else { done })
        .collect();
    let after = Script {
        lost: None,
        ..script
    };
    let world = World::scripted(&disk, dice.split(), done, after);
    let mut story = Simulation::of(dice, (disk, world), whole.people.jobs.clone(), None);
    story.now.0 = whole.now.0 + later_ms;
    story.calm_life();
    story
}

fn verdict(story: &Simulation) -> Result<(), String> {
    checks::always(&story.disk, &story.world)?;
    checks::at_the_end(&story.disk, &story.world)
}

/// Cuts every story everywhere and answers how many crashes that were.
fn cut_everywhere(jobs: &[Job]) -> usize {
    let mut crashes = 0;
    for script in SCRIPTS {
        let whole = whole(jobs, script);
        for kept in 1..=whole.disk.written() {
            for arrived in [false, true] {
                for (forgets, later_ms) in [(false, 1_000), (true, KEYS_GONE_MS)] {
                    let story = cut(&whole, kept, (arrived, forgets, later_ms), script);
                    verdict(&story).unwrap_or_else(|why| {
                        panic!("{script:?}, cut at {kept}, arrived {arrived}, {later_ms} ms: {why}")
                    });
                    crashes += 1;
                }
            }
        }
    }
    crashes
}

/// A target that forgets a key too early is seen to do it twice.
#[test]
fn a_key_forgotten_too_early_is_caught() {
    let script = SCRIPTS[2];
    let whole = whole(&alone(3), script);
    let caught = (1..=whole.disk.written())
        .any(|kept| verdict(&cut(&whole, kept, (true, true, 1_000), script)).is_err());
    assert!(caught);
}

#[test]
fn a_purchase_order_is_committed_once_wherever_its_process_dies() {
    assert!(cut_everywhere(&alone(1)) > 50);
}

#[test]
fn a_refund_is_given_once_wherever_its_process_dies() {
    assert!(cut_everywhere(&alone(3)) > 50);
}

#[test]
fn a_deal_is_updated_once_wherever_its_process_dies() {
    assert!(cut_everywhere(&alone(4)) > 50);
}

/// The second run of one order is shown to a person, who names it another operation.
#[test]
fn an_order_that_is_meant_twice_is_committed_twice_wherever_its_process_dies() {
    let first = jobs(0).swap_remove(0);
    let again = Job {
        key: "once more".to_owned(),
        ..first.clone()
    };
    assert!(cut_everywhere(&[first, again]) > 100);
}
