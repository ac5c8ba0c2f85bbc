//! A holder of the lease that is stopped between its INTENT and its first byte.

use crate::checks;
use crate::dice::Dice;
use crate::disk::Disk;
use crate::life::{Simulation, jobs};
use crate::twin::Twin;
use crate::world::{Script, World};

/// An update of a deal in a CRM without keys, which a second sender would do twice.
fn stalled(seed: u64, twin: Option<Twin>) -> Result<(), String> {
    let disk = Disk::new(twin);
    let dice = Dice::new(seed);
    let world = World::scripted(&disk, dice.split(), Vec::new(), Script::default());
    let job = jobs(seed).swap_remove(4);
    let mut story = Simulation::of(dice, (disk, world), vec![job], twin);
    story.stalled_life();
    story.calm_life();
    assert_eq!(story.people.told.lock().unwrap().started.len(), 1);
    assert!(!story.world.done().is_empty());
    checks::always(&story.disk, &story.world)?;
    checks::at_the_end(&story.disk, &story.world)
}

#[test]
fn who_was_replaced_meanwhile_sends_nothing() {
    for seed in 1..=20 {
        stalled(seed, None).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    }
    let caught = (1..=20).find_map(|seed| stalled(seed, Some(Twin::NoFencing)).err());
    let why = caught.expect("nothing sees a holder without fencing");
    assert!(why.contains("done twice"), "{why}");
}
