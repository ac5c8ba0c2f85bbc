//! JSON as lines: one member a line, nothing left out. Money is written as people read it.

use serde::Deserialize as _;
use serde_json::Value;

use crate::console::panes::times;
use crate::console::text::{Line, Mark, Shown};
use crate::domain::Money;

/// The lines of a value, each `indent` columns in.
pub fn lines(value: &Value, indent: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    walk(value, indent, Line::new().pad(indent), "", &mut lines);
    lines
}

fn walk(value: &Value, indent: usize, start: Line, end: &'static str, lines: &mut Vec<Line>) {
    let inside = indent.saturating_add(2);
    if let Some(money) = money(value) {
        let amount = start.show(times::money(&money), Mark::Strong);
        return lines.push(amount.say(end, Mark::Faint));
    }
    match value {
        Value::Object(members) if !members.is_empty() => {
            lines.push(start.say("{", Mark::Faint));
            let last = members.len().saturating_sub(1);
            for (index, (name, member)) in members.iter().enumerate() {
                let start = Line::new()
                    .pad(inside)
                    .put(&quoted(name), Mark::Plain)
                    .say(": ", Mark::Faint);
                walk(member, inside, start, comma(index, last), lines);
            }
            lines.push(
                Line::new()
                    .pad(indent)
                    .say("}", Mark::Faint)
                    .say(end, Mark::Faint),
            );
        }
        Value::Array(items) if !items.is_empty() => {
            lines.push(start.say("[", Mark::Faint));
            let last = items.len().saturating_sub(1);
            for (index, item) in items.iter().enumerate() {
                walk(
                    item,
                    inside,
                    Line::new().pad(inside),
                    comma(index, last),
                    lines,
                );
            }
            lines.push(
                Line::new()
                    .pad(indent)
                    .say("]", Mark::Faint)
                    .say(end, Mark::Faint),
            );
        }
        scalar => {
            let text = start.show(one_line(scalar), Mark::Strong);
            lines.push(text.say(end, Mark::Faint));
        }
    }
}

/// A value on one line: text in quotes, with only quotes and backslashes escaped, so that what
/// is hidden in it shows as a token.
pub fn one_line(value: &Value) -> Shown {
    if let Some(money) = money(value) {
        return times::money(&money);
    }
    let own = Shown::own;
    match value {
        Value::String(text) => Shown::of(&quoted(text)),
        Value::Array(items) => {
            let items = items.iter().enumerate().fold(own("["), |line, (at, item)| {
                line.join(&own(between(at))).join(&one_line(item))
            });
            items.join(&own("]"))
        }
        Value::Object(members) => {
            let members = members.iter().enumerate();
            let members = members.fold(own("{"), |line, (at, (name, value))| {
                let line = line.join(&own(between(at))).join(&Shown::of(&quoted(name)));
                line.join(&own(": ")).join(&one_line(value))
            });
            members.join(&own("}"))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => own(&value.to_string()),
    }
}

fn between(index: usize) -> &'static str {
    if index > 0 { ", " } else { "" }
}

/// An amount, where the value is one and nothing else.
fn money(value: &Value) -> Option<Money> {
    let members = value.as_object()?;
    let both = members.contains_key("minor") && members.contains_key("currency");
    if members.len() != 2 || !both {
        return None;
    }
    Money::deserialize(value).ok()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn comma(index: usize, last: usize) -> &'static str {
    if index < last { "," } else { "" }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn money_is_written_as_people_read_it() {
        let value = json!({"amount": {"minor": 785_000, "currency": "USD"}});
        let text: Vec<String> = lines(&value, 0).iter().map(Line::text).collect();
        assert_eq!(text[1], "  \"amount\": 7\u{a0}850.00\u{a0}USD");
        let more = json!({"minor": 1, "currency": "USD", "note": "x"});
        assert!(one_line(&more).text().contains("\"note\": \"x\""));
    }

    #[test]
    fn every_member_stands_on_its_own_line() {
        let value = json!({"a": [1, {"b": "x\"y\u{202e}"}], "c": {}, "d": null});
        let text: Vec<String> = lines(&value, 2).iter().map(Line::text).collect();
        let expected = [
            "  {",
            "    \"a\": [",
            "      1,",
            "      {",
            "        \"b\": \"x\\\"y<U+202E>\"",
            "      }",
            "    ],",
            "    \"c\": {},",
            "    \"d\": null",
            "  }",
        ];
        assert_eq!(text, expected);
    }
}
