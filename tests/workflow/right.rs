//! Right files, and what they compile to.

use countersign::domain::{OnBreach, RunStatus, StepId};
use countersign::workflow::{
    Definition, Palette, SourceFile, StepKind, StepLimit, Target, Wait, check, render,
};
use std::sync::Arc;

use crate::files::{tools, yaml_files};

pub(crate) fn compiled(name: &str) -> Arc<Definition> {
    let files = yaml_files("right");
    let file = files.iter().find(|file| file.name == name).unwrap();
    compile(file)
}

pub(crate) fn compile(file: &SourceFile) -> Arc<Definition> {
    let checked = check(file, tools());
    let found = render(&checked.diagnostics, file, Palette::Plain);
    checked.definition.unwrap_or_else(|| panic!("{found}"))
}

#[test]
fn every_right_file_has_no_mistake() {
    let files = yaml_files("right");
    assert!(files.len() >= 2);
    for file in &files {
        let checked = check(file, tools());
        let found = render(&checked.diagnostics, file, Palette::Plain);
        assert!(found.is_empty() && checked.definition.is_some(), "{found}");
    }
}

#[test]
fn what_is_not_said_has_its_default() {
    let definition = compiled("minimal.yaml");
    let authority = &definition.authority;
    assert_eq!(authority.approvals, 1);
    assert_eq!(authority.window_ms, 24 * 3_600_000);
    assert_eq!(authority.valid_ms, 24 * 3_600_000);
    assert!(!authority.separation && authority.escalate.is_empty());
    assert!(matches!(definition.budget.steps, StepLimit::Fixed(1_000)));
    assert_eq!(definition.budget.wall_ms, None);
    assert!(definition.tools.is_empty());
}

#[test]
fn what_is_said_is_kept() {
    let definition = compiled("everything.yaml");
    assert_eq!(definition.authority.approvals, 2);
    assert_eq!(definition.authority.window_ms, 90 * 60_000);
    assert!(matches!(definition.budget.steps, StepLimit::Fixed(40)));
    assert_eq!(definition.budget.cost_micro_usd, Some(1_500_000));
    assert_eq!(definition.budget.on_breach, OnBreach::Fail);
    assert_eq!(definition.first, StepId::from("look"));
    let limit = definition.effects.values().next().unwrap().limit.unwrap();
    assert_eq!(limit.minor, 50_000);
    let order: Vec<&str> = definition.order.iter().map(StepId::as_str).collect();
    assert_eq!(
        order,
        [
            "look",
            "ask_customer",
            "pause",
            "review",
            "refund",
            "refuse"
        ]
    );
    let step = |name: &str| &definition.steps[&StepId::from(name)];
    assert_eq!(step("look").visits_max, Some(5));
    assert!(matches!(
        step("pause").kind,
        StepKind::Wait(Wait::Timer { duration_ms: 500 })
    ));
}

#[test]
fn edges_keep_their_order_and_their_ends() {
    let definition = compiled("everything.yaml");
    let step = |name: &str| &definition.steps[&StepId::from(name)].edges;
    let look = &step("look").next;
    assert_eq!(look.len(), 3);
    assert_eq!(look[0].to, Target::Step("pause".into()));
    assert_eq!(look[1].to, Target::End(RunStatus::Failed));
    assert!(look[1].when.is_some() && look[2].when.is_none());
    let review = step("review");
    assert_eq!(review.rejected, Some(Target::End(RunStatus::Rejected)));
    assert_eq!(review.returned, Some(Target::Step("look".into())));
    assert!(review.next.is_empty());
    assert_eq!(step("refund").next[0].to, Target::End(RunStatus::Succeeded));
    assert_eq!(step("refuse").next[0].to, Target::End(RunStatus::Rejected));
}
