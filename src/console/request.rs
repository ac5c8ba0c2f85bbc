//! What the console asks of the runtime and of the terminal. The answer comes as a message.

use serde_json::Value;

use crate::console::model::audit::filter::Word;
use crate::domain::{AlertId, DeadLetterId, Digest, PacketId, RunId, RunStatus};
use crate::runtime::{Amendment, BudgetRequest, Settlement, VerdictRequest};
use crate::views::EffectFate;

/// Tells the answer to one request from that to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

#[derive(Clone, Debug)]
pub enum Request {
    ReadPacket(PacketId),
    /// The definition that a packet is pinned to.
    ReadDefinition(Digest),
    ReadRuns(Option<RunStatus>),
    ReadRun(RunId),
    ReadLetter(DeadLetterId),
    ReadEvents {
        ticket: Ticket,
        wanted: EventsWanted,
    },
    Decide {
        ticket: Ticket,
        verdict: VerdictRequest,
    },
    Amend {
        ticket: Ticket,
        amendment: Amendment,
    },
    /// Answers a packet that asks for more budget.
    Resolve {
        ticket: Ticket,
        answer: BudgetRequest,
    },
    /// Says what became of an effect, or has it asked about.
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
    Terminate {
        ticket: Ticket,
        order: Box<TerminateOrder>,
    },
    /// Asks what a redrive with these edits would do. It changes nothing; a target may be asked.
    PreviewRedrive {
        ticket: Ticket,
        letter: DeadLetterId,
        set: Vec<(String, Value)>,
        output: Option<Value>,
    },
    /// Has a step go on, with these edits and with what a person says was answered.
    Redrive {
        ticket: Ticket,
        letter: DeadLetterId,
        set: Vec<(String, Value)>,
        output: Option<Value>,
        reason: Option<String>,
    },
    Discard {
        ticket: Ticket,
        letter: DeadLetterId,
        reason: String,
    },
    /// Takes note of an alert; what it held back goes on.
    Acknowledge {
        ticket: Ticket,
        alert: AlertId,
        reason: Option<String>,
    },
    /// Takes these as shown, for every console and after a restart.
    TakeNotifications(Vec<u64>),
    /// Rings the terminal's bell.
    Ring,
    Verify,
    /// Opens the person's own editor on a text.
    Edit(String),
    /// Reads everything anew.
    Refresh,
    /// Draws everything anew.
    Redraw,
    /// Hands the lease back and gives the terminal to the shell until it is taken up again.
    Suspend,
    Quit,
}

/// Stops a run for good, while its effects are those that were shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminateOrder {
    pub run: RunId,
    pub reason: String,
    /// What it did is undone.
    pub compensate: bool,
    pub shown: Vec<EffectFate>,
}

/// A stretch of the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventsWanted {
    pub run: Option<RunId>,
    pub actor: Option<String>,
    pub kind: Option<String>,
    /// What an event must hold.
    pub words: Vec<Word>,
    /// Older than this one, the newest of them.
    pub before: Option<u64>,
    /// Newer than this one, the oldest of them.
    pub after: Option<u64>,
}
