//! One run told command by command. Every command is checked on the way: folding the journal
//! again gives the state that `decide` returned.

use std::collections::BTreeSet;
use std::sync::Arc;

use countersign::domain::{
    Actor, ConnectorUrls, Fields, Holder, PlannedEffect, RunId, RunStatus, Timestamp, Verdict,
};
use countersign::engine::{
    CallFailure, Command, Context, DigestPrefix, Effect, Envelope, Event, FailureClass, Phase,
    Recorded, Rejection, RunState, decide, effect_of, replay,
};
use countersign::workflow::Definition;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const START: Timestamp = Timestamp(1_795_271_898_007);

/// What a command caused.
#[derive(Clone, Debug)]
pub(crate) struct Then {
    pub(crate) events: Vec<Event>,
}

impl Then {
    pub(crate) fn kinds(&self) -> Vec<&'static str> {
        self.events.iter().map(Event::kind).collect()
    }
}

/// A run, its journal, and the clock it lives by.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) definition: Arc<Definition>,
    pub(crate) connectors: ConnectorUrls,
    pub(crate) now: Timestamp,
    pub(crate) executes: bool,
    /// Connectors without room.
    pub(crate) full: BTreeSet<String>,
    /// What the runtime looked up of other effects.
    pub(crate) holders: Vec<Holder>,
    /// When an older copy of the store was taken as it is.
    pub(crate) lost_before: Option<Timestamp>,
    pub(crate) run: RunId,
    /// Mixed into every seed.
    pub(crate) luck: u8,
    pub(crate) jitter: bool,
    pub(crate) journal: Vec<Recorded>,
    /// How many events stood after each command.
    pub(crate) groups: Vec<usize>,
    state: Option<RunState>,
}

