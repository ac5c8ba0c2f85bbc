//! The keys of every dialog that decides something: over its fields to its buttons, and the `y`
//! that is an answer.
//!
//! | what comes | what it does |
//! |---|---|
//! | any key while it is deaf, but esc once it was seen | nothing; the dead time begins anew |
//! | tab, shift-tab, up, down, enter in a field | goes on, or back |
//! | space on a choice | makes it, or takes it back; every other letter there is absorbed |
//! | page keys | scroll what is decided, where it is longer than the screen |
//! | `y` on a button | answers, once nothing came right before or after it |
//! | enter on Cancel, esc | leaves |
//! | every other key on a button | nothing; the dead time begins anew |
//!
//! Where a terminal does not mark a paste, its first letter looks like an answer and its first letters
//! look like typing: the one has to stand alone, the others are taken back once it is known for one.

use std::borrow::Cow;

use crate::console::key::{BURST_MS, Code, Key};
use crate::console::keymap::{Action, InDialog, Meaning, Place, meaning};
use crate::console::model::Field;
use crate::console::overlays::deaf::Deaf;
use crate::console::request::Ticket;

/// A `y` stands alone for so long before it is an answer, in milliseconds: whoever types on meant
/// a word that begins with it. People type a letter in 60 to 250 ms.
pub const ALONE_MS: u64 = 300;

/// What stands in a choice that is made.
const CHOSEN: &str = "yes";

const TOO_LONG: &str =
    "this is longer than the field takes: `countersign` takes it with --output; nothing was taken";
const TOO_FAST: &str = "keys came too fast to be an answer: nothing was sent";

/// What has the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// A field by its index.
    Field(usize),
    Cancel,
    Commit,
}

/// How far a dialog came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    Asking,
    /// What was decided is on its way.
    Sent(Ticket),
    /// It was not done, and why. Nothing can be committed from here.
    Over(String),
}

/// What comes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    Nothing,
    Close,
    /// The person's own editor is wanted.
    Edits,
}

/// What a key was to the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walked {
    Absorbed,
    TooFast,
    Taken,
    /// What is decided is scrolled; that is no answer, and nothing is missed by it.
    Scrolled {
        down: bool,
    },
    Close,
    Answered,
    /// The person's own editor is wanted on the field that takes pasted text.
    Edits,
}

/// Where a dialog stands.
#[derive(Clone, Debug)]
pub struct Walk {
    fields: Vec<Field>,
    /// The field that is no text but a choice.
    choice: Option<usize>,
    spot: Spot,
    pub stage: Stage,
    pub deaf: Deaf,
    /// What is still missing, said when the person tried to commit.
    pub missing: Option<Cow<'static, str>>,
    /// When a `y` came that may be the answer.
    held_at_ms: Option<u64>,
    /// When the last key came.
    key_at_ms: Option<u64>,
    /// As it was before the keys that came last without a pause between them.
    before: (Spot, Vec<Field>),
    /// The field that may be pasted into, where there is one.
    pasted: Option<usize>,
}

impl Walk {
    /// Of a dialog with so many fields, which opens at `at_ms` and is deaf for `dead_ms` once it
    /// is seen.
    pub fn new(fields: usize, at_ms: u64, dead_ms: u64) -> Self {
        let spot = if fields == 0 {
            Spot::Cancel
        } else {
            Spot::Field(0)
        };
        let fields = vec![Field::default(); fields];
        Self {
            spot,
            stage: Stage::Asking,
            deaf: Deaf::new(at_ms, dead_ms),
            missing: None,
            held_at_ms: None,
            key_at_ms: None,
            before: (spot, fields.clone()),
            pasted: None,
            fields,
            choice: None,
        }
    }

    /// The same with a choice for the field `index`, which is not made.
    #[must_use]
    pub fn with_choice(mut self, index: usize) -> Self {
        self.choice = Some(index);
        self
    }

    /// Tells whether a choice is made.
    pub fn is_chosen(&self, index: usize) -> bool {
        self.choice == Some(index) && self.text(index) == CHOSEN
    }

    /// What is decided is another thing now: nothing that was pressed counts for it, a choice is not
    /// made, and it has to be seen before anything is heard.
    pub fn begin_anew(&mut self) {
        if let Some(field) = self.choice.and_then(|index| self.fields.get_mut(index)) {
            *field = Field::default();
        }
        if self.spot == Spot::Commit {
            self.spot = Spot::Cancel;
        }
        self.before = (self.spot, self.fields.clone());
        self.held_at_ms = None;
        self.deaf.unseen();
    }

