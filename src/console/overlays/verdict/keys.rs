//! Keys in the verdict dialog.

use super::{Spot, Stage, VerdictDialog};
use crate::console::key::{Code, Key};
use crate::runtime::VerdictRequest;

/// What comes of a key.
#[derive(Clone, Debug)]
pub enum Came {
    Nothing,
    Close,
}

impl VerdictDialog {
    pub fn key(&mut self, key: Key, at_ms: u64) -> Came {
        if self.deaf.holds(at_ms) {
            self.absorb(at_ms);
            return Came::Nothing;
        }
        if self.holds() {
            self.absorb(at_ms);
            self.missing = Some("keys came too fast to be an answer: nothing was sent");
            return Came::Nothing;
        }
        self.missing = None;
        match (&self.stage, key.code) {
            (_, Code::Esc) | (Stage::Over(_), Code::Enter) => Came::Close,
            (Stage::Sent(_) | Stage::Over(_), _) => Came::Nothing,
            (Stage::Asking, _) => self.asked(key, at_ms),
        }
    }

    fn asked(&mut self, key: Key, at_ms: u64) -> Came {
        match (self.spot, key.code) {
            (_, Code::Tab | Code::Down)
            | (Spot::Reason | Spot::Fact, Code::Enter)
            | (Spot::Cancel, Code::Right) => self.go(1),
            (_, Code::BackTab | Code::Up) | (Spot::Commit, Code::Left) => self.go(-1),
            (Spot::Reason, _) => {
                self.reason.key(key);
                Came::Nothing
            }
            (Spot::Fact, _) => {
                self.typed.key(key);
                Came::Nothing
            }
            (Spot::Cancel, Code::Enter) => Came::Close,
            (Spot::Cancel | Spot::Commit, Code::Char('y')) if !key.ctrl => self.commit(at_ms),
            // Enter on the other button does nothing, like every other key.
            (Spot::Cancel | Spot::Commit, _) => Came::Nothing,
        }
    }

    fn go(&mut self, by: isize) -> Came {
        let spots = self.spots();
        let at = spots
            .iter()
            .position(|spot| *spot == self.spot)
            .unwrap_or(0);
        let next = if by < 0 {
            at.checked_sub(1).unwrap_or(spots.len().saturating_sub(1))
        } else {
            at.saturating_add(1) % spots.len().max(1)
        };
        self.spot = spots.get(next).copied().unwrap_or(Spot::Cancel);
        Came::Nothing
    }

    /// Everything is there: the verdict is given once this key stood alone.
    fn commit(&mut self, at_ms: u64) -> Came {
        if let Some(missing) = self.lacks() {
            self.missing = Some(missing);
            return Came::Nothing;
        }
        let reason = self.reason.text().trim();
        let verdict = VerdictRequest {
            packet: self.bound.packet,
            digest: self.bound.digest.to_string(),
            verdict: self.verdict,
            item: None,
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
        };
        self.held = Some((at_ms, verdict));
        Came::Nothing
    }
}
