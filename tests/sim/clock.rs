//! A clock that goes with tokio's, so that leases, limits and records move together.

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;
use windlass_model::Clock;

/// Begins on the same day in every simulation.
#[derive(Clone, Copy, Debug)]
pub struct SimClock(Instant);

impl SimClock {
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(&self) -> std::time::Duration {
        self.0.elapsed()
    }
}

impl Clock for SimClock {
    fn now(&self) -> DateTime<Utc> {
        let begin = DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default();
        begin + TimeDelta::from_std(self.0.elapsed()).unwrap_or_default()
    }
}