    /// The same with a field that takes pasted text: what stands in it is checked, and decides
    /// nothing by itself.
    #[must_use]
    pub fn pasted_into(mut self, index: usize) -> Self {
        self.pasted = Some(index);
        self
    }

    /// Tells whether pasted text goes into the field that has the keys.
    pub fn takes_pastes(&self) -> bool {
        let spot = self.pasted.map(Spot::Field);
        spot == Some(self.spot) && self.stage == Stage::Asking
    }

    /// Tells whether what comes without a pause goes there, and began there.
    pub fn takes_bursts(&self) -> bool {
        self.takes_pastes() && self.before.0 == self.spot
    }

    /// Puts pasted text into the field that takes it; false where it takes none now.
    pub fn paste(&mut self, text: &str, at_ms: u64) -> bool {
        if !self.takes_pastes() || self.deaf.holds(at_ms) {
            return false;
        }
        self.missing = None;
        let text = one_line(text);
        match self.pasted.and_then(|index| self.fields.get_mut(index)) {
            Some(field) if text.len() <= field.room() => field.insert(&text),
            Some(_) | None => self.missing = Some(Cow::Borrowed(TOO_LONG)),
        }
        true
    }

    /// What stands in the field that takes pasted text, for the person's own editor.
    pub fn edited_outside(&self) -> Option<&str> {
        self.pasted.map(|index| self.text(index))
    }

    /// What the person's own editor made of it. The dialog was covered meanwhile.
    pub fn edited(&mut self, text: &str) {
        self.deaf.unseen();
        let text = one_line(text);
        self.missing = None;
        match self.pasted.and_then(|index| self.fields.get_mut(index)) {
            Some(field) if text.len() <= Field::default().room() => *field = Field::of(&text),
            Some(_) | None => self.missing = Some(Cow::Borrowed(TOO_LONG)),
        }
    }

    pub fn spot(&self) -> Spot {
        self.spot
    }

    pub fn field(&self, index: usize) -> Option<&Field> {
        self.fields.get(index)
    }

    /// What was typed into a field, without the spaces around it.
    pub fn text(&self, index: usize) -> &str {
        self.field(index).map_or("", |field| field.text().trim())
    }

    pub fn is_sent(&self, ticket: Ticket) -> bool {
        self.stage == Stage::Sent(ticket)
    }

    /// A `y` was pressed and stands alone so far.
    pub fn holds(&self) -> bool {
        self.held_at_ms.is_some()
    }

    /// True once after a `y` stood alone long enough.
    pub fn due(&mut self, at_ms: u64) -> bool {
        if self.stage != Stage::Asking {
            self.held_at_ms = None;
        }
        let alone = |held_at_ms: &mut u64| at_ms.saturating_sub(*held_at_ms) >= ALONE_MS;
        self.held_at_ms.take_if(alone).is_some()
    }

    /// Something came that is no answer: the dead time begins anew.
    pub fn absorb(&mut self, at_ms: u64) {
        self.held_at_ms = None;
        self.deaf.absorb(at_ms);
    }

    /// What was typed last was no typing: it is taken back.
    pub fn take_back(&mut self) {
        let (spot, fields) = &self.before;
        self.spot = *spot;
        self.fields.clone_from(fields);
    }

    fn key(&mut self, key: Key, at_ms: u64) -> Walked {
        let before = self.key_at_ms.replace(at_ms);
        let pause_ms = before.map_or(u64::MAX, |before| at_ms.saturating_sub(before));
        if pause_ms > BURST_MS {
            self.before = (self.spot, self.fields.clone());
        }
        let step = step(key);
        // Leaving decides nothing: it is heard as soon as the dialog was seen.
        if step == Some(InDialog::Leave) && self.deaf.is_seen() {
            return Walked::Close;
        }
        if self.deaf.holds(at_ms) {
            self.absorb(at_ms);
            return Walked::Absorbed;
        }
        if self.holds() {
            self.absorb(at_ms);
            return Walked::TooFast;
        }
        match (&self.stage, step) {
            (_, Some(InDialog::More)) => Walked::Scrolled { down: true },
            (_, Some(InDialog::Less)) => Walked::Scrolled { down: false },
            (_, Some(InDialog::Leave)) | (Stage::Over(_), Some(InDialog::Enter)) => Walked::Close,
            (Stage::Sent(_) | Stage::Over(_), _) => Walked::Taken,
            (Stage::Asking, step) => self.asked(key, step, pause_ms, at_ms),
        }
    }

