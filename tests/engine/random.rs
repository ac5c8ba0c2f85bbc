//! Commands in any order: nothing panics, every event folds, and the promises about effects hold.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use countersign::domain::{
    Digest, EffectState, Holder, IdempotencyKey, PolicyVerdict, StepId, Verdict,
};
use countersign::engine::plan::plan_effect;
use countersign::engine::{
    BudgetAnswer, CallFailure, Command, Context, DigestPrefix, Event, FailureClass, Phase,
    RunState, Settled,
};
use countersign::workflow::Definition;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use crate::people::person;
use crate::story::Story;
use crate::workflows::{ALLOW, ASK, GATED, Sheet, TWO, order_row, purchase_order, registered, row};

const CASES: u32 = 400;

/// One thing that happens. Numbers pick among what there is.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Proceed,
    Recover,
    /// The call under way, or one `late` attempts before it, is answered.
    Answer {
        good: bool,
        late: u8,
    },
    Fail {
        class: u8,
        late: u8,
    },
    Timer {
        waits: bool,
    },
    Verdict {
        by: u8,
        verdict: u8,
        item: Option<u8>,
        stale: bool,
    },
    Amend {
        by: u8,
        cents: u16,
    },
    Pause,
    Resume,
    Override {
        cents: u16,
    },
    /// A parked step goes on, perhaps with another amount.
    Redrive {
        cents: Option<u16>,
    },
    Discard,
    /// A person stops the run for good.
    Terminate {
        compensate: bool,
    },
    /// A person says what became of an effect.
    Settle {
        how: u8,
    },
    GiveUp,
    /// A person answers a question about the budget.
    Resolve {
        how: u8,
    },
    Signal,
    Refusal,
    Later {
        ms: i32,
    },
    Executes(bool),
    /// Another run begins the same, or gives it up.
    Rival {
        begins: bool,
    },
}

/// A read and a write that cost, with a way back.
const COSTLY: &str = "
  look: { tool: desk.look, args: { payee: '${ state.payee }' }, cost: 0.08 USD, next: review }
  review:
    gate: { covers: [act] }
    approved: act
    returned: look
  act:
    tool: TOOL
    args: { payee: '${ state.payee }', cents: '${ state.amount.minor }' }
    amount: '${ state.amount }'
    cost: 0.08 USD
    save: { done: true }
    next: end";

/// How many attempts too late an answer comes.
fn late() -> impl Strategy<Value = u8> {
    prop_oneof![4 => Just(0_u8), 1 => Just(1)]
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening::{
        Amend, Answer, Discard, Executes, Fail, GiveUp, Later, Override, Pause, Proceed, Recover,
        Redrive, Refusal, Resolve, Resume, Rival, Settle, Signal, Terminate, Timer, Verdict,
    };
    // Mostly what moves a run on: refusals are cheap to reach.
    let verdicts = prop_oneof![5 => Just(0_u8), 1 => Just(1), 1 => Just(2)];
    let items = proptest::option::weighted(0.3, 0..3_u8);
    let verdict = (0..3_u8, verdicts, items, proptest::bool::weighted(0.1));
    prop_oneof![
        3 => Just(Proceed),
        3 => Just(Recover),
        6 => (any::<bool>(), late()).prop_map(|(good, late)| Answer { good, late }),
        5 => (0..4_u8, late()).prop_map(|(class, late)| Fail { class, late }),
        4 => any::<bool>().prop_map(|waits| Timer { waits }),
        6 => verdict.prop_map(|(by, verdict, item, stale)| Verdict { by, verdict, item, stale }),
        1 => (0..3_u8, 1..2_000_u16).prop_map(|(by, cents)| Amend { by, cents }),
        1 => Just(Pause),
        3 => Just(Resume),
        1 => (1..2_000_u16).prop_map(|cents| Override { cents }),
        4 => proptest::option::weighted(0.3, 1..2_000_u16).prop_map(|cents| Redrive { cents }),
        1 => proptest::bool::weighted(0.3).prop_map(|gone| if gone { Discard } else { Proceed }),
        3 => (0..3_u8).prop_map(|how| Settle { how }),
        1 => proptest::bool::weighted(0.3).prop_map(|lost| if lost { GiveUp } else { Proceed }),
        4 => (0..4_u8).prop_map(|how| Resolve { how }),
        1 => (proptest::bool::weighted(0.2), any::<bool>())
            .prop_map(|(ends, compensate)| if ends { Terminate { compensate } } else { Proceed }),
        1 => Just(Signal),
        1 => Just(Refusal),
        1 => (-1_000..90_000_000_i32).prop_map(|ms| Later { ms }),
        1 => proptest::bool::weighted(0.8).prop_map(Executes),
        1 => any::<bool>().prop_map(|begins| Rival { begins }),
    ]
}

