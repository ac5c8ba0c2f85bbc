//! Ten thousand hostile texts, mixed from those of the files: none is lost, none leaves its place.

use countersign::console::text::Shown;
use countersign::domain::{Packet, Tier};
use serde_json::json;

use crate::hostile::{check, texts, unshown};
use crate::stage::{Stage, order, seal};
use crate::stray_keys::Numbers;

const TEXTS: usize = 10_000;
/// Texts of one packet.
const FIELDS: usize = 20;
/// Letters taken of one text at a time.
const PIECE_MAX: u64 = 40;

/// What a terminal obeys, what is not seen, and what takes no or too much room.
const BARBS: [&str; 16] = [
    "\u{1b}[2J",
    "\u{1b}]0;x\u{7}",
    "\u{9b}31m",
    "\u{8}\u{8}\u{8}100",
    "\r",
    "\n",
    "\t",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{e0041}",
    "\u{301}\u{301}\u{301}\u{301}\u{301}",
    "\u{2800}\u{a0}\u{3000}",
    "            ",
    "\u{1f468}\u{200d}\u{1f469}",
    "\u{fdfd}",
];

fn mixture(known: &[String], numbers: &mut Numbers) -> String {
    let mut text = String::new();
    for _ in 0..=numbers.below(3) {
        let at = usize::try_from(numbers.below(known.len() as u64)).unwrap();
        let letters: Vec<char> = known[at].chars().collect();
        let from = numbers.below(letters.len().max(1) as u64);
        let most = numbers.below(PIECE_MAX) + 1;
        let piece = letters.iter().skip(usize::try_from(from).unwrap());
        text.extend(piece.take(usize::try_from(most).unwrap()));
        let barb = usize::try_from(numbers.below(BARBS.len() as u64)).unwrap();
        text.push_str(BARBS[barb]);
    }
    text
}

/// A packet with another text in each of its fields.
fn packet(n: u128, texts: &[String]) -> Packet {
    let mut texts = texts.iter().cloned();
    let mut next = || texts.next().unwrap();
    let mut packet = order(n, Tier::Elevated, "7850.00");
    packet.title = next();
    packet.flags[0].code = next();
    packet.flags[0].message = next();
    packet.reasons[0].text = next();
    packet.reasons[0].rule = next();
    packet.policy[0].rule = next();
    packet.policy[1].error = Some(next());
    packet.evidence[0].title = next();
    packet.evidence[0].source = next();
    packet.evidence[0].value = json!({ next(): [next(), { "deep": next() }] });
    packet.agent_note = Some(next());
    let state = json!({ next(): next(), "vendor": next() });
    packet.state = state.as_object().cloned().unwrap();
    packet.edited_by = Some(next());
    let effect = &mut packet.effects[0];
    effect.operation = next();
    effect.request.url = format!("http://127.0.0.1/{}", next());
    effect.request.body = Some(next());
    seal(&mut packet);
    packet
}

#[test]
fn ten_thousand_mixtures_are_shown_whole_and_stay_in_their_place() {
    let known = texts();
    let mut numbers = Numbers(20_261_121);
    let all: Vec<String> = (0..TEXTS).map(|_| mixture(&known, &mut numbers)).collect();
    for text in &all {
        assert_eq!(unshown(&Shown::of(text)), *text, "{}", text.escape_debug());
    }
    for (n, texts) in (1..).zip(all.chunks(FIELDS)) {
        check(&Stage::with(100, 60, vec![packet(n, texts)]));
    }
}
