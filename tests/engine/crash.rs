//! Every prefix of a journal is a crash: a new process finds exactly those events, recovers, and
//! goes on. Whatever the cut, each effect reaches the target at most once, or is parked as
//! unknown where the target can neither keep a key nor be asked.

use std::collections::{BTreeMap, BTreeSet};

use countersign::domain::{Fields, IdempotencyKey, RunStatus, Verdict};
use countersign::engine::{
    Command, Effect, FailureClass, Phase, Recorded, RunState, evolve, replay,
};
use serde_json::{Value, json};

use crate::people::jane;
use crate::story::Story;
use crate::workflows::{Sheet, committed, order_row, purchase_order, registered, row};

/// How the target takes a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manners {
    /// A repeated key is answered with what was done under it.
    KeepsKeys,
    /// Every request is done.
    KeepsNothing,
}

/// A target in memory: what it did, by key, and how it answers.
#[derive(Clone, Debug)]
struct Target {
    manners: Manners,
    done: BTreeMap<IdempotencyKey, u32>,
    requests: u32,
    /// The requests, from 1, that are answered with "nothing was done".
    refuses: BTreeSet<u32>,
    /// The requests that are done and never answered.
    swallows: BTreeSet<u32>,
    output: Value,
}

impl Target {
    fn new(manners: Manners, output: Value) -> Self {
        Self {
            manners,
            done: BTreeMap::new(),
            requests: 0,
            refuses: BTreeSet::new(),
            swallows: BTreeSet::new(),
            output,
        }
    }

    fn take(&mut self, key: IdempotencyKey) -> Result<Value, FailureClass> {
        self.requests += 1;
        if self.refuses.contains(&self.requests) {
            return Err(FailureClass::Safe);
        }
        let times = self.done.entry(key).or_default();
        if *times == 0 || self.manners == Manners::KeepsNothing {
            *times += 1;
        }
        if self.swallows.contains(&self.requests) {
            return Err(FailureClass::Unknown);
        }
        Ok(self.output.clone())
    }

    fn times(&self) -> u32 {
        self.done.values().sum()
    }
}

/// What a run is driven with: the answers of its reads, and the person.
#[derive(Clone, Debug)]
struct Case {
    name: &'static str,
    story: Story,
    row: Value,
    target: Target,
    /// Answers of every read that is no probe.
    read: Value,
    verdict: Verdict,
}

fn cases() -> Vec<Case> {
    let order = |name, amount, verdict| Case {
        name,
        story: Story::of(&purchase_order()),
        row: order_row(amount),
        target: Target::new(Manners::KeepsKeys, committed()),
        read: registered(true, 0.97),
        verdict,
    };
    let small = |name, tool, manners| Case {
        name,
        story: Story::of(&Sheet::default().compile(tool)),
        row: row(),
        target: Target::new(manners, json!({})),
        read: json!({}),
        verdict: Verdict::Approve,
    };
    let mut retried = order("an order retried", "7850.00", Verdict::Approve);
    retried.target.refuses = [1, 2].into();
    let mut lost = order(
        "an order whose answers are lost",
        "7850.00",
        Verdict::Approve,
    );
    lost.target.swallows = [1, 2, 3, 4].into();
    let mut probed = small("a transfer probed", "bank.transfer", Manners::KeepsNothing);
    probed.target.swallows = [1].into();
    let mut keyed = small(
        "a payment whose answer is lost",
        "bank.pay",
        Manners::KeepsKeys,
    );
    keyed.target.swallows = [1].into();
    vec![
        order("an order alone", "4999.99", Verdict::Approve),
        order("an order approved", "7850.00", Verdict::Approve),
        order("an order rejected", "7850.00", Verdict::Reject),
        retried,
        lost,
        probed,
        keyed,
        small("a mail", "mail.send", Manners::KeepsNothing),
    ]
}

/// What a crash interrupts beside the journal: whether the write of the last INTENT had arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrived {
    No,
    Yes,
}

