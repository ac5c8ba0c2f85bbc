//! Keys in the dialog that asks for a reason.

use super::{ReasonDialog, Spot, Stage};
use crate::console::key::{Code, Key};

/// What comes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    Nothing,
    Close,
    /// Everything is there: do it.
    Commit,
}

impl ReasonDialog {
    pub fn key(&mut self, key: Key, at_ms: u64) -> Came {
        if self.deaf.holds(at_ms) {
            self.deaf.absorb(at_ms);
            return Came::Nothing;
        }
        self.missing = None;
        match (&self.stage, key.code) {
            (_, Code::Esc) | (Stage::Over(_), Code::Enter) => Came::Close,
            (Stage::Sent(_) | Stage::Over(_), _) => Came::Nothing,
            (Stage::Asking, _) => self.asked(key),
        }
    }

    fn asked(&mut self, key: Key) -> Came {
        match (self.spot, key.code) {
            (_, Code::Tab | Code::Down)
            | (Spot::Path | Spot::Value | Spot::Reason, Code::Enter)
            | (Spot::Cancel, Code::Right) => self.go(1),
            (_, Code::BackTab | Code::Up) | (Spot::Commit, Code::Left) => self.go(-1),
            (Spot::Path, _) => {
                self.path.key(key);
                Came::Nothing
            }
            (Spot::Value, _) => {
                self.value.key(key);
                Came::Nothing
            }
            (Spot::Reason, _) => {
                self.reason.key(key);
                Came::Nothing
            }
            (Spot::Cancel, Code::Enter) => Came::Close,
            (Spot::Cancel | Spot::Commit, Code::Char('y')) if !key.ctrl => self.commit(),
            // Enter on the other button does nothing, like every other key.
            (Spot::Cancel | Spot::Commit, _) => Came::Nothing,
        }
    }

    fn go(&mut self, by: isize) -> Came {
        let spots = self.spots();
        let at = spots.iter().position(|spot| *spot == self.spot);
        let at = at.unwrap_or(0);
        let next = if by < 0 {
            at.checked_sub(1).unwrap_or(spots.len().saturating_sub(1))
        } else {
            at.saturating_add(1) % spots.len().max(1)
        };
        self.spot = spots.get(next).copied().unwrap_or(Spot::Cancel);
        Came::Nothing
    }

    fn commit(&mut self) -> Came {
        self.missing = self.lacks();
        match self.missing {
            Some(_) => Came::Nothing,
            None => Came::Commit,
        }
    }
}
