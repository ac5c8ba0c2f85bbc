//! The packet beside the list: as it was read last, laid out, and what of it was on the screen.

use crate::console::message::Beside;
use crate::console::model::Sheet;
use crate::domain::{Digest, Packet, PacketId, RunId};

/// What a verdict is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    pub packet: PacketId,
    pub version: u32,
    pub digest: Digest,
}

impl Bound {
    pub fn of(packet: &Packet) -> Self {
        Self {
            packet: packet.packet,
            version: packet.version,
            digest: packet.digest,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct PacketPane {
    /// The packet under the cursor, which was asked for.
    pub wanted: Option<PacketId>,
    pub packet: Option<Box<Packet>>,
    /// What was read with it.
    pub beside: Beside,
    pub sheet: Sheet,
    /// What the last picture showed.
    pub drawn: Option<Bound>,
    /// The version that was on the screen before this one.
    pub earlier: Option<Box<Packet>>,
    /// The digest that an edit made here gave it: its coming is no news.
    pub staged: Option<Digest>,
    /// The run that a verdict let go on, until what became of it is told.
    pub settling: Option<RunId>,
    /// Why the wanted packet is not here.
    pub trouble: Option<String>,
}

impl PacketPane {
    /// The packet under the cursor, once it was read.
    pub fn current(&self) -> Option<&Packet> {
        let packet = self.packet.as_deref()?;
        (Some(packet.packet) == self.wanted).then_some(packet)
    }
}
