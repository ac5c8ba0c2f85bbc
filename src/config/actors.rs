//! Who may act under which name.

use std::collections::BTreeSet;

use crate::config::{ConfigError, OsUser};
use crate::domain::limits::ACTOR_NAME_CHARS_MAX;
use crate::domain::{Actor, ActorKind, Roles, is_blank, is_hidden};

/// The program's own name in the journal, and before `_` the start of its other ones.
const RESERVED: &str = "SYSTEM";

/// The configured people. Empty means that nobody configured who may act.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActorList(pub Vec<MappedActor>);

/// One name, the operating-system user that may act under it, and the roles it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedActor {
    pub name: String,
    pub os_user: String,
    pub roles: BTreeSet<String>,
}

impl ActorList {
    /// Authenticates the caller.
    ///
    /// Without a list any name goes and every role is held; the actor is marked as claimed. With
    /// one, `wanted` must be mapped to `caller`; without `wanted` the caller is the first name in
    /// the list that is mapped to them.
    ///
    /// # Errors
    /// A name that [`check_name`] refuses; [`ConfigError::NotMapped`].
    pub fn authenticate(
        &self,
        wanted: Option<&str>,
        caller: &OsUser,
    ) -> Result<Actor, ConfigError> {
        if let Some(name) = wanted {
            check_name(name)?;
        }
        if self.0.is_empty() {
            let name = wanted.unwrap_or(&caller.name);
            check_name(name)?;
            return Ok(Actor::claimed(name, &caller.name));
        }
        let mut mine = self.0.iter().filter(|actor| caller.is(&actor.os_user));
        let found = match wanted {
            Some(name) => mine.find(|actor| actor.name == name),
            None => mine.next(),
        };
        let Some(actor) = found else {
            return Err(ConfigError::NotMapped {
                actor: wanted.map(str::to_owned),
                os_user: caller.name.clone(),
            });
        };
        Ok(Actor {
            kind: ActorKind::Person,
            name: actor.name.clone(),
            os_user: Some(caller.name.clone()),
            claimed: false,
            roles: Roles::Named(actor.roles.clone()),
        })
    }
}

/// Tells whether `name` can stand in a journal and on one line without misleading anybody.
///
/// # Errors
/// An empty or over-long name, spaces around it, characters that are not seen, a name that the
/// journal keeps for the program itself.
pub fn check_name(name: &str) -> Result<(), ConfigError> {
    check_text(name)?;
    if is_reserved(name) {
        return Err(ConfigError::ReservedActorName {
            name: name.to_owned(),
        });
    }
    Ok(())
}

/// As [`check_name`], for what is no actor's name: a login name may be any word.
///
/// # Errors
/// As there, without the reserved names.
pub(super) fn check_text(name: &str) -> Result<(), ConfigError> {
    let sound = !name.is_empty()
        && name.trim() == name
        && name.chars().count() <= ACTOR_NAME_CHARS_MAX
        && !name.chars().any(|c| is_hidden(c) || is_blank(c));
    if sound {
        return Ok(());
    }
    Err(ConfigError::BadActorName {
        name: name.to_owned(),
        max: ACTOR_NAME_CHARS_MAX,
    })
}

/// `SYSTEM` acts where nobody does, `SYSTEM_AUTO_APPROVE` stands where a reviewer would. Case does
/// not tell them apart for a reader.
fn is_reserved(name: &str) -> bool {
    let upper: String = name.chars().map(plain).collect::<String>().to_uppercase();
    upper == RESERVED
        || upper
            .strip_prefix(RESERVED)
            .is_some_and(|rest| rest.starts_with('_'))
}

/// The Latin letter that `c` is taken for, of those in the reserved names: full-width forms, and
/// the Cyrillic and Greek letters that look the same (Unicode Technical Standard 39, confusables).
fn plain(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => u32::from(c)
            .checked_sub(0xFEE0)
            .and_then(char::from_u32)
            .unwrap_or(c),
        'Ѕ' | 'ѕ' => 'S',
        'У' | 'у' | 'Υ' | 'ү' | 'Ү' => 'Y',
        'Т' | 'т' | 'Τ' => 'T',
        'Е' | 'е' | 'Ε' => 'E',
        'М' | 'м' | 'Μ' => 'M',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(name: &str) -> OsUser {
        OsUser {
            name: name.to_owned(),
            uid: 1000,
        }
    }

    fn list() -> ActorList {
        let actor = |name: &str, os_user: &str| MappedActor {
            name: name.to_owned(),
            os_user: os_user.to_owned(),
            roles: BTreeSet::from(["finance-reviewer".to_owned()]),
        };
        ActorList(vec![
            actor("MGR_JANE_DOE", "jane"),
            actor("JANE_AT_NIGHT", "jane"),
            actor("BOB", "bob"),
        ])
    }

    #[test]
    fn without_a_list_any_name_is_claimed_with_every_role() {
        let actor = ActorList::default()
            .authenticate(Some("ANYBODY"), &caller("jane"))
            .unwrap();
        assert!(actor.claimed && actor.roles == Roles::All);
        assert_eq!(actor.os_user.as_deref(), Some("jane"));
    }

    #[test]
    fn with_a_list_a_name_goes_only_for_the_user_it_is_mapped_to() {
        let actor = list()
            .authenticate(Some("JANE_AT_NIGHT"), &caller("jane"))
            .unwrap();
        assert!(!actor.claimed && actor.name == "JANE_AT_NIGHT");
        for (wanted, user) in [("BOB", "jane"), ("NOBODY", "jane"), ("MGR_JANE_DOE", "bob")] {
            let refused = list().authenticate(Some(wanted), &caller(user));
            assert!(
                matches!(refused, Err(ConfigError::NotMapped { .. })),
                "{wanted} {user}"
            );
        }
    }

    #[test]
    fn without_a_name_the_caller_is_the_first_one_mapped() {
        let actor = list().authenticate(None, &caller("jane")).unwrap();
        assert_eq!(actor.name, "MGR_JANE_DOE");
        assert!(list().authenticate(None, &caller("eve")).is_err());
    }

    #[test]
    fn a_name_that_would_mislead_is_refused() {
        for name in ["", " x", "x\n", "a\u{1b}[2J", &"n".repeat(500)] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        for hidden in [
            "a\u{202e}b",
            "a\u{200b}b",
            "a\u{9b}b",
            "a\u{e0041}",
            "\u{feff}a",
        ] {
            let refused = check_name(hidden);
            assert!(
                matches!(refused, Err(ConfigError::BadActorName { .. })),
                "{hidden:?}"
            );
        }
        assert!(check_name("Jürgen Groß").is_ok());
    }

    #[test]
    fn nobody_acts_as_the_program_itself() {
        let auto = crate::engine::Review::AUTONOMOUS_BY;
        for name in [
            "SYSTEM",
            auto,
            "SYSTEM_",
            "SYSTEM_X",
            "system",
            "System_x",
            "ＳＹＳＴＥＭ",
            "Ѕystem_x",
        ] {
            for list in [ActorList::default(), list()] {
                let refused = list.authenticate(Some(name), &caller("jane"));
                assert!(
                    matches!(refused, Err(ConfigError::ReservedActorName { .. })),
                    "{name}"
                );
            }
        }
        for name in ["SYSTEMS", "SYSTEM-1", "MY_SYSTEM", "SYSTEMATIC_JANE"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        let unnamed = ActorList::default().authenticate(None, &caller("system"));
        assert!(unnamed.is_err(), "a login name is no way around it");
        assert!(check_text("system").is_ok(), "a login name may be mapped");
    }
}
