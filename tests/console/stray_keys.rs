//! Keys that nobody meant: bursts over arriving packets decide nothing, and a key lands on the
//! packet that was on the screen.

use countersign::console::message::Message;
use countersign::console::request::Request;
use countersign::domain::{PacketId, Tier};

use crate::stage::{Stage, order, packet_id};

/// Keys a hand or a cat may hit.
const KEYS: [&str; 30] = [
    "a",
    "y",
    "r",
    "i",
    "e",
    "enter",
    "space",
    "tab",
    "esc",
    "j",
    "k",
    "g",
    "G",
    "up",
    "down",
    "/",
    "?",
    ":",
    "1",
    "2",
    "5",
    "t",
    "z",
    "S",
    "n",
    "shift-tab",
    "ctrl-d",
    "left",
    "right",
    "T",
];

/// A generator that gives the same numbers for the same seed (Knuth's constants).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn tier(n: u64) -> Tier {
    match n % 3 {
        0 => Tier::Routine,
        1 => Tier::Elevated,
        _ => Tier::Critical,
    }
}

#[test]
fn a_thousand_bursts_of_keys_give_no_verdict() {
    for seed in 0..1_000 {
        let mut numbers = Numbers(seed);
        let packets = (10..20).map(|n| order(n, tier(seed), "100.00")).collect();
        let mut stage = Stage::with(80, 24, packets);
        stage.wait(5_000);
        for n in 0..5 + numbers.below(46) {
            stage.wait(10 + numbers.below(191));
            let at = usize::try_from(numbers.below(30)).unwrap();
            stage.press_now(KEYS[at]);
            if numbers.below(4) == 0 {
                stage.put(order(100 + u128::from(n), tier(numbers.below(3)), "5.00"));
            }
            if numbers.below(2) == 0 {
                stage.draw();
            }
        }
        let sent: Vec<&Request> = stage
            .asked
            .iter()
            .filter(|request| !matches!(request, Request::Quit | Request::Redraw))
            .filter(|request| matches!(request, Request::Decide { .. } | Request::Amend { .. }))
            .collect();
        assert!(sent.is_empty(), "seed {seed}: {sent:?}");
    }
}

#[test]
fn an_insertion_just_before_the_key_never_changes_what_is_decided() {
    for seed in 0..1_000 {
        let mut numbers = Numbers(seed);
        let packets = (10..20)
            .map(|n| order(n, Tier::Routine, "100.00"))
            .collect();
        let mut stage = Stage::with(80, 24, packets);
        for _ in 0..numbers.below(9) {
            stage.press("j");
        }
        let meant = seen(&stage);
        for n in 0..=numbers.below(4) {
            stage.put(order(1 + u128::from(n), tier(numbers.below(3)), "5.00"));
            stage.wait(numbers.below(50));
        }
        stage.press("a y");
        let verdicts = stage.verdicts();
        assert_eq!(verdicts.len(), 1, "seed {seed}");
        assert_eq!(verdicts[0].packet, meant, "seed {seed}");
    }
}

/// The packet in the pane, by what the picture shows.
fn seen(stage: &Stage) -> PacketId {
    let picture = stage.picture();
    let line = picture.lines().find(|line| line.contains('▌')).unwrap();
    let at = line.find("PO-").unwrap();
    let number: u128 = line[at + 3..at + 7].parse().unwrap();
    packet_id(number - 9_900)
}

#[test]
fn a_paste_of_anything_gives_no_verdict() {
    for text in ["y", "ay", "yyyyyyyyyy", "a\ny\n", "\u{1b}ay"] {
        for keys in ["", "a", "j a", "r", "a tab"] {
            let packets = (10..20)
                .map(|n| order(n, Tier::Routine, "100.00"))
                .collect();
            let mut stage = Stage::with(80, 24, packets);
            stage.press(keys).wait(2_000);
            let at_ms = stage.model.at_ms;
            let text = text.to_owned();
            stage.tell(Message::Pasted { text, at_ms });
            assert!(stage.verdicts().is_empty(), "{keys}");
        }
    }
}

#[test]
fn a_filter_may_be_typed_as_fast_as_anybody_likes() {
    let packets = (10..20)
        .map(|n| order(n, Tier::Routine, "100.00"))
        .collect();
    let mut stage = Stage::with(80, 24, packets);
    stage.press("/");
    for c in "tier:routine 9915".chars() {
        stage.press_now(&if c == ' ' {
            "space".to_owned()
        } else {
            c.to_string()
        });
    }
    assert_eq!(stage.model.queue.filter.text(), "tier:routine 9915");
    for name in ["enter", "a", "y", "a", "y", "a", "y"] {
        stage.press_now(name);
    }
    assert!(stage.verdicts().is_empty() && stage.model.overlays.is_empty());
}
