//! Gives the terminal away, to the shell or to the person's editor, and takes it back.
//!
//! Before the shell gets it the lease is handed back: a process that is stopped drives nothing, and
//! while it held the lease nobody else could. Calls in flight record their outcomes first. That may
//! take as long as their targets do: the person is told, may leave it, and it has a limit. A console
//! is never stopped with calls in flight: what became of them would be unknown.

use std::io;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::editor::{self, Left};
use super::keys::Keys;
use super::{Goes, Loop, TICK, signals};
use crate::console::key::{Code, Key};
use crate::console::message::Refusal;
use crate::console::model::Notice;
use crate::console::{Message, Model, update};
use crate::domain::limits::CONSOLE_DRAIN_MS_MAX;

/// Calls that end so soon are not worth a word.
const QUIET: Duration = Duration::from_millis(100);

/// How handing back the lease ended.
enum Handed {
    Back,
    /// The console stays where it is.
    Not(Notice),
    Ending,
}

impl Loop<'_> {
    /// Gives the lease and the terminal away until the shell brings the console back.
    pub(super) async fn suspend(&mut self, model: &mut Model) -> io::Result<Goes> {
        match self.hand_back(model).await? {
            Handed::Back => {
                self.keys.stop().await;
                self.screen.lend()?;
                signals::stop_self().await?;
                self.take_back(model)?;
                model.notice = None;
            }
            Handed::Not(notice) => model.tell(notice),
            Handed::Ending => return Ok(Goes::Out),
        }
        self.worker.step_up();
        Ok(Goes::On)
    }

    /// Opens the person's editor; what it gave back goes to the form that asked for it.
    pub(super) async fn edit(&mut self, model: &mut Model, text: &str) -> io::Result<Goes> {
        self.keys.stop().await;
        let left = match self.screen.lend() {
            Ok(()) => editor::edit(text, &mut self.signals).await,
            Err(error) => Left::Edited(Err(error)),
        };
        self.take_back(model)?;
        let edited = match left {
            Left::Edited(edited) => edited,
            Left::Ending => return Ok(Goes::Out),
        };
        let edited = edited.map_err(|error| Refusal {
            code: "editor".to_owned(),
            message: error.to_string(),
        });
        for request in update(model, Message::Edited(edited)) {
            self.ask(request);
        }
        Ok(Goes::On)
    }

    fn take_back(&mut self, model: &mut Model) -> io::Result<()> {
        self.screen.resume()?;
        // The window may have changed meanwhile, and who had it was told, not this.
        let (columns, rows) = self.screen.size()?;
        update(model, Message::Resized { columns, rows });
        self.keys = Keys::read(self.began);
        self.pace.urgent = true;
        Ok(())
    }

    /// Hands back the lease once calls in flight recorded their outcomes.
    async fn hand_back(&mut self, model: &mut Model) -> io::Result<Handed> {
        let handing = self.worker.step_back();
        tokio::pin!(handing);
        let began = Instant::now();
        let limit = began + Duration::from_millis(CONSOLE_DRAIN_MS_MAX);
        let mut look = began + QUIET;
        loop {
            tokio::select! {
                biased;
                () = self.signals.next() => return Ok(Handed::Ending),
                handed = &mut handing => return Ok(match handed {
                    Ok(()) => Handed::Back,
                    Err(error) => Handed::Not(Notice::danger(format!("not suspended: {error}"))),
                }),
                key = self.keys.next() => match key.transpose()? {
                    Some(Message::Key { key, .. }) if key == Key::plain(Code::Esc) => {
                        return Ok(Handed::Not(Notice::info("not suspended: the calls go on")));
                    }
                    Some(resized @ Message::Resized { .. }) => drop(update(model, resized)),
                    // Nothing is decided while the console is about to go.
                    Some(_) => {}
                    None => return Ok(Handed::Ending),
                },
                message = self.messages.recv() => for request in self.take_messages(model, message) {
                    self.ask(request);
                },
                () = sleep_until(look.min(limit)) => {}
            }
            if Instant::now() >= limit {
                return Ok(Handed::Not(too_long(self.worker.under_way())));
            }
            if Instant::now() >= look {
                look = Instant::now() + TICK;
            }
            if began.elapsed() >= QUIET {
                self.say(model, finishing(self.worker.under_way()))?;
            }
        }
    }

    /// Says something at once, whatever else wants to be said.
    fn say(&mut self, model: &mut Model, notice: Notice) -> io::Result<()> {
        if model.notice.as_ref() != Some(&notice) {
            model.tell(notice);
        }
        self.draw(model)
    }
}

fn finishing(calls: usize) -> Notice {
    Notice::warning(format!(
        "finishing {} before suspending; esc goes on instead",
        counted(calls)
    ))
}

fn too_long(calls: usize) -> Notice {
    Notice::warning(format!(
        "not suspended: {} did not finish within {} s; ctrl-z tries again",
        counted(calls),
        CONSOLE_DRAIN_MS_MAX / 1_000
    ))
}

fn counted(calls: usize) -> String {
    match calls {
        1 => "1 call".to_owned(),
        calls => format!("{calls} calls"),
    }
}
