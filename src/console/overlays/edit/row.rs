//! One field of the form: what the state holds, what the person makes of it, how that stands.

use serde_json::Value;

use super::text::{escape, text_of, unescape, value_of};
use crate::console::key::{Code, Key};
use crate::console::model::Field;
use crate::domain::is_hidden;
use crate::workflow::schema::{FieldAbout, FieldKind};

/// Steps back that a field remembers.
const UNDO_MAX: usize = 200;

/// What stands in a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// Text; `escaped` where it is the inside of a JSON string, as text with hidden characters is.
    Typed { field: Field, escaped: bool },
    /// A value that only JSON can say.
    Json(Value),
}

/// How a field stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Check {
    #[default]
    Unchanged,
    Good,
    /// Why the state does not take it.
    Wrong(Vec<String>),
}

#[derive(Clone, Debug)]
pub struct Row {
    pub about: FieldAbout,
    /// What the state holds; money as an object.
    pub proposed: Option<Value>,
    /// The same as people write it.
    pub written: Option<Value>,
    pub entry: Entry,
    pub check: Check,
    /// What the state will hold, where the field was changed and is right.
    pub value: Option<Value>,
    before: Vec<Entry>,
    /// The last change was typing: more of it belongs to the same step back.
    typing: bool,
}

impl Row {
    pub fn of(about: FieldAbout, proposed: Option<Value>, written: Option<Value>) -> Self {
        Self {
            entry: entry_of(&about.kind, written.as_ref()),
            about,
            proposed,
            written,
            check: Check::Unchanged,
            value: None,
            before: Vec::new(),
            typing: false,
        }
    }

    /// What the person wants here; none where nothing was changed.
    ///
    /// # Errors
    /// The text says no value.
    pub fn given(&self) -> Result<Option<Value>, String> {
        if self.entry.says_the_same_as(&self.untouched()) {
            return Ok(None);
        }
        let value = match &self.entry {
            Entry::Json(value) => value.clone(),
            Entry::Typed {
                field,
                escaped: true,
            } => value_of(&self.about, &unescape(field.text())?),
            Entry::Typed {
                field,
                escaped: false,
            } => value_of(&self.about, field.text()),
        };
        Ok(Some(value).filter(|value| Some(value) != self.written.as_ref()))
    }

    /// Notes why the state does not take it.
    pub fn is_wrong(&mut self, why: String) {
        self.value = None;
        match &mut self.check {
            Check::Wrong(told) if told.contains(&why) => {}
            Check::Wrong(told) => told.push(why),
            check => *check = Check::Wrong(vec![why]),
        }
    }

