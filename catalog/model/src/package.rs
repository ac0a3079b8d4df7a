//! The states of descriptors in the catalog (SOL005 clauses 5.5.4 and 9.5.4).

use serde::{Deserialize, Serialize};

/// How far the content of a package or descriptor has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OnboardingState {
    /// The resource exists, its content does not.
    Created,
    /// Content is coming in.
    Uploading,
    /// Content is being read and checked.
    Processing,
    /// Ready for use.
    Onboarded,
    /// The last upload was refused; a new one may follow.
    Error,
}

impl OnboardingState {
    /// True when content may be uploaded (SOL005 clause 9.4.6: not while a good one is there).
    #[must_use]
    pub fn accepts_content(self) -> bool {
        matches!(self, Self::Created | Self::Error)
    }
}

/// Whether new instances may be made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OperationalState {
    /// They may.
    Enabled,
    /// They may not.
    Disabled,
}

/// Whether instances of it exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UsageState {
    /// Some do.
    InUse,
    /// None does.
    NotInUse,
}
