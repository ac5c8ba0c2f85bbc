//! A person answers a packet about the budget.

use countersign::domain::{PacketStatus, RunStatus, Verdict};
use countersign::engine::{BudgetAnswer, Command, DigestPrefix, Event, Rejection};
use serde_json::json;

use crate::people::{jane, with_roles};
use crate::story::{Story, Then};
use crate::workflows::{Sheet, asking, row};

fn resolve(story: &mut Story, answer: BudgetAnswer) -> Result<Then, Rejection> {
    let packet = story.state().packet.as_ref().expect("a packet is open");
    let command = Command::ResolveBudget {
        packet: packet.packet,
        digest: DigestPrefix::parse(&packet.digest.to_string()).unwrap(),
        answer,
        reason: "The month is long.".to_owned(),
    };
    story.when(&jane(), command)
}

/// Tops an open question about money up.
pub(crate) fn more(story: &mut Story, micro_usd: i64) -> Result<Then, Rejection> {
    resolve(story, BudgetAnswer::MoreCost { micro_usd })
}

fn spent(budget: &str) -> Story {
    let steps = "
  look:
    tool: desk.look
    args: { payee: '${ state.payee }' }
    cost: 0.08 USD
    save: { passes: '${ state.passes + 1 }' }
    next: [{ when: 'state.passes < 4', to: look }, { to: end }]";
    let sheet = Sheet {
        budget,
        steps,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(""));
    story.start(row());
    story.answer(json!({ "ready": true }));
    assert_eq!(story.status(), RunStatus::Waiting);
    story
}

#[test]
fn more_money_lets_the_run_go_on_as_far_as_it_reaches() {
    let mut story = spent("{ steps: 10, cost: 0.10 USD }");
    let then = more(&mut story, 100_000).unwrap();
    assert_eq!(then.kinds(), ["budget_resolved", "call_started"]);
    let closed = story.state().closed_packet.clone().unwrap();
    assert_eq!(
        (closed.status, closed.by.as_str()),
        (PacketStatus::Decided, "MGR_JANE_DOE")
    );
    story.answer(json!({ "ready": true }));
    assert_eq!(story.status(), RunStatus::Waiting, "20 cents are two calls");
    // Too little is asked about again.
    let then = more(&mut story, 10_000).unwrap();
    assert_eq!(then.kinds(), ["budget_resolved", "packet_opened"]);
    more(&mut story, 1_000_000).unwrap();
    for _ in 0..2 {
        story.answer(json!({ "ready": true }));
    }
    assert_eq!(story.status(), RunStatus::Succeeded);
    crate::budget_money::never_over(&story, 100_000);
}

#[test]
fn more_steps_let_the_run_go_on() {
    let mut story = spent("{ steps: 1 }");
    assert_eq!(
        story.state().packet.as_ref().unwrap().flags[0].code,
        "max_steps_exceeded"
    );
    let then = resolve(&mut story, BudgetAnswer::MoreSteps { steps: 1 }).unwrap();
    assert_eq!(then.kinds(), ["budget_resolved", "call_started"]);
    story.answer(json!({ "ready": true }));
    assert_eq!(
        (story.status(), story.state().steps_taken),
        (RunStatus::Waiting, 2)
    );
}

#[test]
fn stopping_fails_the_run_with_the_budgets_code() {
    for (budget, code) in [
        ("{ steps: 10, cost: 0.10 USD }", "budget_exhausted"),
        ("{ steps: 1 }", "max_steps_exceeded"),
    ] {
        let mut story = spent(budget);
        let then = resolve(&mut story, BudgetAnswer::Stop).unwrap();
        assert_eq!(then.kinds(), ["budget_resolved", "run_ended"]);
        assert_eq!(story.status(), RunStatus::Failed);
        assert_eq!(story.state().error.as_ref().unwrap().code, code);
    }
}

/// Two payments were made, and the third step is one too many.
fn two_payments() -> Story {
    let sheet = Sheet {
        budget: "{ steps: 2 }",
        steps: "
  one:
    tool: bank.pay
    args: { payee: one, cents: 1 }
    amount: '1.00 USD'
    next: two
  two:
    tool: mail.send
    args: { payee: two, cents: 2 }
    amount: '2.00 USD'
    next: three
  three:
    tool: bank.pay
    args: { payee: three, cents: 3 }
    amount: '3.00 USD'
    next: end",
        undo: true,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(""));
    story.start(row());
    for _ in 0..2 {
        story.answer(json!({}));
    }
    assert_eq!(story.status(), RunStatus::Waiting);
    story
}

#[test]
fn stopping_leaves_what_was_done_as_it_is() {
    let mut story = two_payments();
    let then = resolve(&mut story, BudgetAnswer::Stop).unwrap();
    assert_eq!(then.kinds(), ["budget_resolved", "run_ended"]);
    assert_eq!(story.status(), RunStatus::Failed);
    assert_eq!(story.intents().len(), 2);
    // The journal names what could have been undone.
    let Some(Event::RunEnded { left, .. }) = then.events.last() else {
        panic!("{:?}", then.events);
    };
    assert_eq!(*left, [story.intents()[0].key]);
}

