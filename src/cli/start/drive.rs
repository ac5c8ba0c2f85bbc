//! Submits rows in batches, keeps many runs in flight, and prints outcomes in input order.
//!
//! Memory is bounded whatever the input's length: at most `in_flight` runs are under way, and at
//! most [`ROWS_HELD_BACK_MAX`] outcomes wait for an earlier row to be printed before them.

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::cli::failure::Failure;
use crate::cli::holder::Watch;
use crate::cli::output::Output;
use crate::cli::start::admit::Admission;
use crate::cli::start::input::{InputRow, Rows};
use crate::cli::start::report::{RowLine, Summary};
use crate::domain::Actor;
use crate::domain::limits::{ROWS_HELD_BACK_MAX, ROWS_PER_BATCH};
use crate::runtime::{Handle, RuntimeError, StartRow, Started};

/// How long this process waits for what others do, or left, before it says so.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it looks whether the process that executes still moves.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How rows are driven.
#[derive(Debug)]
pub struct Drive<'a> {
    pub handle: &'a Handle,
    pub actor: &'a Actor,
    pub in_flight: usize,
    /// Print how the run stands once it is durable, and wait for nothing.
    pub detach: bool,
    /// Print nothing for a row.
    pub quiet: bool,
}

/// A row's place in the input, from 0.
type Index = usize;

/// Rows on their way.
#[derive(Debug)]
struct Flight {
    under_way: JoinSet<(Index, Result<RowLine, RuntimeError>)>,
    /// Outcomes by place, waiting to be printed.
    done: BTreeMap<Index, RowLine>,
    submitted: Index,
    printed: Index,
    summary: Summary,
    progress: ProgressBar,
}

impl Drive<'_> {
    /// Starts every row and answers the summary once each run has settled.
    pub async fn all(
        &self,
        rows: Rows,
        admission: Admission,
        out: &mut Output,
    ) -> Result<Summary, Failure> {
        let mut rows = read_ahead(rows);
        let mut flight = Flight::new(out);
        let (mut batch, mut ended) = (Vec::new(), false);
        let mut patience = pin!(tokio::time::sleep(PATIENCE));
        let mut patient = !self.detach;
        let mut watch = Watch::begin();
        let mut looks = tokio::time::interval(LOOK_EVERY);
        while !(ended && flight.is_empty()) {
            let room = self.room(&flight);
            tokio::select! {
                received = rows.recv_many(&mut batch, room), if !ended && room > 0 => {
                    ended = received == 0;
                    self.submit(&mut batch, &admission, &mut flight).await?;
                }
                Some(settled) = flight.under_way.join_next(), if !flight.under_way.is_empty() => {
                    let (index, line) = settled.map_err(|error| Failure::internal(&error))?;
                    flight.done.insert(index, line?);
                }
                _ = looks.tick(), if !self.detach && !flight.under_way.is_empty() => {
                    watch.look(self.handle)?;
                }
                () = &mut patience, if patient && !flight.under_way.is_empty() => {
                    patient = false;
                    self.tell_executor(&flight, out)?;
                }
            }
            flight.pass_on(out, self.quiet)?;
        }
        flight.progress.finish_and_clear();
        Ok(flight.summary)
    }

    /// Says once whom the rows wait for, where another process executes.
    fn tell_executor(&self, flight: &Flight, out: &mut Output) -> Result<(), Failure> {
        let lease = self.handle.lease()?;
        if self.handle.executes() || !lease.alive {
            return Ok(());
        }
        let pid = lease
            .pid
            .map_or_else(|| "of unknown id".to_owned(), |pid| pid.to_string());
        flight.progress.suspend(|| {
            out.remark(format_args!(
                "process {pid} executes for this store: waiting for it to drive these rows"
            ));
        });
        Ok(())
    }

    /// Waits for runs that others left in the store, which this process drives as well.
    ///
    /// # Errors
    /// The store could not be watched.
    pub async fn rest(&self, out: &mut Output) -> Result<(), Failure> {
        let mut idle = pin!(self.handle.idle());
        if let Ok(idle) = tokio::time::timeout(PATIENCE, idle.as_mut()).await {
            return Ok(idle?);
        }
        out.remark("these rows are done; runs that others left in the store are driven on");
        Ok(idle.await?)
    }

    fn room(&self, flight: &Flight) -> usize {
        let held_back = flight.submitted - flight.printed;
        self.in_flight
            .saturating_sub(flight.under_way.len())
            .min(ROWS_HELD_BACK_MAX.saturating_sub(held_back))
            .min(ROWS_PER_BATCH)
    }

    /// Starts what of a batch is valid and durable when this returns.
    async fn submit(
        &self,
        batch: &mut Vec<Result<InputRow, Failure>>,
        admission: &Admission,
        flight: &mut Flight,
    ) -> Result<(), Failure> {
        let (mut places, mut starts) = (Vec::new(), Vec::new());
        for row in batch.drain(..) {
            let row = row?;
            let index = flight.submitted;
            flight.submitted += 1;
            match row.fields.and_then(|fields| admission.admit(fields)) {
                Ok(start) => {
                    places.push(index);
                    starts.push(start);
                }
                Err(error) => {
                    let line = row.line;
                    flight.done.insert(index, RowLine::Invalid { line, error });
                }
            }
        }
        if starts.is_empty() {
            return Ok(());
        }
        let started = self.start(admission, starts).await?;
        for (index, started) in places.into_iter().zip(started) {
            self.watch(index, started, flight);
        }
        Ok(())
    }

    async fn start(
        &self,
        admission: &Admission,
        rows: Vec<StartRow>,
    ) -> Result<Vec<Started>, Failure> {
        let started = self.handle.start(&admission.definition, rows, self.actor);
        Ok(started.await?)
    }

    fn watch(&self, index: Index, started: Started, flight: &mut Flight) {
        let (handle, detach) = (self.handle.clone(), self.detach);
        let Started {
            run,
            duplicate,
            differs,
        } = started;
        flight.under_way.spawn(async move {
            let row = if detach {
                handle.run(run).map(|detail| detail.row)
            } else {
                handle.settled(run).await
            };
            (
                index,
                row.map(|row| RowLine::Run {
                    row,
                    duplicate,
                    differs,
                }),
            )
        });
    }
}