    /// Takes an editing key. What it says is for the person.
    pub fn key(&mut self, key: Key) -> Option<&'static str> {
        if let Some(why) = self.closed() {
            return Some(why);
        }
        let choices = self.choices();
        match (key.code, key.typed()) {
            (Code::Left | Code::Right, _) if !choices.is_empty() => {
                self.turn(&choices, key.code == Code::Right);
            }
            (_, Some(c)) if is_hidden(c) => drop(self.paste(c.encode_utf8(&mut [0; 4]))),
            (_, Some(c)) => self.typed(key, c, &choices),
            _ => self.change(false, |field| {
                field.key(key);
            }),
        }
        None
    }

    /// Takes pasted text; false where its end did not fit.
    pub fn paste(&mut self, text: &str) -> Result<bool, &'static str> {
        if let Some(why) = self.closed() {
            return Err(why);
        }
        let text = match self.about.kind {
            FieldKind::Text => text,
            _ => text.trim(),
        };
        let hides = self.about.kind == FieldKind::Text && text.chars().any(is_hidden);
        if hides {
            self.escape_text();
        }
        let escaped = matches!(self.entry, Entry::Typed { escaped: true, .. });
        let choices = !self.choices().is_empty();
        let mut whole = true;
        self.change(false, |field| {
            if choices {
                *field = Field::default();
            }
            for c in text.chars() {
                let piece = c.encode_utf8(&mut [0; 4]).to_owned();
                let piece = if escaped { escape(&piece) } else { piece };
                whole &= piece.len() <= field.room();
                if whole {
                    field.insert(&piece);
                }
            }
        });
        Ok(whole)
    }

    /// Takes what JSON says of this field; none where it leaves it out.
    pub fn take(&mut self, value: Option<&Value>) {
        let entry = match value {
            Some(value) if Some(value) != self.written.as_ref() => {
                match entry_of(&self.about.kind, Some(value)) {
                    // An empty field says what stands there already: not null.
                    Entry::Typed { .. } if value.is_null() => Entry::Json(Value::Null),
                    entry => entry,
                }
            }
            _ => self.untouched(),
        };
        if !entry.says_the_same_as(&self.entry) {
            self.remember();
            self.entry = entry;
        }
        self.typing = false;
    }

    /// Goes a step back; false where there is none.
    pub fn undo(&mut self) -> bool {
        self.typing = false;
        match self.before.pop() {
            Some(entry) => {
                self.entry = entry;
                true
            }
            None => false,
        }
    }

    /// The cursor leaves the field: the beginning of one choice becomes that choice.
    pub fn leave(&mut self) {
        self.typing = false;
        let choices = self.choices();
        let Entry::Typed { field, .. } = &self.entry else {
            return;
        };
        let typed = field.text().trim().to_lowercase();
        let begins = |choice: &&String| choice.to_lowercase().starts_with(&typed);
        let mut meant = choices.iter().filter(begins);
        if let (Some(choice), None, false) = (meant.next(), meant.next(), typed.is_empty())
            && choice != field.text()
        {
            self.change(false, |field| *field = Field::of(choice));
        }
    }

    /// Says why this field cannot be typed into.
    fn closed(&self) -> Option<&'static str> {
        match (&self.entry, &self.about.kind) {
            (_, FieldKind::Json) => Some("lists and objects are edited as JSON: press f2"),
            (Entry::Json(_), _) => {
                Some("this value was given as JSON: f2 edits it there, ctrl-z takes it back")
            }
            (Entry::Typed { .. }, _) => None,
        }
    }

    fn choices(&self) -> Vec<String> {
        match &self.about.kind {
            FieldKind::Choice(choices) => choices.clone(),
            FieldKind::Boolean => vec!["true".to_owned(), "false".to_owned()],
            FieldKind::Money(_)
            | FieldKind::Integer
            | FieldKind::Number
            | FieldKind::Text
            | FieldKind::Json => Vec::new(),
        }
    }

    /// The next choice, or the one before.
    fn turn(&mut self, choices: &[String], forward: bool) {
        let Entry::Typed { field, .. } = &self.entry else {
            return;
        };
        let at = choices.iter().position(|choice| choice == field.text());
        let last = choices.len().saturating_sub(1);
        let next = match at {
            None => 0,
            Some(at) if forward && at >= last => 0,
            Some(at) if forward => at.saturating_add(1),
            Some(at) => at.checked_sub(1).unwrap_or(last),
        };
        if let Some(choice) = choices.get(next) {
            self.change(false, |field| *field = Field::of(choice));
        }
    }

    /// A letter on a whole choice begins another one.
    fn typed(&mut self, key: Key, c: char, choices: &[String]) {
        let goes_on = |text: &str| {
            let longer = format!("{text}{c}");
            choices.iter().any(|choice| choice.starts_with(&longer))
        };
        self.change(true, |field| {
            let whole = choices.iter().any(|choice| choice == field.text());
            if whole && !goes_on(field.text()) {
                *field = Field::default();
            }
            field.key(key);
        });
    }

    /// Changes the text and remembers what it was.
    fn change(&mut self, typing: bool, edit: impl FnOnce(&mut Field)) {
        let earlier = self.entry.clone();
        let Entry::Typed { field, .. } = &mut self.entry else {
            return;
        };
        let was = field.text().to_owned();
        edit(field);
        if field.text() == was {
            self.typing = false;
            return;
        }
        if !(typing && self.typing) {
            self.push(earlier);
        }
        self.typing = typing;
    }

    fn escape_text(&mut self) {
        let Entry::Typed { field, escaped } = &self.entry else {
            return;
        };
        if *escaped {
            return;
        }
        let (before, after) = field.halves();
        let field = Field::of_halves(&escape(before), &escape(after));
        self.remember();
        self.entry = Entry::Typed {
            field,
            escaped: true,
        };
    }

    fn remember(&mut self) {
        self.push(self.entry.clone());
    }

    fn push(&mut self, entry: Entry) {
        if self.before.len() >= UNDO_MAX {
            self.before.remove(0);
        }
        self.before.push(entry);
    }

    /// What stood here when the form opened.
    fn untouched(&self) -> Entry {
        entry_of(&self.about.kind, self.written.as_ref())
    }
}

impl Entry {
    /// Whether both say the same, wherever the cursor stands.
    fn says_the_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Json(one), Self::Json(other)) => one == other,
            (
                Self::Typed { field, escaped },
                Self::Typed {
                    field: other,
                    escaped: is,
                },
            ) => field.text() == other.text() && escaped == is,
            (Self::Json(_), Self::Typed { .. }) | (Self::Typed { .. }, Self::Json(_)) => false,
        }
    }
}

fn entry_of(kind: &FieldKind, value: Option<&Value>) -> Entry {
    match text_of(kind, value) {
        Ok((text, escaped)) => Entry::Typed {
            field: Field::of(&text),
            escaped,
        },
        Err(value) => Entry::Json(value),
    }
}
