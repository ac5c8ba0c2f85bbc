//! What was tried for an effect, as people read it.

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::runs::readable;
use crate::cli::visible::visible;
use crate::views::{Came, Try, TryKind};

/// Every try on a line of its own, newest first.
pub(crate) fn print(out: &mut Output, tries: &[Try]) -> Result<(), Failure> {
    out.line("\nWHAT WAS TRIED (newest first)")?;
    if tries.is_empty() {
        return out.line("  nothing");
    }
    for each in tries {
        out.line(format_args!("  {}  {}", each.at, said(each)))?;
    }
    Ok(())
}

fn said(each: &Try) -> String {
    let tool = visible(each.tool.as_str());
    let by = visible(each.by.as_deref().unwrap_or("nobody"));
    let said = match (each.kind, each.came) {
        (TryKind::Asked, Some(Came::NoAnswer)) => format!("asking {tool} failed"),
        (TryKind::Asked, Some(Came::Found)) => format!("asked {tool}: found"),
        (TryKind::Asked, Some(Came::NotFound)) => format!("asked {tool}: not found"),
        (TryKind::Asked, None) => format!("asked {tool}, no answer yet"),
        (TryKind::Asked, Some(_)) => format!("asked {tool}: its answer settles nothing"),
        (TryKind::Sent, came) => {
            format!("sent with {tool}, attempt {}{}", each.attempt, sent(came))
        }
        (TryKind::Said, Some(Came::Happened)) => format!("it happened, said by {by}"),
        (TryKind::Said, Some(Came::NotHappened)) => format!("it did not happen, said by {by}"),
        (TryKind::Said, _) => format!("asked again by {by}"),
    };
    let answer = each.answer.as_ref();
    let answer = answer.map_or_else(String::new, |answer| format!(" {}", readable(answer)));
    let message = each.message.as_deref();
    let message = message.map_or_else(String::new, |message| format!(": {}", visible(message)));
    format!("{said}{answer}{message}")
}

fn sent(came: Option<Came>) -> &'static str {
    match came {
        None => ", no answer yet",
        Some(Came::Confirmed) => ", confirmed",
        Some(Came::Refused) => ", refused",
        Some(Came::NotDone) => ", certainly not done",
        Some(Came::AskedFirst) => ", but not before the target was asked",
        Some(_) => ", outcome unknown",
    }
}