static DEFINITIONS: LazyLock<Vec<Arc<Definition>>> = LazyLock::new(|| {
    let gated = Sheet {
        policy: ASK,
        steps: GATED,
        ..Sheet::default()
    };
    let two = Sheet {
        policy: ASK,
        steps: TWO,
        undo: true,
        ..Sheet::default()
    };
    let back = Sheet {
        policy: ALLOW,
        ..two
    };
    let short = Sheet {
        budget: "{ steps: 2, on_breach: fail }",
        ..back
    };
    let twice = Sheet {
        authority: "{ decide: [reviewer], approvals: 2 }",
        ..gated
    };
    let budgeted = Sheet {
        budget: "{ steps: 5, cost: 0.10 USD }",
        steps: COSTLY,
        ..gated
    };
    vec![
        purchase_order(),
        twice.compile("bank.pay"),
        gated.compile("bank.transfer"),
        gated.compile("mail.send"),
        two.compile(""),
        gated.compile("bank.refund"),
        budgeted.compile("bank.pay"),
        back.compile(""),
        short.compile(""),
    ]
});

/// The command a happening comes to; none where it is about the process or the clock.
fn command(story: &mut Story, happening: Happening) -> Option<(String, Command)> {
    let system = |command| Some(("SYSTEM".to_owned(), command));
    let reason = "Because.".to_owned();
    match happening {
        Happening::Proceed => system(Command::Proceed),
        Happening::Recover => system(Command::Recover),
        Happening::GiveUp => system(Command::GiveUp {
            code: "worker_lost".to_owned(),
            message: reason,
        }),
        Happening::Answer { good, late } => system(Command::CompleteCall {
            attempt: attempt(story.state()).saturating_sub(u32::from(late)),
            status: 200,
            output: answer(story, good),
        }),
        Happening::Fail { class, late } => system(Command::FailCall {
            attempt: attempt(story.state()).saturating_sub(u32::from(late)),
            failure: failure(class),
        }),
        Happening::Timer { waits } => {
            if let Some(at) = story.state().timer().filter(|_| waits) {
                story.now = story.now.max(at);
            }
            system(Command::FireTimer)
        }
        Happening::Verdict { .. } | Happening::Amend { .. } | Happening::Resolve { .. } => {
            about_packet(story, happening)
        }
        Happening::Pause => Some((reviewer(0), Command::PauseRun { reason })),
        Happening::Terminate { compensate } => {
            Some((reviewer(0), Command::TerminateRun { reason, compensate }))
        }
        Happening::Resume => Some((reviewer(0), Command::ResumeRun { reason })),
        Happening::Override { cents } => Some((reviewer(1), sets_amount(cents))),
        Happening::Redrive { .. } | Happening::Discard | Happening::Settle { .. } => {
            stuck(story, happening)
        }
        Happening::Signal => Some((
            reviewer(2),
            Command::DeliverSignal {
                name: "approve".to_owned(),
                payload: json!({ "verdict": "approve" }),
            },
        )),
        Happening::Refusal => Some((
            reviewer(2),
            Command::RecordRefusal {
                command: "give_verdict".to_owned(),
                code: "stale_digest".to_owned(),
                message: reason,
            },
        )),
        Happening::Later { ms } => {
            story.later(i64::from(ms));
            None
        }
        Happening::Executes(executes) => {
            story.executes = executes;
            None
        }
        Happening::Rival { begins } => {
            rival(story, begins);
            None
        }
    }
}

