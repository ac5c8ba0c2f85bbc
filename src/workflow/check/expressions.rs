//! Expressions of a definition: whether they compile, and whether what they read exists there.

use serde_json::Value;

use crate::expr::{CompileError, Program, Scope, Template};
use crate::workflow::check::reader::{report_duplicates, text_of, wrong_type};
use crate::workflow::check::sink::Sink;
use crate::workflow::check::types;
use crate::workflow::check::variables::{self, Names};
use crate::workflow::diagnostic::{Code, Finding};
use crate::workflow::source::Span;
use crate::workflow::tree::{Data, Entry, Node};

/// What an expression may read, which depends on where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place<'n> {
    /// `done_when` and evidence.
    Run,
    Policy,
    /// Arguments, edges, gates and computed fields.
    Step,
    /// The `save` of the step named.
    Save(&'n str),
    /// A tool file: the arguments of the call.
    Args,
    /// The file of a write: the arguments, and the effect's own key.
    Write,
    /// The file of a write: the arguments, the key, and the answer.
    Answer,
}

/// Checks a condition: bare CEL that can be true or false.
pub(crate) fn condition(entry: &Entry, place: Place<'_>, names: &Names<'_>, sink: &mut Sink<'_>) {
    let node = &entry.value;
    if matches!(node.data, Data::Bool(_)) {
        let message = format!("`{}` must be text that holds CEL", entry.key);
        let finding =
            Finding::error(Code::WrongType, message).hint("put it in quotes, as in 'true'");
        sink.report(&node.span, finding);
        return;
    }
    let what = format!("`{}`", entry.key);
    let Some(source) = text_of(node, &what, &entry.key_span, sink) else {
        return;
    };
    if source.trim_start().starts_with("${") {
        let finding = Finding::error(
            Code::ExpressionSyntax,
            format!("`{}` holds bare CEL, not a template", entry.key),
        );
        sink.report(&node.span, finding.hint("leave out `${` and `}`"));
        return;
    }
    match Program::compile(source) {
        Err(error) => report_syntax(&error, node, 0, sink),
        Ok(program) => {
            variables::check(&program, node, place, names, sink);
            check_constant(&program, node, true, sink);
            check_money(&program, node, place, names, sink);
            if let Some(finding) = types::not_a_condition(&program, place, names) {
                let span = span_of(&program, node, program.source(), sink);
                sink.report(&span, finding);
            }
        }
    }
}

/// Checks a value whose texts may hold `${ … }`.
pub(crate) fn template(node: &Node, place: Place<'_>, names: &Names<'_>, sink: &mut Sink<'_>) {
    match &node.data {
        Data::Text(text) => text_template(node, text, place, names, sink),
        Data::List(items) => {
            for item in items {
                template(item, place, names, sink);
            }
        }
        Data::Map(entries) => {
            report_duplicates(node, sink);
            for entry in entries {
                template(&entry.value, place, names, sink);
            }
        }
        Data::Null | Data::Bool(_) | Data::Number(_) => {}
    }
}

/// Checks a template that must come out as text or another single value, not a list or a map.
pub(crate) fn scalar_template(
    entry: &Entry,
    place: Place<'_>,
    names: &Names<'_>,
    sink: &mut Sink<'_>,
) {
    match entry.value.data {
        Data::Null | Data::List(_) | Data::Map(_) => {
            let message = format!("`{}` must be a single value", entry.key);
            wrong_type(&entry.value, &entry.key_span, &message, sink);
        }
        Data::Bool(_) | Data::Number(_) | Data::Text(_) => {
            template(&entry.value, place, names, sink);
        }
    }
}

fn text_template(
    node: &Node,
    text: &str,
    place: Place<'_>,
    names: &Names<'_>,
    sink: &mut Sink<'_>,
) {
    match Template::parse(&Value::String(text.to_owned())) {
        Ok(template) => {
            for program in template.programs() {
                variables::check(program, node, place, names, sink);
                check_constant(program, node, false, sink);
                check_money(program, node, place, names, sink);
            }
        }
        Err(errors) => {
            for found in errors {
                report_syntax(&found.error, node, found.offset, sink);
            }
        }
    }
}

