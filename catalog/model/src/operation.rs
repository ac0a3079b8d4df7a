//! The states of a lifecycle operation and the one function that changes them.
//!
//! ```text
//!             Refused, Cancelled
//!   STARTING ─────────────────────▶ ROLLED_BACK ◀──── Undone ────┐
//!      │ Planned                                                 │
//!      ▼           Failed, Cancelled                             │
//!  PROCESSING ───────────────────────▶ FAILED_TEMP ─ Rollback ─▶ ROLLING_BACK
//!      │      ◀─────────────────────── │   ▲                      │
//!      │ Done         Retry            │   └── Failed, Cancelled ─┘
//!      ▼                               │ Fail
//!  COMPLETED                           ▼
//!                                   FAILED
//! ```
//! Source: SOL003 clause 5.6.2.2 (VNF); an NS operation has no STARTING on the wire (SOL005
//! clause 6.6.2.2) and shows it as PROCESSING.

use serde::{Deserialize, Serialize};

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OperationState {
    /// Being planned and granted; nothing has been touched.
    Starting,
    /// Its steps run.
    Processing,
    /// All done. Final.
    Completed,
    /// Stopped by an error or by a cancel; waits for retry, rollback or fail.
    FailedTemp,
    /// Given up; what was done stays. Final.
    Failed,
    /// Its steps are being undone.
    RollingBack,
    /// As if it had never been. Final.
    RolledBack,
}

/// What can happen to an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationEvent {
    /// The plan is made and granted.
    Planned,
    /// The plan could not be made, or the grant was refused.
    Refused,
    /// Every step is done.
    Done,
    /// A step, or an undo, failed.
    Failed,
    /// A cancel took effect.
    Cancelled,
    /// Every step is undone.
    Undone,
    /// The operator asks to try again.
    Retry,
    /// The operator asks to undo.
    Rollback,
    /// The operator gives up.
    Fail,
}

/// An event that the operation's state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} is not possible while the operation is {state}")]
pub struct Denied {
    /// The state that said no.
    pub state: OperationState,
    /// What was asked.
    pub event: OperationEvent,
}

impl OperationState {
    /// Every state, for tests and tables.
    pub const ALL: [Self; 7] = [
        Self::Starting,
        Self::Processing,
        Self::Completed,
        Self::FailedTemp,
        Self::Failed,
        Self::RollingBack,
        Self::RolledBack,
    ];

    /// The state after `event`.
    ///
    /// # Errors
    /// [`Denied`] when the event is not possible in this state.
    pub fn after(self, event: OperationEvent) -> Result<Self, Denied> {
        use OperationEvent as E;
        use OperationState as S;
        match (self, event) {
            (S::Starting, E::Planned) | (S::FailedTemp, E::Retry) => Ok(S::Processing),
            (S::Starting, E::Refused | E::Cancelled) | (S::RollingBack, E::Undone) => {
                Ok(S::RolledBack)
            }
            (S::Processing, E::Done) => Ok(S::Completed),
            (S::Processing | S::RollingBack, E::Failed | E::Cancelled) => Ok(S::FailedTemp),
            (S::FailedTemp, E::Rollback) => Ok(S::RollingBack),
            (S::FailedTemp, E::Fail) => Ok(S::Failed),
            (
                S::Starting
                | S::Processing
                | S::Completed
                | S::FailedTemp
                | S::Failed
                | S::RollingBack
                | S::RolledBack,
                E::Planned
                | E::Refused
                | E::Done
                | E::Failed
                | E::Cancelled
                | E::Undone
                | E::Retry
                | E::Rollback
                | E::Fail,
            ) => Err(Denied { state: self, event }),
        }
    }

    /// True when nothing can happen any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::RolledBack)
    }

    /// True when a worker has something to do.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Self::Starting | Self::Processing | Self::RollingBack)
    }

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "STARTING",
            Self::Processing => "PROCESSING",
            Self::Completed => "COMPLETED",
            Self::FailedTemp => "FAILED_TEMP",
            Self::Failed => "FAILED",
            Self::RollingBack => "ROLLING_BACK",
            Self::RolledBack => "ROLLED_BACK",
        }
    }
}

impl std::fmt::Display for OperationState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for OperationState {
    type Err = UnknownState;
    fn from_str(text: &str) -> Result<Self, UnknownState> {
        Self::ALL
            .into_iter()
            .find(|state| state.name() == text)
            .ok_or_else(|| UnknownState(text.to_owned()))
    }
}

/// Text that names no operation state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an operation state")]
pub struct UnknownState(pub String);

/// How a cancel treats what is running (SOL003 clause 5.5.4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CancelMode {
    /// Steps that run may finish; no further step starts.
    Graceful,
    /// Steps that run are abandoned at once.
    Forceful,
}

#[cfg(test)]
mod tests {
    use OperationEvent as E;
    use proptest::prelude::*;

    use super::*;

    const EVENTS: [E; 9] = [
        E::Planned,
        E::Refused,
        E::Done,
        E::Failed,
        E::Cancelled,
        E::Undone,
        E::Retry,
        E::Rollback,
        E::Fail,
    ];

    #[test]
    fn nothing_happens_to_a_finished_operation() {
        for state in OperationState::ALL.into_iter().filter(|s| s.is_final()) {
            for event in EVENTS {
                assert_eq!(state.after(event), Err(Denied { state, event }));
            }
        }
    }

    #[test]
    fn every_unfinished_state_can_be_cancelled_or_given_up() {
        for state in OperationState::ALL.into_iter().filter(|s| !s.is_final()) {
            let way_out = if state == OperationState::FailedTemp { E::Fail } else { E::Cancelled };
            assert!(state.after(way_out).is_ok(), "{state} has no way out");
        }
    }

    proptest! {
        #[test]
        fn a_final_state_is_always_in_reach(events in proptest::collection::vec(0usize..9, 0..40)) {
            let mut state = OperationState::Starting;
            for event in events {
                state = state.after(EVENTS[event]).unwrap_or(state);
            }
            let ways = [E::Cancelled, E::Fail];
            for event in ways {
                state = state.after(event).unwrap_or(state);
            }
            prop_assert!(state.is_final());
        }
    }
}
