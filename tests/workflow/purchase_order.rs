//! What the shipped purchase order says, evaluated rule by rule.

use std::sync::Arc;

use countersign::domain::{Fields, PolicyVerdict, StepId};
use countersign::expr::{Scope, Template};
use countersign::workflow::{Definition, StepKind, shipped};
use serde_json::{Value, json};

use crate::right::compile;

fn definition() -> Arc<Definition> {
    let file = shipped().workflow("purchase-order");
    compile(file.unwrap())
}

fn row(value: &Value) -> Fields {
    value.as_object().unwrap().clone()
}

/// The state of an order after its vendor was looked up.
fn assessed(definition: &Definition, amount: &str, validated: bool) -> Fields {
    let input = row(&json!({
        "po_number": "PO-2026-9901", "vendor": "Alpha Tech Systems", "amount_usd": amount,
        "po_date": "N/A - From RDC", "country": "ignored",
    }));
    let mut state = definition.meaning.state.admit(&input).unwrap();
    let output = json!({
        "vendor": "Alpha Tech Systems", "validated": validated, "match": 1, "registration": null,
    });
    let StepKind::Tool(assess) = &definition.steps[&StepId::from("assess")].kind else {
        panic!("assess calls a tool");
    };
    save(definition, &assess.save, &mut state, &output, &Value::Null);
    state
}

fn save(
    definition: &Definition,
    fields: &[(String, Template)],
    state: &mut Fields,
    output: &Value,
    review: &Value,
) {
    let before = state.clone();
    let scope = Scope::new()
        .object("state", &before)
        .value("output", output)
        .value("review", review);
    for (field, template) in fields {
        let value = template.render(&scope).unwrap();
        let value = definition.meaning.state.coerce_saved(field, value).unwrap();
        state.insert(field.clone(), value);
    }
    assert_eq!(definition.meaning.state.problems(state), []);
}

/// The flags of the rules that ask, or none where the order passes alone.
fn asked(amount: &str, validated: bool, confidence: &Value) -> Vec<String> {
    let definition = definition();
    let state = assessed(&definition, amount, validated);
    let effect = json!({ "tool": "erp.commit_order", "amount": state["amount"] });
    let scope = Scope::new()
        .object("state", &state)
        .value("effect", &effect)
        .value("confidence", confidence);
    let mut flags = Vec::new();
    let mut is_allowed = false;
    for rule in &definition.policy {
        let holds = rule.when.holds(&scope).unwrap();
        match rule.then {
            PolicyVerdict::Allow => is_allowed |= holds,
            PolicyVerdict::Ask if holds => flags.push(rule.flag.clone().unwrap()),
            PolicyVerdict::Ask => {}
            PolicyVerdict::Deny => panic!("no rule denies"),
        }
    }
    assert!(is_allowed);
    flags
}

#[test]
fn the_limit_itself_asks_and_a_cent_less_passes() {
    let sure = json!(0.97);
    assert_eq!(asked("4999.99", true, &sure), [""; 0]);
    assert_eq!(asked("5000.00", true, &sure), ["over_limit"]);
    assert_eq!(asked("7850.00", true, &sure), ["over_limit"]);
}

#[test]
fn a_vendor_that_is_not_validated_asks_at_any_amount() {
    assert_eq!(asked("10.00", false, &json!(0.97)), ["unvalidated_vendor"]);
    // Of a vendor that is not registered the match says nothing more.
    assert_eq!(asked("10.00", false, &json!(0.1)), ["unvalidated_vendor"]);
}

#[test]
fn confidence_below_the_bound_asks_and_the_bound_passes() {
    assert_eq!(asked("10.00", true, &json!(0.85)), [""; 0]);
    assert_eq!(asked("10.00", true, &json!(0.849)), ["low_confidence"]);
    // A register may answer whole numbers.
    assert_eq!(asked("10.00", true, &json!(1)), [""; 0]);
    assert_eq!(asked("10.00", true, &json!(0)), ["low_confidence"]);
}

