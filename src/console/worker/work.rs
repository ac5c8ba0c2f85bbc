//! What a request is to the worker: something to read, or something to do.

use serde_json::Value;

use crate::console::request::{EventsWanted, Request, TerminateOrder, Ticket};
use crate::domain::{AlertId, DeadLetterId, Digest, PacketId, RunId, RunStatus};
use crate::runtime::{Amendment, BudgetRequest, Settlement, VerdictRequest};

#[derive(Clone, Debug)]
pub(super) enum Work {
    Read(Read),
    Do(Command),
    /// Everything is read anew by the follower.
    Refresh,
}

/// Changes nothing: may be left out where something newer was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Read {
    Packet(PacketId),
    Definition(Digest),
    Runs(Option<RunStatus>),
    Run(RunId),
    Letter(DeadLetterId),
    Events {
        ticket: Ticket,
        wanted: EventsWanted,
    },
    Verify,
}

/// What a read is for. Reads of one kind never overtake each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Packet,
    Definition,
    Runs,
    Run,
    Letter,
    Events,
    Verify,
}

/// What a person told the engine: each is done, once.
#[derive(Clone, Debug)]
pub(super) enum Command {
    Decide {
        ticket: Ticket,
        verdict: VerdictRequest,
    },
    Amend {
        ticket: Ticket,
        amendment: Amendment,
    },
    Resolve {
        ticket: Ticket,
        answer: BudgetRequest,
    },
    Settle {
        ticket: Ticket,
        settlement: Settlement,
    },
    Pause {
        ticket: Ticket,
        run: RunId,
        reason: String,
    },
    Resume {
        ticket: Ticket,
        run: RunId,
        reason: String,
    },
    Override {
        ticket: Ticket,
        run: RunId,
        path: String,
        value: Value,
        reason: String,
    },
    Alert(OnAlert),
    Terminate {
        ticket: Ticket,
        order: Box<TerminateOrder>,
    },
    Letter {
        ticket: Ticket,
        letter: DeadLetterId,
        what: OnLetter,
    },
}

/// What is done about alerts.
#[derive(Clone, Debug)]
pub(super) enum OnAlert {
    Acknowledge(Ticket, AlertId, Option<String>),
    /// Takes notifications as shown.
    Take(Vec<u64>),
}

/// What is done about a dead letter.
#[derive(Clone, Debug)]
pub(super) enum OnLetter {
    /// Changes nothing, and is awaited all the same.
    Preview {
        set: Vec<(String, Value)>,
        output: Option<Value>,
    },
    Redrive {
        set: Vec<(String, Value)>,
        output: Option<Value>,
        reason: Option<String>,
    },
    Discard {
        reason: String,
    },
}

impl Read {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Packet(_) => Kind::Packet,
            Self::Definition(_) => Kind::Definition,
            Self::Runs(_) => Kind::Runs,
            Self::Run(_) => Kind::Run,
            Self::Letter(_) => Kind::Letter,
            Self::Events { .. } => Kind::Events,
            Self::Verify => Kind::Verify,
        }
    }
}

impl Kind {
    /// Different reads of this kind that wait at one time. One pane wants one thing; of runs also
    /// the one that the cursor is to go to is read.
    pub(super) fn waiting_max(self) -> usize {
        match self {
            Self::Packet
            | Self::Definition
            | Self::Runs
            | Self::Letter
            | Self::Events
            | Self::Verify => 1,
            Self::Run => 2,
        }
    }
}

impl Work {
    /// None where the request is one of the loop's own.
    pub(super) fn of(request: Request) -> Option<Self> {
        Some(match request {
            Request::ReadPacket(packet) => Self::Read(Read::Packet(packet)),
            Request::ReadDefinition(digest) => Self::Read(Read::Definition(digest)),
            Request::ReadRuns(status) => Self::Read(Read::Runs(status)),
            Request::ReadRun(run) => Self::Read(Read::Run(run)),
            Request::ReadLetter(letter) => Self::Read(Read::Letter(letter)),
            Request::ReadEvents { ticket, wanted } => Self::Read(Read::Events { ticket, wanted }),
            Request::Verify => Self::Read(Read::Verify),
            Request::Refresh => Self::Refresh,
            Request::Edit(_)
            | Request::Ring
            | Request::Redraw
            | Request::Suspend
            | Request::Quit => return None,
            command => Self::Do(Command::of(command)?),
        })
    }
}

impl Command {
    /// None where nothing is told to the engine.
    fn of(request: Request) -> Option<Self> {
        Some(match request {
            Request::Decide { ticket, verdict } => Self::Decide { ticket, verdict },
            Request::Amend { ticket, amendment } => Self::Amend { ticket, amendment },
            Request::Resolve { ticket, answer } => Self::Resolve { ticket, answer },
            Request::Settle { ticket, settlement } => Self::Settle { ticket, settlement },
            Request::Pause {
                ticket,
                run,
                reason,
            } => Self::Pause {
                ticket,
                run,
                reason,
            },
            Request::Resume {
                ticket,
                run,
                reason,
            } => Self::Resume {
                ticket,
                run,
                reason,
            },
            Request::Override {
                ticket,
                run,
                path,
                value,
                reason,
            } => Self::Override {
                ticket,
                run,
                path,
                value,
                reason,
            },
            Request::Acknowledge {
                ticket,
                alert,
                reason,
            } => Self::Alert(OnAlert::Acknowledge(ticket, alert, reason)),
            Request::Terminate { ticket, order } => Self::Terminate { ticket, order },
            Request::TakeNotifications(ids) => Self::Alert(OnAlert::Take(ids)),
            about_letter => return Self::of_letter(about_letter),
        })
    }

    fn of_letter(request: Request) -> Option<Self> {
        let (ticket, letter, what) = match request {
            Request::PreviewRedrive {
                ticket,
                letter,
                set,
                output,
            } => (ticket, letter, OnLetter::Preview { set, output }),
            Request::Redrive {
                ticket,
                letter,
                set,
                output,
                reason,
            } => {
                let redrive = OnLetter::Redrive {
                    set,
                    output,
                    reason,
                };
                (ticket, letter, redrive)
            }
            Request::Discard {
                ticket,
                letter,
                reason,
            } => (ticket, letter, OnLetter::Discard { reason }),
            _ => return None,
        };
        Some(Self::Letter {
            ticket,
            letter,
            what,
        })
    }
}
