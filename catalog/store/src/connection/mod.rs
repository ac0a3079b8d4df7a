//! Connections to either database.
//!
//! SQLite prepares a query anew whenever the number behind its LIMIT is bound, which takes longer than
//! most queries. What is unique is therefore read by `get_result`, without the LIMIT of `first`.
//!
//! Both are spoken to with the same queries; what differs is said here: how a connection is made
//! and bounded, and how a batch of writes begins.

mod multi;
mod postgres;
mod readers;
mod sqlite;

use diesel::connection::TransactionManager;
use diesel::result::{DatabaseErrorKind, Error, QueryResult};

use crate::error::StoreError;
use crate::location::Location;

pub use multi::{EitherConnection as Connection, MultiBackend};
pub use readers::{Readers, readers};

type Transactions = <Connection as diesel::Connection>::TransactionManager;

/// A connection that may write.
pub fn writer(location: &Location) -> Result<Connection, StoreError> {
    let connection = match location {
        Location::File(path) => sqlite::writer(path).map(Connection::Sqlite),
        Location::Postgres(url) => postgres::writer(url).map(Connection::Postgres),
    };
    connection.map_err(|error| location.cannot_open(error))
}

/// A connection that may not.
pub fn reader(location: &Location) -> Result<Connection, StoreError> {
    let connection = match location {
        Location::File(path) => sqlite::reader(path).map(Connection::Sqlite),
        Location::Postgres(url) => postgres::reader(url).map(Connection::Postgres),
    };
    connection.map_err(|error| location.cannot_open(error))
}

/// The only connection there ever is to a database in memory.
pub fn in_memory() -> Result<Connection, StoreError> {
    let connection = sqlite::in_memory().map(Connection::Sqlite);
    connection.map_err(|error| Location::File(":memory:".into()).cannot_open(error))
}

impl Connection {
    /// Begins a transaction in which nobody else writes to this database, in this process or in
    /// another: what it reads stays true until it ends, and transactions become visible in the
    /// order in which they wrote.
    pub fn begin_alone(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(connection) => sqlite::begin_alone(connection),
            Self::Postgres(connection) => postgres::begin_alone(connection),
        }
    }

    /// The same, for work that takes its time in a process that nobody else waits for.
    pub fn begin_alone_for_long(&mut self) -> QueryResult<()> {
        self.begin_alone()?;
        self.take_time()
    }

    /// Begins a transaction whose reads all see the moment of the first one.
    pub fn begin_snapshot(&mut self) -> QueryResult<()> {
        Transactions::begin_transaction(self)?;
        self.take_time()
    }

    fn take_time(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(connection) => postgres::take_time(connection),
        }
    }

    /// Lets tables be dropped in any order; only outside of a transaction.
    pub fn ignore_references(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(connection) => sqlite::ignore_references(connection),
            Self::Postgres(_) => Ok(()),
        }
    }

    pub fn commit(&mut self) -> QueryResult<()> {
        Transactions::commit_transaction(self)
    }

    /// Takes back whatever is open deeper than the transaction of [`Connection::begin_alone`].
    pub fn rollback_savepoints(&mut self) -> QueryResult<()> {
        loop {
            let depth = Transactions::transaction_manager_status_mut(self).transaction_depth()?;
            if depth.is_none_or(|depth| depth.get() <= 1) {
                return Ok(());
            }
            Transactions::rollback_transaction(self)?;
        }
    }

    /// Runs `work` in a transaction like [`Connection::begin_alone`]'s.
    pub fn alone<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.begin_alone()?;
        match work(self) {
            Ok(value) => {
                self.commit()?;
                Ok(value)
            }
            Err(error) => {
                // What was wrong first is what there is to tell.
                let _second = Transactions::rollback_transaction(self);
                Err(error)
            }
        }
    }
}

/// Whether nobody can know if the commit that failed like this happened: the answer was lost with
/// the connection.
pub fn outcome_is_unknown(error: &Error) -> bool {
    if let Error::RollbackErrorOnCommit { commit_error, .. } = error {
        return outcome_is_unknown(commit_error);
    }
    matches!(
        error,
        Error::DatabaseError(
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
            _
        )
    )
}

fn set_up<C: diesel::Connection>(url: &str, settings: &str) -> Result<C, Refusal> {
    let mut connection = C::establish(url)?;
    connection.batch_execute(settings)?;
    Ok(connection)
}

/// Why no connection came about.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Connect(#[from] diesel::ConnectionError),
    #[error(transparent)]
    SetUp(#[from] Error),
}
