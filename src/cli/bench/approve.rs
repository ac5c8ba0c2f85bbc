//! `bench approve`: verdicts on what `bench park` left, after a cold start.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Args;

use crate::cli::Done;
use crate::cli::bench::auto::gather;
use crate::cli::bench::machine::{Stopwatch, figure, ms_since_asked, percentile};
use crate::cli::bench::report::Report;
use crate::cli::bench::target::Target;
use crate::cli::bench::{Data, Rig, actor, engine_runtime, failed};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::domain::{Digest, PacketId, PacketStatus, RunStatus, Verdict, limits};
use crate::runtime::{Handle, VerdictRequest};
use crate::store::PacketFilter;

#[derive(Debug, Args)]
pub struct ApproveBench {
    /// Approvals one at a time
    #[arg(long)]
    seq: usize,
    /// Concurrent clients for the rest
    #[arg(long, default_value_t = 1)]
    clients: usize,
    #[command(flatten)]
    data: Data,
}

/// What a reviewer is shown of one packet: enough to approve it.
type Shown = (PacketId, Digest);

impl ApproveBench {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let runtime = engine_runtime()?;
        let (report, rig) = runtime.block_on(self.measure())?;
        runtime.block_on(rig.close())?;
        report.print(context)?;
        Ok(Done::Well)
    }

    async fn measure(&self) -> Result<(Report, Rig), Failure> {
        let opened = Stopwatch::start();
        let rig = Rig::open(&self.data, Arc::new(Target::new(0))).await?;
        let first = open_packets(&rig.handle, Some(1))?;
        let Some(first) = first.first() else {
            return Err(failed(
                "no packet is open: run `bench park` on this directory first",
            ));
        };
        approve(&rig.handle, first).await?;
        let cold_ms = ms_since_asked().unwrap_or_else(|| opened.elapsed_ms());
        let packets = open_packets(&rig.handle, None)?;
        let (alone, together) = packets.split_at(self.seq.min(packets.len()));
        let watch = Stopwatch::start();
        let mut latencies = Vec::with_capacity(alone.len());
        for packet in alone {
            let each = Stopwatch::start();
            approve(&rig.handle, packet).await?;
            latencies.push(each.elapsed_ms());
        }
        let alone_s = watch.elapsed().as_secs_f64();
        let watch = Stopwatch::start();
        self.concurrently(&rig.handle, together.to_vec()).await?;
        let together_s = watch.elapsed().as_secs_f64();
        if rig.target.effects() != packets.len() + 1 {
            return Err(failed(
                "not every approved order was committed exactly once",
            ));
        }
        let report = Report::new("approve")
            .param("sync", self.data.sync.as_str())
            .param("clients", self.clients)
            .count("n", packets.len() + 1)
            .metric("cold_first_resume_ms", cold_ms)
            .metric("approve_p50_ms", percentile(&mut latencies, 0.50))
            .metric("approve_p95_ms", percentile(&mut latencies, 0.95))
            .metric("approve_p99_ms", percentile(&mut latencies, 0.99))
            .metric("approvals_per_s", figure(alone.len()) / alone_s)
            .metric(
                "approvals_per_s_concurrent",
                figure(together.len()) / together_s,
            );
        Ok((report, rig))
    }

    async fn concurrently(&self, handle: &Handle, packets: Vec<Shown>) -> Result<(), Failure> {
        let next = Arc::new(AtomicUsize::new(0));
        let packets = Arc::new(packets);
        let mut clients = Vec::new();
        for _ in 0..self.clients.max(1) {
            let (handle, packets, next) = (handle.clone(), Arc::clone(&packets), Arc::clone(&next));
            clients.push(tokio::spawn(async move {
                while let Some(packet) = packets.get(next.fetch_add(1, Ordering::Relaxed)) {
                    approve(&handle, packet).await?;
                }
                Ok(Vec::new())
            }));
        }
        gather(clients).await.map(|_| ())
    }
}

async fn approve(handle: &Handle, (packet, digest): &Shown) -> Result<(), Failure> {
    let request = VerdictRequest {
        packet: *packet,
        digest: digest.to_string(),
        verdict: Verdict::Approve,
        item: None,
        reason: None,
    };
    let taken = handle.verdict(request, &actor()).await?;
    let row = handle.settled(taken.run).await?;
    if row.status != RunStatus::Succeeded {
        return Err(failed("an approved order did not go through"));
    }
    Ok(())
}

/// Open packets, page by page.
fn open_packets(handle: &Handle, limit: Option<u32>) -> Result<Vec<Shown>, Failure> {
    let page = limit.unwrap_or(limits::LIST_ROWS_MAX);
    let mut shown: Vec<Shown> = Vec::new();
    loop {
        let packets = handle.packets(&PacketFilter {
            status: Some(PacketStatus::Open),
            after: shown.last().map(|(packet, _)| *packet),
            limit: Some(page),
            ..PacketFilter::default()
        })?;
        let full = packets.len() == page as usize;
        shown.extend(packets.iter().map(|packet| (packet.packet, packet.digest)));
        if !full || limit.is_some() {
            return Ok(shown);
        }
    }
}
