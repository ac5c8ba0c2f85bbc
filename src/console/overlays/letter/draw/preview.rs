//! What a redrive would do, in full; for a discard, what is given up.

use super::super::{LetterDialog, Preview, Verb};
use crate::console::panes::dead_letters::preview;
use crate::console::panes::json;
use crate::console::text::{Line, Mark};

pub(super) fn lines(dialog: &LetterDialog) -> Vec<(Line, usize)> {
    let mut lines = Vec::new();
    match (dialog.verb, dialog.only()) {
        (Verb::Discard, Some(row)) => {
            let line = Line::new()
                .say("stuck    ", Mark::Faint)
                .put(&row.code, Mark::Danger)
                .say("  ", Mark::Plain)
                .put(&row.message, Mark::Plain);
            lines.push((line, 9));
        }
        (Verb::Discard, None) => {}
        (Verb::Redrive, _) => {
            for (path, value) in &dialog.set {
                let line = Line::new()
                    .say("sets     ", Mark::Faint)
                    .put(path, Mark::Strong)
                    .say(" = ", Mark::Faint)
                    .show(json::one_line(value), Mark::Strong);
                lines.push((line, 9));
            }
            if let Some(output) = &dialog.output {
                let line = Line::new()
                    .say("answered ", Mark::Faint)
                    .show(json::one_line(output), Mark::Strong);
                lines.push((line, 9));
            }
            if let Some(why) = &dialog.why {
                let line = Line::new().say("reason   ", Mark::Faint);
                lines.push((line.put(why, Mark::Plain), 9));
            }
            match &dialog.preview {
                Preview::Known(known) => lines.extend(preview::lines(known)),
                Preview::Awaited(_) => {
                    let said = "asking what would happen, and the target what it knows …";
                    lines.push((Line::new().say(said, Mark::Info), 0));
                }
                Preview::None => {}
            }
        }
    }
    lines
}
