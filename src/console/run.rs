//! The loop: waits for a key, an answer, a tick or a signal; takes all that is there; draws once.

mod editor;
mod signals;

use std::pin::Pin;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures_core::Stream;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::{Instant, sleep_until};

use crate::console::message::Refusal;
use crate::console::model::Session;
use crate::console::terminal::Screen;
use crate::console::theme::Theme;
use crate::console::update::decide;
use crate::console::worker::Worker;
use crate::console::{Message, Model, Request, input, update};
use crate::domain::Actor;
use crate::runtime::{Clock, Handle};

/// Answers that wait to be taken.
const MESSAGES_MAX: usize = 1_024;
/// How often the clock is looked at. What is shown of it changes by the minute.
const TICK: Duration = Duration::from_millis(250);
/// Two pictures that nobody pressed a key for are at least so far apart.
const FRAME: Duration = Duration::from_millis(33);

/// How soon a key that must stand alone is looked at again.
const SOON: Duration = Duration::from_millis(15);

/// How long a key's picture waits for the packet it leads to, so that it is drawn once.
const HOLD: Duration = Duration::from_millis(10);

/// What the console needs.
#[derive(Clone, Debug)]
pub struct Options {
    pub actor: Actor,
    /// The store's file, as it is shown.
    pub store: String,
    pub theme: Theme,
}

/// Runs the console on an open engine until the person leaves it.
///
/// # Errors
/// The terminal cannot be taken or written to.
pub async fn run(handle: &Handle, clock: &dyn Clock, options: Options) -> std::io::Result<()> {
    let mut screen = Screen::take()?;
    let session = Session {
        actor: options.actor.clone(),
        store: options.store,
    };
    let (sender, messages) = channel(MESSAGES_MAX);
    let worker = Worker::start(handle.clone(), options.actor, sender);
    let mut model = Model::new(session, options.theme, screen.size()?, clock.now());
    let mut console = Loop {
        screen: &mut screen,
        messages,
        worker,
        began: Instant::now(),
        clock,
        urgent: true,
        drawn_at: None,
        asked_at: None,
    };
    console.turn(&mut model).await
}

struct Loop<'a> {
    screen: &'a mut Screen,
    messages: Receiver<Message>,
    worker: Worker,
    began: Instant,
    clock: &'a dyn Clock,
    /// A key came: the next picture is for it.
    urgent: bool,
    drawn_at: Option<Instant>,
    /// When a packet was asked for last.
    asked_at: Option<Instant>,
}

/// What the loop woke up for.
enum Woke {
    Event(Option<std::io::Result<Event>>),
    Message(Option<Message>),
    Tick,
    Signal,
}

