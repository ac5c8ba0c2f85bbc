//! Everything random comes from one seed (`SplitMix64`).

use std::sync::{Arc, Mutex};

use countersign::runtime::Entropy;

/// Cheap to clone: all clones draw from one sequence.
#[derive(Clone)]
pub(crate) struct Dice(Arc<Mutex<u64>>);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(seed)))
    }

    /// A sequence of its own, so that one part may draw more without moving the others.
    pub(crate) fn split(&self) -> Self {
        Self::new(self.draw())
    }

    pub(crate) fn draw(&self) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = *state;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// From 0 to `sides` - 1.
    pub(crate) fn below(&self, sides: u64) -> u64 {
        self.draw() % sides
    }

    /// True `percent` times in a hundred.
    pub(crate) fn chance(&self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&self, items: &'a [T]) -> &'a T {
        let sides = u64::try_from(items.len()).unwrap();
        &items[usize::try_from(self.below(sides)).unwrap()]
    }
}

impl Entropy for Dice {
    fn seed(&self) -> Result<[u8; 32], String> {
        let mut bytes = [0; 32];
        for part in bytes.chunks_exact_mut(8) {
            part.copy_from_slice(&self.draw().to_be_bytes());
        }
        Ok(bytes)
    }
}
