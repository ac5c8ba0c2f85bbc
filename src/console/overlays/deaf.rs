//! The time in which a dialog hears nothing: before it was on the screen, for a while after, and
//! anew after every key that it absorbed.

/// When a dialog begins to hear.
#[derive(Clone, Copy, Debug)]
pub struct Deaf {
    dead_ms: u64,
    opened_at_ms: u64,
    /// None before it was on the screen.
    armed_at_ms: Option<u64>,
    /// The picture shows it as deaf.
    shown: bool,
}

impl Deaf {
    /// Of a dialog that opens at `at_ms` and is deaf for `dead_ms` once it is seen.
    pub fn new(at_ms: u64, dead_ms: u64) -> Self {
        Self {
            dead_ms,
            opened_at_ms: at_ms,
            armed_at_ms: None,
            shown: true,
        }
    }

    /// Tells whether the dialog opened at `at_ms` or later.
    pub fn opened_since(&self, at_ms: u64) -> bool {
        self.opened_at_ms >= at_ms
    }

    /// It is on the screen since `at_ms`: from then on the dead time counts.
    pub fn arm(&mut self, at_ms: u64) {
        if self.armed_at_ms.is_none() {
            self.armed_at_ms = Some(at_ms.saturating_add(self.dead_ms));
        }
    }

    /// It is covered or gone from the screen: it hears nothing until it is seen again.
    pub fn unseen(&mut self) {
        self.shown = true;
        self.armed_at_ms = None;
    }

    /// Begins the dead time anew. A key that came before the dialog was seen takes nothing off it.
    pub fn absorb(&mut self, at_ms: u64) {
        self.shown = true;
        if let Some(armed_at_ms) = &mut self.armed_at_ms {
            *armed_at_ms = at_ms.saturating_add(self.dead_ms).max(*armed_at_ms);
        }
    }

    /// It was on the screen.
    pub fn is_seen(&self) -> bool {
        self.armed_at_ms.is_some()
    }

    pub fn holds(&self, at_ms: u64) -> bool {
        self.armed_at_ms
            .is_none_or(|armed_at_ms| at_ms < armed_at_ms)
    }

    /// True once after it ended: the picture shows it still.
    pub fn ends(&mut self, at_ms: u64) -> bool {
        let deaf = self.holds(at_ms);
        let ends = self.shown && !deaf;
        self.shown = deaf;
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_from_before_the_picture_takes_nothing_off_the_dead_time() {
        let mut deaf = Deaf::new(100, 350);
        deaf.arm(500);
        deaf.absorb(200);
        assert!(deaf.holds(849));
        assert!(!deaf.holds(850));
        deaf.absorb(600);
        assert!(deaf.holds(949));
    }
}
