//! What a definition makes of the answers of its tools.

use crate::domain::StepId;
use crate::expr::{Program, Template};
use crate::workflow::definition::{Definition, Step, StepKind, Wait};

impl Definition {
    /// Tells whether anything is made of what the tool of `step` answers: a state field is saved
    /// from it, an expression reads it later, or the call that undoes it is made of it.
    pub fn uses_answer(&self, step: &StepId) -> bool {
        let Some(StepKind::Tool(call)) = self.steps.get(step).map(|step| &step.kind) else {
            return false;
        };
        let of_output = |(_, template): &(String, Template)| reads(&template.programs(), "output");
        let undo = self.tools.get(&call.tool);
        let undo = undo.and_then(|tool| tool.compensate.as_ref());
        let undo = undo.filter(|undo| self.effects.contains_key(&undo.tool));
        let path = format!("steps.{step}.output");
        let ruled = self.policy.iter().map(|rule| &rule.when);
        let ruled: Vec<&Program> = ruled.collect();
        call.save.iter().any(of_output)
            || reads(&ruled, &path)
            || undo.is_some_and(|undo| undo.args.iter().any(of_output))
            || self.steps.values().any(|step| reads(&read_in(step), &path))
            || self
                .evidence
                .iter()
                .any(|item| reads(&item.value.programs(), &path))
    }
}

/// Whether one of them reads `path`, a part of it, or what it is a part of.
fn reads(programs: &[&Program], path: &str) -> bool {
    let within = |whole: &str, part: &str| {
        let rest = part.strip_prefix(whole);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let mut references = programs.iter().flat_map(|program| program.references());
    references.any(|read| within(path, read) || within(read, path))
}

/// The expressions of a step and of its edges.
fn read_in(step: &Step) -> Vec<&Program> {
    let templates: Vec<&Template> = match &step.kind {
        StepKind::Compute { set } => set.iter().map(|(_, template)| template).collect(),
        StepKind::Tool(call) => {
            let named = call.args.iter().chain(&call.save);
            let named = named.map(|(_, template)| template);
            named.chain(&call.amount).chain(&call.operation).collect()
        }
        StepKind::Gate(gate) => {
            let asked = gate.ask.iter().map(|(_, template)| template);
            let said = gate.confidence.iter().chain(&gate.note).chain(&gate.title);
            asked.chain(said).collect()
        }
        StepKind::Wait(Wait::Signal { save, .. }) => {
            save.iter().map(|(_, template)| template).collect()
        }
        StepKind::Wait(Wait::Timer { .. }) => Vec::new(),
    };
    let programs = templates.into_iter().flat_map(Template::programs);
    let edges = step.edges.next.iter().filter_map(|edge| edge.when.as_ref());
    programs.chain(edges).collect()
}

#[cfg(test)]
mod tests {
    use crate::workflow::{SourceFile, ToolBox, check, shipped};

    fn uses(workflow: &str, step: &str, change: (&str, &str)) -> bool {
        let (tools, _) = ToolBox::load(&shipped().tools);
        let files = &shipped().workflows;
        let file = files.iter().find(|file| file.name.contains(workflow));
        let file = file.expect("it is shipped");
        let text = file.text.replace(change.0, change.1);
        let checked = check(&SourceFile::new("changed.yaml", text), &tools);
        let definition = checked.definition.expect("it is sound");
        definition.uses_answer(&step.into())
    }

    #[test]
    fn an_answer_is_used_where_something_is_made_of_it() {
        const SAME: (&str, &str) = ("", "");
        assert!(uses("purchase-order", "assess", SAME));
        assert!(!uses("purchase-order", "commit", SAME));
        assert!(!uses("purchase-order", "review", SAME));
        assert!(!uses("purchase-order", "no_such_step", SAME));
        assert!(uses("refund", "issue", SAME));
        let unsaved = ("refund_id: '${ output.id }'", "refund_id: none");
        assert!(!uses("refund", "issue", unsaved));
    }
}
