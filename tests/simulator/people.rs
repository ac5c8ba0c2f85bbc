//! People: they start runs and answer what waits, at random or dutifully, and remember what they
//! were told.

use std::sync::Arc;
use std::time::Duration;

use countersign::domain::packet::Question;
use countersign::domain::{
    Actor, EffectState, IdempotencyKey, Packet, PacketStatus, RunId, RunStatus, Verdict,
};
use countersign::engine::Settled;
use countersign::engine::command::BudgetAnswer;
use countersign::runtime::{
    Amendment, BudgetRequest, Handle, RuntimeError, Settlement, StartRow, VerdictRequest,
};
use countersign::store::{DeadLetterFilter, EffectFilter, PacketFilter, RunFilter};
use countersign::workflow::Definition;
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::world::World;

/// One row to start, of one workflow.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) definition: Arc<Definition>,
    pub(crate) key: String,
    pub(crate) row: Value,
}

/// What people were told is so.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) started: Vec<(String, RunId)>,
    /// Packet, item, who, what.
    pub(crate) verdicts: Vec<(String, String, Verdict)>,
    /// Runs that were stopped for good.
    pub(crate) stopped: Vec<RunId>,
}

pub(crate) struct People {
    pub(crate) dice: Dice,
    pub(crate) jobs: Vec<Job>,
    pub(crate) told: std::sync::Mutex<Told>,
}

fn person(name: &str) -> Actor {
    Actor::claimed(name, "someone")
}

impl People {
    pub(crate) async fn start(&self, handle: &Handle, job: &Job) -> Result<(), RuntimeError> {
        let Value::Object(input) = job.row.clone() else {
            panic!("a row is an object");
        };
        let row = StartRow {
            fields: job.definition.meaning.state.admit(&input).unwrap(),
            input,
            key: Some(job.key.clone()),
        };
        let started = handle
            .start(&job.definition, vec![row], &person("STARTER"))
            .await?;
        let mut told = self.told.lock().unwrap();
        told.started.push((job.key.clone(), started[0].run));
        Ok(())
    }

    /// One thing that somebody does; packets stay unanswered where nobody `reviews`. Whatever is
    /// refused was not theirs to do.
    pub(crate) async fn act(&self, handle: &Handle, world: &World, reviews: bool) {
        let done = match self.dice.below(14) {
            0..=3 => {
                let job = self.dice.pick(&self.jobs).clone();
                self.start(handle, &job).await
            }
            4 | 5 => self.meddle(handle).await,
            6 => self.stop_any(handle).await,
            7 => self.settle_stopped(handle, world, false).await,
            _ if !reviews => Ok(()),
            _ => self.answer(handle, world, false).await,
        };
        // The world goes on, whatever they were told; only what they were told is so counts.
        drop(done);
    }

    /// Answers everything that waits, as a dutiful person would.
    pub(crate) async fn answer_all(&self, handle: &Handle, world: &World) {
        for job in &self.jobs {
            let known = self
                .told
                .lock()
                .unwrap()
                .started
                .iter()
                .any(|(key, _)| *key == job.key);
            if !known {
                drop(self.start(handle, job).await);
            }
        }
        for row in handle.runs(&RunFilter::default()).unwrap_or_default() {
            if row.status == RunStatus::Paused {
                drop(handle.resume(row.run, "Go on.", &person("ADMIN")).await);
            }
        }
        for _ in 0..4 {
            drop(self.answer(handle, world, true).await);
        }
        drop(self.settle_stopped(handle, world, true).await);
    }

    async fn answer(
        &self,
        handle: &Handle,
        world: &World,
        dutiful: bool,
    ) -> Result<(), RuntimeError> {
        let filter = PacketFilter {
            status: Some(PacketStatus::Open),
            ..PacketFilter::default()
        };
        let packets = handle.packets(&filter)?;
        if !packets.is_empty() {
            let packet = self.dice.pick(&packets);
            return match packet.question {
                Question::Effects => self.decide(handle, packet, dutiful).await,
                Question::Outcome { .. } => self.settle(handle, world, packet).await,
                Question::Budget { .. } => self.allow_more(handle, packet).await,
            };
        }
        let open = DeadLetterFilter {
            status: Some(countersign::domain::DeadLetterStatus::Open),
            ..DeadLetterFilter::default()
        };
        let letters = handle.dead_letters(&open)?;
        if letters.is_empty() {
            return Ok(());
        }
        let letter = self.dice.pick(&letters).dead_letter;
        // What a target refuses it may refuse for ever.
        if self.dice.chance(if dutiful { 20 } else { 15 }) {
            handle
                .discard(letter, "Not needed.", &person("ADMIN"))
                .await?;
        } else {
            handle
                .redrive(
                    letter,
                    (Vec::new(), Some("Again.".to_owned())),
                    &person("ADMIN"),
                )
                .await?;
        }
        Ok(())
    }

