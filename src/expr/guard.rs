//! Puts the run-time limits into the tree.
//!
//! The interpreter has no hooks, so the tree itself carries them: the list of a comprehension goes
//! through `@walk`, what it reads of its own variable and what it gathers through `@keep`, a map
//! literal becomes a call of `@object`, and the answer leaves through `@answer`. No source can
//! spell these names. So every element, member and text that is read at a step is booked, and so
//! is the step.

use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedEntryExpr, LiteralValue, operators,
};
use cel::parser::Expression;

/// The variable under which functions find the account of the evaluation.
pub(super) const EVALUATION_NAME: &str = "@evaluation";
/// `@walk(list, @evaluation, cost)` answers the list, within its bounds; `cost` is that of one step.
pub(super) const WALK: &str = "@walk";
/// `@keep(value, @evaluation)` answers the value, booked.
pub(super) const KEEP: &str = "@keep";
/// `@object(@evaluation, key, value, key, value, …)` for `{key: value, …}`.
pub(super) const OBJECT: &str = "@object";
/// `@answer(value, @evaluation)` takes the value as the answer.
pub(super) const ANSWER: &str = "@answer";
/// Functions that get the account as one more argument.
pub(super) const ACCOUNTED: [&str; 1] = ["group_by"];

/// Nodes of a comprehension's body that cost as much as one element.
const NODES_PER_ELEMENT: usize = 8;
/// What `matches` costs in nodes: it compiles its pattern each time.
const MATCHES_NODES: usize = 512;

/// Rewrites `expression` in place.
pub(super) fn install(expression: &mut Expression) {
    limit(expression, &mut Vec::new());
    let value = std::mem::take(expression);
    *expression = call(value.id, ANSWER, vec![value, account()]);
}

/// `bound` are the names that comprehensions around the node bind.
fn limit(expression: &mut Expression, bound: &mut Vec<String>) {
    let id = expression.id;
    match &mut expression.expr {
        Expr::Call(call) => {
            for part in call.target.as_deref_mut().into_iter().chain(&mut call.args) {
                limit(part, bound);
            }
            if call.target.is_none() && ACCOUNTED.contains(&call.func_name.as_str()) {
                call.args.push(account());
            }
        }
        Expr::Select(select) => limit(&mut select.operand, bound),
        Expr::List(list) => {
            for element in &mut list.elements {
                limit(element, bound);
            }
        }
        Expr::Map(map) => {
            let mut args = vec![account()];
            for entry in std::mem::take(&mut map.entries) {
                args.extend(key_and_value(entry));
            }
            for part in &mut args {
                limit(part, bound);
            }
            *expression = call(id, OBJECT, args);
        }
        Expr::Comprehension(comprehension) => limit_comprehension(comprehension, bound),
        // What a name is bound to was booked once, but may be read at every step.
        Expr::Ident(name) if bound.contains(name) => keep(expression),
        // The last two are refused by `check` before they come here.
        Expr::Ident(_) | Expr::Literal(_) | Expr::Struct(_) | Expr::Unspecified => {}
    }
}

fn limit_comprehension(comprehension: &mut ComprehensionExpr, bound: &mut Vec<String>) {
    let cost = 1 + nodes(&comprehension.loop_step) / NODES_PER_ELEMENT;
    limit(&mut comprehension.iter_range, bound);
    limit(&mut comprehension.accu_init, bound);
    bound.push(comprehension.iter_var.clone());
    limit(&mut comprehension.loop_cond, bound);
    limit(&mut comprehension.loop_step, bound);
    limit(&mut comprehension.result, bound);
    bound.pop();
    keep_gathered(&mut comprehension.loop_step, &comprehension.accu_var);
    let list = std::mem::take(&mut comprehension.iter_range);
    let cost = Expression {
        id: list.id,
        expr: Expr::Literal(LiteralValue::Int(
            i64::try_from(cost).unwrap_or(i64::MAX).into(),
        )),
    };
    comprehension.iter_range = call(list.id, WALK, vec![list, account(), cost]);
}

/// How large a body is. A comprehension inside it books its own steps.
fn nodes(expression: &Expression) -> usize {
    let within: usize = match &expression.expr {
        Expr::Call(call) => {
            let own = if call.func_name == "matches" {
                MATCHES_NODES
            } else {
                0
            };
            let parts = call.target.as_deref().into_iter().chain(&call.args);
            own + parts.map(nodes).sum::<usize>()
        }
        Expr::Select(select) => nodes(&select.operand),
        Expr::List(list) => list.elements.iter().map(nodes).sum(),
        Expr::Map(map) => map.entries.iter().map(entry_nodes).sum(),
        Expr::Comprehension(comprehension) => nodes(&comprehension.iter_range),
        Expr::Ident(_) | Expr::Literal(_) | Expr::Struct(_) | Expr::Unspecified => 0,
    };
    1 + within
}

fn entry_nodes(entry: &IdedEntryExpr) -> usize {
    match &entry.expr {
        EntryExpr::MapEntry(entry) => nodes(&entry.key) + nodes(&entry.value),
        EntryExpr::StructField(field) => nodes(&field.value),
    }
}

fn key_and_value(entry: IdedEntryExpr) -> Vec<Expression> {
    match entry.expr {
        EntryExpr::MapEntry(entry) => vec![entry.key, entry.value],
        EntryExpr::StructField(field) => vec![field.value],
    }
}

/// In `accumulator + [element]`, alone or behind a condition, books the element. The shape stays,
/// because the interpreter appends in place where it sees it.
fn keep_gathered(step: &mut Expression, accumulator: &str) {
    let Expr::Call(step) = &mut step.expr else {
        return;
    };
    match (step.func_name.as_str(), step.args.as_mut_slice()) {
        (operators::CONDITIONAL, [_, then, _]) => keep_gathered(then, accumulator),
        (operators::ADD, [left, right]) => {
            if let (Expr::Ident(name), Expr::List(list)) = (&left.expr, &mut right.expr)
                && name == accumulator
            {
                for element in &mut list.elements {
                    keep(element);
                }
            }
        }
        _ => {}
    }
}

fn keep(expression: &mut Expression) {
    let value = std::mem::take(expression);
    *expression = call(value.id, KEEP, vec![value, account()]);
}

fn account() -> Expression {
    Expression {
        id: 0,
        expr: Expr::Ident(EVALUATION_NAME.to_owned()),
    }
}

fn call(id: u64, function: &str, args: Vec<Expression>) -> Expression {
    Expression {
        id,
        expr: Expr::Call(CallExpr {
            func_name: function.to_owned(),
            target: None,
            args,
        }),
    }
}
