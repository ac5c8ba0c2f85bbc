//! `packets amend`.

use clap::Args;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::options::digest_prefix;
use crate::cli::session::{self, Access};
use crate::cli::set::{Set, each_once, parse_set};
use crate::domain::PacketId;
use crate::runtime::Amendment;

/// Edit the state under a packet; schema and policy check it again
///
/// The packet gets a new version and a new digest, and earlier verdicts on it are void.
#[derive(Debug, Args)]
pub struct Amend {
    /// The packet's id
    packet: PacketId,
    /// The digest that `packets show` printed, or at least 12 of its hex digits
    #[arg(long, value_parser = digest_prefix)]
    digest: String,
    /// A state field and its new value, as in amount=78500.00; may be given several times
    #[arg(long, value_name = "PATH=JSON", value_parser = parse_set, required = true)]
    set: Vec<Set>,
    /// Why; stands in the journal
    #[arg(long)]
    reason: String,
}

impl Amend {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        each_once(&self.set)?;
        let actor = context.actor()?;
        let edits = self.set.into_iter();
        let amendment = Amendment {
            packet: self.packet,
            digest: self.digest,
            set: edits.map(|Set { path, value }| (path, value)).collect(),
            reason: self.reason,
        };
        let amended = session::with(context, Access::Attach, async |handle, _| {
            Ok(handle.amend(amendment, &actor).await?)
        })?;
        let out = &mut context.out;
        if out.is_json() {
            out.document(&amended)?;
            return Ok(Done::Well);
        }
        out.line(format_args!(
            "packet {} is now version {}\ndigest {}",
            amended.packet, amended.version, amended.digest
        ))?;
        Ok(Done::Well)
    }
}
