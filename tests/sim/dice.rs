//! Chance from a seed.

use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Dice that fall the same way for the same seed. Clones throw the same dice in turn.
#[derive(Clone, Debug)]
pub struct Dice(Arc<Mutex<u64>>);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(seed)))
    }

    /// Dice of their own, which follow from these.
    pub fn split(&self) -> Self {
        Self::new(self.throw())
    }

    /// `SplitMix64`.
    pub fn throw(&self) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of `count` numbers from 0.
    pub fn below(&self, count: u64) -> u64 {
        self.throw() % count.max(1)
    }

    /// True this often.
    pub fn percent(&self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub fn millis(&self, most: u64) -> Duration {
        Duration::from_millis(self.below(most + 1))
    }

    pub fn pick<'a, T>(&self, from: &'a [T]) -> Option<&'a T> {
        let index = usize::try_from(self.below(from.len() as u64)).unwrap();
        from.get(index)
    }
}
