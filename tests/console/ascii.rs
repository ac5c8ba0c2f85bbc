//! A terminal that shows ASCII alone gets nothing else, and every letter is still told apart.

use countersign::domain::Tier;

use crate::journal::{Journal, opened};
use crate::run_stage::{Runs, failed};
use crate::stage::{Stage, order, seal};

/// A packet of a vendor with letters beyond ASCII.
fn stage(columns: u16, rows: u16) -> Stage {
    let mut packet = order(1, Tier::Elevated, "1000000.00");
    "PO-9901 Café 株式会社".clone_into(&mut packet.title);
    packet.state["vendor"] = "Café 株式会社".into();
    packet.agent_note = Some("Zahlung über 1\u{a0}000\u{202e}€".to_owned());
    seal(&mut packet);
    let mut stage = Stage::with(
        columns,
        rows,
        vec![packet, order(2, Tier::Critical, "1.00")],
    );
    stage.model.theme.ascii = true;
    let (columns, rows) = (stage.model.columns, stage.model.rows);
    stage.tell(countersign::console::Message::Resized { columns, rows });
    stage
}

fn only_ascii(stage: &Stage, at: &str) {
    for cell in stage.grid().into_iter().flatten() {
        assert!(cell.is_ascii(), "{at}: {cell:?}\n{}", stage.picture());
    }
}

#[test]
fn every_screen_and_dialog_is_ascii() {
    for (columns, rows) in [(40, 12), (60, 20), (80, 24), (140, 45), (200, 60)] {
        let mut stage = stage(columns, rows);
        for keys in [
            "k", "j", "tab G", "esc S", "esc a", "esc r", "esc ?", "esc : z", "esc /",
        ] {
            stage.press(keys);
            only_ascii(&stage, keys);
        }
        let mut runs = Runs::with(columns, rows, vec![failed(1), failed(2)]);
        runs.stage.model.theme.ascii = true;
        for keys in ["j", "tab G", "esc p", "esc A"] {
            runs.press(keys);
            only_ascii(&runs.stage, keys);
        }
        let mut stage = opened(columns, rows, &Journal::of(300));
        stage.model.theme.ascii = true;
        for keys in ["C", "j", "tab G"] {
            stage.press(keys);
            only_ascii(&stage, keys);
        }
    }
}

#[test]
fn letters_of_elsewhere_stand_as_their_numbers() {
    let mut stage = stage(100, 80);
    let picture = stage.press("j k").picture();
    for said in [
        "\"Caf<U+00E9> <U+682A><U+5F0F><U+4F1A><U+793E>\"",
        ": Zahlung <U+00FC>ber 1<U+00A0>000<U+202E><U+20AC>",
        "PO-9901 Caf? ????????",
        "> 59m",
        "+- ",
        "!! 2 hidden characters",
    ] {
        assert!(picture.contains(said), "{said}\n{picture}");
    }
}
