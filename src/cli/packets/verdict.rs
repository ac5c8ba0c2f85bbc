//! `packets approve`, `reject`, `return`.

use clap::Args;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::options::digest_prefix;
use crate::cli::session::{self, Access};
use crate::cli::visible::visible;
use crate::domain::{PacketId, Verdict};
use crate::runtime::VerdictRequest;

/// A verdict names exactly what was shown: anything else is refused.
#[derive(Debug, Args)]
pub struct GiveVerdict {
    /// The packet's id
    packet: PacketId,
    /// The digest that `packets show` printed, or at least 12 of its hex digits
    #[arg(long, value_parser = digest_prefix)]
    digest: String,
    /// Why; stands in the journal, and goes back as feedback with `return`
    #[arg(long)]
    reason: Option<String>,
    /// One effect of several, by its index; all where absent
    #[arg(long, value_name = "N")]
    item: Option<usize>,
}

impl GiveVerdict {
    pub fn run(self, verdict: Verdict, context: &mut Context) -> Result<Done, Failure> {
        let actor = context.actor()?;
        let request = VerdictRequest {
            packet: self.packet,
            digest: self.digest,
            verdict,
            item: self.item,
            reason: self.reason,
        };
        let taken = session::with(context, Access::Drive, async |handle, _| {
            let mut taken = handle.verdict(request, &actor).await?;
            // Where another process executes, it drives the run; the verdict is recorded either way.
            if handle.executes() {
                taken.run_status = handle.settled(taken.run).await?.status;
            }
            Ok(taken)
        })?;
        let out = &mut context.out;
        if out.is_json() {
            out.document(&taken)?;
            return Ok(Done::Well);
        }
        let by = visible(&taken.by);
        out.line(format_args!(
            "packet {}: {} by {by}",
            taken.packet, taken.verdict
        ))?;
        out.line(format_args!("run    {} is {}", taken.run, taken.run_status))?;
        Ok(Done::Well)
    }
}
