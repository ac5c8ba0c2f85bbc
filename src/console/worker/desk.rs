//! Which reads are under way and which wait.
//!
//! One of a kind is under way at a time, so that an older answer never comes after a newer one. Of
//! those that wait the newest of their kind stay: whoever asked for another has moved on.

use super::work::{Kind, Read};
use crate::domain::limits::CONSOLE_READS_MAX;

#[derive(Debug, Default)]
pub(super) struct Desk {
    under_way: Vec<Kind>,
    /// Oldest first.
    waiting: Vec<Read>,
}

impl Desk {
    /// Takes a read in. What it makes needless is dropped.
    pub(super) fn ask(&mut self, read: Read) {
        let kind = read.kind();
        // What waits is read once it begins: asked twice it is as new.
        self.waiting.retain(|other| *other != read);
        self.waiting.push(read);
        let alike = |other: &Read| other.kind() == kind;
        let more = self.waiting.iter().filter(|other| alike(other)).count();
        let mut more = more.saturating_sub(kind.waiting_max());
        self.waiting.retain(|other| {
            let goes = more > 0 && alike(other);
            more = more.saturating_sub(usize::from(goes));
            !goes
        });
    }

    /// The next read that may begin now; it is under way until [`Desk::done`].
    pub(super) fn begin(&mut self) -> Option<Read> {
        if self.under_way.len() >= CONSOLE_READS_MAX {
            return None;
        }
        let free = |read: &Read| !self.under_way.contains(&read.kind());
        let place = self.waiting.iter().position(free)?;
        let read = self.waiting.remove(place);
        self.under_way.push(read.kind());
        Some(read)
    }

    pub(super) fn done(&mut self, kind: Kind) {
        self.under_way.retain(|other| *other != kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::request::{EventsWanted, Ticket};
    use crate::domain::{Digest, PacketId, RunId};

    fn packet(n: u128) -> Read {
        Read::Packet(PacketId(uuid::Uuid::from_u128(n)))
    }

    fn run(n: u128) -> Read {
        Read::Run(RunId(uuid::Uuid::from_u128(n)))
    }

    fn events() -> Read {
        Read::Events {
            ticket: Ticket(1),
            wanted: EventsWanted::default(),
        }
    }

    #[test]
    fn of_many_packets_asked_for_the_first_and_the_last_are_read() {
        let mut desk = Desk::default();
        desk.ask(packet(0));
        assert_eq!(desk.begin(), Some(packet(0)));
        for n in 1..1_000 {
            desk.ask(packet(n));
            assert_eq!(desk.begin(), None, "one is under way");
        }
        desk.done(Kind::Packet);
        assert_eq!(desk.begin(), Some(packet(999)));
        desk.done(Kind::Packet);
        assert_eq!(desk.begin(), None);
    }

    #[test]
    fn what_changed_while_it_was_read_is_read_again() {
        let mut desk = Desk::default();
        desk.ask(packet(1));
        assert_eq!(desk.begin(), Some(packet(1)));
        desk.ask(packet(1));
        desk.ask(packet(1));
        desk.done(Kind::Packet);
        assert_eq!(desk.begin(), Some(packet(1)));
        desk.done(Kind::Packet);
        assert_eq!(desk.begin(), None);
    }

    #[test]
    fn the_run_under_the_cursor_and_the_one_it_goes_to_both_wait() {
        let mut desk = Desk::default();
        for n in 0..=3 {
            desk.ask(run(n));
        }
        assert_eq!(desk.begin(), Some(run(2)));
        desk.done(Kind::Run);
        assert_eq!(desk.begin(), Some(run(3)));
    }

    #[test]
    fn kinds_go_beside_each_other_up_to_the_limit() {
        let mut desk = Desk::default();
        let reads = [
            packet(1),
            run(1),
            events(),
            Read::Runs(None),
            Read::Definition(Digest::of(b"x")),
            Read::Verify,
        ];
        for read in reads.clone() {
            desk.ask(read);
        }
        let begun: Vec<Read> = std::iter::from_fn(|| desk.begin()).collect();
        assert_eq!(begun, reads[..CONSOLE_READS_MAX]);
        desk.done(Kind::Run);
        assert_eq!(desk.begin(), Some(reads[CONSOLE_READS_MAX].clone()));
        assert_eq!(desk.begin(), None);
    }
}
