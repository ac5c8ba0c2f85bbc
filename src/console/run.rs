//! The loop: waits for a key, an answer, a tick or a signal; takes all that is there; draws once.

mod editor;
mod keys;
mod lend;
mod picture;
mod signals;

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::{Instant, sleep_until};

use crate::console::model::Session;
use crate::console::terminal::Screen;
use crate::console::theme::Theme;
use crate::console::worker::Worker;
use crate::console::{Message, Model, Request, update};
use crate::domain::Actor;
use crate::domain::limits::CONSOLE_KEYS_PER_PICTURE_MAX;
use crate::runtime::{Clock, Handle};

use keys::Keys;
use picture::Pace;
use signals::Signals;

pub(super) use signals::terminal_is_lent;

/// Answers that wait to be taken, and that are taken before a picture.
const MESSAGES_MAX: usize = 1_024;
/// How often the clock is looked at. What is shown of it changes by the minute.
const TICK: Duration = Duration::from_millis(250);

/// What the console needs.
#[derive(Clone, Debug)]
pub struct Options {
    pub actor: Actor,
    /// The store's file, as it is shown.
    pub store: String,
    pub theme: Theme,
    /// The bell rings for what nobody asked for.
    pub bell: bool,
}

/// Runs the console on an open engine until the person leaves it, or the terminal is gone.
///
/// # Errors
/// The terminal cannot be taken or written to.
pub async fn run(handle: &Handle, clock: &dyn Clock, options: Options) -> io::Result<()> {
    // Before the terminal is taken: one that is gone the moment after ends this in order too.
    let signals = Signals::listen()?;
    let mut screen = Screen::take()?;
    let session = Session {
        actor: options.actor.clone(),
        store: options.store,
    };
    let (sender, messages) = channel(MESSAGES_MAX);
    let worker = Worker::start(handle.clone(), options.actor, sender);
    let mut model = Model::new(session, options.theme, screen.size()?, clock.now());
    let began = Instant::now();
    let mut console = Loop {
        screen: &mut screen,
        keys: Keys::read(began),
        signals,
        messages,
        worker,
        began,
        clock,
        bell: options.bell,
        pace: Pace::default(),
        tick: began + TICK,
    };
    match console.turn(&mut model).await {
        // A window that was closed is no failure: it hangs up and takes no more pictures.
        Err(_) if !io::stdin().is_terminal() => Ok(()),
        ended => ended,
    }
}

struct Loop<'a> {
    screen: &'a mut Screen,
    keys: Keys,
    signals: Signals,
    messages: Receiver<Message>,
    worker: Worker,
    began: Instant,
    clock: &'a dyn Clock,
    bell: bool,
    pace: Pace,
    /// When the clock is looked at next.
    tick: Instant,
}

/// What the loop woke up for.
enum Woke {
    Key(Option<io::Result<Message>>),
    Message(Option<Message>),
    Time,
    Signal,
}

/// Whether the console goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goes {
    On,
    Out,
}

impl Loop<'_> {
    async fn turn(&mut self, model: &mut Model) -> io::Result<()> {
        loop {
            self.draw(model)?;
            let look = self.pace.next_look(model, self.tick);
            let woke = tokio::select! {
                biased;
                () = self.signals.next() => Woke::Signal,
                key = self.keys.next() => Woke::Key(key),
                message = self.messages.recv() => Woke::Message(message),
                () = sleep_until(look) => Woke::Time,
            };
            for request in self.take(model, woke)? {
                if self.fulfil(model, request).await? == Goes::Out {
                    return Ok(());
                }
            }
        }
    }

    /// Takes all that is there: keys in their order, each with the time at which it came, then
    /// answers, then the clock, so that no key is overtaken by a time after its own.
    fn take(&mut self, model: &mut Model, woke: Woke) -> io::Result<Vec<Request>> {
        let time = self.time();
        let (key, message) = match woke {
            // The terminal is gone, or nobody is left who answers.
            Woke::Signal | Woke::Key(None) | Woke::Message(None) => {
                return Ok(update(model, Message::Ending));
            }
            Woke::Key(key) => (key, None),
            Woke::Message(message) => (None, message),
            Woke::Time => (None, None),
        };
        let mut asked = self.take_keys(model, key)?;
        if asked.iter().any(leaves) {
            return Ok(asked);
        }
        asked.extend(self.take_messages(model, message));
        let ticks = Instant::now() >= self.tick;
        if ticks {
            self.tick = Instant::now() + TICK;
        }
        if ticks || Pace::waits_for_time(model) {
            asked.extend(update(model, time));
        }
        Ok(asked)
    }

    fn take_keys(
        &mut self,
        model: &mut Model,
        mut first: Option<io::Result<Message>>,
    ) -> io::Result<Vec<Request>> {
        let mut asked = Vec::new();
        for _ in 0..CONSOLE_KEYS_PER_PICTURE_MAX {
            let Some(key) = first.take().or_else(|| self.keys.waiting()) else {
                break;
            };
            self.pace.urgent = true;
            asked.extend(update(model, key?));
            if asked.iter().any(leaves) {
                break;
            }
        }
        Ok(asked)
    }

    fn take_messages(&mut self, model: &mut Model, first: Option<Message>) -> Vec<Request> {
        let mut asked = Vec::new();
        let waiting = std::iter::from_fn(|| self.messages.try_recv().ok());
        for message in first.into_iter().chain(waiting).take(MESSAGES_MAX) {
            asked.extend(update(model, message));
        }
        asked
    }

    async fn fulfil(&mut self, model: &mut Model, request: Request) -> io::Result<Goes> {
        match request {
            Request::Quit => return Ok(Goes::Out),
            Request::Redraw => {
                self.screen.forget()?;
                model.dirty = true;
            }
            Request::Ring if self.bell => self.screen.ring()?,
            Request::Ring => {}
            Request::Suspend => return self.suspend(model).await,
            Request::Edit(text) => return self.edit(model, &text).await,
            other => self.ask(other),
        }
        Ok(Goes::On)
    }

    fn ask(&mut self, request: Request) {
        if matches!(request, Request::ReadPacket(_)) {
            self.pace.asked_at = Some(Instant::now());
        }
        self.worker.ask(request);
    }

    /// Draws if something changed; at once for a key, else no faster than anybody reads.
    fn draw(&mut self, model: &mut Model) -> io::Result<()> {
        if !self.pace.draws(model) {
            return Ok(());
        }
        self.screen.draw(model)?;
        self.pace.drawn();
        let at_ms = self.at_ms();
        update(model, Message::Drawn { at_ms });
        Ok(())
    }

    fn at_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn time(&self) -> Message {
        Message::Time {
            now: self.clock.now(),
            at_ms: self.at_ms(),
        }
    }
}

/// Whether keys behind this request are no longer meant for the picture they were pressed on.
fn leaves(request: &Request) -> bool {
    matches!(request, Request::Quit | Request::Suspend | Request::Edit(_))
}