/// Another run takes the next number of what this run was last asked about or sent, or gives all
/// of them up.
fn rival(story: &mut Story, begins: bool) {
    if !begins {
        story.holders.clear();
    }
    let asked = story.state().packet.as_ref();
    let asked = asked.and_then(|packet| packet.effects.first());
    let last = asked.or(story.intents().last().copied());
    let Some(identity) = last.and_then(|effect| effect.identity).filter(|_| begins) else {
        return;
    };
    let key = IdempotencyKey(Digest::of(&[story.holders.len().try_into().unwrap_or(0)]));
    story.holders.push(Holder {
        identity,
        key,
        run: countersign::domain::RunId(uuid::Uuid::nil()),
        state: EffectState::Intent,
        at: story.now,
    });
}

fn sets_amount(cents: u16) -> Command {
    Command::OverrideValue {
        path: "amount".to_owned(),
        value: json!(format!("{cents}.00")),
        reason: "Because.".to_owned(),
    }
}

/// A verdict on the open packet, or an edit of it.
fn about_packet(story: &Story, happening: Happening) -> Option<(String, Command)> {
    let packet = story.state().packet.as_ref()?;
    let reason = "Because.".to_owned();
    match happening {
        Happening::Verdict {
            by,
            verdict,
            item,
            stale,
        } => {
            let shown = if stale { Digest::ZERO } else { packet.digest };
            let verdicts = [Verdict::Approve, Verdict::Reject, Verdict::Return];
            let command = Command::GiveVerdict {
                packet: packet.packet,
                digest: DigestPrefix::parse(&shown.to_string())?,
                verdict: verdicts[usize::from(verdict)],
                item: item.map(usize::from),
                reason: Some(reason),
            };
            Some((reviewer(by), command))
        }
        Happening::Resolve { how } => {
            let answers = [
                BudgetAnswer::MoreCost { micro_usd: 80_000 },
                BudgetAnswer::MoreSteps { steps: 2 },
                BudgetAnswer::MoreCost { micro_usd: 1 },
                BudgetAnswer::Stop,
            ];
            let command = Command::ResolveBudget {
                packet: packet.packet,
                digest: DigestPrefix::parse(&packet.digest.to_string())?,
                answer: answers[usize::from(how)],
                reason,
            };
            Some((reviewer(0), command))
        }
        Happening::Amend { by, cents } => {
            let command = Command::AmendPacket {
                packet: packet.packet,
                digest: DigestPrefix::parse(&packet.digest.to_string())?,
                set: vec![("amount".to_owned(), json!(format!("{cents}.00")))],
                reason,
            };
            Some((reviewer(by), command))
        }
        _ => None,
    }
}

/// A redrive, a discard or a settlement, where something is stuck or in question.
fn stuck(story: &Story, happening: Happening) -> Option<(String, Command)> {
    let reason = "Because.".to_owned();
    if let Happening::Settle { how } = happening {
        let command = Command::SettleEffect {
            key: story.state().live_effect()?.key,
            settled: Settled::ALL[usize::from(how)],
            output: None,
            reason: Some(reason),
        };
        return Some((reviewer(0), command));
    }
    let Phase::Parked { letter, .. } = &story.state().phase else {
        return None;
    };
    let dead_letter = letter.dead_letter;
    let command = match happening {
        Happening::Redrive { cents } => Command::RedriveDeadLetter {
            dead_letter,
            set: cents
                .map(|cents| ("amount".to_owned(), json!(format!("{cents}.00"))))
                .into_iter()
                .collect(),
            output: None,
            reason: Some(reason),
        },
        _ => Command::DiscardDeadLetter {
            dead_letter,
            reason,
        },
    };
    Some((reviewer(0), command))
}

fn reviewer(n: u8) -> String {
    ["ANNA", "BERT", "CLARA"][usize::from(n)].to_owned()
}

fn attempt(state: &RunState) -> u32 {
    match &state.phase {
        Phase::Calling { attempt, .. }
        | Phase::Sending { attempt, .. }
        | Phase::Probing { attempt, .. }
        | Phase::Retrying { attempt, .. } => *attempt,
        _ => 1,
    }
}

