//! Two at the same moment, and who of them won.

use std::pin::Pin;
use std::sync::Arc;

use countersign::runtime::RuntimeError;
use tokio::sync::Barrier;

use crate::support::Outcome;

/// What a kind of race came to.
#[derive(Debug, Default)]
pub(super) struct Count {
    pub(super) races: usize,
    pub(super) first_won: usize,
    /// Both won, or none.
    pub(super) no_winner: usize,
    /// The loser was told something else than that it lost, and to whom.
    pub(super) untold: Vec<String>,
    /// Effects that nobody let through, or twice, or not at all.
    pub(super) wrong: usize,
}

impl Count {
    /// Whether the two are to arrive in the other order this time.
    pub(super) fn swaps(&self) -> bool {
        !self.races.is_multiple_of(2)
    }

    /// Counts one race; answers which of the two won.
    pub(super) fn judge<T>(
        &mut self,
        first: &Result<T, RuntimeError>,
        second: &Result<T, RuntimeError>,
        told: impl Fn(usize, &RuntimeError) -> bool,
    ) -> Option<usize> {
        self.races += 1;
        let (winner, error) = match (first, second) {
            (Ok(_), Err(error)) => (0, error),
            (Err(error), Ok(_)) => (1, error),
            (Ok(_), Ok(_)) | (Err(_), Err(_)) => {
                self.no_winner += 1;
                return None;
            }
        };
        self.first_won += usize::from(winner == 0);
        if !told(winner, error) {
            self.untold.push(format!("it was told: {error}"));
        }
        Some(winner)
    }
}

/// Lets two go at the same moment and answers what became of each. Whoever arrives last at the
/// barrier is ahead by a little: `swapped` lets it be the other one.
pub(super) async fn at_once<T: Send + 'static>(
    swapped: bool,
    first: impl Future<Output = T> + Send + 'static,
    second: impl Future<Output = T> + Send + 'static,
) -> Outcome<(T, T)> {
    let start = Arc::new(Barrier::new(2));
    let wait = |one| racer(Arc::clone(&start), one);
    if swapped {
        let (second, first) = (tokio::spawn(wait(Box::pin(second))), wait(Box::pin(first)));
        let first = tokio::spawn(first).await?;
        return Ok((first, second.await?));
    }
    let (first, second) = (tokio::spawn(wait(Box::pin(first))), wait(Box::pin(second)));
    let second = tokio::spawn(second).await?;
    Ok((first.await?, second))
}

type Racer<T> = Pin<Box<dyn Future<Output = T> + Send>>;

async fn racer<T>(start: Arc<Barrier>, one: Racer<T>) -> T {
    start.wait().await;
    one.await
}