/// Drives until the run ends or is parked. `owned`: this process committed the INTENT it finds.
fn drive(case: &mut Case, mut owned: bool) {
    for _ in 0..200 {
        let story = &mut case.story;
        if matches!(story.state().phase, Phase::Asking { .. }) {
            let by = jane();
            if story.verdict(&by, case.verdict).is_err() {
                return;
            }
            owned = true;
            continue;
        }
        match story.effect() {
            None => return,
            Some(Effect::WakeAt(_)) => {
                story.wake();
            }
            Some(Effect::Proceed) => {
                story.system(if owned {
                    Command::Proceed
                } else {
                    Command::Recover
                });
            }
            Some(Effect::ReadTool { .. }) => {
                story.answer(case.read.clone());
            }
            Some(Effect::ProbeTool { read, .. }) => {
                let found = case.target.times() > 0;
                assert!(!read.request.url.is_empty());
                let orders: Vec<_> = found.then(|| sent(story)).into_iter().collect();
                story.answer(json!({ "orders": orders, "has_more": false, "found": found }));
            }
            Some(Effect::WriteTool { .. }) if !owned => {
                story.system(Command::Recover);
            }
            Some(Effect::WriteTool { effect, .. }) => {
                let key = effect.key;
                match case.target.take(key) {
                    Ok(output) => story.answer(output),
                    Err(FailureClass::Safe) => story.fail(FailureClass::Safe, "status_503"),
                    Err(class) => story.fail(class, "timeout"),
                };
            }
        }
        owned = true;
    }
    panic!("{} never comes to rest", case.name);
}

/// The order that the last INTENT asks for, as the target would tell it.
fn sent(story: &Story) -> Value {
    let intents = story.intents();
    let sent = intents.last().unwrap();
    let body = sent.request.body.as_deref().unwrap();
    let mut order: Value = serde_json::from_str(body).unwrap();
    order["order_id"] = "O-1".into();
    order["cancelled"] = false.into();
    order["reference"] = sent.key.to_string().into();
    order
}

/// What must come out the same whatever happened on the way.
fn outcome(state: &RunState) -> (RunStatus, Fields, Fields, Vec<String>) {
    let path = state.path.iter().map(ToString::to_string).collect();
    let mut outputs = state.outputs.as_ref().clone();
    // A write that a probe confirmed is known by the probe's answer.
    outputs.remove("commit");
    outputs.remove("act");
    (state.status(), state.state.as_ref().clone(), outputs, path)
}

fn finished(case: &Case) -> Case {
    let mut whole = case.clone();
    let row = whole.row.clone();
    whole.story.start(row);
    drive(&mut whole, true);
    whole
}

/// The case as it was when `cut` events stood: the journal, and what the target had done.
fn cut(case: &Case, whole: &Case, cut: usize, arrived: Arrived) -> Case {
    let events = &whole.story.journal[..cut];
    let mut after = case.clone();
    let now = events.last().unwrap().at;
    after.story = case.story.given(events);
    after.story.now = now;
    after.story.luck = 77;
    let intents = events
        .iter()
        .filter(|recorded| recorded.event.kind() == "effect_intended")
        .count();
    let open = matches!(after.story.state().phase, Phase::Sending { .. })
        && events.last().unwrap().event.kind() == "effect_intended";
    let sent = if open && arrived == Arrived::No {
        intents - 1
    } else {
        intents
    };
    let keys: Vec<_> = whole
        .story
        .intents()
        .iter()
        .map(|effect| effect.key)
        .collect();
    for key in &keys[..sent] {
        // What the answer was no longer matters: the journal holds it, or it is lost.
        let _lost = after.target.take(*key);
    }
    after
}

/// Cuts a finished journal after `at` events, takes the run over `crashes` times, and drives it to
/// its rest.
fn crash(case: &Case, whole: &Case, at: usize, arrived: Arrived, crashes: usize) -> Case {
    let mut after = cut(case, whole, at, arrived);
    for _ in 0..crashes {
        if after.story.effect().is_some() && after.story.recover() {
            let journal = after.story.journal.clone();
            after.story = after.story.given(&journal);
        }
    }
    drive(&mut after, false);
    after
}

/// What is wrong with what the target saw; reads the journal and the target alone.
fn fault(after: &Case) -> Option<String> {
    let intents = after.story.intents();
    let keys: BTreeSet<_> = intents.iter().map(|effect| effect.key).collect();
    let (times, state) = (after.target.times(), after.story.state());
    if keys.len() > 1 {
        return Some(format!("several keys: {keys:?}"));
    }
    if !after.target.done.keys().all(|key| keys.contains(key)) {
        return Some("the target did what no INTENT says".to_owned());
    }
    if times > 1 {
        return Some(format!("done {times} times"));
    }
    let right = match state.status() {
        RunStatus::Succeeded => times == 1,
        RunStatus::Rejected => times == 0,
        RunStatus::DeadLettered => state.live_effect().is_some(),
        other => other == RunStatus::Waiting,
    };
    (!right).then(|| format!("{} after {times} times", state.status()))
}

