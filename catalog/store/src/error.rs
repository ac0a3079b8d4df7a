//! What the store says when it says no.

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
    #[error("the database {database} cannot be opened: {reason}")]
    Open {
        /// Where it is; without a password.
        database: String,
        /// Why, in the words of who said so; without a password.
        reason: String,
    },
    /// The database has tables that this Windlass does not know.
    #[error(
        "the database {database} was brought up to date by Windlass {theirs}, which is newer than \
         this Windlass {ours}: start that one, or restore a backup that was made before"
    )]
    TooNew {
        /// Where it is; without a password.
        database: String,
        /// The version that wrote it.
        theirs: String,
        /// The version of this program.
        ours: &'static str,
    },
    /// Where the database is was not said in a way that can be understood.
    #[error("{0}")]
    BadLocation(&'static str),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] diesel::result::Error),
    /// The writes of a batch, this one among them, could not be made durable.
    #[error("the write could not be made durable: {0}")]
    NotDurable(String),
    /// The connection was lost while the batch was committed: the write may have happened.
    #[error("the database was lost while the write was committed, so it may have happened: {0}")]
    Unknown(String),
    /// The write itself came to a bad end, and was taken back.
    #[error("a defect of Windlass ended the write, which was taken back: {0}")]
    Defect(String),
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

impl StoreError {
    /// True when the database is away or has too much to do, so that the same may succeed later.
    #[must_use]
    pub fn is_away(&self) -> bool {
        if let Self::Journal(error) = self {
            return is_away(error);
        }
        matches!(self, Self::NotDurable(_) | Self::Unknown(_) | Self::Exhausted(_) | Self::Stopped)
    }
}

/// True when a journal failed because its database is away; see [`StoreError::is_away`].
#[must_use]
pub fn is_away(error: &JournalError) -> bool {
    let JournalError::Storage(source) = error else { return false };
    source.downcast_ref::<StoreError>().is_some_and(StoreError::is_away)
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
            | StoreError::TooNew { .. }
            | StoreError::BadLocation(_)
            | StoreError::Database(_)
            | StoreError::NotDurable(_)
            | StoreError::Unknown(_)
            | StoreError::Defect(_)
            | StoreError::Exhausted(_)
            | StoreError::Stopped) => Self::Storage(Box::new(error)),
        }
    }
}
