//! Why a file cannot be fetched.

use thiserror::Error;

use crate::error;
use crate::guard::Forbidden;

/// Why a file cannot be fetched; each message can be shown to people as it is.
#[derive(Debug, Error)]
pub enum FetchError {
    /// It is where nothing may be fetched from.
    #[error("{uri} is not fetched: {reason}")]
    Refused {
        /// Where it is.
        uri: String,
        /// Why that is no good place.
        reason: String,
    },
    /// The server, or one that it led to, refused.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// There is no server, or it stopped answering.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// The way leads where nothing may be fetched from.
    #[error("the way to the file is forbidden: {0}")]
    Forbidden(String),
    /// The server that hands out tokens does not hand out one.
    #[error("there is no token to fetch it with: {0}")]
    NoToken(String),
    /// It was tried often enough.
    #[error("gave up after {attempts} attempts; the last one failed because {last}")]
    GaveUp {
        /// How often it was tried in a row.
        attempts: u32,
        /// Why the last attempt failed.
        last: String,
    },
    /// Nothing can be fetched by this program.
    #[error("nothing can be fetched: {0}")]
    Unusable(String),
}

impl FetchError {
    pub(super) fn of(cause: &reqwest::Error) -> Self {
        let mut source: Option<&(dyn std::error::Error + 'static)> = Some(cause);
        while let Some(error) = source {
            if let Some(forbidden) = error.downcast_ref::<Forbidden>() {
                return Self::Forbidden(forbidden.0.clone());
            }
            source = error.source();
        }
        Self::Unreachable(error::reason(cause))
    }

    /// Whether another attempt may fare better.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Status(status) => matches!(status, 408 | 425 | 429 | 500 | 502..=504),
            Self::Refused { .. }
            | Self::Forbidden(_)
            | Self::NoToken(_)
            | Self::GaveUp { .. }
            | Self::Unusable(_) => false,
        }
    }
}
