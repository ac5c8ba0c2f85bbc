//! The one writer: takes waiting acts in groups, one transaction and one fsync a group, and
//! answers each of them only after the commit.
//!
//! An act under a key is looked up first, inside the same transaction, so two requests with one
//! key can never both be performed:
//!
//! | key | body | outcome |
//! |---|---|---|
//! | none, or new | any | performed |
//! | known | as before | the first answer again, whether the act was done or declined |
//! | known | another | refused |

use std::thread::{self, JoinHandle};

use axum::http::StatusCode;
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

/// What came of an act. Bodies are JSON.
#[derive(Debug)]
pub(super) enum Performed {
    /// It was done, and stands in the ledger.
    Done {
        body: String,
        /// The order, charge or deal the ledger names.
        subject: String,
        amount: Option<Money>,
    },
    /// The service said no, for a reason only its tables know; nothing stands in the ledger.
    Declined { status: StatusCode, body: String },
}

/// What became of an act; durable.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done {
        body: String,
    },
    Declined {
        status: StatusCode,
        body: String,
    },
    /// The first answer under this key; `declined` holds the status of a no.
    Replayed {
        declined: Option<StatusCode>,
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
        && let Some(kept) = answered(connection, act.service, key)?
    {
        return Ok(if kept.fingerprint == act.fingerprint.0 {
            Outcome::Replayed {
                declined: kept.declined,
                body: kept.body,
            }
        } else {
            Outcome::KeyTaken
        });
    }
    let performed = (act.perform)(connection, at)?;
    let (declined, body) = match &performed {
        Performed::Done { body, .. } => (None, body),
        Performed::Declined { status, body } => (Some(status.as_u16()), body),
    };
    if let Some(key) = &act.key {
        connection
            .prepare_cached(
                "INSERT INTO answers (service, idempotency_key, fingerprint, body, declined)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![act.service, key, act.fingerprint.0, body, declined])?;
    }
    match performed {
        Performed::Declined { status, body } => Ok(Outcome::Declined { status, body }),
        Performed::Done {
            body,
            subject,
            amount,
        } => {
            let line = Line {
                at,
                service: act.service,
                operation: act.operation,
                key: act.key.as_deref(),
                subject: &subject,
                amount,
            };
            ledger::append(connection, &line)?;
            Ok(Outcome::Done { body })
        }
    }
}

/// An answer kept under a key.
struct Kept {
    fingerprint: [u8; 32],
    body: String,
    declined: Option<StatusCode>,
}

fn answered(connection: &Connection, service: &str, key: &str) -> rusqlite::Result<Option<Kept>> {
    connection
        .prepare_cached(
            "SELECT fingerprint, body, declined FROM answers
             WHERE service = ?1 AND idempotency_key = ?2",
        )?
        .query_row([service, key], |row| {
            let declined: Option<u16> = row.get(2)?;
            Ok(Kept {
                fingerprint: row.get(0)?,
                body: row.get(1)?,
                declined: declined.and_then(|status| StatusCode::from_u16(status).ok()),
            })
        })
        .optional()
}
