//! The functions an expression may call, and the one environment that holds them.

#![expect(
    clippy::needless_pass_by_value,
    reason = "the interpreter hands a function its arguments by value"
)]

mod lists;
mod money;
mod texts;
mod walk;

use std::sync::{Arc, LazyLock};

use cel::common::functions::Function;
use cel::common::types::{DYN_TYPE, Type};
use cel::{DeclarationError, Env};

use crate::expr::guard;

pub(super) use money::literal_money;
pub(super) use texts::calendar_date;
pub(super) use walk::OBJECT_MEMBERS_MAX;

/// A global function of this room: name, number of arguments, code.
struct Global(&'static str, usize, Function);

const GLOBALS: [Global; 12] = [
    Global("at_least", 2, money::at_least),
    Global("more_than", 2, money::more_than),
    Global("money", 1, money::money),
    Global("decimal", 1, money::decimal),
    Global("currency", 1, money::currency),
    Global("minor", 1, money::minor),
    Global("abs_money", 1, money::abs_money),
    Global("sum", 1, lists::sum),
    Global("count", 1, lists::count),
    Global("group_by", 2, lists::group_by),
    Global("date", 1, texts::date),
    Global("hash", 1, texts::hash),
];

/// The standard functions with one fixed form each, as `(name, fewest arguments, most)`.
const STANDARD: [(&str, usize, usize); 12] = [
    ("size", 1, 1),
    ("matches", 2, 2),
    ("bool", 1, 1),
    ("bytes", 1, 1),
    ("double", 1, 1),
    ("duration", 1, 1),
    ("dyn", 1, 1),
    ("int", 1, 1),
    ("string", 1, 1),
    ("timestamp", 1, 1),
    ("type", 1, 1),
    ("uint", 1, 1),
];

/// The standard member functions, as `(name, fewest arguments, most)` without the receiver.
const MEMBERS: [(&str, usize, usize); 15] = [
    ("contains", 1, 1),
    ("endsWith", 1, 1),
    ("startsWith", 1, 1),
    ("matches", 1, 1),
    ("size", 0, 0),
    ("getDate", 0, 1),
    ("getDayOfMonth", 0, 1),
    ("getDayOfWeek", 0, 1),
    ("getDayOfYear", 0, 1),
    ("getFullYear", 0, 1),
    ("getHours", 0, 1),
    ("getMilliseconds", 0, 1),
    ("getMinutes", 0, 1),
    ("getMonth", 0, 1),
    ("getSeconds", 0, 1),
];

static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
    #[expect(
        clippy::expect_used,
        reason = "the table above is constant, and every test evaluates through it"
    )]
    Arc::new(build().expect("each function is declared once"))
});

/// The shared environment; making it costs once.
pub(super) fn environment() -> Arc<Env> {
    Arc::clone(&ENVIRONMENT)
}

/// How many arguments the global function `name` takes: `(fewest, most)`.
pub(super) fn global_arity(name: &str) -> Option<(usize, usize)> {
    let own = GLOBALS
        .iter()
        .map(|Global(own, count, _)| (*own, *count, *count));
    arity(own.chain(STANDARD), name)
}

/// As [`global_arity`], for `receiver.name(…)`.
pub(super) fn member_arity(name: &str) -> Option<(usize, usize)> {
    arity(MEMBERS.into_iter(), name)
}

/// Every name that can be called, for hints.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let standard = STANDARD.into_iter().chain(MEMBERS).map(|(name, ..)| name);
    GLOBALS.iter().map(|Global(name, ..)| *name).chain(standard)
}

fn arity(
    mut table: impl Iterator<Item = (&'static str, usize, usize)>,
    name: &str,
) -> Option<(usize, usize)> {
    table
        .find(|(known, ..)| *known == name)
        .map(|(_, fewest, most)| (fewest, most))
}

fn build() -> Result<Env, DeclarationError> {
    let mut env = Env::stdlib().with_optional_support(false);
    let own = GLOBALS
        .iter()
        .map(|Global(name, count, code)| (*name, *count + account(name), *code));
    let guards = [
        (guard::WALK, 3, walk::walk as Function),
        (guard::KEEP, 2, walk::keep as Function),
        (guard::ANSWER, 2, walk::answer as Function),
    ];
    for (name, count, code) in own.chain(guards) {
        env.add_overload(name, name, any(count), code)?;
    }
    for pairs in 0..=walk::OBJECT_MEMBERS_MAX {
        let id = format!("{}_{pairs}", guard::OBJECT);
        env.add_overload(guard::OBJECT, &id, any(1 + pairs * 2), walk::object)?;
    }
    Ok(env)
}

/// One more parameter for a function that gets the account.
fn account(name: &str) -> usize {
    usize::from(guard::ACCOUNTED.contains(&name))
}

/// Parameters that take any value: the functions judge their arguments themselves, in plain words.
fn any(count: usize) -> Vec<Type> {
    (0..count).map(|_| DYN_TYPE).collect()
}
