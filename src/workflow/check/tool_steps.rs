//! Tool steps: whether the tool exists, may be used here, and gets the arguments it takes.

use std::collections::BTreeMap;

use crate::workflow::check::contract::known_tool;
use crate::workflow::check::expressions::{Place, scalar_template, template};
use crate::workflow::check::sink::Sink;
use crate::workflow::check::steps::{Around, set};
use crate::workflow::check::{arguments, literal, reader};
use crate::workflow::definition::Tool;
use crate::workflow::diagnostic::{Code, Finding};
use crate::workflow::tree::Entry;

/// Checks a tool step; answers the tool it names.
pub(super) fn read<'n>(
    id: &str,
    keys: &BTreeMap<&'static str, &'n Entry>,
    around: &Around<'_>,
    sink: &mut Sink<'_>,
) -> Option<&'n str> {
    let args = keys.get("args").copied();
    for arg in args.map_or(&[][..], |entry| reader::open_map(entry, sink)) {
        template(&arg.value, Place::Step, around.names, sink);
    }
    for key in ["amount", "operation"] {
        if let Some(entry) = keys.get(key) {
            scalar_template(entry, Place::Step, around.names, sink);
        }
    }
    if let Some(entry) = keys.get("cost") {
        reader::cost(entry, sink);
    }
    if let Some(entry) = keys.get("amount") {
        literal::amount(entry, sink);
    }
    let save = keys.get("save").copied();
    set(save, Place::Save(id), around.names, sink);
    let entry = keys.get("tool").copied()?;
    let name = reader::name(entry, sink)?;
    if !known_tool(name, &entry.value.span, around.tools, sink) {
        return Some(name);
    }
    let tool = around.tools.get(name)?;
    if let Some(scope) = &around.scope
        && !scope.contains(name)
    {
        let message = format!("`{name}` is outside the scope of this workflow");
        let finding = Finding::error(Code::ToolOutsideScope, message).hint(format!(
            "add `{name}` to `scope.tools`, or use one of its tools"
        ));
        sink.report(&entry.value.span, finding);
    }
    if tool.is_write() {
        write(entry, tool, keys, around, sink);
    } else {
        only_read(tool, keys, sink);
    }
    let schema = &tool.manifest.args;
    arguments::check(name, schema, args, &entry.key_span, sink);
    Some(name)
}

/// A write must be listed, and name its amount where it is limited.
fn write(
    entry: &Entry,
    tool: &Tool,
    keys: &BTreeMap<&'static str, &Entry>,
    around: &Around<'_>,
    sink: &mut Sink<'_>,
) {
    match around.effects.get(tool.name.as_str()) {
        None => {
            let message = format!("`{}` writes, but `effects` does not list it", tool.name);
            let finding = Finding::error(Code::WriteWithoutEffectsEntry, message).hint(format!(
                "add `{0}: {{ limit: '1000.00 USD' }}` to `effects`, or `{0}: {{}}` for no limit",
                tool.name
            ));
            sink.report(&entry.value.span, finding);
        }
        Some(true) if !keys.contains_key("amount") => {
            let message = format!(
                "`effects` limits `{}`, but this step names no amount",
                tool.name
            );
            let finding = Finding::error(Code::AmountMissing, message)
                .hint("add `amount`, as in `amount: '${ state.amount }'`");
            sink.report(&entry.key_span, finding);
        }
        Some(_) => {}
    }
}

fn only_read(tool: &Tool, keys: &BTreeMap<&'static str, &Entry>, sink: &mut Sink<'_>) {
    for key in ["amount", "operation", "rejected"] {
        if let Some(entry) = keys.get(key) {
            let message = format!("`{key}` means nothing here: `{}` only reads", tool.name);
            sink.report(&entry.key_span, Finding::error(Code::MisplacedKey, message));
        }
    }
}