#[test]
fn compensating_undoes_what_can_be_undone_and_fails_with_the_budgets_code() {
    let mut story = two_payments();
    let then = resolve(&mut story, BudgetAnswer::Compensate).unwrap();
    assert_eq!(then.kinds(), ["budget_resolved", "compensation_started"]);
    assert_eq!(story.status(), RunStatus::Compensating);
    story.system(Command::Proceed);
    story.answer(json!({}));
    assert_eq!(story.status(), RunStatus::Failed);
    let undone = story.intents().pop().unwrap();
    assert_eq!(undone.tool.as_str(), "bank.take_back");
    assert_eq!(undone.arguments["payee"], json!("one"));
    assert_eq!(story.intents().len(), 3, "nothing undoes the mail");
    let code = story.state().error.as_ref().unwrap().code.clone();
    assert_eq!(code, "max_steps_exceeded");
}

#[test]
fn an_answer_that_undoes_leaves_a_held_run_held() {
    let mut story = two_payments();
    story.pause(&jane()).unwrap();
    let then = resolve(&mut story, BudgetAnswer::Compensate).unwrap();
    assert_eq!(then.kinds(), ["budget_resolved", "compensation_started"]);
    assert_eq!(story.status(), RunStatus::Paused);
    assert!(story.system(Command::Proceed).events.is_empty());
    let then = story.resume(&jane()).unwrap();
    assert_eq!(then.kinds(), ["run_resumed", "effect_intended"]);
    assert_eq!(story.status(), RunStatus::Compensating);
}

#[test]
fn an_answer_of_another_sort_is_refused() {
    let mut money = spent("{ steps: 10, cost: 0.10 USD }");
    let mut steps = spent("{ steps: 1 }");
    for (about, answer) in [
        ("money", BudgetAnswer::MoreSteps { steps: 5 }),
        ("money", BudgetAnswer::MoreCost { micro_usd: 0 }),
        ("money", BudgetAnswer::MoreCost { micro_usd: -1 }),
        (
            "money",
            BudgetAnswer::MoreCost {
                micro_usd: i64::MAX,
            },
        ),
        ("steps", BudgetAnswer::MoreCost { micro_usd: 1 }),
        ("steps", BudgetAnswer::MoreSteps { steps: 0 }),
        ("steps", BudgetAnswer::MoreSteps { steps: u32::MAX }),
    ] {
        let story = if about == "money" {
            &mut money
        } else {
            &mut steps
        };
        assert_eq!(resolve(story, answer).unwrap_err().code(), "bad_top_up");
    }
    let refused = resolve(&mut money, BudgetAnswer::Compensate).unwrap_err();
    assert_eq!(refused.code(), "cannot_compensate");
}

#[test]
fn verdicts_and_edits_do_not_answer_it_and_it_answers_nothing_else() {
    let mut story = spent("{ steps: 1 }");
    for verdict in [Verdict::Approve, Verdict::Reject, Verdict::Return] {
        let refused = story.verdict(&jane(), verdict).unwrap_err();
        assert_eq!(refused.code(), "asks_budget");
    }
    let refused = story.amend(&jane(), "payee", json!("Beta")).unwrap_err();
    assert_eq!(refused.code(), "asks_budget");
    let mut other = asking("bank.pay");
    let refused = resolve(&mut other, BudgetAnswer::Stop).unwrap_err();
    assert_eq!(refused.code(), "no_budget_question");
}

#[test]
fn it_is_bound_to_what_was_shown_and_to_roles() {
    let mut story = spent("{ steps: 1 }");
    let packet = story.state().packet.clone().unwrap();
    let command = |digest: &str| Command::ResolveBudget {
        packet: packet.packet,
        digest: DigestPrefix::parse(digest).unwrap(),
        answer: BudgetAnswer::Stop,
        reason: "Enough.".to_owned(),
    };
    let stale = story.when(&jane(), command(&"0".repeat(64))).unwrap_err();
    assert_eq!(stale.code(), "stale_digest");
    let nobody = with_roles("NOBODY", &["somebody"]);
    let digest = packet.digest.to_string();
    let refused = story.when(&nobody, command(&digest)).unwrap_err();
    assert_eq!(refused.code(), "not_permitted");
    story.when(&jane(), command(&digest)).unwrap();
    let again = story.when(&jane(), command(&digest)).unwrap_err();
    assert_eq!(again.code(), "already_decided");
}

#[test]
fn an_edit_of_a_held_run_keeps_the_question_and_voids_its_digest() {
    let mut story = spent("{ steps: 1 }");
    let before = story.state().packet.clone().unwrap();
    story.pause(&jane()).unwrap();
    story
        .override_value(&jane(), "note", json!("seen"))
        .unwrap();
    let after = story.state().packet.clone().unwrap();
    assert_eq!(before.question, after.question);
    assert_eq!(after.version, 2);
    assert_ne!(before.digest, after.digest);
    let then = resolve(&mut story, BudgetAnswer::MoreSteps { steps: 9 }).unwrap();
    assert_eq!(then.kinds(), ["budget_resolved"], "it is held");
    assert_eq!(
        story.resume(&jane()).unwrap().kinds(),
        ["run_resumed", "call_started"]
    );
}
