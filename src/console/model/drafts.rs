//! Edits that were left before they were staged. They live as long as the console does.

use std::collections::VecDeque;

use crate::console::overlays::EditForm;
use crate::console::overlays::edit::SubjectId;
use crate::console::request::Ticket;

/// Drafts kept; the oldest one goes.
const DRAFTS_MAX: usize = 32;

#[derive(Clone, Debug, Default)]
pub struct Drafts {
    /// One a packet or dead letter, oldest first.
    forms: VecDeque<Box<EditForm>>,
}

impl Drafts {
    pub fn keep(&mut self, form: Box<EditForm>) {
        drop(self.take(form.subject.id()));
        if self.forms.len() >= DRAFTS_MAX {
            drop(self.forms.pop_front());
        }
        self.forms.push_back(form);
    }

    pub fn take(&mut self, subject: SubjectId) -> Option<Box<EditForm>> {
        let at = self
            .forms
            .iter()
            .position(|form| form.subject.id() == subject)?;
        self.forms.remove(at)
    }

    /// The draft that was sent with this ticket before it was left.
    pub fn sent(&mut self, ticket: Ticket) -> Option<&mut EditForm> {
        let mut forms = self.forms.iter_mut();
        forms.find(|form| form.is_sent(ticket)).map(Box::as_mut)
    }

    pub fn len(&self) -> usize {
        self.forms.len()
    }

    pub fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }
}
