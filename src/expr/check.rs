//! What can be known to fail before anything is evaluated.

use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue, SourceInfo, operators,
};
use cel::common::types::CelString;
use cel::parser::Expression;
use cel::{Context, Value as CelValue};

use crate::domain::limits::EXPRESSION_COMPREHENSIONS_MAX;
use crate::expr::CompileError;
use crate::expr::functions::{
    OBJECT_MEMBERS_MAX, calendar_date, environment, global_arity, literal_money, member_arity,
    names,
};
use crate::expr::syntax::place;

/// Functions whose every argument is money.
const MONEY_FUNCTIONS: [&str; 7] = [
    "at_least",
    "more_than",
    "money",
    "decimal",
    "currency",
    "minor",
    "abs_money",
];

const COMPARISONS: [&str; 6] = [
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::LESS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::GREATER_EQUALS,
];

/// The comprehensions, with how they are written.
const COMPREHENSIONS: [(&str, &str); 6] = [
    ("all", "list.all(x, condition)"),
    ("exists", "list.exists(x, condition)"),
    ("exists_one", "list.exists_one(x, condition)"),
    ("filter", "list.filter(x, condition)"),
    ("map", "list.map(x, value)"),
    ("has", "has(object.member)"),
];

/// Checks a parsed tree.
///
/// # Errors
/// The first fault found: an unknown function, a wrong number of arguments, money or a date that
/// does not read, comprehensions nested too deep or over a map, message literals.
pub(super) fn check(
    source: &str,
    expression: &Expression,
    info: &SourceInfo,
) -> Result<(), CompileError> {
    Check { source, info }.node(expression, 0)
}

struct Check<'s> {
    source: &'s str,
    info: &'s SourceInfo,
}

