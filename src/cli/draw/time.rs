//! Durations and moments in words.

use chrono::{DateTime, TimeDelta, Utc};

/// A duration in its two largest units: `3.2 s`, `2 min 5 s`, `1 h 40 min`, `3 d 4 h`.
pub fn lasted(duration: TimeDelta) -> String {
    // Clocks of two machines differ a little; nothing has taken less than no time.
    let duration = duration.max(TimeDelta::zero());
    let seconds = duration.num_seconds();
    match seconds {
        0..60 => format!("{}.{} s", seconds, duration.subsec_millis() / 100),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

/// A moment in the past, roughly.
pub fn ago(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - then).num_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds} s ago"),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..86_400 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_show_what_matters_at_their_size() {
        let shown = |millis| lasted(TimeDelta::milliseconds(millis));
        assert_eq!(shown(3_249), "3.2 s");
        assert_eq!(shown(125_000), "2 min 5 s");
        assert_eq!(shown(6_000_000), "1 h 40 min");
        assert_eq!(shown(273_600_000), "3 d 4 h");
        assert_eq!(shown(-500), "0.0 s");
    }
}
