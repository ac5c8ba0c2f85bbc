//! The form in which the state under a packet or a dead letter is edited: bound to what was on the
//! screen, checked on each key by the schema that will check it in the engine.
//!
//! | stage | what it takes |
//! |---|---|
//! | reading | nothing: the schema is on its way |
//! | editing | typing; staging asks for a reason and then sends |
//! | sent | nothing until the answer |
//! | over | leaving: the packet is no longer what was edited |
//!
//! Nothing here decides anything: what is staged becomes a new version of the packet, with a digest
//! that nobody has seen yet.

pub mod draw;
pub mod json;
pub mod row;
mod subject;
mod text;

use std::sync::Arc;

use serde_json::Value;

use crate::console::model::Field;
use crate::console::model::dead_letters::name;
use crate::console::model::packet::Bound;
use crate::console::overlays::deaf::Deaf;
use crate::console::request::Ticket;
use crate::console::text::Mark;
use crate::domain::{DeadLetterId, Digest, Fields, Packet};
use crate::runtime::{Amendment, DeadLetterDetail};
use crate::workflow::Definition;
use crate::workflow::schema::Problem;
use json::{Fault, RawJson};
use row::{Check, Row};

pub use subject::{Subject, SubjectId};

/// Staging is not heard for so long after the form, or the question for a reason, was seen.
const DEAD_MS: u64 = 350;

/// How far it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    Reading,
    Editing,
    Sent(Ticket),
    /// Why nothing can be staged from here.
    Over(String),
}

#[derive(Clone, Debug)]
pub struct EditForm {
    pub subject: Subject,
    pub title: String,
    /// The definition that the run is pinned to.
    pub pinned: Digest,
    /// The state as proposed.
    state: Fields,
    definition: Option<Arc<Definition>>,
    pub rows: Vec<Row>,
    /// The field with the cursor; past the last one it is the reason.
    pub at: usize,
    /// Why the state is edited, once it was asked for.
    pub reason: Option<Field>,
    pub raw: Option<RawJson>,
    pub stage: Stage,
    /// What is wrong with the state as a whole.
    pub general: Vec<String>,
    /// What the form has to say to the last key.
    pub said: Option<(String, Mark)>,
    /// Lines of the difference that are scrolled past.
    pub diff_top: usize,
    /// Staging is not heard while it is deaf.
    pub deaf: Deaf,
}

impl EditForm {
    pub fn open(packet: &Packet, at_ms: u64) -> Self {
        let about = (packet.title.clone(), packet.definition);
        let subject = Subject::Packet(Bound::of(packet));
        Self::of(subject, about, packet.state.clone(), at_ms)
    }

    /// A form on the state that a parked step goes on with.
    pub fn open_letter(detail: &DeadLetterDetail, at_ms: u64) -> Self {
        let about = (name(&detail.row), detail.definition);
        let subject = Subject::Letter(Box::new(detail.row.clone()));
        Self::of(subject, about, detail.state.clone(), at_ms)
    }

    fn of(subject: Subject, (title, pinned): (String, Digest), state: Fields, at_ms: u64) -> Self {
        Self {
            subject,
            title,
            pinned,
            state,
            definition: None,
            rows: Vec::new(),
            at: 0,
            reason: None,
            raw: None,
            stage: Stage::Reading,
            general: Vec::new(),
            said: None,
            diff_top: 0,
            deaf: Deaf::new(at_ms, DEAD_MS),
        }
    }

    /// The dead letter whose state is edited.
    pub fn letter(&self) -> Option<DeadLetterId> {
        self.subject.letter().map(|row| row.dead_letter)
    }

    /// Tells whether this is still the state that is edited.
    pub fn is_on(&self, state: &Fields) -> bool {
        self.state == *state
    }

    /// Opens again on a draft.
    pub fn resume(&mut self, at_ms: u64) {
        self.deaf = Deaf::new(at_ms, DEAD_MS);
    }

    /// Tells whether there is anything worth keeping.
    pub fn is_touched(&self) -> bool {
        let written = self
            .reason
            .as_ref()
            .is_some_and(|reason| !reason.text().is_empty());
        self.raw.is_some() || written || self.changed() > 0
    }

    /// Takes the definition and makes a row for each field of its state.
    pub fn lay(&mut self, definition: Arc<Definition>) {
        let schema = &definition.meaning.state;
        let written = schema.written(&self.state);
        let row = |about: crate::workflow::schema::FieldAbout| {
            let (proposed, written) = (self.state.get(&about.name), written.get(&about.name));
            Row::of(about, proposed.cloned(), written.cloned())
        };
        self.rows = schema.fields().into_iter().map(row).collect();
        self.definition = Some(definition);
        self.stage = Stage::Editing;
        self.check();
    }

    /// Tells whether the answer with this ticket is awaited.
    pub fn is_sent(&self, ticket: Ticket) -> bool {
        self.stage == Stage::Sent(ticket)
    }

    /// The row with the cursor.
    pub fn row(&self) -> Option<&Row> {
        self.rows.get(self.at)
    }

    pub fn on_reason(&self) -> bool {
        self.reason.is_some() && self.at >= self.rows.len()
    }

    /// Moves the cursor to the next field, or the one before.
    pub fn go(&mut self, forward: bool) {
        let count = self.rows.len().saturating_add(self.reason.iter().count());
        let next = if forward {
            let next = self.at.saturating_add(1);
            if next < count { next } else { 0 }
        } else {
            self.at.checked_sub(1).unwrap_or(count.saturating_sub(1))
        };
        self.go_to(next);
    }

    pub fn go_to(&mut self, at: usize) {
        if let Some(row) = self.rows.get_mut(self.at) {
            row.leave();
        }
        self.at = at;
        self.check();
    }