impl Flight {
    fn new(out: &Output) -> Self {
        Self {
            under_way: JoinSet::new(),
            done: BTreeMap::new(),
            submitted: 0,
            printed: 0,
            summary: Summary::default(),
            progress: progress(out),
        }
    }

    fn is_empty(&self) -> bool {
        self.under_way.is_empty() && self.printed == self.submitted
    }

    /// Counts and prints what is done up to the first row that is not.
    fn pass_on(&mut self, out: &mut Output, quiet: bool) -> Result<(), Failure> {
        let mut lines = Vec::new();
        while let Some(line) = self.done.remove(&self.printed) {
            self.printed += 1;
            self.summary.count(&line);
            lines.push(line);
        }
        self.progress.set_position(self.printed as u64);
        if quiet || lines.is_empty() {
            return Ok(());
        }
        // The bar shares the screen with stdout: it is away until the lines have left the buffer.
        self.progress.suspend(|| {
            for line in &lines {
                line.print(out)?;
            }
            out.flush()
        })
    }
}

/// Reads on a thread of its own: files and stdin block.
fn read_ahead(rows: Rows) -> mpsc::Receiver<Result<InputRow, Failure>> {
    let (sender, receiver) = mpsc::channel(ROWS_PER_BATCH);
    // Not joined: at an early end it may still be blocked on stdin.
    drop(std::thread::spawn(move || {
        for row in rows {
            if sender.blocking_send(row).is_err() {
                return;
            }
        }
    }));
    receiver
}

/// A count on stderr where a person watches, else nothing.
fn progress(out: &Output) -> ProgressBar {
    if !out.shows_progress() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    match ProgressStyle::with_template("{spinner} {pos} rows done, {per_sec}, {elapsed}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
