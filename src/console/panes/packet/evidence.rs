//! The evidence of a packet.

use super::sections::begin;
use crate::console::model::Sheet;
use crate::console::panes::json;
use crate::console::text::{Line, Mark};
use crate::domain::{Evidence, Packet};

pub(super) fn evidence(sheet: &mut Sheet, packet: &Packet) {
    let missing = packet.evidence.iter().filter(|item| item.missing).count();
    let count = packet.evidence.len();
    let items = if count == 1 { "item" } else { "items" };
    let rest = match missing {
        0 => format!("  {count} {items}"),
        missing => format!("  {count} {items}, {missing} missing"),
    };
    begin(sheet, 3, "EVIDENCE", Line::new().own(&rest, Mark::Faint));
    if packet.evidence.is_empty() {
        let none = "The workflow asks for no evidence.";
        sheet.wrapped(&Line::new().say(none, Mark::Faint), 0);
    }
    for item in &packet.evidence {
        one(sheet, item);
    }
}

fn one(sheet: &mut Sheet, item: &Evidence) {
    let (sign, mark) = match (item.missing, item.required) {
        (true, true) => ("x ", Mark::Danger),
        (true, false) => ("? ", Mark::Warning),
        (false, _) => ("+ ", Mark::Good),
    };
    let line = Line::new()
        .say(sign, mark)
        .put(&item.title, Mark::Strong)
        .say(if item.missing { "  missing" } else { "" }, mark)
        .say("  from ", Mark::Faint)
        .put(&item.source, Mark::Faint);
    sheet.wrapped(&line, 2);
    if item.missing {
        return;
    }
    for line in json::lines(&item.value, 2) {
        sheet.wrapped(&line, 4);
    }
}
