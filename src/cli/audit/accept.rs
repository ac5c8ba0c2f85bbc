//! `audit accept`: a person takes a store that this program by itself refuses.

use clap::Args;
use serde_json::json;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::session;
use crate::engine::Authority;
use crate::runtime::{Clock as _, SystemClock};

/// Take a store as it is: an older copy, or one that another host executed for
///
/// The journal is verified first. What was done after an older copy was made is not in it: compare
/// the effects with what the targets say before anything is approved again.
#[derive(Debug, Args)]
pub struct Accept {
    /// Why; stands in the journal
    #[arg(long)]
    reason: String,
}

impl Accept {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let actor = context.actor()?;
        let store = session::attach(context)?;
        session::warn_of_head(&store, &mut context.out);
        let by = Authority::from(&actor);
        let (objection, head) = store.accept(&self.reason, SystemClock.now(), &by)?;
        let Some(objection) = objection else {
            let why = "nothing speaks against this store: there is nothing to accept";
            return Err(Failure::new(Kind::Refused, "nothing_to_accept", why));
        };
        let out = &mut context.out;
        if out.is_json() {
            let why = Failure::from(objection).code;
            out.document(&json!({"accepted": why, "size": head.size, "hash": head.hash}))?;
        } else {
            let (size, hash) = (head.size, head.hash);
            out.line(format_args!(
                "the store is taken as it is: {size} events, hash {hash}"
            ))?;
        }
        Ok(Done::Well)
    }
}