    /// Says something until the next key.
    pub fn say(&mut self, said: impl Into<String>, mark: Mark) {
        self.said = Some((said.into(), mark));
    }

    /// Rows that were changed, whether rightly or not.
    pub fn changed(&self) -> usize {
        let changed = self.rows.iter().filter(|row| row.check != Check::Unchanged);
        changed.count()
    }

    /// The first row that is wrong.
    pub fn first_wrong(&self) -> Option<usize> {
        let wrong = |row: &Row| matches!(row.check, Check::Wrong(_));
        self.rows.iter().position(wrong)
    }

    /// How many rows are wrong.
    pub fn wrong(&self) -> usize {
        let wrong = |row: &&Row| matches!(row.check, Check::Wrong(_));
        self.rows.iter().filter(wrong).count()
    }

    /// What would be sent: the fields that are changed and right.
    pub fn set(&self) -> Vec<(String, Value)> {
        let value = |row: &Row| Some((row.about.name.clone(), row.value.clone()?));
        self.rows.iter().filter_map(value).collect()
    }

    /// What is staged under a packet.
    pub fn amendment(&self, reason: &str) -> Option<Amendment> {
        let bound = self.subject.bound()?;
        Some(Amendment {
            packet: bound.packet,
            digest: bound.digest.to_string(),
            set: self.set(),
            reason: reason.to_owned(),
        })
    }

    /// Checks every field alone, and then all edits one after the other as the engine takes them.
    pub fn check(&mut self) {
        let Some(definition) = self.definition.clone() else {
            return;
        };
        let schema = &definition.meaning.state;
        let mut problems = Vec::new();
        for row in &mut self.rows {
            (row.check, row.value) = (Check::Unchanged, None);
            let given = match row.given() {
                Ok(Some(given)) => given,
                Ok(None) => continue,
                Err(said) => {
                    row.check = Check::Wrong(vec![said]);
                    continue;
                }
            };
            match schema.edit(&self.state, &row.about.name, &given) {
                Ok(after) => {
                    let value = after.get(&row.about.name);
                    if value != row.proposed.as_ref() {
                        row.check = Check::Good;
                        row.value = value.cloned();
                    }
                }
                Err(more) => {
                    // Unless one of the problems is its own.
                    row.check = Check::Good;
                    problems.extend(more);
                }
            }
        }
        if problems.is_empty() {
            let mut state = self.state.clone();
            for (name, value) in self.set() {
                match schema.edit(&state, &name, &value) {
                    Ok(after) => state = after,
                    Err(more) => {
                        problems = more;
                        break;
                    }
                }
            }
        }
        self.assign(problems);
    }

    /// Puts each problem to the field it is about.
    fn assign(&mut self, problems: Vec<Problem>) {
        self.general.clear();
        for problem in problems {
            let field = problem.pointer.split('/').nth(1).unwrap_or_default();
            let field = field.replace("~1", "/").replace("~0", "~");
            let row = self.rows.iter_mut().find(|row| row.about.name == field);
            match row {
                Some(row) => row.is_wrong(problem.message),
                None if self.general.contains(&problem.message) => {}
                None => self.general.push(problem.message),
            }
        }
    }

    /// The state with the edits in it, as text. What is wrong stands in it as it was typed.
    pub fn json(&self) -> String {
        let mut state = Fields::new();
        let written = self.definition.as_ref().map(|definition| {
            let schema = &definition.meaning.state;
            let mut after = self.state.clone();
            after.extend(self.set());
            schema.written(&after)
        });
        state.extend(written.unwrap_or_default());
        for row in self.rows.iter().filter(|row| row.value.is_none()) {
            if let Ok(Some(given)) = row.given() {
                state.insert(row.about.name.clone(), given);
            }
        }
        json::written(&state)
    }

    /// Goes over to JSON, with this text in it.
    pub fn edit_raw(&mut self, text: &str) {
        if let Some(row) = self.rows.get_mut(self.at) {
            row.leave();
        }
        self.raw = Some(RawJson::of(text));
        self.judge_raw();
    }

    /// Says what is wrong with the JSON as it stands.
    pub fn judge_raw(&mut self) {
        let wrong = self.read_raw().err().map(|fault| fault.said);
        if let Some(raw) = &mut self.raw {
            raw.wrong = wrong;
        }
    }

    /// Makes edits of the JSON and goes back to the fields; stays where it cannot be taken.
    pub fn take_raw(&mut self) -> bool {
        match self.read_raw() {
            Ok(state) => {
                for row in &mut self.rows {
                    row.take(state.get(&row.about.name));
                }
                self.raw = None;
                self.check();
                if let Some(wrong) = self.first_wrong() {
                    self.at = wrong;
                }
                true
            }
            Err(fault) => {
                if let Some(raw) = &mut self.raw {
                    if let Some(at) = fault.at {
                        raw.go_to(at);
                    }
                    raw.wrong = Some(fault.said);
                }
                false
            }
        }
    }

    fn read_raw(&self) -> Result<Fields, Fault> {
        let fault = |said: String| Fault { said, at: None };
        let Some(raw) = &self.raw else {
            return Err(fault("there is no JSON".to_owned()));
        };
        let state = raw.read()?;
        let known = |name: &String| self.rows.iter().any(|row| row.about.name == *name);
        for (name, value) in &state {
            if !known(name) && self.state.get(name) != Some(value) {
                return Err(fault(format!("the state has no field `{name}`")));
            }
        }
        let missing = self.state.keys().find(|name| !state.contains_key(*name));
        match missing {
            Some(name) => Err(fault(format!(
                "`{name}` is missing: a field that is there cannot be taken away"
            ))),
            None => Ok(state),
        }
    }
}