#[test]
fn a_cut_after_any_command_ends_as_if_nothing_had_happened() {
    let mut cuts = 0;
    for case in cases() {
        let whole = finished(&case);
        for at in &whole.story.groups {
            for arrived in [Arrived::No, Arrived::Yes] {
                for crashes in [0, 1, 5] {
                    let after = crash(&case, &whole, *at, arrived, crashes);
                    assert_eq!(
                        fault(&after),
                        None,
                        "{} cut at {at}, {arrived:?}",
                        case.name
                    );
                    cuts += 1;
                    if after.story.status() == RunStatus::Waiting {
                        assert_eq!(case.name, "a mail");
                        continue;
                    }
                    let (here, there) = (after.story.state(), whole.story.state());
                    assert_eq!(outcome(here), outcome(there), "{} at {at}", case.name);
                }
            }
        }
    }
    assert!(cuts >= 200, "only {cuts} cuts were made");
}

#[test]
fn a_cut_after_any_single_event_still_does_nothing_twice() {
    let mut cuts = 0;
    for case in cases() {
        let whole = finished(&case);
        for at in 1..=whole.story.journal.len() {
            for arrived in [Arrived::No, Arrived::Yes] {
                let after = crash(&case, &whole, at, arrived, 1);
                assert_eq!(
                    fault(&after),
                    None,
                    "{} cut at {at}, {arrived:?}",
                    case.name
                );
                cuts += 1;
            }
        }
    }
    assert!(cuts >= 150, "only {cuts} cuts were made");
}

#[test]
fn an_effect_of_a_mail_is_sent_once_or_left_to_a_person() {
    let case = cases().pop().unwrap();
    let whole = finished(&case);
    assert_eq!(whole.story.status(), RunStatus::Succeeded);
    let sent = whole.story.groups[0];
    for arrived in [Arrived::No, Arrived::Yes] {
        let after = crash(&case, &whole, sent, arrived, 0);
        assert_eq!(fault(&after), None);
        assert_eq!(after.story.status(), RunStatus::Waiting);
        assert_eq!(after.story.intents().len(), 1);
    }
}

#[test]
fn a_target_that_forgets_keys_is_seen_to_do_it_twice() {
    let mut careless = cases().remove(0);
    careless.target.manners = Manners::KeepsNothing;
    let whole = finished(&careless);
    let kinds = whole
        .story
        .journal
        .iter()
        .map(|recorded| recorded.event.kind());
    let sent = 1 + kinds
        .clone()
        .position(|kind| kind == "effect_intended")
        .unwrap();
    let after = crash(&careless, &whole, sent, Arrived::Yes, 0);
    assert_eq!(fault(&after).as_deref(), Some("done 2 times"));
    let after = crash(&careless, &whole, sent, Arrived::No, 0);
    assert_eq!(fault(&after), None);
}

#[test]
fn every_event_leads_from_state_to_state_as_decide_said() {
    for case in cases() {
        let whole = finished(&case);
        let mut state = None;
        for (index, recorded) in whole.story.journal.iter().enumerate() {
            let folded = evolve(state, recorded).unwrap();
            let again = replay(&whole.story.journal[..=index]).unwrap().unwrap();
            assert_eq!(folded, again);
            state = Some(folded);
        }
        assert_eq!(state.as_ref(), Some(whole.story.state()));
    }
}

#[test]
fn a_journal_with_a_gap_a_stranger_or_a_tail_does_not_fold() {
    let whole = finished(&cases().remove(1));
    let journal = &whole.story.journal;
    let mut gap = journal.clone();
    gap.remove(2);
    let mut stranger = journal.clone();
    stranger[2].run.0 = uuid::Uuid::nil();
    let mut tail = journal.clone();
    let last = journal.last().unwrap();
    tail.push(Recorded {
        run_seq: last.run_seq + 1,
        ..last.clone()
    });
    let mut headless = journal.clone();
    headless.remove(0);
    let mut twice = journal.clone();
    twice.insert(
        1,
        Recorded {
            run_seq: 2,
            ..journal[0].clone()
        },
    );
    for broken in [gap, stranger, tail, headless, twice] {
        assert!(replay(&broken).is_err());
    }
}
