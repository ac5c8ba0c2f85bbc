//! The console: what the program does without a command.

use std::io::IsTerminal as _;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::session::{self, Access};
use crate::console::theme::Theme;
use crate::console::{self, Options};
use crate::domain::Actor;
use crate::runtime::{Handle, SystemClock};

/// Opens the console on the store, and drives what it holds.
pub fn run(context: &mut Context) -> Result<Done, Failure> {
    let options = options(context)?;
    session::with(context, Access::Start, async |handle, _| {
        show(handle, options).await
    })?;
    Ok(Done::Well)
}

/// Everything the console needs besides an engine.
///
/// # Errors
/// There is no terminal, or `--json` asks for something else than a screen.
pub fn options(context: &mut Context) -> Result<Options, Failure> {
    if context.out.is_json() || !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal()
    {
        return Err(no_terminal());
    }
    let actor: Actor = context.actor()?;
    let store = context.store_path()?;
    Ok(Options {
        actor,
        store: store.display().to_string(),
        theme: theme(),
    })
}

/// Shows the console until the person leaves it.
pub async fn show(handle: &Handle, options: Options) -> Result<(), Failure> {
    let shown = console::run(handle, &SystemClock, options).await;
    shown.map_err(|error| Failure::internal(&error))
}

/// Colours unless `NO_COLOR` asks for none (<https://no-color.org>); ASCII where the locale has
/// nothing else.
fn theme() -> Theme {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    Theme {
        colour: !set("NO_COLOR"),
        ascii: false,
    }
}

fn no_terminal() -> Failure {
    Failure::usage(
        "no_terminal",
        "the console needs a terminal for its keys and its screen, and no --json",
    )
    .hint("`countersign packets list` shows what waits, `countersign help` every command")
}
