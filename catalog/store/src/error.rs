//! What the store says when it says no.

use std::path::PathBuf;

use uuid::Uuid;
use windlass_lcm::JournalError;
use windlass_model::OperationId;

/// Why the store refused, or failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such thing.
    #[error("there is no {what} {id}")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// Its id, or its name.
        id: String,
    },
    /// A name, or an id, that must be unique is in use.
    #[error("there is already a {what} {name}")]
    Taken {
        /// What kind of thing.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Somebody else changed it since it was read.
    #[error("the {what} was changed by somebody else meanwhile; read it again")]
    Stale {
        /// What kind of thing.
        what: &'static str,
    },
    /// An operation of the instance is not finished.
    #[error(
        "operation {running} of this instance is not finished; wait for it, or see `windlass op`"
    )]
    Busy {
        /// The operation that runs.
        running: OperationId,
    },
    /// Something else still needs it.
    #[error("the {what} {id} is in use by {user}")]
    InUse {
        /// What kind of thing.
        what: &'static str,
        /// Its id.
        id: Uuid,
        /// Who uses it, for people.
        user: String,
    },
    /// The journal's contract says no.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// What is stored is not what was written.
    #[error("the stored {what} cannot be read")]
    Corrupt {
        /// What kind of thing.
        what: &'static str,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database cannot be opened.
    #[error("the database {path} cannot be opened")]
    Open {
        /// Its file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] diesel::result::Error),
    /// The writes of a batch, this one among them, could not be made durable.
    #[error("the write could not be made durable: {0}")]
    NotDurable(String),
    /// No connection became free in time.
    #[error("no connection to the database became free")]
    Exhausted(#[from] diesel::r2d2::PoolError),
    /// The store has stopped.
    #[error("the store has stopped")]
    Stopped,
}

impl StoreError {
    pub(crate) fn corrupt(
        what: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Corrupt { what, source: source.into() }
    }

    /// Why a write failed whose `name` must be unique.
    pub(crate) fn of_write(
        error: diesel::result::Error,
        what: &'static str,
        name: &dyn std::fmt::Display,
    ) -> Self {
        use diesel::result::{DatabaseErrorKind, Error};
        if matches!(error, Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) {
            Self::Taken { what, name: name.to_string() }
        } else {
            error.into()
        }
    }
}

impl From<StoreError> for JournalError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Journal(error) => error,
            StoreError::Busy { running } => Self::Busy { running },
            StoreError::Stale { .. } => Self::Stale,
            error @ (StoreError::NotFound { .. }
            | StoreError::Taken { .. }
            | StoreError::InUse { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Open { .. }
            | StoreError::Database(_)
            | StoreError::NotDurable(_)
            | StoreError::Exhausted(_)
            | StoreError::Stopped) => Self::Storage(Box::new(error)),
        }
    }
}
