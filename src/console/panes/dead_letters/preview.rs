//! What a redrive would do, as lines.

use crate::console::panes::times;
use crate::console::text::{Line, Mark, Shown};
use crate::domain::PlannedEffect;
use crate::runtime::{Approval, RedrivePreview, Would};

/// Columns of the names before what is said.
const NAME: usize = 10;
/// Hex digits of a digest.
const DIGEST_SHOWN: usize = 12;

/// Everything that was said, each line with how far its later parts are indented.
pub fn lines(preview: &RedrivePreview) -> Vec<(Line, usize)> {
    let mut lines = Vec::new();
    let (said, mark) = would(preview.would);
    lines.push(named("would").say(said, mark));
    if preview.held {
        let said = "only once the run is resumed: it is paused";
        lines.push(named("").say(said, Mark::Warning));
    }
    if let Some(effect) = &preview.effect {
        lines.extend(of_effect(effect));
    }
    let (said, mark) = approval(preview.approval);
    lines.push(named("approval").say(said, mark));
    if let Some(probe) = &preview.probe {
        let mark = match probe.found {
            Some(true) => Mark::Danger,
            Some(false) => Mark::Good,
            None => Mark::Warning,
        };
        let at = format!("at {}: ", clock(&probe.at.to_string()));
        lines.push(
            named("asked")
                .own(&at, Mark::Faint)
                .put(&probe.message, mark),
        );
    }
    let digest = preview.definition.to_string();
    let short = digest.get(..DIGEST_SHOWN).unwrap_or(&digest);
    let line = named("workflow").own(&format!("definition {short}…, pinned"), Mark::Plain);
    lines.push(if preview.newer_definition {
        line.say(
            "; a newer one stands in the store and is not used",
            Mark::Warning,
        )
    } else {
        line
    });
    lines.into_iter().map(|line| (line, NAME)).collect()
}

fn of_effect(effect: &PlannedEffect) -> Vec<Line> {
    let mut target = named("effect")
        .put(effect.tool.as_str(), Mark::Strong)
        .say(" for ", Mark::Faint)
        .put(&effect.operation, Mark::Strong);
    if let Some(amount) = &effect.amount {
        target = target
            .say("  ", Mark::Plain)
            .show(times::money(amount), Mark::Strong);
    }
    let mut lines = vec![target, named("").put(&effect.target(), Mark::Strong)];
    if let Some(body) = &effect.request.body {
        let size = format!("{} bytes: ", body.len());
        let line = named("body").own(&size, Mark::Faint);
        lines.push(line.show(Shown::of(body), Mark::Plain));
    }
    let (key, digest) = (effect.key.to_string(), effect.digest.to_string());
    let short = |whole: &str| whole.get(..DIGEST_SHOWN).unwrap_or(whole).to_owned();
    let both = format!("key {}…  digest {}…", short(&key), short(&digest));
    lines.push(named("under").own(&both, Mark::Faint));
    lines
}

/// What would happen at once, and its look.
pub fn would(would: Would) -> (&'static str, Mark) {
    match would {
        Would::Send => ("SEND this effect", Mark::Danger),
        Would::Read => ("ask the tool again; reading changes nothing", Mark::Plain),
        Would::Probe => ("ask the target whether it happened", Mark::Plain),
        Would::OpenPacket => (
            "ask a person: a packet opens, nothing is sent yet",
            Mark::Info,
        ),
        Would::Block => ("be blocked by policy; nothing is sent", Mark::Warning),
        Would::Wait => ("wait for a time or a signal", Mark::Plain),
        Would::End => ("end the run; nothing is sent", Mark::Plain),
        Would::GoOn => (
            "go on with what was answered; nothing is sent again",
            Mark::Plain,
        ),
        Would::ParkAgain => ("be stuck again at once", Mark::Danger),
    }
}

fn approval(approval: Approval) -> (&'static str, Mark) {
    match approval {
        Approval::StillBinds => ("the one that was given still binds", Mark::Good),
        Approval::Void => ("the one that was given is void", Mark::Warning),
        Approval::Needed => ("a person is asked for one", Mark::Info),
        Approval::NotNeeded => ("none is needed for this", Mark::Plain),
    }
}

fn named(name: &'static str) -> Line {
    Line::new().say(name, Mark::Faint).pad(NAME)
}

/// The time of day of a whole instant, to the second.
pub fn clock(whole: &str) -> &str {
    whole.get(11..19).unwrap_or(whole)
}