impl Loop<'_> {
    async fn turn(&mut self, model: &mut Model) -> std::io::Result<()> {
        let mut events = EventStream::new();
        let mut signals = signals::Signals::listen()?;
        let mut tick = Instant::now() + TICK;
        loop {
            self.draw(model)?;
            let wait = self.next_look(model, tick);
            let woke = tokio::select! {
                event = next(&mut events) => Woke::Event(event),
                message = self.messages.recv() => Woke::Message(message),
                () = sleep_until(wait) => Woke::Tick,
                () = signals.next() => Woke::Signal,
            };
            let holds = decide::holds(model);
            let Some(message) = self.message(woke, &mut tick, holds)? else {
                continue;
            };
            let mut asked = update(model, message);
            for message in self.waiting() {
                asked.extend(update(model, message));
            }
            for request in asked {
                match request {
                    Request::Quit => return Ok(()),
                    Request::Redraw => {
                        self.screen.forget()?;
                        model.dirty = true;
                    }
                    Request::Suspend | Request::Edit(_) => {
                        // Nobody else may read the keys meanwhile.
                        drop(events);
                        self.lend(model, request).await?;
                        events = EventStream::new();
                    }
                    other => self.ask(other),
                }
            }
        }
    }

    /// What the loop woke up for, as a message.
    fn message(
        &mut self,
        woke: Woke,
        tick: &mut Instant,
        holds: bool,
    ) -> std::io::Result<Option<Message>> {
        match woke {
            Woke::Event(Some(event)) => {
                self.urgent = true;
                Ok(input::message(event?, self.at_ms()))
            }
            // The terminal is gone, or nobody is left who answers.
            Woke::Event(None) | Woke::Signal | Woke::Message(None) => Ok(Some(Message::Ending)),
            Woke::Message(Some(message)) => Ok(Some(message)),
            Woke::Tick if holds => Ok(Some(self.time())),
            Woke::Tick if Instant::now() < *tick => Ok(None),
            Woke::Tick => {
                *tick = Instant::now() + TICK;
                Ok(Some(self.time()))
            }
        }
    }

    fn ask(&mut self, request: Request) {
        if matches!(request, Request::ReadPacket(_)) {
            self.asked_at = Some(Instant::now());
        }
        self.worker.ask(request);
    }

    /// Gives the terminal to the shell or to an editor, and takes it back.
    async fn lend(&mut self, model: &mut Model, request: Request) -> std::io::Result<()> {
        if let Request::Edit(text) = request {
            let edited = self.edit(&text);
            self.screen.resume()?;
            for request in update(model, Message::Edited(edited)) {
                self.ask(request);
            }
        } else {
            self.suspend().await?;
        }
        model.dirty = true;
        Ok(())
    }

    /// Draws if something changed; at once for a key, else no faster than anybody reads.
    fn draw(&mut self, model: &mut Model) -> std::io::Result<()> {
        let soon = self.drawn_at.is_none_or(|at| at.elapsed() >= FRAME);
        if !model.dirty || !(self.urgent || soon) || self.holds(model) {
            return Ok(());
        }
        self.screen.draw(model)?;
        self.urgent = false;
        self.drawn_at = Some(Instant::now());
        let at_ms = self.at_ms();
        update(model, Message::Drawn { at_ms });
        Ok(())
    }

    /// The packet under the cursor is about to come.
    fn holds(&self, model: &Model) -> bool {
        let pane = &model.packet;
        let coming = pane.wanted.is_some() && pane.current().is_none() && pane.trouble.is_none();
        coming && self.asked_at.is_some_and(|at| at.elapsed() < HOLD)
    }

    /// When to look again if nothing happens: at the tick, or once a put-off picture is due.
    fn next_look(&self, model: &Model, tick: Instant) -> Instant {
        // A key that must stand alone for a moment is looked at again soon.
        let tick = if decide::holds(model) {
            tick.min(Instant::now() + SOON)
        } else {
            tick
        };
        if !model.dirty {
            return tick;
        }
        let held = self
            .asked_at
            .filter(|_| self.holds(model))
            .map(|at| at + HOLD);
        let framed = self.drawn_at.map(|at| at + FRAME);
        held.or(framed).map_or(tick, |due| due.min(tick))
    }

    /// Messages that came meanwhile.
    fn waiting(&mut self) -> Vec<Message> {
        std::iter::from_fn(|| self.messages.try_recv().ok()).collect()
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

    /// Gives the lease and the terminal away until the shell brings the console back.
    async fn suspend(&mut self) -> std::io::Result<()> {
        self.worker.step_back().await;
        self.screen.lend()?;
        signals::stop_self().await?;
        self.screen.resume()?;
        self.worker.step_up();
        Ok(())
    }

    fn edit(&mut self, text: &str) -> Result<Option<String>, Refusal> {
        let edited = self.screen.lend().and_then(|()| editor::edit(text));
        edited.map_err(|error| Refusal {
            code: "editor".to_owned(),
            message: error.to_string(),
        })
    }
}

async fn next(events: &mut EventStream) -> Option<std::io::Result<Event>> {
    std::future::poll_fn(|cx| Pin::new(&mut *events).poll_next(cx)).await
}
