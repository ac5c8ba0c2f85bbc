//! Looks up what stands for the same business act already, so that whoever is asked sees it.
//!
//! A look comes before the packet is committed. That no act is begun twice does not rest on it:
//! the store refuses the second INTENT, and the command is then decided anew with that fact.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::{Actor, Digest, EffectState, Holder, limits};
use crate::engine::{Context, Decision, Event, Rejection, RunState, Settled};
use crate::runtime::RuntimeError;
use crate::runtime::apply::durable;
use crate::runtime::handle::New;
use crate::runtime::shared::Shared;
use crate::store::StoreError;
use crate::workflow::Definition;

impl Shared {
    /// Decides, and where a packet would be opened over effects whose identities others hold, or a
    /// probe found what may be theirs, decides again with that fact. `holders` is what is known
    /// already, and grows; `before` is the run as it stands.
    pub(super) fn decide_knowing(
        &self,
        (definition, before): (&Definition, Option<&RunState>),
        holders: &mut Vec<Holder>,
        decide: impl Fn(&Context<'_>) -> Result<Decision, Rejection>,
    ) -> Result<Decision, RuntimeError> {
        let mut looked_up: BTreeSet<Digest> = BTreeSet::new();
        loop {
            let decision = decide(&self.context(definition, holders))?;
            let mut asked_about: BTreeSet<Digest> = asked_about(&decision).collect();
            asked_about.extend(found_by_probe(before, &decision));
            let (known, before) = (looked_up.len(), holders.len());
            for identity in asked_about {
                if looked_up.insert(identity) {
                    self.look_up_holders(identity, holders)?;
                }
            }
            as_decided(&decision, holders);
            if looked_up.len() == known || holders.len() == before {
                return Ok(decision);
            }
        }
    }

    /// Starts a run whose first act another effect stands for: decided anew with that fact.
    pub(super) async fn start_beside(
        &self,
        (definition, by): (&Definition, &Actor),
        new: &New,
        identity: Digest,
    ) -> Result<Arc<RunState>, RuntimeError> {
        let mut holders = Vec::new();
        self.look_up_holders(identity, &mut holders)?;
        for _ in 0..limits::CONFLICTS_MAX {
            let commit = self.plan_start((definition, by), new.run, new.row(), &mut holders)?;
            let after = Arc::clone(&commit.after);
            match durable(self.store.commit(vec![commit]).pop()).await {
                Ok(_) => return Ok(after),
                Err(RuntimeError::Store(StoreError::DuplicateIdentity { identity, .. })) => {
                    self.look_up_holders(identity, &mut holders)?;
                }
                Err(error) => return Err(error),
            }
        }
        Err(RuntimeError::TooManyConflicts { run: new.run })
    }

    /// Replaces what is known of who holds an identity by what the store says now.
    pub(super) fn look_up_holders(
        &self,
        identity: Digest,
        holders: &mut Vec<Holder>,
    ) -> Result<(), RuntimeError> {
        holders.retain(|held| held.identity.digest != identity);
        holders.extend(self.store.holders(identity)?);
        Ok(())
    }
}

/// The identity of the effect that a decision confirms because a probe found it.
fn found_by_probe(before: Option<&RunState>, decision: &Decision) -> Option<Digest> {
    let by_probe = |event: &Event| matches!(event, Event::EffectConfirmed { by_probe: true, .. });
    let mut events = decision.events.iter();
    let effect = before.and_then(RunState::live_effect);
    let found = events.any(|recorded| by_probe(&recorded.event));
    Some(effect.filter(|_| found)?.identity?.digest)
}

/// Takes in what the decision itself settles before it asks, and the store does not know yet.
fn as_decided(decision: &Decision, holders: &mut Vec<Holder>) {
    for recorded in &decision.events {
        match &recorded.event {
            Event::EffectConfirmed { key, .. }
            | Event::EffectSettled {
                key,
                settled: Settled::Happened,
                ..
            } => {
                for held in holders.iter_mut().filter(|held| held.key == *key) {
                    held.state = EffectState::Confirmed;
                    held.at = recorded.at;
                }
            }
            Event::EffectRefused { key, .. } => holders.retain(|held| held.key != *key),
            _ => {}
        }
    }
}

/// The identities of the effects that a decision asks a person about.
fn asked_about(decision: &Decision) -> impl Iterator<Item = Digest> {
    decision
        .events
        .iter()
        .filter_map(|recorded| {
            if let Event::PacketOpened { values, .. } | Event::PacketAmended { values, .. } =
                &recorded.event
            {
                let packet = &values.packet;
                packet.question.is_effects().then_some(&packet.effects)
            } else {
                None
            }
        })
        .flatten()
        .filter_map(|effect| effect.identity.map(|identity| identity.digest))
}
