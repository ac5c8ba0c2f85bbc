//! The one writer: takes waiting acts in groups, one transaction and one fsync a group, and
//! answers each of them only after the commit.
//!
//! An act under a key is looked up first, inside the same transaction, so two requests with one
//! key can never both be performed:
//!
//! | key | body | outcome |
//! |---|---|---|
//! | none, or new | any | performed |
//! | known | as before | the first answer again |
//! | known | another | refused |

use std::thread::{self, JoinHandle};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use tokio::sync::{mpsc, oneshot};

use super::clock;
use super::error::SandboxError;
use super::ledger::{self, Line};
use crate::domain::limits::{SANDBOX_GROUP_MAX, SANDBOX_QUEUE_MAX};
use crate::domain::{Digest, Money};

/// The work of one act: given the writer's connection and the time as text.
type Perform = Box<dyn FnOnce(&Connection, &str) -> Result<Performed, SandboxError> + Send>;

/// Something a service is asked to do.
pub(super) struct Act {
    pub(super) service: &'static str,
    pub(super) operation: &'static str,
    pub(super) key: Option<String>,
    /// Equal for equal requests.
    pub(super) fingerprint: Digest,
    pub(super) perform: Perform,
}

/// What an act did.
#[derive(Debug)]
pub(super) struct Performed {
    /// The answer, as JSON.
    pub(super) body: String,
    /// The order, charge or deal the ledger names.
    pub(super) subject: String,
    pub(super) amount: Option<Money>,
}

/// What became of an act; durable.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Performed {
        body: String,
    },
    Replayed {
        body: String,
    },
    /// The key was used for another request.
    KeyTaken,
}

type Reply = oneshot::Sender<Result<Outcome, SandboxError>>;

/// Where acts are handed in; the writer ends once every copy is gone.
#[derive(Clone, Debug)]
pub(super) struct Queue(mpsc::Sender<(Act, Reply)>);

impl Queue {
    /// Hands in an act and waits until its outcome is durable.
    pub(super) async fn perform(&self, act: Act) -> Result<Outcome, SandboxError> {
        let (reply, outcome) = oneshot::channel();
        // A closed channel carries no cause of its own.
        if self.0.send((act, reply)).await.is_err() {
            return Err(SandboxError::Stopping);
        }
        outcome.await.unwrap_or(Err(SandboxError::Stopping))
    }
}

/// Starts the writer's thread.
pub(super) fn start(connection: Connection) -> Result<(Queue, JoinHandle<()>), SandboxError> {
    let (sender, receiver) = mpsc::channel(SANDBOX_QUEUE_MAX);
    let thread = thread::Builder::new()
        .name("sandbox-writer".to_owned())
        .spawn(move || write_all(connection, receiver))
        .map_err(SandboxError::Thread)?;
    Ok((Queue(sender), thread))
}

fn write_all(mut connection: Connection, mut queue: mpsc::Receiver<(Act, Reply)>) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = vec![first];
        while group.len() < SANDBOX_GROUP_MAX
            && let Ok(next) = queue.try_recv()
        {
            group.push(next);
        }
        write_group(&mut connection, group);
    }
}

/// Performs a group and answers it. A requester who left is no reason to undo: the reply then
/// goes nowhere.
fn write_group(connection: &mut Connection, group: Vec<(Act, Reply)>) {
    let (acts, replies): (Vec<_>, Vec<_>) = group.into_iter().unzip();
    match commit(connection, acts) {
        Ok(outcomes) => {
            for (reply, outcome) in replies.into_iter().zip(outcomes) {
                reply.send(outcome).ok();
            }
        }
        Err(error) => {
            let why = error.to_string();
            for reply in replies {
                let why = why.clone();
                reply.send(Err(SandboxError::Commit { why })).ok();
            }
        }
    }
}

/// Performs a group in one transaction; outcomes are in the order of the acts.
fn commit(
    connection: &mut Connection,
    acts: Vec<Act>,
) -> rusqlite::Result<Vec<Result<Outcome, SandboxError>>> {
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let at = clock::now().to_string();
    let mut outcomes = Vec::with_capacity(acts.len());
    for act in acts {
        // A savepoint each, so that one act that fails undoes nothing of its neighbours.
        let savepoint = transaction.savepoint()?;
        let outcome = perform(&savepoint, act, &at);
        if outcome.is_ok() {
            savepoint.commit()?;
        } else {
            savepoint.finish()?;
        }
        outcomes.push(outcome);
    }
    transaction.commit()?;
    Ok(outcomes)
}

fn perform(connection: &Connection, act: Act, at: &str) -> Result<Outcome, SandboxError> {
    if let Some(key) = &act.key
        && let Some((fingerprint, body)) = answered(connection, act.service, key)?
    {
        return Ok(if fingerprint == act.fingerprint.0 {
            Outcome::Replayed { body }
        } else {
            Outcome::KeyTaken
        });
    }
    let done = (act.perform)(connection, at)?;
    if let Some(key) = &act.key {
        connection
            .prepare_cached(
                "INSERT INTO answers (service, idempotency_key, fingerprint, body)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![act.service, key, act.fingerprint.0, done.body])?;
    }
    ledger::append(
        connection,
        &Line {
            at,
            service: act.service,
            operation: act.operation,
            key: act.key.as_deref(),
            subject: &done.subject,
            amount: done.amount,
        },
    )?;
    Ok(Outcome::Performed { body: done.body })
}

/// The fingerprint and the answer kept under a key.
fn answered(
    connection: &Connection,
    service: &str,
    key: &str,
) -> rusqlite::Result<Option<([u8; 32], String)>> {
    connection
        .prepare_cached(
            "SELECT fingerprint, body FROM answers WHERE service = ?1 AND idempotency_key = ?2",
        )?
        .query_row([service, key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}
