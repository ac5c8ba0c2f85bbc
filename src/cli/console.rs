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
    context.check_named_store()?;
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
        bell: context.config()?.bell,
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
    let value = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Theme {
        colour: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        ascii: !is_utf8(value),
    }
}

/// Whether the locale shows UTF-8: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set says so
/// (POSIX.1-2024, Base Definitions, 8.2). Where none is set nobody named a character set, and the
/// terminals of today have UTF-8; `C` and `POSIX` are names of ASCII.
fn is_utf8(value: impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(value);
    locale.is_none_or(|locale| {
        let (_, codeset) = locale.split_once('.').unwrap_or_default();
        let codeset = codeset.split('@').next().unwrap_or_default();
        ["utf-8", "utf8"].contains(&codeset.to_lowercase().as_str())
    })
}

fn no_terminal() -> Failure {
    Failure::usage(
        "no_terminal",
        "the console needs a terminal for its keys and its screen, and no --json",
    )
    .hint("`countersign packets list` shows what waits, `countersign help` every command")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_names_the_character_set() {
        let cases: [(&[(&str, &str)], bool); 9] = [
            (&[], true),
            (&[("LANG", "C.UTF-8")], true),
            (&[("LANG", "de_DE.utf8@euro")], true),
            (&[("LANG", "C")], false),
            (&[("LANG", "POSIX")], false),
            (&[("LANG", "de_DE@euro")], false),
            (&[("LANG", "en_US.ISO-8859-1")], false),
            (&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")], false),
            (&[("LC_CTYPE", "en_US.UTF-8"), ("LANG", "C")], true),
        ];
        for (set, expected) in cases {
            let value = |name: &str| {
                let found = set.iter().find(|(other, _)| *other == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(is_utf8(value), expected, "{set:?}");
        }
    }
}
