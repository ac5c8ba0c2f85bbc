//! `packets approve`, `reject`, `return`.
//!
//! Once the verdict is durable it is printed, whatever keeps its run from going on: who does not
//! see it would give it again. Such a trouble is told on stderr, and is the exit status only where
//! nobody could look how the run stands.

use clap::Args;
use serde::Serialize;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::holder;
use crate::cli::options::digest_prefix;
use crate::cli::output::Output;
use crate::cli::session::{self, Access};
use crate::cli::visible::visible;
use crate::domain::{PacketId, RunId, RunStatus, Verdict};
use crate::runtime::{BudgetAnswered, Handle, VerdictRequest, VerdictTaken};

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
        carry_out(context, async |handle| {
            let taken = handle.verdict(request, &actor).await?;
            Ok(Recorded::of(taken.into()))
        })
    }
}

/// Gives an answer, follows the run it lets go on, and prints both.
pub(super) fn carry_out(
    context: &mut Context,
    give: impl AsyncFnOnce(&Handle) -> Result<Recorded, Failure>,
) -> Result<Done, Failure> {
    let mut recorded = None;
    let session = session::with(context, Access::Drive, async |handle, _| {
        let recorded = recorded.insert(give(handle).await?);
        recorded.follow(handle).await;
        Ok(())
    });
    match (recorded, session) {
        (None, session) => session.map(|()| Done::Well),
        (Some(recorded), session) => recorded.print(session.err(), &mut context.out),
    }
}

/// An answer as scripts read it.
#[derive(Debug, Serialize)]
pub(super) struct Taken {
    packet: PacketId,
    verdict: &'static str,
    by: String,
    run: RunId,
    run_status: RunStatus,
}

impl From<VerdictTaken> for Taken {
    fn from(taken: VerdictTaken) -> Self {
        Self {
            packet: taken.packet,
            verdict: taken.verdict.as_str(),
            by: taken.by,
            run: taken.run,
            run_status: taken.run_status,
        }
    }
}

impl From<BudgetAnswered> for Taken {
    fn from(answered: BudgetAnswered) -> Self {
        Self {
            packet: answered.packet,
            verdict: answered.answer.verb(),
            by: answered.by,
            run: answered.run,
            run_status: answered.run_status,
        }
    }
}

/// A verdict that stands, and what is known of its run since.
pub(super) struct Recorded {
    taken: Taken,
    /// The run was looked at after the verdict.
    looked: bool,
    /// Who executes, where it is another process, and what to do if it hangs.
    elsewhere: Option<(String, String)>,
    /// What kept the run from being driven or seen.
    trouble: Option<Failure>,
}

impl Recorded {
    pub(super) fn of(taken: Taken) -> Self {
        Self {
            taken,
            looked: false,
            elsewhere: None,
            trouble: None,
        }
    }

    /// Waits until the run has settled, or looks how it stands where that cannot be told.
    async fn follow(&mut self, handle: &Handle) {
        let run = self.taken.run;
        let followed = session::followed(handle, run).await;
        if let Ok(Some(lease)) = holder::holder(handle) {
            self.elsewhere = Some((holder::named(&lease), holder::way_out(&lease)));
        }
        match followed {
            Ok(status) => return self.saw(status),
            Err(trouble) => self.trouble = Some(trouble.into()),
        }
        match handle.run(run) {
            Ok(detail) => self.saw(detail.row.status),
            Err(trouble) => self.trouble = Some(trouble.into()),
        }
    }

    fn saw(&mut self, status: RunStatus) {
        self.taken.run_status = status;
        self.looked = true;
    }

    /// Prints the verdict with the run's last known status. `closing` is what went wrong beside or
    /// after the waiting: an interrupt, a lease that could not be given back.
    fn print(self, closing: Option<Failure>, out: &mut Output) -> Result<Done, Failure> {
        let taken = &self.taken;
        if out.is_json() {
            out.document(taken)?;
        } else {
            let (packet, verdict, by) = (taken.packet, taken.verdict, visible(&taken.by));
            out.line(format_args!("packet {packet}: {verdict} by {by}"))?;
            out.line(format_args!("run    {} is {}", taken.run, taken.run_status))?;
        }
        // The same command again would be refused: the hint is where to look instead.
        let look = format!(
            "`countersign runs show {}` tells how the run goes on",
            taken.run
        );
        let troubles: Vec<Failure> = self.trouble.into_iter().chain(closing).collect();
        let kind = troubles.first().map(|trouble| trouble.kind);
        if kind.is_none() && taken.run_status.is_active() {
            match &self.elsewhere {
                Some((who, way_out)) => out.remark(format_args!(
                    "its run waits for {}: {way_out}; {look}",
                    visible(who)
                )),
                None => out.remark(format_args!("another process executes; {look}")),
            }
        }
        for trouble in troubles {
            let trouble = trouble.hint(look.clone());
            trouble.remark("the verdict is recorded, but ", out);
        }
        Ok(match kind {
            Some(kind) if !self.looked => Done::With(kind),
            _ => Done::Well,
        })
    }
}
