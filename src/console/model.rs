//! Everything the console knows: what it shows is a function of this and of nothing else.

pub mod alerts;
pub mod answer;
pub mod audit;
pub mod cursor_list;
pub mod dead_letters;
pub mod drafts;
pub mod field;
pub mod filter;
pub mod notice;
pub mod open_first;
pub mod packet;
pub mod queue;
pub mod runs;
pub mod sheet;
pub mod toasts;
pub mod trace;

use crate::console::key::Key;
use crate::console::keymap::Place;
use crate::console::message::Link;
use crate::console::overlays::Overlay;
use crate::console::request::Ticket;
use crate::console::theme::Theme;
use crate::domain::{Actor, Timestamp};

pub use alerts::Alerts;
pub use audit::Audit;
pub use cursor_list::CursorList;
pub use dead_letters::DeadLetters;
pub use drafts::Drafts;
pub use field::Field;
pub use notice::Notice;
pub use open_first::OpenFirst;
pub use packet::PacketPane;
pub use queue::Queue;
pub use runs::Runs;
pub use sheet::Sheet;
pub use toasts::Toasts;
pub use trace::Trace;

/// The screens by their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    #[default]
    Queue,
    Runs,
    DeadLetters,
    Alerts,
    Audit,
}

/// Which pane of a screen has the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    #[default]
    List,
    Detail,
}

/// Who sits here, at which store.
#[derive(Clone, Debug)]
pub struct Session {
    pub actor: Actor,
    /// The store's file, as it was named.
    pub store: String,
}

#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and no two exclude each other"
)]
pub struct Model {
    pub session: Session,
    pub theme: Theme,
    pub link: Link,
    pub now: Timestamp,
    pub at_ms: u64,
    pub columns: u16,
    pub rows: u16,
    pub screen: Screen,
    pub focus: Focus,
    pub zoomed: bool,
    pub queue: Queue,
    pub packet: PacketPane,
    pub runs: Runs,
    pub dead_letters: DeadLetters,
    pub alerts: Alerts,
    pub trace: Trace,
    pub drafts: Drafts,
    pub audit: Audit,
    /// The line about a clock that jumped has its row.
    pub banner: bool,
    /// The last is on top and has the keys.
    pub overlays: Vec<Overlay>,
    pub notice: Option<Notice>,
    pub toasts: Toasts,
    /// The first key of a pair.
    pub prefix: Option<Key>,
    /// After a verdict no key opens another dialog until the reviewer moved.
    pub disarmed: bool,
    /// When a verdict key was refused, or the last letter that came right behind it: who does not
    /// look up may be typing a reason into no dialog.
    pub refused_at_ms: Option<u64>,
    /// The key that was refused: pressed again it is asked again.
    pub refused_key: Option<Key>,
    /// The person has pressed a key: until then nothing is under review.
    pub touched: bool,
    /// When the last printable keys came, oldest first.
    pub typed_at: Vec<(Key, u64)>,
    /// Something changed that is not drawn yet.
    pub dirty: bool,
    tickets: u64,
}

impl Model {
    pub fn new(
        session: Session,
        theme: Theme,
        (columns, rows): (u16, u16),
        now: Timestamp,
    ) -> Self {
        Self {
            session,
            theme,
            link: Link::Opening,
            now,
            at_ms: 0,
            columns,
            rows,
            screen: Screen::Queue,
            focus: Focus::List,
            zoomed: false,
            queue: Queue::default(),
            packet: PacketPane::default(),
            runs: Runs::default(),
            dead_letters: DeadLetters::default(),
            alerts: Alerts::default(),
            trace: Trace::default(),
            drafts: Drafts::default(),
            audit: Audit::default(),
            banner: false,
            overlays: Vec::new(),
            notice: None,
            toasts: Toasts::default(),
            prefix: None,
            disarmed: false,
            refused_at_ms: None,
            refused_key: None,
            touched: false,
            typed_at: Vec::new(),
            dirty: true,
            tickets: 0,
        }
    }

    /// Where keys go while no overlay is open.
    pub fn place(&self) -> Place {
        match (self.screen, self.focus) {
            (Screen::Queue, Focus::List) => Place::Queue,
            (Screen::Queue, Focus::Detail) => Place::Packet,
            (Screen::Runs, Focus::List) => Place::Runs,
            (Screen::Runs, Focus::Detail) => Place::Run,
            (Screen::DeadLetters, Focus::List) => Place::DeadLetters,
            (Screen::DeadLetters, Focus::Detail) => Place::DeadLetter,
            (Screen::Alerts, Focus::List) => Place::Alerts,
            (Screen::Alerts, Focus::Detail) => Place::Alert,
            (Screen::Audit, Focus::List) => Place::Audit,
            (Screen::Audit, Focus::Detail) => Place::Record,
        }
    }

    /// A ticket that no other request has.
    pub fn ticket(&mut self) -> Ticket {
        self.tickets = self.tickets.saturating_add(1);
        Ticket(self.tickets)
    }

    /// Tells the person something in the footer.
    pub fn tell(&mut self, notice: Notice) {
        self.notice = Some(notice);
        self.dirty = true;
    }
}