impl Check<'_> {
    /// `depth` counts the comprehensions around the node.
    fn node(&self, node: &Expression, depth: usize) -> Result<(), CompileError> {
        match &node.expr {
            Expr::Ident(_) | Expr::Literal(_) => Ok(()),
            Expr::Select(select) => self.node(&select.operand, depth),
            Expr::List(list) => list
                .elements
                .iter()
                .try_for_each(|element| self.node(element, depth)),
            Expr::Map(map) => {
                if map.entries.len() > OBJECT_MEMBERS_MAX {
                    let message =
                        format!("an object here has at most {OBJECT_MEMBERS_MAX} members");
                    return Err(self.fault(node, message));
                }
                map.entries.iter().try_for_each(|entry| match &entry.expr {
                    EntryExpr::MapEntry(entry) => {
                        self.node(&entry.key, depth)?;
                        self.node(&entry.value, depth)
                    }
                    EntryExpr::StructField(field) => self.node(&field.value, depth),
                })
            }
            Expr::Call(call) => {
                self.call(node, call)?;
                call.target
                    .as_deref()
                    .into_iter()
                    .chain(&call.args)
                    .try_for_each(|part| self.node(part, depth))
            }
            Expr::Comprehension(comprehension) => self.comprehension(node, comprehension, depth),
            Expr::Struct(_) => Err(self.fault(node, "there are no message types here")),
            Expr::Unspecified => Err(self.fault(node, "a part of the expression is missing")),
        }
    }

    fn comprehension(
        &self,
        node: &Expression,
        comprehension: &ComprehensionExpr,
        depth: usize,
    ) -> Result<(), CompileError> {
        if depth >= EXPRESSION_COMPREHENSIONS_MAX {
            let message = format!(
                "more than {EXPRESSION_COMPREHENSIONS_MAX} of all, exists, filter and map stand inside one another"
            );
            return Err(self.fault(node, message));
        }
        if matches!(comprehension.iter_range.expr, Expr::Map(_)) {
            return Err(self.fault(
                &comprehension.iter_range,
                "an object cannot be walked, because its members have no order",
            ));
        }
        self.node(&comprehension.iter_range, depth)?;
        self.node(&comprehension.accu_init, depth)?;
        self.node(&comprehension.loop_cond, depth + 1)?;
        self.node(&comprehension.loop_step, depth + 1)?;
        self.node(&comprehension.result, depth + 1)
    }

    fn call(&self, node: &Expression, call: &CallExpr) -> Result<(), CompileError> {
        let name = call.func_name.as_str();
        if COMPARISONS.contains(&name) {
            return self.comparison(call);
        }
        if is_operator(name) {
            return Ok(());
        }
        let arity = match call.target {
            Some(_) => member_arity(name),
            None => global_arity(name.strip_prefix('.').unwrap_or(name)),
        };
        let Some((fewest, most)) = arity else {
            return Err(self.unknown(node, call));
        };
        let given = call.args.len();
        if given < fewest || given > most {
            let wanted = if fewest == 1 { "argument" } else { "arguments" };
            let message = format!("`{name}` takes {fewest} {wanted}, not {given}");
            return Err(self.fault(node, message));
        }
        match name {
            "matches" => self.pattern(node, call),
            "date" => self.date(call),
            _ if MONEY_FUNCTIONS.contains(&name) => self.money(name, call),
            _ => Ok(()),
        }
    }

    fn unknown(&self, node: &Expression, call: &CallExpr) -> CompileError {
        let name = call.func_name.as_str();
        if let Some((_, form)) = COMPREHENSIONS.iter().find(|(known, _)| *known == name) {
            return CompileError {
                hint: Some(format!("write {form}")),
                ..self.fault(node, format!("`{name}` is not called so"))
            };
        }
        let as_global = call.target.is_some() && global_arity(name).is_some();
        let as_member = call.target.is_none() && member_arity(name).is_some();
        let hint = if as_global {
            Some(format!("write {name}(…)"))
        } else if as_member {
            Some(format!("write value.{name}(…)"))
        } else {
            nearest(name).map(|known| format!("did you mean `{known}`?"))
        };
        CompileError {
            hint,
            ..self.fault(node, format!("there is no function `{name}`"))
        }
    }

    /// A pattern from data could be made to cost much, and cannot be checked beforehand.
    fn pattern(&self, node: &Expression, call: &CallExpr) -> Result<(), CompileError> {
        match call.args.last() {
            Some(pattern) if matches!(pattern.expr, Expr::Literal(LiteralValue::String(_))) => {
                if is_pattern(pattern) {
                    Ok(())
                } else {
                    Err(self.fault(
                        pattern,
                        "the pattern cannot be read as a regular expression",
                    ))
                }
            }
            _ => Err(self.fault(node, "the pattern of `matches` must be written out as text")),
        }
    }

    /// Text has an order and an equality of its own, neither of which is that of money.
    fn comparison(&self, call: &CallExpr) -> Result<(), CompileError> {
        let literal = call.args.iter().find(|argument| match &argument.expr {
            Expr::Literal(LiteralValue::String(text)) => literal_money(text.inner()).is_ok(),
            _ => false,
        });
        match literal {
            Some(literal) => Err(CompileError {
                hint: Some("write at_least(…) or more_than(…)".to_owned()),
                ..self.fault(literal, "money is not compared with operators")
            }),
            None => Ok(()),
        }
    }

    fn date(&self, call: &CallExpr) -> Result<(), CompileError> {
        let Some(argument) = call.args.first() else {
            return Ok(());
        };
        match &argument.expr {
            Expr::Literal(LiteralValue::String(text)) if calendar_date(text.inner()).is_some() => {
                Ok(())
            }
            Expr::Literal(_) => Err(CompileError {
                hint: Some("write it as \"2026-11-21\"".to_owned()),
                ..self.fault(argument, "this is no date")
            }),
            _ => Ok(()),
        }
    }

    fn money(&self, name: &str, call: &CallExpr) -> Result<(), CompileError> {
        let mut currency = None;
        for argument in &call.args {
            let hint = Some("write money as \"5000.00 USD\"".to_owned());
            let money = match &argument.expr {
                Expr::Literal(LiteralValue::String(text)) => {
                    literal_money(text.inner()).map_err(|error| CompileError {
                        hint: hint.clone(),
                        ..self.fault(argument, error.to_string())
                    })?
                }
                Expr::Literal(_) | Expr::List(_) => {
                    let message = format!("`{name}` takes money");
                    return Err(CompileError {
                        hint,
                        ..self.fault(argument, message)
                    });
                }
                _ => continue,
            };
            if currency.is_some_and(|other| other != money.currency) {
                return Err(self.fault(argument, "these are different currencies"));
            }
            currency = Some(money.currency);
        }
        Ok(())
    }

    fn fault(&self, node: &Expression, message: impl Into<String>) -> CompileError {
        let (offset, len) = place(self.source, self.info, node.id);
        CompileError::at(offset, len, message)
    }
}

/// Asks the engine that will run the pattern.
fn is_pattern(pattern: &Expression) -> bool {
    let empty = Expression {
        id: pattern.id,
        expr: Expr::Literal(LiteralValue::String(CelString::from(""))),
    };
    let trial = Expression {
        id: pattern.id,
        expr: Expr::Call(CallExpr {
            func_name: "matches".to_owned(),
            target: None,
            args: vec![empty, pattern.clone()],
        }),
    };
    CelValue::resolve(&trial, &Context::with_env(environment())).is_ok()
}

/// Operators are calls of names no source can spell.
fn is_operator(name: &str) -> bool {
    name.starts_with(['_', '@', '!', '-']) && !name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn nearest(name: &str) -> Option<&'static str> {
    names()
        .map(|known| (distance(name, known), known))
        .filter(|(distance, known)| *distance <= known.len() / 3 + 1)
        .min()
        .map(|(_, known)| known)
}

/// The Levenshtein distance over characters, case apart.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, a) in left.to_lowercase().chars().enumerate() {
        let mut diagonal = line;
        let mut before = line + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(&right) {
            // `before` is the new value to the left, `diagonal` the old one there.
            let changed = diagonal + usize::from(a != *b);
            diagonal = *cell;
            before = changed.min(before + 1).min(diagonal + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
