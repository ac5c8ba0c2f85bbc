//! What a request is to the worker: something to read, or something to do.

use serde_json::Value;

use crate::console::request::{EventsWanted, Request, Ticket};
use crate::domain::{Digest, PacketId, RunId, RunStatus};
use crate::runtime::{Amendment, VerdictRequest};

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
}

impl Read {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Packet(_) => Kind::Packet,
            Self::Definition(_) => Kind::Definition,
            Self::Runs(_) => Kind::Runs,
            Self::Run(_) => Kind::Run,
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
            Self::Packet | Self::Definition | Self::Runs | Self::Events | Self::Verify => 1,
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
            Request::ReadEvents { ticket, wanted } => Self::Read(Read::Events { ticket, wanted }),
            Request::Verify => Self::Read(Read::Verify),
            Request::Refresh => Self::Refresh,
            Request::Decide { ticket, verdict } => Self::Do(Command::Decide { ticket, verdict }),
            Request::Amend { ticket, amendment } => Self::Do(Command::Amend { ticket, amendment }),
            Request::Pause {
                ticket,
                run,
                reason,
            } => Self::Do(Command::Pause {
                ticket,
                run,
                reason,
            }),
            Request::Resume {
                ticket,
                run,
                reason,
            } => Self::Do(Command::Resume {
                ticket,
                run,
                reason,
            }),
            Request::Override {
                ticket,
                run,
                path,
                value,
                reason,
            } => Self::Do(Command::Override {
                ticket,
                run,
                path,
                value,
                reason,
            }),
            Request::Edit(_) | Request::Redraw | Request::Suspend | Request::Quit => return None,
        })
    }
}
