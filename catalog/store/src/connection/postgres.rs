//! Connections to a PostgreSQL server.

use diesel::connection::{AnsiTransactionManager, SimpleConnection};
use diesel::pg::PgConnection;
use diesel::result::QueryResult;

use super::{Refusal, set_up};
use crate::location::PostgresUrl;

/// The bounds of a session. A process that hangs, or whose machine is gone, must not keep the lock
/// of the writers for longer than the others can wait for it: a lease is renewed within seconds.
/// What a method returned must survive a power cut, whatever the server was told.
const EVERYBODY: &str = "\
    SET idle_in_transaction_session_timeout = '10s'; \
    SET lock_timeout = '20s'; \
    SET statement_timeout = '30s'; \
    SET tcp_keepalives_idle = 10; \
    SET tcp_keepalives_interval = 5; \
    SET tcp_keepalives_count = 3; \
    SET tcp_user_timeout = '20s'; \
    SELECT set_config('synchronous_commit', 'on', false) \
    WHERE current_setting('synchronous_commit') = 'off';";

const READERS: &str = "\
    SET default_transaction_read_only = on; \
    SET default_transaction_isolation = 'repeatable read';";

pub fn writer(url: &PostgresUrl) -> Result<PgConnection, Refusal> {
    set_up(&url.with_bounds(), &settings(url, ""))
}

pub fn reader(url: &PostgresUrl) -> Result<PgConnection, Refusal> {
    set_up(&url.with_bounds(), &settings(url, READERS))
}

fn settings(url: &PostgresUrl, more: &str) -> String {
    format!("{EVERYBODY} SET search_path = {}; {more}", url.schema())
}

/// Each schema has a lock of its own, which the transaction holds until what it wrote is visible.
/// Under it the usual READ COMMITTED sees all that was written before, and nothing comes between.
pub fn begin_alone(connection: &mut PgConnection) -> QueryResult<()> {
    AnsiTransactionManager::begin_transaction_sql(
        connection,
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock(\
         hashtext('windlass'), hashtext(current_setting('search_path')));",
    )
}

/// Lifts the bounds from the transaction that has begun.
pub fn take_time(connection: &mut PgConnection) -> QueryResult<()> {
    connection.batch_execute(
        "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0;",
    )
}