/// An expression that reads nothing always gives the same value, so it can be judged now.
fn check_constant(program: &Program, node: &Node, is_condition: bool, sink: &mut Sink<'_>) {
    if !program.references().is_empty() {
        return;
    }
    let finding = match program.evaluate(&Scope::new()) {
        Err(error) => format!("this always fails: {}", error.message),
        Ok(value) if is_condition && !value.is_boolean() => {
            format!("a condition must be true or false, but this is always {value}")
        }
        Ok(_) => return,
    };
    let span = span_of(program, node, program.source(), sink);
    sink.report(&span, Finding::error(Code::ExpressionType, finding));
}

fn check_money(
    program: &Program,
    node: &Node,
    place: Place<'_>,
    names: &Names<'_>,
    sink: &mut Sink<'_>,
) {
    if let Some((path, finding)) = types::money_as_number(program, place, names) {
        let span = span_of(program, node, path, sink);
        sink.report(&span, finding);
    }
}

/// Reports why an expression that begins at `offset` of the node's text does not compile.
fn report_syntax(error: &CompileError, node: &Node, offset: usize, sink: &mut Sink<'_>) {
    let start = offset.saturating_add(error.offset);
    let span = locate(sink.text(), node, start..start.saturating_add(error.len));
    let finding = Finding::error(Code::ExpressionSyntax, error.message.clone());
    let finding = match &error.hint {
        Some(hint) => finding.hint(hint.clone()),
        None => finding,
    };
    sink.report(&span, finding);
}

/// Where a part of a program's source stands in the file.
pub(crate) fn span_of(program: &Program, node: &Node, part: &str, sink: &Sink<'_>) -> Span {
    let text = node.text().unwrap_or_default();
    let source = program.source();
    let start = text.find(source).unwrap_or_default();
    match word_in(source, part) {
        Some(at) => locate(sink.text(), node, start + at..start + at + part.len()),
        None => node.span.clone(),
    }
}

/// Finds `part` where it is no piece of a longer name or path.
pub(super) fn word_in(source: &str, part: &str) -> Option<usize> {
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'.';
    let bytes = source.as_bytes();
    let places = || source.match_indices(part).map(|(at, _)| at);
    let begins = |at: &usize| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        !before.is_some_and(in_name)
    };
    let is_whole = |at: &usize| !bytes.get(at + part.len()).is_some_and(in_name);
    // `state.vendor` is preferred to the beginning of `state.vendor.name`.
    let whole = places().find(|at| begins(at) && is_whole(at));
    whole.or_else(|| places().find(|at| begins(at) && bytes.get(at + part.len()) == Some(&b'.')))
}

/// Where a range of a scalar's text stands in the file.
///
/// Quotes, escapes and block indentation move text about, so the line that holds the range is
/// looked for as it is; where it was written otherwise, the whole scalar is meant.
fn locate(file: &str, node: &Node, range: Span) -> Span {
    let text = node.text().unwrap_or_default();
    let written = file.get(node.span.clone()).unwrap_or_default();
    let Some((before, after)) = text.split_at_checked(range.start) else {
        return node.span.clone();
    };
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = after
        .find('\n')
        .map_or(text.len(), |newline| range.start + newline);
    let line = text.get(line_start..line_end).unwrap_or_default();
    match written.find(line) {
        Some(at) if !line.is_empty() => {
            let start = node.span.start + at + (range.start - line_start);
            start..start + (range.end - range.start).max(1)
        }
        _ => node.span.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::tree::parse;

    fn found(file: &str, pointer: &str, part: &str) -> String {
        let root = parse(file).unwrap();
        let node = root.at(pointer);
        let start = node.text().unwrap().find(part).unwrap();
        let span = locate(file, node, start..start + part.len());
        file.get(span).unwrap().to_owned()
    }

    #[test]
    fn a_part_of_a_scalar_is_found_however_it_was_quoted() {
        for file in [
            "a: x + nope\n",
            "a: 'x + nope'\n",
            "a: \"x + nope\"\n",
            "a: |\n  x +\n  nope\n",
        ] {
            assert_eq!(found(file, "/a", "nope"), "nope", "{file}");
        }
    }

    #[test]
    fn an_escaped_scalar_is_marked_as_a_whole() {
        assert_eq!(found("a: 'it''s nope'\n", "/a", "nope"), "'it''s nope'");
    }

    #[test]
    fn a_name_inside_a_longer_one_is_passed_over() {
        assert_eq!(
            word_in("state.vendor_name == state.vendor", "state.vendor"),
            Some(21)
        );
        assert_eq!(word_in("restate.x", "state.x"), None);
    }
}
