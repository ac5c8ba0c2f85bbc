//! What a person tells that a target answered, and whether it can be that.

use std::sync::Arc;

use serde_json::Value;

use crate::domain::unique_json::parse_value;
use crate::domain::{PlannedEffect, StepId, ToolName};
use crate::workflow::{Definition, StepKind};

/// The answer of a tool that a step needs to go on.
#[derive(Clone, Debug)]
pub struct WantedAnswer {
    definition: Arc<Definition>,
    tool: ToolName,
}

impl WantedAnswer {
    /// Of an effect of which something is made once it happened; none of another.
    pub fn of_effect(definition: Arc<Definition>, effect: &PlannedEffect) -> Option<Self> {
        let used = effect.undoes.is_none() && definition.uses_answer(&effect.step);
        used.then(|| Self {
            definition,
            tool: effect.tool.clone(),
        })
    }

    /// Of a step that was answered and could not be finished; none where it calls no tool.
    pub fn of_step(definition: Arc<Definition>, step: &StepId) -> Option<Self> {
        let tool = match &definition.steps.get(step)?.kind {
            StepKind::Tool(call) => call.tool.clone(),
            StepKind::Compute { .. } | StepKind::Gate(_) | StepKind::Wait(_) => return None,
        };
        Some(Self { definition, tool })
    }

    pub fn tool(&self) -> &ToolName {
        &self.tool
    }

    /// The answer as it was typed; none where nothing was.
    ///
    /// # Errors
    /// It is no JSON, means two things, or the tool does not answer so.
    pub fn read(&self, text: &str) -> Result<Option<Value>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        let answer = parse_value(text).map_err(|why| format!("this is no JSON: {why}"))?;
        let tool = self.definition.tools.get(&self.tool);
        let problems = tool.map_or_else(Vec::new, |tool| tool.output.problems(&answer));
        if problems.is_empty() {
            return Ok(Some(answer));
        }
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Err(problems.join("; "))
    }
}
