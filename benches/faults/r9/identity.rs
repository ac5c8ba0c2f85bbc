//! One business act in two runs that are started at the same moment.

use std::collections::BTreeSet;
use std::sync::Arc;

use countersign::domain::{Packet, RunStatus};
use countersign::runtime::Handle;
use serde_json::{Value, json};

use super::{Pair, hold};
use crate::faults::inside::{self, open_packets, person};
use crate::faults::r9::race::{Count, at_once};
use crate::faults::scene::Scene;
use crate::support::Outcome;

impl Pair {
    /// One of the two acts; the other waits, and its packet says that it may be a duplicate.
    pub(super) async fn identities(&self, scene: &Scene, n: usize) -> Outcome<Count> {
        let mut count = Count::default();
        let definition = self.executor.definition("purchase-order")?;
        let mut due = BTreeSet::new();
        for row in 0..n {
            let number = format!("IDENTITY-{row}");
            let order = json!({"po_id": number, "vendor": "Alpha Tech Systems", "amount": 10});
            let start = |handle: &Handle, by: &'static str| -> Outcome<_> {
                let rows = inside::rows(&definition, vec![order.clone()])?;
                let (handle, definition) = (handle.clone(), Arc::clone(&definition));
                Ok(async move { handle.start(&definition, rows, &person(by)).await })
            };
            let first = start(&self.executor, "ANNA")?;
            let second = start(&self.other, "BERT")?;
            let (first, second) = at_once(count.swaps(), first, second).await?;
            count.races += 1;
            due.insert(number);
            let mut ended = Vec::new();
            for started in first?.into_iter().chain(second?) {
                ended.push(self.executor.settled(started.run).await?);
            }
            let [one, two] = ended.as_slice() else {
                return Err("two were started".into());
            };
            let (winner, loser) = match (one.status, two.status) {
                (RunStatus::Succeeded, RunStatus::Waiting) => (one, two),
                (RunStatus::Waiting, RunStatus::Succeeded) => (two, one),
                _ => {
                    count.no_winner += 1;
                    continue;
                }
            };
            count.first_won += usize::from(winner.run == one.run);
            let packets = open_packets(&self.executor)?;
            let told = packets
                .iter()
                .find(|packet| packet.run == loser.run)
                .is_some_and(|packet| names(packet, &winner.run.to_string()));
            if !told {
                count
                    .untold
                    .push(format!("no packet of {} names {}", loser.run, winner.run));
            }
        }
        hold("IDENTITY", &due, scene, &mut count)?;
        Ok(count)
    }
}

/// Whether a packet bears the flag, and names the run that acted.
fn names(packet: &Packet, run: &str) -> bool {
    let shown = serde_json::to_value(packet).unwrap_or(Value::Null);
    let duplicates = shown.get("duplicates").map(Value::to_string);
    packet.flags.iter().any(|flag| flag.code == "duplicate")
        && duplicates.is_some_and(|named| named.contains(run))
}
