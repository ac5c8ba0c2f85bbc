//! R12: a saga of five effects that is undone, killed at every boundary of its undoing.
//!
//! The target knows no keys. A run does five writes and waits; then it is terminated and undone,
//! by a process that is killed while the k-th undoing stands before the target, or after the
//! target acted and before the process is told. It is started again and lives. The ledger must
//! show the five writes and then their five undoings in reverse order, each once.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::Ask;
use crate::faults::go_between::{Manner, Point};
use crate::faults::scene::Scene;
use crate::faults::tally::Tally;
use crate::support::Outcome;
use crate::support::machine::{Stopwatch, pause};

const STEPS: usize = 5;
/// How long a write may take to come.
const PATIENCE: std::time::Duration = std::time::Duration::from_mins(1);
const LOOKS_MS: u64 = 200;

pub(crate) fn run(ask: &Ask<'_>) -> Outcome<Tally> {
    let scene = Scene::set(ask)?;
    let workflow = files(&scene)?;
    let mut wrong = Vec::new();
    let (mut kills, mut undone) = (0, 0);
    for round in 0..ask.n {
        for step in 0..STEPS {
            // What the twin forgets, it can only have done.
            for point in [Point::Acted, Point::Arrived]
                .into_iter()
                .take(if ask.twin { 1 } else { 2 })
            {
                scene.between.behave(Manner::Faithful);
                let name = format!("{round}-{step}-{point:?}");
                let run = done(&scene, &workflow, &name)?;
                if ask.twin {
                    scene.between.behave(Manner::ForgetsKeys);
                }
                kills += usize::from(killed(&scene, &run, step, point)?);
                let status = left_alone(&scene, &run)?;
                let order = deals(&scene, &name)?;
                let expected: Vec<usize> = (0..STEPS).chain((0..STEPS).rev()).collect();
                if order == expected && status == "terminated" {
                    undone += 1;
                } else {
                    wrong.push(format!("{name} is {status}, its deals {order:?}"));
                }
            }
        }
    }
    let mut tally = Tally::default();
    let boundaries = ask.n * STEPS * if ask.twin { 1 } else { 2 };
    tally.need("boundaries", kills, boundaries);
    tally.note(format!("{undone} undone in reverse, each once"));
    tally.caught("in another order, twice or not at all", wrong.len());
    for wrong in wrong.iter().take(2) {
        tally.note(wrong.clone());
    }
    tally.none("broken journals", usize::from(!scene.verifies()?));
    scene.end()?;
    Ok(tally)
}

/// Starts a run that does its five writes and waits for a signal.
fn done(scene: &Scene, workflow: &str, name: &str) -> Outcome<String> {
    let told = scene.fed(
        &["start", workflow, "--input", "-"],
        &json!({"name": name}).to_string(),
    )?;
    let line = told.lines.first().ok_or("the saga did not start")?;
    let text = |name: &str| line.get(name).and_then(Value::as_str);
    match (text("status"), text("run")) {
        (Some("waiting"), Some(run)) => Ok(run.to_owned()),
        _ => Err(format!("the saga stands at {line}").into()),
    }
}

/// Terminates and undoes, and kills the process at its `step`-th undoing.
fn killed(scene: &Scene, run: &str, step: usize, point: Point) -> Outcome<bool> {
    let hold = scene.between.hold_after(step, point);
    let process = scene.spawn(&terminate(run))?;
    if !hold.wait(PATIENCE) {
        return Err(format!("undoing {step} of {run} did not reach the target").into());
    }
    let (killed, _) = process.kill()?;
    hold.release();
    Ok(killed)
}

fn terminate(run: &str) -> [&str; 6] {
    [
        "runs",
        "terminate",
        run,
        "--compensate",
        "--reason",
        "a saga",
    ]
}

/// Other processes drive what is left; answers how the run stands then. What the target did not
/// know of is asked about again later.
fn left_alone(scene: &Scene, run: &str) -> Outcome<String> {
    let watch = Stopwatch::start();
    loop {
        scene.fed(&["start", "purchase-order", "--input", "-"], "[]")?;
        let shown = scene.call(&["runs", "show", run])?.document()?;
        let status = shown.get("status").and_then(Value::as_str);
        let status = status.ok_or("a run without a status")?;
        if status != "compensating" || watch.seconds() > PATIENCE.as_secs_f64() {
            return Ok(status.to_owned());
        }
        pause(LOOKS_MS);
    }
}

/// The deals of a saga in the order in which the CRM was changed.
fn deals(scene: &Scene, name: &str) -> Outcome<Vec<usize>> {
    let prefix = format!("{name}-deal-");
    let entries = scene.ledger_after(0)?;
    let mine = entries
        .iter()
        .filter_map(|entry| entry.subject.strip_prefix(&prefix));
    Ok(mine.map(str::parse).collect::<Result<_, _>>()?)
}

/// Writes the saga and its tools; answers the path of the workflow.
fn files(scene: &Scene) -> Outcome<String> {
    let write = |name: &str, rest: &str| {
        format!(
            "tool: {name}
connector: crm
purpose: Changes a deal.
effect: write
method: PATCH
path: '/crm/deals/${{ args.deal }}'
body: {{ json: {{ properties: {{ by: {name} }}, reference: '${{ key }}' }} }}
args: {{ type: object, required: [deal], properties: {{ deal: {{ type: string }} }} }}
output: {{ type: object }}
nothing_done: [429, 503]
probe:
  tool: crm.find_deal
  args: {{ deal: '${{ args.deal }}' }}
  found: 'output.history.exists(past, past.reference == key)'
  output: '${{ output }}'
timeout: 10s
{rest}"
        )
    };
    let undo = "compensate: { tool: crm.unmark, args: { deal: '${ args.deal }' } }\n";
    scene.file("tools/crm.mark.yaml", &write("crm.mark", undo))?;
    scene.file("tools/crm.unmark.yaml", &write("crm.unmark", ""))?;
    let mut workflow = "workflow: five-marks
intent: { purpose: Mark five deals., owner: sales, done_when: 'true' }
authority: { decide: [sales-reviewer] }
policy: [{ id: all, when: 'true', then: allow }]
scope: { agent: crm-agent, tools: [crm.mark] }
meaning: { state: { type: object, required: [name], properties: { name: { type: string } } } }
effects: { crm.mark: {}, crm.unmark: {} }
budget: { steps: 20 }
steps:
"
    .to_owned();
    for step in 0..STEPS {
        let next = match step + 1 {
            STEPS => "park".to_owned(),
            next => format!("mark{next}"),
        };
        writeln!(
            workflow,
            "  mark{step}: {{ tool: crm.mark, args: {{ deal: '${{ state.name }}-deal-{step}' }}, \
             operation: '${{ state.name }}', next: {next} }}"
        )?;
    }
    workflow.push_str("  park: { wait: { signal: go }, next: end }\n");
    let path = scene.file("five-marks.yaml", &workflow)?;
    Ok(path.display().to_string())
}
