//! `audit verify`: recomputes the whole chain, and compares it with a head kept elsewhere.

use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::visible::visible;
use crate::cli::{Done, session};
use crate::config::read_regular;
use crate::domain::Digest;
use crate::domain::limits::HEAD_BYTES_MAX;
use crate::runtime::{Handle, RuntimeError};
use crate::store::{EventFilter, VerifyReport};

/// Recompute the whole journal from disk; exit status 5 where it does not verify
#[derive(Debug, Args)]
pub struct Verify {
    /// An earlier output of `audit head --json`: the journal must still contain that event
    #[arg(long, value_name = "FILE")]
    head: Option<PathBuf>,
}

/// A head as `audit head --json` printed it; further keys are ignored.
#[derive(Debug, Deserialize)]
struct KeptHead {
    size: u64,
    hash: Digest,
}

#[derive(Debug, Serialize)]
struct Report {
    #[serde(flatten)]
    found: VerifyReport,
    /// Whether the kept head is in the journal; absent where none was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    head_matches: Option<bool>,
}

impl Verify {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let kept = self.head.as_deref().map(read_head).transpose()?;
        let bar = if context.out.shows_progress() {
            ProgressBar::new(0)
        } else {
            ProgressBar::hidden()
        };
        let report = session::read(context, |handle| {
            let mut found = handle.verify(&mut |done, total| {
                bar.set_length(total);
                bar.set_position(done);
            })?;
            bar.finish_and_clear();
            let mut head_matches = None;
            if let Some(kept) = &kept {
                let problem = compare(handle, kept)?;
                head_matches = Some(problem.is_none());
                if let Some(problem) = problem {
                    found.ok = false;
                    found.first_bad_seq = found.first_bad_seq.or(Some(kept.size));
                    found.problem = found.problem.or(Some(problem));
                }
            }
            Ok(Report {
                found,
                head_matches,
            })
        })?;
        print(context, &report)
    }
}

fn print(context: &mut Context, report: &Report) -> Result<Done, Failure> {
    let out = &mut context.out;
    let found = &report.found;
    if out.is_json() {
        out.document(report)?;
    } else if found.ok {
        let head = found.head;
        out.line(format_args!(
            "the journal verifies: {} events, head {}",
            found.events, head.hash
        ))?;
        if found.missing_values.events > 0 {
            out.line(&found.missing_values)?;
        }
    }
    if found.ok {
        return Ok(Done::Well);
    }
    let problem = found.problem.as_deref().unwrap_or("it does not verify");
    out.remark(format_args!(
        "countersign: the journal does not verify: {}; keep the file as it is, and compare it with a copy or a head kept elsewhere",
        visible(problem)
    ));
    Ok(Done::With(Kind::Integrity))
}

fn read_head(path: &Path) -> Result<KeptHead, Failure> {
    let text =
        read_regular(path, HEAD_BYTES_MAX).map_err(|error| Failure::unreadable(path, &error))?;
    serde_json::from_slice(&text).map_err(|error| {
        let message = format!("{} holds no journal head: {error}", path.display());
        Failure::usage("bad_head", message).hint("write one with `countersign --json audit head`")
    })
}

/// Tells what is wrong between the journal and a head kept from it.
fn compare(handle: &Handle, kept: &KeptHead) -> Result<Option<String>, RuntimeError> {
    if kept.size == 0 {
        let matches = kept.hash == Digest::ZERO;
        return Ok((!matches).then(|| "the kept head of an empty journal has a hash".to_owned()));
    }
    let size = handle.head()?.size;
    if size < kept.size {
        let lost = kept.size - size;
        return Ok(Some(format!(
            "it ends {lost} events before the head that was kept elsewhere: it was cut, or is an older copy"
        )));
    }
    let events = handle.events(&EventFilter {
        after_seq: Some(kept.size - 1),
        limit: Some(1),
        ..EventFilter::default()
    })?;
    let matches = events
        .first()
        .is_some_and(|event| event.seq == kept.size && event.hash == kept.hash);
    Ok((!matches).then(|| {
        format!(
            "event {} is another one than the head that was kept elsewhere",
            kept.size
        )
    }))
}