impl Story {
    pub(crate) fn of(definition: &Arc<Definition>) -> Self {
        Self {
            definition: Arc::clone(definition),
            connectors: connectors(),
            now: START,
            executes: true,
            full: BTreeSet::new(),
            holders: Vec::new(),
            lost_before: None,
            run: RunId(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001)),
            luck: 0,
            jitter: true,
            journal: Vec::new(),
            groups: Vec::new(),
            state: None,
        }
    }

    /// A run as its journal gives it, and nothing else: what a process finds after a crash.
    pub(crate) fn given(&self, events: &[Recorded]) -> Self {
        Self {
            journal: events.to_vec(),
            groups: Vec::new(),
            state: replay(events).unwrap(),
            ..self.clone()
        }
    }

    pub(crate) fn state(&self) -> &RunState {
        self.state.as_ref().expect("the run has started")
    }

    pub(crate) fn has_started(&self) -> bool {
        self.state.is_some()
    }

    pub(crate) fn status(&self) -> RunStatus {
        self.state().status()
    }

    pub(crate) fn effect(&self) -> Option<Effect<'_>> {
        effect_of(self.state())
    }

    /// A field of the state.
    pub(crate) fn field(&self, name: &str) -> &Value {
        &self.state().state[name]
    }

    pub(crate) fn later(&mut self, ms: i64) {
        self.now = self.now.plus_ms(ms);
    }

    pub(crate) fn when(&mut self, actor: &Actor, command: Command) -> Result<Then, Rejection> {
        let decision = {
            let cx = Context {
                definition: &self.definition,
                connectors: &self.connectors,
                executes: self.executes,
                full: &self.full,
                holders: &self.holders,
                lost_before: self.lost_before,
            };
            let mut seed = [self.luck; 32];
            seed[..8].copy_from_slice(&(self.journal.len() as u64).to_be_bytes());
            let envelope = Envelope {
                at: self.now,
                actor: actor.clone(),
                seed,
                jitter: self.jitter,
                command,
            };
            decide(&cx, self.state.as_ref(), &envelope)?
        };
        self.journal.extend(decision.events.iter().cloned());
        self.groups.push(self.journal.len());
        let replayed = replay(&self.journal).unwrap().unwrap();
        assert_eq!(replayed, decision.state, "the journal gives another state");
        self.state = Some(decision.state);
        let events = decision.events.into_iter().map(|event| event.event);
        Ok(Then {
            events: events.collect(),
        })
    }

    /// What the system decides by itself. Must not be refused.
    pub(crate) fn system(&mut self, command: Command) -> Then {
        self.when(&Actor::system(), command).unwrap()
    }

    /// Takes the run over; tells whether that decided anything.
    pub(crate) fn recover(&mut self) -> bool {
        !self.system(Command::Recover).events.is_empty()
    }

    /// Starts the run with a row that the state schema admits.
    pub(crate) fn start(&mut self, row: Value) -> Then {
        let input = fields(row);
        let state = self.definition.meaning.state.admit(&input).unwrap();
        let command = Command::StartRun {
            run: self.run,
            key: Some("the-key".to_owned()),
            input,
            state,
        };
        self.when(&Actor::claimed("STARTER", "starter"), command)
            .unwrap()
    }

    /// The call under way is answered.
    pub(crate) fn answer(&mut self, output: Value) -> Then {
        let attempt = self.attempt();
        self.system(Command::CompleteCall {
            attempt,
            status: 200,
            output,
        })
    }

    /// The call under way fails.
    pub(crate) fn fail(&mut self, class: FailureClass, code: &str) -> Then {
        self.fail_wishing(class, code, None)
    }

    pub(crate) fn fail_wishing(
        &mut self,
        class: FailureClass,
        code: &str,
        retry_after_ms: Option<i64>,
    ) -> Then {
        let attempt = self.attempt();
        let failure = CallFailure {
            class,
            code: code.to_owned(),
            message: format!("The call failed: {code}."),
            retry_after_ms,
        };
        self.system(Command::FailCall { attempt, failure })
    }

    /// A verdict on the whole open packet, on what it shows now.
    pub(crate) fn verdict(&mut self, by: &Actor, verdict: Verdict) -> Result<Then, Rejection> {
        self.verdict_on(by, verdict, None)
    }

    pub(crate) fn verdict_on(
        &mut self,
        by: &Actor,
        verdict: Verdict,
        item: Option<usize>,
    ) -> Result<Then, Rejection> {
        let packet = self.state().packet.as_ref().expect("a packet is open");
        let command = Command::GiveVerdict {
            packet: packet.packet,
            digest: DigestPrefix::parse(&packet.digest.to_string()).unwrap(),
            verdict,
            item,
            reason: None,
        };
        self.when(by, command)
    }

    pub(crate) fn amend(
        &mut self,
        by: &Actor,
        path: &str,
        value: Value,
    ) -> Result<Then, Rejection> {
        let packet = self.state().packet.as_ref().expect("a packet is open");
        let command = Command::AmendPacket {
            packet: packet.packet,
            digest: DigestPrefix::parse(&packet.digest.to_string()).unwrap(),
            set: vec![(path.to_owned(), value)],
            reason: "A correction.".to_owned(),
        };
        self.when(by, command)
    }

    pub(crate) fn pause(&mut self, by: &Actor) -> Result<Then, Rejection> {
        let reason = "Hold on.".to_owned();
        self.when(by, Command::PauseRun { reason })
    }

    pub(crate) fn resume(&mut self, by: &Actor) -> Result<Then, Rejection> {
        let reason = "Go on.".to_owned();
        self.when(by, Command::ResumeRun { reason })
    }

    pub(crate) fn override_value(
        &mut self,
        by: &Actor,
        path: &str,
        value: Value,
    ) -> Result<Then, Rejection> {
        let command = Command::OverrideValue {
            path: path.to_owned(),
            value,
            reason: "A correction.".to_owned(),
        };
        self.when(by, command)
    }

    /// Waits for the run's timer and fires it.
    pub(crate) fn wake(&mut self) -> Then {
        self.now = self.state().timer().expect("a timer is set");
        self.system(Command::FireTimer)
    }

    /// The attempt that is under way, or was last.
    pub(crate) fn attempt(&self) -> u32 {
        match &self.state().phase {
            Phase::Calling { attempt, .. }
            | Phase::Sending { attempt, .. }
            | Phase::Probing { attempt, .. }
            | Phase::Retrying { attempt, .. } => *attempt,
            other => panic!("nothing is under way in {other:?}"),
        }
    }

    /// The effect in flight.
    pub(crate) fn sending(&self) -> &PlannedEffect {
        match self.effect() {
            Some(Effect::WriteTool { effect, .. }) => effect,
            other => panic!("nothing is being sent, but {other:?}"),
        }
    }

    /// Every INTENT so far, in order.
    pub(crate) fn intents(&self) -> Vec<&PlannedEffect> {
        self.journal
            .iter()
            .filter_map(|recorded| match &recorded.event {
                Event::EffectIntended { values, .. } => Some(values.effect.as_ref()),
                _ => None,
            })
            .collect()
    }

    /// Events of one kind so far.
    pub(crate) fn count(&self, kind: &str) -> usize {
        let kinds = self.journal.iter().map(|recorded| recorded.event.kind());
        kinds.filter(|known| *known == kind).count()
    }
}

pub(crate) fn connectors() -> ConnectorUrls {
    ["erp", "register", "bank", "mail", "desk"]
        .into_iter()
        .map(|name| (name, format!("http://{name}.test")))
        .collect()
}

pub(crate) fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        other => panic!("{other} is no object"),
    }
}

/// US dollars, in cents, as a state holds them.
pub(crate) fn usd(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "USD" })
}
