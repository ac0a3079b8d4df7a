//! What can go wrong in the NFVO, in terms that a client can act on.

use windlass_api::common::ProblemDetails;
use windlass_lcm::{JournalError, StepError};
use windlass_store::StoreError;

/// The result of what the NFVO does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the NFVO did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("there is no {what} {id}")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// Which.
        id: String,
    },
    /// The request itself is wrong.
    #[error("{0}")]
    Malformed(String),
    /// The planner, or a rule, says no to a grant.
    #[error("{0}")]
    Refused(String),
    /// The resource's state does not allow it.
    #[error("{0}")]
    Conflict(String),
    /// The client wants something that is not spoken here.
    #[error("{0}")]
    NotAcceptable(String),
    /// The body is longer than may be.
    #[error("the body is longer than {limit_bytes} bytes")]
    TooLarge {
        /// The most it may be.
        limit_bytes: u64,
    },
    /// The body is of a type that is not understood.
    #[error("a body of type {found:?} is not understood here; {wanted} is")]
    MediaType {
        /// What came.
        found: String,
        /// What is understood.
        wanted: &'static str,
    },
    /// The range lies outside of the content.
    #[error("the range lies outside of the content, which is {size_bytes} bytes long")]
    Range {
        /// How long the content is.
        size_bytes: u64,
    },
    /// The request is well formed and cannot be followed.
    #[error("{0}")]
    Unprocessable(String),
    /// Somebody that is needed does not answer.
    #[error("{who} does not answer")]
    Away {
        /// Who.
        who: &'static str,
        /// What was seen of it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Somebody else refused, and said why.
    #[error("{who} refused: {problem}")]
    Told {
        /// Who.
        who: &'static str,
        /// Why.
        problem: Box<ProblemDetails>,
    },
    /// There is no room on our own disks.
    #[error(
        "there is no room left to keep the content: make room on the server's disk, and send it again"
    )]
    NoRoom,
    /// The operation engine refused.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Something of our own broke.
    #[error("could not {doing}")]
    Broken {
        /// What was being done, as a verb phrase.
        doing: &'static str,
        /// What broke.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// There is no such thing.
    pub(crate) fn not_found(what: &'static str, id: &impl ToString) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }

    /// Something of our own broke.
    pub(crate) fn broken(
        doing: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Broken { doing, source: source.into() }
    }

    /// The HTTP status that says it best.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) => 400,
            Self::Refused(_) => 403,
            Self::NotFound { .. } => 404,
            Self::NotAcceptable(_) => 406,
            Self::Conflict(_) => 409,
            Self::TooLarge { .. } => 413,
            Self::MediaType { .. } => 415,
            Self::Range { .. } => 416,
            Self::Unprocessable(_) => 422,
            Self::Broken { .. } => 500,
            Self::Away { .. } => 503,
            Self::NoRoom => 507,
            // What another server refuses for its own reasons is a conflict of ours; only its
            // being overloaded or broken is passed on as what it is.
            Self::Told { problem, .. } => match problem.status {
                500..=599 => 503,
                404 | 409 | 422 => problem.status,
                _ => 409,
            },
            Self::Journal(error) => match error {
                JournalError::NoOperation(_) | JournalError::NoSubject { .. } => 404,
                JournalError::Busy { .. } | JournalError::Denied(_) | JournalError::Stale => 409,
                error @ JournalError::Storage(_) if windlass_store::is_away(error) => 503,
                JournalError::LeaseLost(_) | JournalError::Storage(_) => 500,
            },
        }
    }

    /// The same as the reason of a step or plan; what may pass by itself is transient.
    pub(crate) fn into_step(self) -> StepError {
        let chained = StepError::from_chain(self.status(), &self);
        StepError { transient: self.status() == 503, ..chained }
    }
}

impl From<Error> for StepError {
    fn from(error: Error) -> Self {
        error.into_step()
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { what, id } => Self::NotFound { what, id },
            StoreError::Journal(error) => Self::Journal(error),
            StoreError::Busy { running } => Self::Journal(JournalError::Busy { running }),
            refusal @ (StoreError::Taken { .. }
            | StoreError::Stale { .. }
            | StoreError::InUse { .. }) => Self::Conflict(refusal.to_string()),
            away @ (StoreError::NotDurable(_)
            | StoreError::Unknown(_)
            | StoreError::Exhausted(_)) => Self::Away { who: "the database", source: away.into() },
            broken @ (StoreError::Corrupt { .. }
            | StoreError::Open { .. }
            | StoreError::TooNew { .. }
            | StoreError::BadLocation(_)
            | StoreError::Database(_)
            | StoreError::Defect(_)
            | StoreError::Stopped) => Self::broken("use the store", broken),
        }
    }
}

/// The only server that the NFVO is a client of is its VNFM.
impl From<windlass_client::Error> for Error {
    fn from(error: windlass_client::Error) -> Self {
        use windlass_client::Error as Client;
        let who = "the VNFM";
        match error {
            Client::Problem(problem) => Self::Told { who, problem },
            away @ (Client::Unreachable { .. } | Client::Unexpected { .. }) => {
                Self::Away { who, source: away.into() }
            }
            invalid @ Client::Invalid(_) => Self::broken("ask the VNFM", invalid),
        }
    }
}

impl From<windlass_vim::Error> for Error {
    fn from(error: windlass_vim::Error) -> Self {
        if error.is_transient() {
            return Self::Away { who: "the VIM", source: error.into() };
        }
        if let windlass_vim::Error::NoRoom { .. } = error {
            return Self::Conflict(error.to_string());
        }
        Self::broken("use the VIM", error)
    }
}
