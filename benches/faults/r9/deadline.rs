//! A verdict in the moment in which a packet's last window ends.

use std::collections::BTreeSet;

use countersign::domain::{PacketStatus, Verdict};
use countersign::engine::Rejection;
use countersign::runtime::RuntimeError;

use super::{Pair, give, hold};
use crate::faults::chance::Chance;
use crate::faults::inside::Hands;
use crate::faults::r9::race::Count;
use crate::faults::scene::Scene;
use crate::support::Outcome;

const WINDOW_MS: i64 = 24 * 60 * 60 * 1_000;
/// How far apart the clock's turn and the verdict are, at most.
const APART_MICROS: u64 = 150_000;
/// Packets that run out together.
const AT_ONCE: usize = 10;

impl Pair {
    /// Either the verdict stands, or silence has rejected and the reviewer is told that it expired.
    pub(super) async fn deadlines(
        &self,
        scene: &Scene,
        clock: &std::sync::Arc<Hands>,
        (n, chance): (usize, &mut Chance),
    ) -> Outcome<Count> {
        let mut count = Count::default();
        let mut due = BTreeSet::new();
        let mut round = 0;
        while count.races < n {
            let name = format!("DEADLINE-{round}");
            round += 1;
            let waiting = self.waiting(&name, AT_ONCE.min(n - count.races)).await?;
            let before = self.escalated(0).await?;
            clock.turn(WINDOW_MS);
            // Escalated; the second window begins.
            self.escalated(before + waiting.len()).await?;
            let mut racers = Vec::new();
            for (order, packet) in waiting {
                let verdict = give(&self.other, &packet, Verdict::Approve, "ANNA");
                let wait = std::time::Duration::from_micros(chance.within(0, APART_MICROS));
                let late = async move {
                    tokio::time::sleep(wait).await;
                    verdict.await
                };
                racers.push((order, packet, tokio::spawn(late)));
            }
            clock.turn(WINDOW_MS);
            for (order, packet, racer) in racers {
                let taken = racer.await?;
                self.executor.settled(packet.run).await?;
                count.races += 1;
                let status = self.executor.packet(packet.packet)?.status;
                match (&taken, status) {
                    (Ok(()), PacketStatus::Approved) => {
                        count.first_won += 1;
                        due.insert(order);
                    }
                    (
                        Err(RuntimeError::Rejected(Rejection::AlreadyDecided {
                            status: PacketStatus::Expired,
                            closed_by: Some(_),
                            ..
                        })),
                        PacketStatus::Expired,
                    ) => {}
                    (Err(error), PacketStatus::Expired) => {
                        count.untold.push(format!("it was told: {error}"));
                    }
                    _ => count.no_winner += 1,
                }
            }
        }
        hold("DEADLINE", &due, scene, &mut count)?;
        Ok(count)
    }
}
