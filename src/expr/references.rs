//! What an expression reads.

use std::collections::BTreeSet;

use cel::common::ast::{EntryExpr, Expr, LiteralValue, operators};
use cel::parser::Expression;

/// Names that mean types, as in `type(x) == int`.
const TYPE_NAMES: [&str; 10] = [
    "bool",
    "bytes",
    "double",
    "int",
    "list",
    "map",
    "null_type",
    "string",
    "type",
    "uint",
];

/// Free variables with their constant member paths, sorted, each once. Names that a comprehension
/// binds are left out; so is whatever follows an index that is no literal text.
pub(super) fn references(expression: &Expression) -> Vec<String> {
    let mut found = BTreeSet::new();
    collect(&expression.expr, &mut Vec::new(), &mut found);
    found.into_iter().collect()
}

fn collect<'e>(expr: &'e Expr, bound: &mut Vec<&'e str>, found: &mut BTreeSet<String>) {
    if let Some((root, path)) = path_of(expr) {
        if !bound.contains(&root) && !root.starts_with('@') && !TYPE_NAMES.contains(&root) {
            found.insert(path);
        }
        return;
    }
    match expr {
        Expr::Call(call) => {
            for part in call.target.as_deref().into_iter().chain(&call.args) {
                collect(&part.expr, bound, found);
            }
        }
        Expr::Select(select) => collect(&select.operand.expr, bound, found),
        Expr::List(list) => {
            for element in &list.elements {
                collect(&element.expr, bound, found);
            }
        }
        Expr::Map(map) => {
            for entry in &map.entries {
                collect_entry(&entry.expr, bound, found);
            }
        }
        Expr::Struct(record) => {
            for entry in &record.entries {
                collect_entry(&entry.expr, bound, found);
            }
        }
        Expr::Comprehension(comprehension) => {
            collect(&comprehension.iter_range.expr, bound, found);
            collect(&comprehension.accu_init.expr, bound, found);
            let depth = bound.len();
            bound.push(&comprehension.iter_var);
            bound.extend(comprehension.iter_var2.as_deref());
            bound.push(&comprehension.accu_var);
            collect(&comprehension.loop_cond.expr, bound, found);
            collect(&comprehension.loop_step.expr, bound, found);
            collect(&comprehension.result.expr, bound, found);
            bound.truncate(depth);
        }
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
    }
}

fn collect_entry<'e>(entry: &'e EntryExpr, bound: &mut Vec<&'e str>, found: &mut BTreeSet<String>) {
    match entry {
        EntryExpr::StructField(field) => collect(&field.value.expr, bound, found),
        EntryExpr::MapEntry(entry) => {
            collect(&entry.key.expr, bound, found);
            collect(&entry.value.expr, bound, found);
        }
    }
}

/// `a`, `a.b`, `a["b"].c`, `has(a.b)` as root and dotted path; anything else is no path.
fn path_of(expr: &Expr) -> Option<(&str, String)> {
    match expr {
        Expr::Ident(name) => {
            let name = name.strip_prefix('.').unwrap_or(name);
            Some((name, name.to_owned()))
        }
        Expr::Select(select) => {
            let (root, path) = path_of(&select.operand.expr)?;
            Some((root, format!("{path}.{}", select.field)))
        }
        Expr::Call(call) if call.func_name == operators::INDEX => match call.args.as_slice() {
            [operand, index] => match &index.expr {
                Expr::Literal(LiteralValue::String(member)) => {
                    let (root, path) = path_of(&operand.expr)?;
                    Some((root, format!("{path}.{}", member.inner())))
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}
