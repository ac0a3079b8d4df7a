//! What can go wrong when the VNFM is asked for something.

use windlass_client::Error as ClientError;
use windlass_lcm::{JournalError, StepError};
use windlass_store::StoreError;

use crate::plan::PlanError;

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub enum VnfmError {
    /// The request's text is not what the API wants.
    #[error("{0}")]
    BadRequest(String),
    /// There is no such resource.
    #[error("there is no {what} {id}")]
    NotFound {
        /// What kind.
        what: &'static str,
        /// Which.
        id: String,
    },
    /// The instance's state does not allow the task.
    #[error("{0}")]
    Conflict(String),
    /// The precondition of the request does not hold any more.
    #[error("the resource was changed since it was read; read it again and repeat the request")]
    PreconditionFailed,
    /// No onboarded package has this VNFD.
    #[error("no onboarded package has the VNFD {0:?}; see `windlass package list`")]
    UnknownVnfd(String),
    /// The package of this VNFD is disabled.
    #[error("the package of VNFD {0:?} is disabled: no new instance can be made of it")]
    DisabledVnfd(String),
    /// The VNFD that the NFVO keeps cannot be read.
    #[error("the VNFD {vnfd_id:?} that the NFVO keeps cannot be read: {finding}")]
    UnreadableVnfd {
        /// Which.
        vnfd_id: String,
        /// The first thing that is wrong.
        finding: String,
    },
    /// The request does not fit the VNFD.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The NFVO did not give what was asked of it.
    #[error("the NFVO did not answer as needed: {0}")]
    Nfvo(#[source] ClientError),
    /// The engine refused.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The store failed or refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The infrastructure refused.
    #[error(transparent)]
    Vim(#[from] windlass_vim::Error),
}

impl VnfmError {
    /// The HTTP status of the answer (SOL003 clause 5.4; SOL013 clause 6.4).
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::BadRequest(_) => 400,
            Self::NotFound { .. } => 404,
            Self::Conflict(_) => 409,
            Self::PreconditionFailed => 412,
            Self::UnknownVnfd(_) | Self::DisabledVnfd(_) | Self::UnreadableVnfd { .. } => 422,
            Self::Plan(error) => error.status(),
            Self::Nfvo(_) => 503,
            Self::Journal(error) => journal_status(error),
            Self::Store(error) => store_status(error),
            Self::Vim(error) => vim_status(error),
        }
    }
}

fn journal_status(error: &JournalError) -> u16 {
    match error {
        JournalError::NoOperation(_) | JournalError::NoSubject { .. } => 404,
        JournalError::Busy { .. } | JournalError::Denied(_) | JournalError::Stale => 409,
        error @ JournalError::Storage(_) if windlass_store::is_away(error) => 503,
        JournalError::LeaseLost(_) | JournalError::Storage(_) => 500,
    }
}

fn store_status(error: &StoreError) -> u16 {
    match error {
        StoreError::NotFound { .. } => 404,
        StoreError::Taken { .. }
        | StoreError::Stale { .. }
        | StoreError::Busy { .. }
        | StoreError::InUse { .. } => 409,
        StoreError::Journal(error) => journal_status(error),
        StoreError::NotDurable(_)
        | StoreError::Unknown(_)
        | StoreError::Exhausted(_)
        | StoreError::Stopped => 503,
        StoreError::Corrupt { .. }
        | StoreError::Open { .. }
        | StoreError::TooNew { .. }
        | StoreError::BadLocation(_)
        | StoreError::Database(_)
        | StoreError::Defect(_) => 500,
    }
}

/// The HTTP status that says best what an infrastructure said.
#[must_use]
pub fn vim_status(error: &windlass_vim::Error) -> u16 {
    use windlass_vim::Error as E;
    match error {
        E::UnknownHost(_) | E::Missing { .. } => 404,
        E::NotOurs { .. } => 409,
        E::NoRoom { .. } => 507,
        E::ImageCorrupt { .. } => 422,
        E::Unreachable { .. } | E::ImageSource(_) | E::NoAgent { .. } => 503,
        E::NotReady { .. } | E::Crashed { .. } => 504,
        E::Refused { .. } => 500,
    }
}

/// A VIM's error as a step's.
pub fn step_error(error: &windlass_vim::Error) -> StepError {
    let step = StepError::from_chain(vim_status(error), error);
    StepError { transient: error.is_transient(), ..step }
}

impl From<VnfmError> for StepError {
    fn from(error: VnfmError) -> Self {
        let transient = matches!(error, VnfmError::Nfvo(ClientError::Unreachable { .. }));
        StepError { transient, ..StepError::from_chain(error.status(), &error) }
    }
}

impl From<PlanError> for StepError {
    fn from(error: PlanError) -> Self {
        StepError::from_chain(error.status(), &error)
    }
}