    async fn decide(
        &self,
        handle: &Handle,
        packet: &Packet,
        dutiful: bool,
    ) -> Result<(), RuntimeError> {
        let roll = self.dice.below(100);
        if !dutiful && roll < 8 && packet.workflow.as_str() == "purchase-order" {
            let amendment = Amendment {
                packet: packet.packet,
                digest: packet.digest.to_string(),
                set: vec![("amount".to_owned(), json!(format!("{}.00", 6_000 + roll)))],
                reason: "Another amount.".to_owned(),
            };
            handle.amend(amendment, &person("EDITOR")).await?;
            return Ok(());
        }
        if !dutiful && roll < 30 {
            // Two people at once: one of them wins.
            let (yes, no) = tokio::join!(
                self.give(handle, packet, (Verdict::Approve, "MGR_JANE_DOE")),
                self.give(handle, packet, (Verdict::Reject, "LEAD")),
            );
            return yes.or(no);
        }
        let verdict = match roll {
            30..38 if !dutiful => Verdict::Reject,
            38..46 if !dutiful => Verdict::Return,
            _ => Verdict::Approve,
        };
        self.give(handle, packet, (verdict, "MGR_JANE_DOE")).await
    }

    async fn give(
        &self,
        handle: &Handle,
        packet: &Packet,
        (verdict, by): (Verdict, &str),
    ) -> Result<(), RuntimeError> {
        let request = VerdictRequest {
            packet: packet.packet,
            digest: packet.digest.to_string(),
            verdict,
            item: None,
            reason: Some("Seen.".to_owned()),
        };
        handle.verdict(request, &person(by)).await?;
        let mut told = self.told.lock().unwrap();
        told.verdicts
            .push((packet.packet.to_string(), by.to_owned(), verdict));
        Ok(())
    }

    /// Looks at the target and says what is so.
    async fn settle(
        &self,
        handle: &Handle,
        world: &World,
        packet: &Packet,
    ) -> Result<(), RuntimeError> {
        self.say(handle, world, packet.effects[0].key).await
    }

    /// Says what became of an effect of a run that was stopped, of which nobody is asked. What may
    /// be on its way still is looked at once nothing of it can be.
    async fn settle_stopped(
        &self,
        handle: &Handle,
        world: &World,
        dutiful: bool,
    ) -> Result<(), RuntimeError> {
        for row in handle.runs(&RunFilter::default())? {
            if row.status != RunStatus::Terminated {
                continue;
            }
            let of_run = EffectFilter {
                run: Some(row.run),
                ..EffectFilter::default()
            };
            for effect in handle.effects(&of_run)? {
                let stands = effect.state;
                let key = effect.idempotency_key;
                let asked = match stands {
                    EffectState::Unknown => true,
                    EffectState::Intent => dutiful,
                    _ => false,
                };
                if !asked {
                    continue;
                }
                if stands == EffectState::Intent {
                    tokio::time::sleep(Duration::from_secs(45)).await;
                    if handle.effect(key)?.state != stands {
                        continue;
                    }
                }
                drop(self.say(handle, world, key).await);
            }
        }
        Ok(())
    }

    async fn say(
        &self,
        handle: &Handle,
        world: &World,
        key: IdempotencyKey,
    ) -> Result<(), RuntimeError> {
        let found = world.happened(&key.to_string());
        let settled = if self.dice.chance(30) {
            Settled::AskAgain
        } else if found.is_some() {
            Settled::Happened
        } else {
            Settled::NotHappened
        };
        let settlement = Settlement {
            key,
            settled,
            output: found.filter(|_| settled == Settled::Happened),
            reason: Some("Seen in the target.".to_owned()),
        };
        handle.settle(settlement, &person("MGR_JANE_DOE")).await?;
        Ok(())
    }

    /// A run used up its steps: some more, or the end.
    async fn allow_more(&self, handle: &Handle, packet: &Packet) -> Result<(), RuntimeError> {
        let answer = if self.dice.chance(70) {
            BudgetAnswer::MoreSteps { steps: 5 }
        } else {
            BudgetAnswer::Stop
        };
        let request = BudgetRequest {
            packet: packet.packet,
            digest: packet.digest.to_string(),
            answer,
            reason: "Seen.".to_owned(),
        };
        handle
            .resolve_budget(request, &person("MGR_JANE_DOE"))
            .await?;
        Ok(())
    }

    async fn stop_any(&self, handle: &Handle) -> Result<(), RuntimeError> {
        let rows = handle.runs(&RunFilter::default())?;
        if rows.is_empty() {
            return Ok(());
        }
        self.stop(handle, self.dice.pick(&rows).run).await
    }

    /// Stops a run for good, with what it did undone or left.
    pub(crate) async fn stop(&self, handle: &Handle, run: RunId) -> Result<(), RuntimeError> {
        let how = ("Not wanted.", self.dice.chance(60));
        handle.terminate(run, how, &person("ADMIN")).await?;
        self.told.lock().unwrap().stopped.push(run);
        Ok(())
    }

    /// Holds a run, has it go on, or edits it.
    async fn meddle(&self, handle: &Handle) -> Result<(), RuntimeError> {
        let rows = handle.runs(&RunFilter::default())?;
        if rows.is_empty() {
            return Ok(());
        }
        let row = self.dice.pick(&rows);
        let admin = person("ADMIN");
        if row.status == RunStatus::Paused {
            if self.dice.chance(70) && row.workflow.as_str() == "purchase-order" {
                let amount = json!(format!("{}.00", 5_100 + self.dice.below(500)));
                handle
                    .override_value(row.run, ("amount", amount), "A typing error.", &admin)
                    .await?;
            }
            handle.resume(row.run, "Go on.", &admin).await?;
        } else {
            handle.pause(row.run, "Hold on.", &admin).await?;
        }
        Ok(())
    }
}
