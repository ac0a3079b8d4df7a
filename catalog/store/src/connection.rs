//! How connections to the database are made.

use std::path::Path;

use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool};
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::error::StoreError;

/// The database that the queries are written for; the other one joins here.
pub type Connection = SqliteConnection;

pub type Readers = Pool<ConnectionManager<Connection>>;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The wait comes first, since turning the journal to WAL may have to wait already. FULL, because
/// what a method returned must survive a power cut.
const EVERYBODY: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

const READERS: u32 = 4;

/// A connection that may write, to a database that has every table.
pub fn writer(path: &Path) -> Result<Connection, StoreError> {
    let url = path.to_string_lossy();
    let mut connection = Connection::establish(&url).map_err(|error| cannot_open(path, error))?;
    connection.batch_execute(EVERYBODY).map_err(|error| cannot_open(path, error))?;
    connection.run_pending_migrations(MIGRATIONS).map_err(|source| cannot_open(path, source))?;
    Ok(connection)
}

/// The only connection there ever is to a database in memory.
pub fn in_memory() -> Result<Connection, StoreError> {
    let path = Path::new(":memory:");
    let mut connection =
        Connection::establish(":memory:").map_err(|error| cannot_open(path, error))?;
    connection
        .batch_execute("PRAGMA foreign_keys = ON;")
        .map_err(|error| cannot_open(path, error))?;
    connection.run_pending_migrations(MIGRATIONS).map_err(|source| cannot_open(path, source))?;
    Ok(connection)
}

/// A few connections that only read.
pub fn readers(path: &Path) -> Result<Readers, StoreError> {
    Pool::builder()
        .max_size(READERS)
        .min_idle(Some(1))
        .connection_customizer(Box::new(ReadOnly))
        .build(ConnectionManager::new(path.to_string_lossy()))
        .map_err(|error| cannot_open(path, error))
}

fn cannot_open(
    path: &Path,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::Open { path: path.to_owned(), source: source.into() }
}

#[derive(Debug)]
struct ReadOnly;

impl CustomizeConnection<Connection, diesel::r2d2::Error> for ReadOnly {
    fn on_acquire(&self, connection: &mut Connection) -> Result<(), diesel::r2d2::Error> {
        connection
            .batch_execute(EVERYBODY)
            .and_then(|()| connection.batch_execute("PRAGMA query_only = ON;"))
            .map_err(diesel::r2d2::Error::QueryError)
    }
}
