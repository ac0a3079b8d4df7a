//! When a notification that did not arrive is tried again.

use std::time::Duration;

/// How long a subscriber is tried, in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// The pause after the first failure; it doubles with each one.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// How many failures in a row park a subscription.
    pub attempts: u32,
}

impl Default for Retry {
    /// Tries for about an hour.
    fn default() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_secs(300), attempts: 20 }
    }
}

impl Retry {
    /// The pause after so many failures in a row; `None` when it has been enough.
    #[must_use]
    pub fn pause(&self, failures: u32) -> Option<Duration> {
        if failures >= self.attempts {
            return None;
        }
        let doublings = failures.saturating_sub(1).min(31);
        Some(self.first.saturating_mul(1 << doublings).min(self.longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_subscriber_is_tried_for_about_an_hour() {
        let retry = Retry::default();
        let pauses: Vec<u64> =
            (1..).map_while(|failures| retry.pause(failures)).map(|p| p.as_secs()).collect();
        assert_eq!(pauses[..5], [1, 2, 4, 8, 16]);
        assert!((3_000..4_000).contains(&pauses.iter().sum::<u64>()), "{pauses:?}");
        assert_eq!(pauses.len(), 19, "the twentieth failure parks it");
    }
}
