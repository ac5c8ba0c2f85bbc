//! What differs between two versions of a packet, value by value.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::console::panes::json::one_line;
use crate::console::panes::times;
use crate::console::text::{Line, Mark, Shown};
use crate::domain::Packet;

/// Lines with `-` before what was and `+` before what is.
pub fn between(before: &Packet, after: &Packet) -> Vec<Line> {
    let (before, after) = (values(before), values(after));
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut lines = Vec::new();
    for name in names {
        let (was, is) = (before.get(name), after.get(name));
        if was == is {
            continue;
        }
        if let Some(was) = was {
            lines.push(line("- ", name, was, Mark::Danger));
        }
        if let Some(is) = is {
            lines.push(line("+ ", name, is, Mark::Good));
        }
    }
    lines
}

fn line(sign: &'static str, name: &str, value: &Shown, mark: Mark) -> Line {
    Line::new()
        .say(sign, mark)
        .put(name, Mark::Plain)
        .say("  ", Mark::Plain)
        .show(value.clone(), mark)
}

/// A value on one line; money as people read it.
fn said(value: &Value) -> Shown {
    match serde_json::from_value(value.clone()) {
        Ok(money) => times::money(&money),
        Err(_no_money) => one_line(value),
    }
}

fn values(packet: &Packet) -> BTreeMap<String, Shown> {
    let mut values = BTreeMap::new();
    let mut put = |name: String, value: Shown| drop(values.insert(name, value));
    if let Some(amount) = &packet.amount {
        put("amount".to_owned(), times::money(amount));
    }
    for (name, value) in &packet.state {
        put(format!("state.{name}"), said(value));
    }
    let several = packet.effects.len() > 1;
    for (index, effect) in packet.effects.iter().enumerate() {
        // Two effects may be of one tool.
        let tool = if several {
            format!("item {index} {}", effect.tool)
        } else {
            effect.tool.to_string()
        };
        let target = format!("{}: {}", effect.step, effect.target());
        put(
            format!("effect {index} {}", effect.step),
            Shown::of(&target),
        );
        if let Value::Object(arguments) = &effect.arguments {
            for (name, value) in arguments {
                put(format!("{tool}.{name}"), said(value));
            }
        }
        put(format!("{tool} key"), Shown::own(&effect.key.to_string()));
    }
    for item in &packet.evidence {
        put(format!("evidence {}", item.id), one_line(&item.value));
    }
    for flag in &packet.flags {
        put(format!("flag {}", flag.code), Shown::of(&flag.message));
    }
    for reason in &packet.reasons {
        put(format!("rule {}", reason.rule), Shown::of(&reason.text));
    }
    values
}
