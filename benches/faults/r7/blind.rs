//! Tells from the requests of one effect whether a write was sent again blindly.

use crate::faults::go_between::Exchange;

/// Statuses with which the shipped targets say that nothing was done.
const NOTHING_DONE: [u16; 2] = [429, 503];
const OK: u16 = 200;

/// Why a resend was blind; none where no write was.
pub(super) fn resend(exchanges: &[&Exchange]) -> Option<&'static str> {
    let mut last: Option<&Exchange> = None;
    let mut asked = false;
    for exchange in exchanges {
        if !exchange.is_write() {
            asked |= exchange.status == Some(OK);
            continue;
        }
        if let Some(last) = last {
            let refused = last
                .status
                .is_some_and(|status| NOTHING_DONE.contains(&status));
            match (&last.key, &exchange.key) {
                (Some(before), Some(now)) if before != now => {
                    return Some("sent again under another key");
                }
                (Some(_), Some(_)) => {}
                _ if refused || asked => {}
                _ => return Some("sent again without a key, and nobody had asked"),
            }
        }
        last = Some(*exchange);
        asked = false;
    }
    None
}
