//! Whether a machine runs.
//!
//! ```text
//!         Start            Crash
//!  Off ──────────▶ On ──────────────▶ Dead
//!   ▲              │ ▲                │ │
//!   ├─── Stop ─────┘ └──── Start ─────┘ │
//!   └──────────────── Stop ─────────────┘
//! ```

use serde::{Deserialize, Serialize};
use windlass_model::VmId;
use windlass_vim::{EventKind, VmState};

/// The power of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Power {
    Off,
    On,
    Dead,
}

/// What happens to a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Happening {
    Start,
    Stop,
    Crash,
}

impl Power {
    pub(crate) fn after(self, happening: Happening) -> Self {
        match (self, happening) {
            (Self::Off | Self::On | Self::Dead, Happening::Start) => Self::On,
            (Self::Off | Self::On | Self::Dead, Happening::Stop)
            | (Self::Off, Happening::Crash) => Self::Off,
            (Self::On | Self::Dead, Happening::Crash) => Self::Dead,
        }
    }

    /// What brings a new machine here.
    pub(crate) fn history(self) -> &'static [Happening] {
        match self {
            Self::Off => &[],
            Self::On => &[Happening::Start],
            Self::Dead => &[Happening::Start, Happening::Crash],
        }
    }

    pub(crate) fn state(self) -> VmState {
        match self {
            Self::Off => VmState::Stopped,
            Self::On => VmState::Running,
            Self::Dead => VmState::Crashed,
        }
    }
}

impl Happening {
    /// The event that tells of it.
    pub(crate) fn event(self, vm: VmId) -> EventKind {
        match self {
            Self::Start => EventKind::Started(vm),
            Self::Stop => EventKind::Stopped(vm),
            Self::Crash => EventKind::Crashed(vm),
        }
    }
}