fn answer(story: &Story, good: bool) -> serde_json::Value {
    match &story.state().phase {
        Phase::Probing { .. } => json!({ "found": good }),
        Phase::Calling { .. } => registered(good, 0.97),
        _ => json!({}),
    }
}

fn failure(class: u8) -> CallFailure {
    let classes = [
        FailureClass::Safe,
        FailureClass::Refused,
        FailureClass::Unusable,
        FailureClass::Unknown,
    ];
    CallFailure {
        class: classes[usize::from(class)],
        code: "failed".to_owned(),
        message: "It failed.".to_owned(),
        retry_after_ms: None,
    }
}

/// The promises, kept as a ledger of its own over the events alone.
#[derive(Debug, Default)]
struct Promises {
    /// The effect that may be under way: its INTENT is durable and no outcome settled it.
    open: Option<IdempotencyKey>,
    /// What somebody said no to, by the effect's digest.
    blocked: BTreeSet<Digest>,
    /// What somebody said yes to and was not used yet, by the step that sends it.
    granted: BTreeMap<StepId, Digest>,
    /// A value was changed since the last leave was given.
    edited: bool,
    /// INTENTs by key, and how many of them certainly did nothing.
    sent: BTreeMap<IdempotencyKey, u32>,
    undone: BTreeMap<IdempotencyKey, u32>,
    /// The run no longer goes on: whether it undoes.
    closing: Option<bool>,
    /// Confirmed effects of its steps, in order, and those that are undone.
    confirmed: Vec<IdempotencyKey>,
    taken_back: Vec<IdempotencyKey>,
    /// What was confirmed after something that is being undone: its turn is over.
    passed: BTreeSet<IdempotencyKey>,
    /// What certainly was not done: the target said so, or a probe found nothing of it.
    told_no: Option<IdempotencyKey>,
    /// The effect that was sent last, and what it undoes.
    at: Option<(IdempotencyKey, Option<IdempotencyKey>)>,
}

impl Promises {
    /// Only what certainly was not done is given up.
    fn see_blocked(&mut self, key: IdempotencyKey, digest: Digest) -> Result<(), TestCaseError> {
        if self.open == Some(key) {
            prop_assert_eq!(self.told_no, Some(key), "given up while unknown");
            prop_assert!(self.closing.is_some(), "given up while it goes on");
            self.open = None;
        }
        self.blocked.insert(digest);
        Ok(())
    }

