//! Arguments given to a tool, compared with those that its schema lists.

use serde_json::Value;

use crate::workflow::check::literal::literal;
use crate::workflow::check::sink::Sink;
use crate::workflow::check::variables::{is_closed, properties};
use crate::workflow::diagnostic::{Code, Finding, nearest};
use crate::workflow::schema::Schema;
use crate::workflow::source::Span;
use crate::workflow::tree::{Data, Entry};

/// Reports arguments that the tool does not take, that are missing, or that can be seen to be
/// wrong. Where no `args` are given at all, `at` is marked.
pub(crate) fn check(
    tool: &str,
    schema: &Value,
    args: Option<&Entry>,
    at: &Span,
    sink: &mut Sink<'_>,
) {
    if args.is_some_and(|entry| !matches!(entry.value.data, Data::Map(_))) {
        return;
    }
    let given = args.map_or(&[][..], |entry| entry.value.entries());
    let is_given = |name: &&str| given.iter().any(|arg| arg.key == *name);
    let required = schema.get("required").and_then(Value::as_array);
    let required = required.into_iter().flatten().filter_map(Value::as_str);
    let mut missing: Vec<&str> = required.filter(|name| !is_given(name)).collect();
    let known = properties(schema).unwrap_or_default();
    for arg in given {
        if known.contains(&arg.key.as_str()) {
            value(tool, arg, schema, sink);
        } else if is_closed(schema) {
            if let Some(meant) = nearest(&arg.key, &missing) {
                missing.retain(|name| *name != meant);
            }
            let message = format!("`{tool}` takes no argument `{}`", arg.key);
            let finding = Finding::error(Code::ArgsUnknown, message)
                .did_you_mean(&arg.key, known.iter().copied());
            sink.report(&arg.key_span, finding);
        }
    }
    for name in missing {
        let message = format!("`{tool}` needs the argument `{name}`");
        let finding =
            Finding::error(Code::ArgsMissing, message).hint(format!("add `{name}` to `args`"));
        sink.report(args.map_or(at, |entry| &entry.key_span), finding);
    }
}

/// A value without expressions is the same in every run, so it can be judged now.
fn value(tool: &str, arg: &Entry, schema: &Value, sink: &mut Sink<'_>) {
    let property = schema
        .get("properties")
        .and_then(|listed| listed.get(&arg.key));
    let compiled = property.map(Schema::compile);
    // A schema that does not compile is reported in the tool's own file.
    if let (Some(value), Some(Ok(schema))) = (literal(&arg.value), compiled) {
        for problem in schema.problems(&value) {
            let message = format!("`{tool}` refuses this `{}`: {}", arg.key, problem.message);
            let span = &arg.value.at(&problem.pointer).span;
            sink.report(span, Finding::error(Code::ArgsInvalid, message));
        }
    }
}
