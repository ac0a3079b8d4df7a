//! The two connections as one, in a module of its own: what diesel derives brings names along, and
//! stands no type named `Connection` beside it.

use std::fmt;

use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;

/// A connection to one of the databases that the queries are written for.
#[derive(diesel::MultiConnection)]
pub enum EitherConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl fmt::Debug for EitherConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "Connection to SQLite",
            Self::Postgres(_) => "Connection to PostgreSQL",
        })
    }
}
