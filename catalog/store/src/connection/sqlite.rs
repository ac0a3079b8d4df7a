//! Connections to a file.

use std::path::Path;

use diesel::connection::{AnsiTransactionManager, SimpleConnection};
use diesel::result::QueryResult;
use diesel::sqlite::SqliteConnection;

use super::{Refusal, set_up};

/// The wait comes first, since turning the journal to WAL may have to wait already. FULL, because
/// what a method returned must survive a power cut.
const EVERYBODY: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

pub fn writer(path: &Path) -> Result<SqliteConnection, Refusal> {
    set_up(&path.to_string_lossy(), EVERYBODY)
}

pub fn reader(path: &Path) -> Result<SqliteConnection, Refusal> {
    set_up(&path.to_string_lossy(), &format!("{EVERYBODY} PRAGMA query_only = ON;"))
}

pub fn in_memory() -> Result<SqliteConnection, Refusal> {
    set_up(":memory:", "PRAGMA foreign_keys = ON;")
}

/// A transaction that is to write has to take the lock when it begins: one that reads first and
/// then finds the lock taken would have to start again.
pub fn begin_alone(connection: &mut SqliteConnection) -> QueryResult<()> {
    AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")
}

/// A table that is dropped takes along what refers to it, unless nobody looks.
pub fn ignore_references(connection: &mut SqliteConnection) -> QueryResult<()> {
    connection.batch_execute("PRAGMA foreign_keys = OFF")
}