    fn asked(&mut self, key: Key, step: Option<InDialog>, pause_ms: u64, at_ms: u64) -> Walked {
        // The end of a line of a paste, and what stands before a member in it, go nowhere.
        let breaks = matches!(key.code, Code::Enter | Code::Tab);
        if breaks && pause_ms <= BURST_MS && self.takes_bursts() {
            return Walked::Taken;
        }
        match (self.spot, step) {
            (_, Some(InDialog::Editor)) => {
                return match self.pasted {
                    Some(_) => Walked::Edits,
                    None => Walked::Taken,
                };
            }
            (_, Some(InDialog::Next))
            | (Spot::Field(_), Some(InDialog::Enter))
            | (Spot::Cancel, Some(InDialog::Right)) => self.spot = self.next(),
            (_, Some(InDialog::Previous)) | (Spot::Commit, Some(InDialog::Left)) => {
                self.spot = self.previous();
            }
            (Spot::Field(index), _) if self.choice == Some(index) => {
                self.choose(index, key, (pause_ms, at_ms));
            }
            (Spot::Field(index), _) => {
                if let Some(field) = self.fields.get_mut(index) {
                    field.key(key);
                }
            }
            // Right behind another key it is the end of a line of a paste.
            (Spot::Cancel, Some(InDialog::Enter)) if pause_ms > BURST_MS => return Walked::Close,
            (Spot::Cancel | Spot::Commit, Some(InDialog::Answer)) => {
                if pause_ms <= BURST_MS {
                    self.absorb(at_ms);
                    return Walked::TooFast;
                }
                return Walked::Answered;
            }
            // Enter on the other button does nothing, like every other key: who presses one may be
            // typing something else.
            (Spot::Cancel | Spot::Commit, _) => self.absorb(at_ms),
        }
        Walked::Taken
    }

    /// Who types here means to type elsewhere: only a space that stands alone is a choice.
    fn choose(&mut self, index: usize, key: Key, (pause_ms, at_ms): (u64, u64)) {
        if key != Key::plain(Code::Char(' ')) || pause_ms <= BURST_MS {
            return self.absorb(at_ms);
        }
        let text = if self.is_chosen(index) { "" } else { CHOSEN };
        if let Some(field) = self.fields.get_mut(index) {
            *field = Field::of(text);
        }
    }

    fn next(&self) -> Spot {
        match self.spot {
            Spot::Field(index) if index.saturating_add(1) < self.fields.len() => {
                Spot::Field(index.saturating_add(1))
            }
            Spot::Field(_) => Spot::Cancel,
            Spot::Cancel => Spot::Commit,
            Spot::Commit if self.fields.is_empty() => Spot::Cancel,
            Spot::Commit => Spot::Field(0),
        }
    }

    fn previous(&self) -> Spot {
        let before = match self.spot {
            Spot::Field(index) => index,
            Spot::Cancel => self.fields.len(),
            Spot::Commit => return Spot::Cancel,
        };
        before.checked_sub(1).map_or(Spot::Commit, Spot::Field)
    }
}

/// Text of several lines in one, as JSON may stand.
fn one_line(text: &str) -> String {
    // Terminals send the end of a pasted line as a carriage return.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines = text.trim_end_matches('\n').lines();
    let first = lines.next().unwrap_or_default();
    lines.fold(first.replace('\t', " "), |all, line| {
        format!("{all} {}", line.trim_start().replace('\t', " "))
    })
}

/// What a key does in a dialog beside typing.
fn step(key: Key) -> Option<InDialog> {
    match meaning(Place::Dialog, None, key) {
        Meaning::Action(Action::Dialog(step)) => Some(step),
        Meaning::Action(_) | Meaning::Begins(_) | Meaning::Nothing => None,
    }
}

/// A dialog that decides something.
pub trait Dialog {
    fn walk(&self) -> &Walk;
    fn walk_mut(&mut self) -> &mut Walk;
    /// What keeps it from being done.
    fn lacks(&self) -> Option<Cow<'static, str>>;
    /// Scrolls what is decided, where it can be longer than the screen.
    fn scroll(&mut self, _down: bool) {}

    /// Takes a key.
    fn key(&mut self, key: Key, at_ms: u64) -> Came {
        let walked = self.walk_mut().key(key, at_ms);
        let missing = match walked {
            Walked::Absorbed => return Came::Nothing,
            Walked::Close => return Came::Close,
            Walked::Edits => return Came::Edits,
            Walked::Scrolled { down } => {
                self.scroll(down);
                return Came::Nothing;
            }
            Walked::TooFast => Some(Cow::Borrowed(TOO_FAST)),
            Walked::Taken => None,
            Walked::Answered => self.lacks(),
        };
        let walk = self.walk_mut();
        if walked == Walked::Answered && missing.is_none() {
            walk.held_at_ms = Some(at_ms);
        }
        walk.missing = missing;
        Came::Nothing
    }
}
