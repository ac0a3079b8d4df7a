//! Numbers that look random and are the same on every run.

use std::time::Duration;

/// A seeded source of numbers.
#[derive(Debug)]
pub struct Chance(pub u64);

impl Chance {
    /// A duration below this many milliseconds.
    pub fn below_ms(&mut self, limit: u64) -> Duration {
        // A step of a linear congruential generator; its upper bits are good enough to spread kills.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        Duration::from_millis((self.0 >> 33) % limit)
    }
}