/// The state once the order was committed, with the gate's `ask` applied where a person was asked.
fn committed(review: &Value, was_asked: bool) -> Fields {
    let definition = definition();
    let mut state = assessed(&definition, "7850.00", true);
    let steps = &definition.steps;
    let StepKind::Gate(gate) = &steps[&StepId::from("review")].kind else {
        panic!("review is a gate");
    };
    if was_asked {
        save(
            &definition,
            &gate.ask,
            &mut state,
            &Value::Null,
            &Value::Null,
        );
        assert_eq!(state["status"], "Pending Approval");
        assert_eq!(state["requires_human_approval"], true);
    }
    let StepKind::Tool(commit) = &steps[&StepId::from("commit")].kind else {
        panic!("commit calls a tool");
    };
    save(&definition, &commit.save, &mut state, &json!({}), review);
    state
}

#[test]
fn the_trail_names_the_reviewer() {
    let review =
        json!({ "verdict": "approve", "by": "MGR_JANE_DOE", "reason": null, "feedback": null });
    let state = committed(&review, true);
    assert_eq!(
        state["audit_notes"],
        "Upfront risk evaluation completed. Escalating to human. Approved by human reviewer: MGR_JANE_DOE."
    );
    assert_eq!(state["reviewer_id"], "MGR_JANE_DOE");
    assert_eq!(state["status"], "Approved");
    assert_eq!(state["requires_human_approval"], true);
}

#[test]
fn the_trail_of_an_order_that_passed_alone_says_so() {
    let review = json!({ "verdict": "autonomous", "by": "SYSTEM_AUTO_APPROVE" });
    let state = committed(&review, false);
    assert_eq!(
        state["audit_notes"],
        "Upfront risk evaluation completed. Approved autonomously."
    );
    assert_eq!(state["reviewer_id"], "SYSTEM_AUTO_APPROVE");
    assert_eq!(state["requires_human_approval"], false);
}

#[test]
fn the_request_is_what_the_erp_expects() {
    let definition = definition();
    let state = assessed(&definition, "7850.00", true);
    let scope = Scope::new().object("state", &state);
    let StepKind::Tool(commit) = &definition.steps[&StepId::from("commit")].kind else {
        panic!("commit calls a tool");
    };
    let mut args = Fields::new();
    for (name, template) in &commit.args {
        args.insert(name.clone(), template.render(&scope).unwrap());
    }
    let args = Value::Object(args);
    let tool = &definition.tools[&commit.tool];
    assert_eq!(tool.args.problems(&args), []);
    let scope = Scope::new().value("args", &args);
    let Some(countersign::workflow::BodyTemplate::Json(body)) = &tool.body else {
        panic!("the body is JSON");
    };
    assert_eq!(
        body.render(&scope).unwrap(),
        json!({
            "po_id": "PO-2026-9901", "vendor": "Alpha Tech Systems",
            "amount": "7850.00", "currency": "USD",
        })
    );
    let find = &definition.tools[&"erp.find_order".into()];
    let path = find
        .path
        .render_escaped(&scope, |part| part.replace('/', "%2F"));
    assert_eq!(path.unwrap(), "/erp/orders/PO-2026-9901");
}

#[test]
fn an_order_that_lacks_what_is_required_is_told_so() {
    let definition = definition();
    for (input, field) in [
        (
            json!({ "po_number": "1", "vendor": "a", "amount_usd": "" }),
            "amount",
        ),
        (
            json!({ "po_number": "1", "vendor": "a", "amount_usd": "0.00" }),
            "amount",
        ),
        (
            json!({ "po_number": " ", "vendor": "a", "amount_usd": "1.00" }),
            "po_",
        ),
        (json!({ "po_number": "1", "amount_usd": "1.00" }), "vendor"),
    ] {
        let problems = definition.meaning.state.admit(&row(&input)).unwrap_err();
        let text = format!("{problems:?}");
        assert!(
            problems.len() == 1 && text.contains(field),
            "{input}: {text}"
        );
    }
}
