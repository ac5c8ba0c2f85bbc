//! Types that can be seen without running: what the schemas say of the paths an expression reads.
//!
//! Whole type inference is left to evaluation, where a rule that errors asks. Two mistakes are
//! common enough to be caught here: a condition that is a text or a number, and money that is
//! compared as if it were a number.

use serde_json::Value;

use crate::expr::Program;
use crate::workflow::check::expressions::{Place, word_in};
use crate::workflow::check::variables::Names;
use crate::workflow::diagnostic::{Code, Finding};

/// A condition that is nothing but a path, negated or not, whose schema excludes truth values.
pub(super) fn not_a_condition(
    program: &Program,
    place: Place<'_>,
    names: &Names<'_>,
) -> Option<Finding> {
    let path = program.source().trim().trim_start_matches('!').trim_start();
    if !program
        .references()
        .iter()
        .any(|reference| reference == path)
    {
        return None;
    }
    let schema = schema_of(path, place, names)?;
    let sort = if schema.get("x-money").is_some() {
        "money"
    } else {
        match schema.get("type")? {
            Value::String(sort) => in_words(sort)?,
            _ => return None,
        }
    };
    let message = format!("a condition must be true or false, but `{path}` is {sort}");
    Some(Finding::error(Code::ExpressionType, message))
}

/// What a JSON Schema type is called; nothing for truth values, and for words that are no type.
fn in_words(sort: &str) -> Option<&'static str> {
    match sort {
        "string" => Some("text"),
        "number" => Some("a number"),
        "integer" => Some("a whole number"),
        "array" => Some("a list"),
        "object" => Some("an object"),
        "null" => Some("nothing"),
        _ => None,
    }
}

/// The first money path that stands beside an operator for numbers, with the finding.
pub(super) fn money_as_number<'p>(
    program: &'p Program,
    place: Place<'_>,
    names: &Names<'_>,
) -> Option<(&'p str, Finding)> {
    let masked = without_literals(program.source());
    program.references().iter().find_map(|path| {
        let is_money = path == "effect.amount"
            || schema_of(path, place, names).is_some_and(|schema| schema.get("x-money").is_some());
        if !is_money {
            return None;
        }
        let operator = operator_beside(&masked, path)?;
        let message = format!("`{path}` is money, which `{operator}` does not take");
        let finding = Finding::error(Code::ExpressionType, message).hint(format!(
            "write `at_least({path}, \"5000.00 USD\")`, `more_than(…)` or `sum([…])`"
        ));
        Some((path.as_str(), finding))
    })
}

/// The schema of the value that a path names.
fn schema_of<'a>(path: &str, place: Place<'_>, names: &'a Names<'_>) -> Option<&'a Value> {
    let parts: Vec<&str> = path.split('.').collect();
    let (mut schema, members) = match parts.as_slice() {
        ["state", members @ ..] => (names.state.as_ref()?.source(), members),
        ["steps", step, "output", members @ ..] => (*names.outputs.get(step)?, members),
        ["output", members @ ..] => match place {
            Place::Save(step) => (*names.outputs.get(step)?, members),
            _ => (names.answer?, members),
        },
        ["args", members @ ..] => (names.args?, members),
        _ => return None,
    };
    for member in members {
        schema = schema.get("properties")?.get(member)?;
    }
    Some(schema)
}

/// Operators that take numbers, the longer ones first.
const OPERATORS: [&str; 8] = ["<=", ">=", "<", ">", "+", "-", "*", "/"];

fn operator_beside(source: &str, path: &str) -> Option<&'static str> {
    let at = word_in(source, path)?;
    let before = source.get(..at)?.trim_end();
    let after = source.get(at + path.len()..)?;
    if after.starts_with('.') {
        return None;
    }
    let after = after.trim_start();
    OPERATORS
        .into_iter()
        .find(|operator| after.starts_with(operator) || before.ends_with(operator))
}

/// The source with blanks in place of its text literals, byte for byte.
fn without_literals(source: &str) -> String {
    let mut masked = String::with_capacity(source.len());
    let mut open: Option<char> = None;
    let mut is_escaped = false;
    for character in source.chars() {
        let is_quote = matches!(character, '"' | '\'');
        let inside = open.is_some();
        match open {
            Some(quote) if character == quote && !is_escaped => open = None,
            None if is_quote => open = Some(character),
            _ => {}
        }
        is_escaped = inside && character == '\\' && !is_escaped;
        if inside || is_quote {
            masked.extend(std::iter::repeat_n(' ', character.len_utf8()));
        } else {
            masked.push(character);
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::schema::StateSchema;
    use serde_json::json;

    fn names() -> Names<'static> {
        let schema = json!({ "type": "object", "properties": {
            "amount": { "x-money": "USD" }, "count": { "type": "integer" },
            "ok": { "type": "boolean" }, "any": {},
        }});
        Names {
            state: Some(StateSchema::compile(&schema).unwrap()),
            ..Names::default()
        }
    }

    fn money(source: &str) -> bool {
        let program = Program::compile(source).unwrap();
        money_as_number(&program, Place::Policy, &names()).is_some()
    }

    fn condition(source: &str) -> bool {
        let program = Program::compile(source).unwrap();
        not_a_condition(&program, Place::Policy, &names()).is_none()
    }

    #[test]
    fn money_beside_an_operator_is_seen() {
        for source in [
            "state.amount >= 5000",
            "5000.0 < state.amount",
            "effect.amount > 1000.00",
            "state.ok && state.amount + 1 == 2",
            "\"é\" == \"<\" || state.amount*2 == 4",
        ] {
            assert!(money(source), "{source}");
        }
    }

    #[test]
    fn money_used_as_money_passes() {
        for source in [
            "at_least(state.amount, \"5.00 USD\")",
            "state.amount.minor >= 500000",
            "state.amount == effect.amount",
            "state.count > 3 && at_least(effect.amount, \"1.00 USD\")",
            "\"state.amount > 5\" == \"x\" && minor(state.amount) > 5",
            "(state.ok ? state.amount : effect.amount).minor > 5",
        ] {
            assert!(!money(source), "{source}");
        }
    }

    #[test]
    fn a_path_that_is_no_truth_value_is_no_condition() {
        for source in ["state.count", "!state.count", "state.amount"] {
            assert!(!condition(source), "{source}");
        }
        for source in [
            "state.ok",
            "!state.ok",
            "state.any",
            "state.count > 1",
            "input.x",
        ] {
            assert!(condition(source), "{source}");
        }
    }

    #[test]
    fn literals_are_masked_byte_for_byte() {
        let source = r#"a == "é\"<" + 'x' - b"#;
        let masked = without_literals(source);
        assert_eq!(masked.len(), source.len());
        assert!(
            !masked.contains(['<', 'x', 'é']) && masked.contains("- b"),
            "{masked}"
        );
    }
}
