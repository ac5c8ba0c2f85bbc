//! The dialog on dead letters: it shows what exactly would happen before it can be answered.
//!
//! | verb | gesture |
//! |---|---|
//! | redrive one | the whole preview was on the screen, then `y` |
//! | redrive one that is stuck after an answer | the same; what was answered may be written |
//! | redrive several | `y`: each is decided anew by itself |
//! | discard one | a reason, the end of its id |
//! | discard several | a reason, how many they are |
//!
//! Like every dialog: deaf at first, and anew once the preview came; bound to the letters it
//! opened on.

pub mod draw;

use std::borrow::Cow;

use serde_json::Value;

use crate::console::model::answer::WantedAnswer;
use crate::console::model::dead_letters::last_letters;
use crate::console::overlays::scrolled::Scroll;
use crate::console::overlays::walk::{Dialog, Walk};
use crate::console::request::Ticket;
use crate::domain::{DeadLetterId, RunId, RunStatus};
use crate::runtime::{RedrivePreview, Would};
use crate::views::DeadLetterRow;

/// Deaf for so long after it was seen, in milliseconds.
const DEAD_MS: u64 = 350;

/// Indices of the fields of discarding.
pub const REASON: usize = 0;
pub const FACT: usize = 1;
/// Index of the field of redriving one that is stuck after an answer.
pub const ANSWER: usize = 0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Redrive,
    Discard,
}

/// What a redrive would do, as far as it is known.
#[derive(Clone, Debug)]
pub enum Preview {
    /// Nothing is asked: a discard, or several letters.
    None,
    Awaited(Ticket),
    Known(Box<RedrivePreview>),
}

/// What came of one letter of several.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub ticket: Ticket,
    pub run: RunId,
    /// What the run's letter is called.
    pub called: String,
    /// None while the answer is awaited.
    pub said: Option<Result<RunStatus, String>>,
}

#[derive(Clone, Debug)]
pub struct LetterDialog {
    pub verb: Verb,
    /// What it is about, as it stood when the dialog opened; at least one.
    pub letters: Vec<DeadLetterRow>,
    /// Values that are set before the redrive, and why.
    pub set: Vec<(String, Value)>,
    pub why: Option<String>,
    /// What its tool answers, where it is stuck after an answer.
    pub answer: Option<WantedAnswer>,
    /// What it answered, of which the preview tells what would happen.
    pub output: Option<Value>,
    pub preview: Preview,
    /// Where the reader stands in what is decided.
    pub scroll: Scroll,
    /// What came of each, where there are several.
    pub results: Vec<Outcome>,
    pub walk: Walk,
}

impl LetterDialog {
    pub fn open(verb: Verb, letters: Vec<DeadLetterRow>, at_ms: u64) -> Self {
        let fields = match verb {
            Verb::Redrive => 0,
            Verb::Discard => 2,
        };
        Self {
            verb,
            letters,
            set: Vec::new(),
            why: None,
            answer: None,
            output: None,
            preview: Preview::None,
            scroll: Scroll::default(),
            results: Vec::new(),
            walk: Walk::new(fields, at_ms, DEAD_MS),
        }
    }

    /// The same of a letter that may be redriven with what its tool answered.
    #[must_use]
    pub fn with_answer(mut self, answer: Option<&WantedAnswer>, at_ms: u64) -> Self {
        if let Some(answer) = answer {
            self.answer = Some(answer.clone());
            self.walk = Walk::new(1, at_ms, DEAD_MS).pasted_into(ANSWER);
        }
        self
    }

    /// What the tool answered, as it was typed.
    ///
    /// # Errors
    /// Why it cannot be an answer.
    pub fn answered(&self) -> Result<Option<Value>, String> {
        let wanted = self.answer.as_ref();
        wanted.map_or(Ok(None), |wanted| wanted.read(self.walk.text(ANSWER)))
    }

    /// The letter, where it is about one.
    pub fn only(&self) -> Option<&DeadLetterRow> {
        match self.letters.as_slice() {
            [letter] => Some(letter),
            _ => None,
        }
    }

    pub fn is_about(&self, letter: DeadLetterId) -> bool {
        self.letters.iter().any(|row| row.dead_letter == letter)
    }

    /// What is typed to discard: the end of the only letter's id, or how many they are.
    pub fn fact(&self) -> String {
        match self.only() {
            Some(row) => last_letters(row.dead_letter),
            None => self.letters.len().to_string(),
        }
    }

    /// The answer to what would happen. It has to be seen before anything is heard.
    pub fn know(&mut self, preview: Box<RedrivePreview>) {
        self.preview = Preview::Known(preview);
        self.scroll = Scroll::default();
        self.walk.deaf.unseen();
    }

    pub fn reason(&self) -> &str {
        match self.verb {
            Verb::Redrive => "",
            Verb::Discard => self.walk.text(REASON),
        }
    }

    pub fn waits_for(&self, ticket: Ticket) -> bool {
        matches!(self.preview, Preview::Awaited(awaited) if awaited == ticket)
    }
}

impl Dialog for LetterDialog {
    fn walk(&self) -> &Walk {
        &self.walk
    }

    fn walk_mut(&mut self) -> &mut Walk {
        &mut self.walk
    }

    fn scroll(&mut self, down: bool) {
        self.scroll.page(down);
    }

    fn lacks(&self) -> Option<Cow<'static, str>> {
        match self.answered() {
            Err(why) => return Some(Cow::Owned(why)),
            Ok(output) if output != self.output => {
                return Some(Cow::Borrowed("what would happen is still being asked"));
            }
            Ok(_) => {}
        }
        let said = match (self.verb, &self.preview) {
            (Verb::Redrive, Preview::Awaited(_)) => "what would happen is still being asked",
            (Verb::Redrive, Preview::Known(preview))
                if preview.would == Would::ParkAgain && self.answer.is_some() =>
            {
                "it would be stuck again at once: write what its tool answered"
            }
            (Verb::Redrive, Preview::Known(preview)) if preview.would == Would::ParkAgain => {
                "it would be stuck again at once: change what is wrong first (esc, then e)"
            }
            (Verb::Redrive, Preview::Known(_)) if !self.scroll.seen => {
                "read it to its end first: pgdn"
            }
            (Verb::Discard, _) if self.walk.text(REASON).is_empty() => {
                "write a reason; it stands in the journal"
            }
            (Verb::Discard, _) if self.walk.text(FACT) != self.fact() => {
                "what you typed is not what stands here"
            }
            (Verb::Redrive, Preview::Known(_) | Preview::None) | (Verb::Discard, _) => return None,
        };
        Some(Cow::Borrowed(said))
    }
}
