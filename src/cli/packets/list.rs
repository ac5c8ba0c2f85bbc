//! `packets list`: the queue.

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::options::list_limit;
use crate::cli::packets::present::PacketLine;
use crate::cli::table::{Align, Table};
use crate::cli::{Done, session};
use crate::domain::limits::LIST_ROWS_MAX;
use crate::domain::{Packet, PacketId, PacketStatus, Timestamp};
use crate::runtime::{Clock as _, SystemClock};
use crate::store::PacketFilter;

/// List packets: those that wait first, oldest deadline first
#[derive(Debug, Args)]
pub struct List {
    /// Only those with this status: open, approved, rejected, returned, decided, superseded,
    /// expired, withdrawn
    #[arg(long)]
    status: Option<PacketStatus>,
    /// Only those of this workflow
    #[arg(long, value_name = "NAME")]
    workflow: Option<String>,
    /// Only those with this risk flag, as in `over_limit`
    #[arg(long, value_name = "CODE")]
    flag: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N", value_parser = list_limit, default_value_t = LIST_ROWS_MAX)]
    limit: u32,
    /// Only those after this one, to read on where a list ended
    #[arg(long, value_name = "PACKET")]
    after: Option<PacketId>,
}

impl List {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let filter = PacketFilter {
            status: self.status,
            workflow: self.workflow.as_deref().map(Into::into),
            flag: self.flag,
            run: None,
            after: self.after,
            limit: Some(self.limit),
        };
        let packets = session::read(context, |handle| handle.packets(&filter))?;
        if context.out.is_json() {
            let lines: Vec<_> = packets.iter().map(PacketLine::of).collect();
            context.out.document(&lines)?;
        } else {
            let table = table(&packets, SystemClock.now());
            session::print_list(&mut context.out, &table, packets.len(), "packets")?;
        }
        Ok(Done::Well)
    }
}

/// The queue as people read it: a line of facts, and below it what it is about and why it waits.
pub fn table(packets: &[Packet], now: Timestamp) -> Table {
    let mut table = Table::new(&[
        ("PACKET", Align::Left),
        ("STATUS", Align::Left),
        ("TIER", Align::Left),
        ("AMOUNT", Align::Right),
        ("DUE", Align::Right),
    ]);
    for packet in packets {
        let amount = packet.amount.map(|amount| amount.to_string());
        table.row([
            packet.packet.to_string().as_str(),
            packet.status.as_str(),
            packet.tier.as_str(),
            amount.as_deref().unwrap_or("-"),
            &match packet.status {
                PacketStatus::Open => due(packet.due_at, now),
                _ => "-".to_owned(),
            },
        ]);
        let flags: Vec<&str> = packet.flags.iter().map(|flag| flag.code.as_str()).collect();
        if flags.is_empty() {
            table.below(&packet.title);
        } else {
            table.below(&format!("{} [{}]", packet.title, flags.join(", ")));
        }
    }
    table
}

/// How long until `due`, in its largest unit: `23h`, `5m`, `late`.
pub fn due(due: Timestamp, now: Timestamp) -> String {
    const MINUTE_MS: i64 = 60_000;
    const HOUR_MS: i64 = 60 * MINUTE_MS;
    const DAY_MS: i64 = 24 * HOUR_MS;
    match due.ms_since(now) {
        left if left <= 0 => "late".to_owned(),
        left if left < MINUTE_MS => "<1m".to_owned(),
        left if left < HOUR_MS => format!("{}m", left / MINUTE_MS),
        left if left < 2 * DAY_MS => format!("{}h", left / HOUR_MS),
        left => format!("{}d", left / DAY_MS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_told_in_its_largest_unit() {
        let cases = [
            (-1, "late"),
            (0, "late"),
            (59_999, "<1m"),
            (60_000, "1m"),
            (24 * 3_600_000 - 1, "23h"),
            (24 * 3_600_000, "24h"),
            (72 * 3_600_000, "3d"),
        ];
        for (left, text) in cases {
            assert_eq!(due(Timestamp(left), Timestamp(0)), text);
        }
    }
}
