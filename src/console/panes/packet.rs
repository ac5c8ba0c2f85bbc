//! A packet in full: what this program knows first, the agent's own words last and marked.

pub mod budget;
pub mod draw;
mod evidence;
pub mod outcome;
mod sections;

use crate::console::message::Beside;
use crate::console::model::Sheet;
use crate::domain::Packet;

/// Lays a packet, with what was read beside it, out in lines of `width` columns; first what changed since `earlier`.
pub fn sheet(
    (packet, beside): (&Packet, &Beside),
    earlier: Option<&Packet>,
    width: usize,
    ascii: bool,
) -> Sheet {
    let mut sheet = Sheet::of_width(width, ascii);
    if let Some(earlier) = earlier {
        sections::changed(&mut sheet, packet, earlier);
    }
    sections::why(&mut sheet, packet, beside);
    sections::effect(&mut sheet, packet, beside);
    evidence::evidence(&mut sheet, packet);
    sections::policy(&mut sheet, packet);
    sections::state(&mut sheet, packet);
    sections::history(&mut sheet, packet);
    sections::agent(&mut sheet, packet);
    sheet
}