    /// What a run does that no longer goes on.
    fn see_closing(&mut self, event: &Event) -> Result<(), TestCaseError> {
        match event {
            Event::CompensationStarted { .. } => self.closing = Some(true),
            Event::RunTerminated { compensate, .. } => {
                self.closing = Some(*compensate);
                self.granted.clear();
                // What was given up with an undoing may be tried again.
                self.blocked.clear();
            }
            Event::EffectIntended { values, .. } => {
                prop_assert!(self.closing != Some(false), "a terminated run sends");
                if let Some(undone) = values.effect.undoes {
                    prop_assert_eq!(self.closing, Some(true), "undone while it goes on");
                    let mut left = self.confirmed.iter().rev();
                    let next = left.find(|key| !self.taken_back.contains(key));
                    prop_assert!(next.is_some(), "undone before it was done");
                    let done = self.taken_back.contains(&undone);
                    prop_assert!(!done, "undone twice");
                    let later = self
                        .confirmed
                        .iter()
                        .rev()
                        .take_while(|key| **key != undone);
                    self.passed.extend(later.copied());
                }
                self.at = Some((values.effect.key, values.effect.undoes));
            }
            Event::EffectConfirmed { key, .. }
            | Event::EffectSettled {
                key,
                settled: Settled::Happened,
                ..
            } => match self.at.filter(|(at, _)| at == key) {
                Some((_, Some(undone))) => {
                    prop_assert!(!self.passed.contains(&undone), "undone out of order");
                    self.taken_back.push(undone);
                }
                Some((_, None)) => self.confirmed.push(*key),
                None => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn see(&mut self, event: &Event, policy_asks: bool) -> Result<(), TestCaseError> {
        self.see_closing(event)?;
        match event {
            Event::EffectIntended {
                step,
                key,
                digest,
                attempt,
                unknown,
                ..
            } => {
                prop_assert!(
                    self.open.is_none_or(|open| open == *key),
                    "two effects are open"
                );
                prop_assert!(!self.blocked.contains(digest), "what was refused is sent");
                if policy_asks && *attempt == 1 {
                    let leave = self.granted.remove(step);
                    prop_assert_eq!(leave, Some(*digest), "sent without leave");
                    self.edited = false;
                }
                prop_assert!(
                    *unknown || !policy_asks || !self.edited,
                    "sent on a leave that an edit voided"
                );
                (self.open, self.told_no) = (Some(*key), None);
                *self.sent.entry(*key).or_default() += 1;
            }
            Event::EffectConfirmed { key, .. } | Event::EffectRefused { key, .. } => {
                prop_assert_eq!(self.open, Some(*key));
                self.open = None;
            }
            Event::EffectDeferred { key, retry_at, .. } => {
                *self.undone.entry(*key).or_default() += 1;
                self.told_no = Some(*key);
                if retry_at.is_none() {
                    self.open = None;
                }
            }
            Event::EffectSettled { key, settled, .. } => match settled {
                Settled::Happened => self.open = None,
                Settled::NotHappened => {
                    *self.undone.entry(*key).or_default() += 1;
                    self.open = None;
                }
                Settled::AskAgain => {}
            },
            Event::ProbeAnswered { key, found, .. } => {
                self.told_no = Some(*key).filter(|_| *found == Some(false));
            }
            Event::EffectBlocked { digest, key, .. } => self.see_blocked(*key, *digest)?,
            Event::PacketClosed { grants, .. } => {
                for grant in grants.iter().filter(|grant| !grant.refused) {
                    self.blocked.remove(&grant.effect);
                    self.granted.insert(grant.step.clone(), grant.effect);
                }
            }
            // What is asked about anew has no earlier leave.
            Event::PacketAmended { values, .. } | Event::PacketOpened { values, .. } => {
                for effect in &values.packet.effects {
                    self.granted.remove(&effect.step);
                }
            }
            Event::StateOverridden { .. } => {
                self.granted.clear();
                self.edited = true;
            }
            _ => {}
        }
        Ok(())
    }
}

/// What is sent, and certainly was not sent before, is what the state plans now.
fn planned_now(story: &Story, events: &[Event]) -> Result<(), TestCaseError> {
    let cx = Context {
        definition: &story.definition,
        connectors: &story.connectors,
        executes: true,
        full: &BTreeSet::new(),
        holders: &[],
        lost_before: None,
    };
    for event in events {
        if let Event::EffectIntended {
            step,
            digest,
            unknown: false,
            ..
        } = event
        {
            let step = &story.definition.steps[step];
            let planned = plan_effect(&cx, story.state(), step).unwrap();
            let sent = story.intents().last().copied().cloned().unwrap();
            let named = sent.identity.and_then(|identity| identity.named());
            let planned = planned.numbered(named).unwrap();
            prop_assert_eq!(planned.digest, *digest, "something else is sent");
        }
    }
    Ok(())
}

/// Whether every write needs a person's leave.
fn asks(story: &Story) -> bool {
    let rules = &story.definition.policy;
    rules.iter().all(|rule| rule.then == PolicyVerdict::Ask)
}

fn check_one(
    story: &mut Story,
    promises: &mut Promises,
    happening: Happening,
) -> Result<(), TestCaseError> {
    let before = story.state().clone();
    let Some((by, command)) = command(story, happening) else {
        return Ok(());
    };
    let resumes = matches!(command, Command::ResumeRun { .. });
    let actor = if by == "SYSTEM" {
        countersign::domain::Actor::system()
    } else {
        person(&by)
    };
    let Ok(then) = story.when(&actor, command) else {
        prop_assert_eq!(&before, story.state());
        return Ok(());
    };
    let policy_asks = asks(story);
    for event in &then.events {
        promises.see(event, policy_asks)?;
    }
    let sends = then.kinds().contains(&"effect_intended");
    let first = |event: &Event| matches!(event, Event::EffectIntended { attempt: 1, .. });
    if then.events.iter().any(first)
        && let Some(identity) = story.intents().last().and_then(|effect| effect.identity)
    {
        let clash = |held: &Holder| identity.gives_way_to(&held.identity);
        prop_assert!(!story.holders.iter().any(clash), "the same is begun twice");
    }
    planned_now(story, &then.events)?;
    if before.paused.is_some() && !resumes {
        prop_assert!(!sends, "a held run sends");
    }
    if !story.executes
        && !matches!(
            happening,
            Happening::Recover | Happening::Timer { .. } | Happening::Answer { .. }
        )
    {
        prop_assert!(!sends, "a process that may not send decides to");
    }
    if resumes && let Some(packet) = &before.packet {
        prop_assert_eq!(then.kinds(), ["run_resumed"]);
        prop_assert_eq!(Some(packet), story.state().packet.as_ref());
    }
    Ok(())
}

/// Tells one story of random happenings; answers the kinds of its events.
fn tell(
    which: usize,
    luck: u8,
    happenings: Vec<Happening>,
) -> Result<BTreeMap<&'static str, u32>, TestCaseError> {
    let mut story = Story::of(&DEFINITIONS[which]);
    story.luck = luck;
    let then = story.start(if which == 0 {
        order_row("7850.00")
    } else {
        row()
    });
    let mut promises = Promises::default();
    for event in &then.events {
        promises.see(event, asks(&story))?;
    }
    for happening in happenings {
        check_one(&mut story, &mut promises, happening)?;
    }
    for (key, sent) in &promises.sent {
        let undone = promises.undone.get(key).copied().unwrap_or(0);
        // Sent again only where nothing was done, unless the target keeps keys.
        let blind = matches!(which, 2 | 3);
        prop_assert!(!blind || *sent <= undone + 1, "sent {sent} times");
    }
    crate::budget_money::never_over(&story, story.definition.budget.cost_micro_usd.unwrap_or(0));
    let mut kinds = BTreeMap::new();
    for recorded in &story.journal {
        *kinds.entry(recorded.event.kind()).or_default() += 1;
    }
    Ok(kinds)
}

#[test]
fn in_any_order_nothing_breaks_a_promise() {
    let config = ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let happenings = proptest::collection::vec(happening(), 10..80);
    let strategy = (0..DEFINITIONS.len(), any::<u8>(), happenings);
    let seen = RefCell::new(BTreeMap::<&str, u32>::new());
    // The same luck every time: what fails here fails on every machine.
    let luck = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, luck)
        .run(&strategy, |(which, luck, happenings)| {
            for (kind, times) in tell(which, luck, happenings)? {
                *seen.borrow_mut().entry(kind).or_default() += times;
            }
            Ok(())
        })
        .unwrap();
    // Luck must lead everywhere.
    let seen = seen.into_inner();
    for kind in [
        "packet_amended",
        "grant_voided",
        "effect_intended",
        "effect_confirmed",
        "effect_unknown",
        "effect_deferred",
        "effect_blocked",
        "probe_answered",
        "step_parked",
        "dead_letter_redriven",
        "effect_settled",
        "run_resumed",
        "budget_resolved",
        "run_terminated",
        "compensation_started",
    ] {
        assert!(
            seen.get(kind).is_some_and(|times| *times >= 5),
            "{kind}: {seen:?}"
        );
    }
}

#[test]
fn the_ledger_sees_what_it_promises_to_see() {
    let mut story = crate::workflows::asking("bank.pay");
    story.verdict(&person("ANNA"), Verdict::Approve).unwrap();
    let intent = story.journal.last().unwrap().event.clone();
    let Event::EffectIntended { digest, .. } = &intent else {
        panic!("{intent:?}");
    };
    let mut unasked = Promises::default();
    assert!(unasked.see(&intent, true).is_err());
    let mut refused = Promises::default();
    refused.blocked.insert(*digest);
    assert!(refused.see(&intent, false).is_err());
    let mut busy = Promises {
        open: Some(IdempotencyKey(Digest::ZERO)),
        ..Promises::default()
    };
    assert!(busy.see(&intent, false).is_err());
    assert!(Promises::default().see(&intent, false).is_ok());
}
