//! How the tables came to be, step by step.
//!
//! A step that was released is never changed; the next one comes behind it. Whoever opens a
//! database takes all steps that it lacks, alone and in one transaction, so that several processes
//! may start at once and none ever sees half of a schema.

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::connection::Connection;
use crate::error::StoreError;
use crate::lists;
use crate::location::Location;

/// The version of this program, which a database remembers.
pub const OURS: &str = env!("CARGO_PKG_VERSION");

/// A step: the name of its folder, and its SQL in the dialect of SQLite.
struct Migration {
    name: &'static str,
    sql: &'static str,
}

macro_rules! migrations {
    ($($name:literal)*) => {
        &[$(Migration {
            name: $name,
            sql: include_str!(concat!("../migrations/", $name, "/up.sql")),
        }),*]
    };
}

/// All steps, oldest first.
const MIGRATIONS: &[Migration] = migrations! {
    "2026-01-01-000000_catalog"
    "2026-11-23-000001_notifications"
    "2026-11-23-000002_alarms"
    "2026-11-23-000003_lists"
    "2026-11-23-000008_plans"
};

/// What the database remembers of them. The first table's name and form are diesel's, with whose
/// runner release 0.1.0 made its databases.
const MEMORY: &str = "\
    CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (
        version VARCHAR(50) NOT NULL PRIMARY KEY,
        run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
    );
    CREATE TABLE IF NOT EXISTS windlass_release (
        id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
        version TEXT NOT NULL
    );";

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

diesel::table! {
    windlass_release (id) {
        id -> Integer,
        version -> Text,
    }
}

impl Migration {
    /// The digits of the date in its name.
    fn version(&self) -> String {
        self.name.chars().take_while(|&letter| letter != '_').filter(|&c| c != '-').collect()
    }
}

/// Brings the tables up to date.
pub fn run(connection: &mut Connection, location: &Location) -> Result<(), StoreError> {
    let up_to_date = run_until(connection, location, MIGRATIONS)
        .and_then(|()| connection.alone(lists::catch_up));
    up_to_date.map_err(|error| {
        if let StoreError::Database(error) = error { location.cannot_open(error) } else { error }
    })
}

fn run_until(
    connection: &mut Connection,
    location: &Location,
    migrations: &[Migration],
) -> Result<(), StoreError> {
    connection.alone(|connection| take_missing(connection, location, migrations))
}

/// Takes the steps that are missing, in a transaction that has begun.
fn take_missing<'a>(
    connection: &mut Connection,
    location: &Location,
    migrations: impl IntoIterator<Item = &'a Migration>,
) -> Result<(), StoreError> {
    if let (Connection::Postgres(_), Location::Postgres(url)) = (&mut *connection, location) {
        make_schema(connection, url.schema())?;
    }
    connection.batch_execute(MEMORY)?;
    let taken: Vec<String> = __diesel_schema_migrations::table
        .select(__diesel_schema_migrations::version)
        .load(connection)?;
    let migrations: Vec<&Migration> = migrations.into_iter().collect();
    let known: Vec<String> = migrations.iter().map(|step| step.version()).collect();
    if taken.iter().any(|version| !known.contains(version)) {
        return Err(too_new(connection, location)?);
    }
    let missing = migrations.into_iter().filter(|step| !taken.contains(&step.version()));
    let mut changed = false;
    for step in missing {
        changed = true;
        take(connection, step)?;
    }
    if changed { remember_release(connection) } else { Ok(()) }
}

/// The steps that a database has taken, and the version that took the last one.
pub fn taken(connection: &mut Connection) -> Result<(Vec<String>, Option<String>), StoreError> {
    let taken = __diesel_schema_migrations::table
        .select(__diesel_schema_migrations::version)
        .order(__diesel_schema_migrations::version)
        .load(connection)?;
    Ok((taken, release(connection)?))
}

/// Whether all these steps are ours.
pub fn knows(versions: &[String]) -> bool {
    versions.iter().all(|version| MIGRATIONS.iter().any(|step| step.version() == *version))
}

/// How many steps there are.
pub const fn count() -> usize {
    MIGRATIONS.len()
}

/// Takes those steps only, in a transaction that has begun: the tables are then as they were once.
pub fn run_those(
    connection: &mut Connection,
    location: &Location,
    versions: &[String],
) -> Result<(), StoreError> {
    let those = MIGRATIONS.iter().filter(|step| versions.contains(&step.version()));
    take_missing(connection, location, those)
}

/// Brings the tables up to date in a transaction that has begun.
pub fn run_all(connection: &mut Connection, location: &Location) -> Result<(), StoreError> {
    take_missing(connection, location, MIGRATIONS)?;
    lists::catch_up(connection)
}

/// The tables that there are, whoever made them.
pub fn tables(connection: &mut Connection) -> Result<Vec<String>, StoreError> {
    let query = match connection {
        Connection::Sqlite(_) => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        }
        Connection::Postgres(_) => {
            "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()"
        }
    };
    Ok(sql::<Text>(query).load(connection)?)
}

/// Removes every table, in a transaction that has begun.
pub fn drop_tables(connection: &mut Connection) -> Result<(), StoreError> {
    let and_what_refers_to_it = match connection {
        Connection::Sqlite(_) => "",
        Connection::Postgres(_) => "CASCADE",
    };
    for table in tables(connection)? {
        connection.batch_execute(&format!("DROP TABLE \"{table}\" {and_what_refers_to_it}"))?;
    }
    Ok(())
}

/// Whoever may not make schemas may still use one that was made for it.
fn make_schema(connection: &mut Connection, schema: &str) -> Result<(), StoreError> {
    connection.batch_execute(&format!(
        "DO $$ BEGIN \
         IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = '{schema}') \
         THEN CREATE SCHEMA {schema}; END IF; END $$;"
    ))?;
    Ok(())
}

fn take(connection: &mut Connection, step: &Migration) -> Result<(), StoreError> {
    match connection {
        Connection::Sqlite(_) => connection.batch_execute(step.sql)?,
        Connection::Postgres(_) => connection.batch_execute(&for_postgres(step.sql))?,
    }
    diesel::insert_into(__diesel_schema_migrations::table)
        .values(__diesel_schema_migrations::version.eq(step.version()))
        .execute(connection)?;
    Ok(())
}

/// The same step for PostgreSQL. Text is to be compared byte by byte there too, whatever the
/// server's language, so that lists come in one order everywhere; and numbers that count up by
/// themselves are made in another way.
fn for_postgres(sql: &str) -> String {
    let counter = "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY";
    sql.replace("INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT", counter)
        .replace("INTEGER PRIMARY KEY AUTOINCREMENT", counter)
        .replace(" TEXT", " TEXT COLLATE \"C\"")
}

fn remember_release(connection: &mut Connection) -> Result<(), StoreError> {
    diesel::delete(windlass_release::table).execute(connection)?;
    diesel::insert_into(windlass_release::table)
        .values((windlass_release::id.eq(1), windlass_release::version.eq(OURS)))
        .execute(connection)?;
    Ok(())
}

fn release(connection: &mut Connection) -> Result<Option<String>, StoreError> {
    Ok(windlass_release::table.select(windlass_release::version).first(connection).optional()?)
}

fn too_new(connection: &mut Connection, location: &Location) -> Result<StoreError, StoreError> {
    let theirs = release(connection)?.unwrap_or_else(|| "of another version".to_owned());
    Ok(StoreError::TooNew { database: location.to_string(), theirs, ours: OURS })
}

#[cfg(test)]
mod released;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::connection;

    fn memory() -> (Connection, Location) {
        (connection::in_memory().unwrap(), Location::File(":memory:".into()))
    }

    #[test]
    fn every_folder_is_a_step_and_steps_go_forward() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let folders: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let steps: Vec<&str> = MIGRATIONS.iter().map(|step| step.name).collect();
        assert_eq!(folders.iter().map(String::as_str).collect::<Vec<_>>(), steps);
    }

    #[test]
    fn what_is_up_to_date_stays_as_it_is() {
        let (mut connection, location) = memory();
        run(&mut connection, &location).unwrap();
        run(&mut connection, &location).unwrap();
        let taken: Vec<String> = __diesel_schema_migrations::table
            .select(__diesel_schema_migrations::version)
            .load(&mut connection)
            .unwrap();
        assert_eq!(taken.len(), MIGRATIONS.len());
        assert_eq!(taken[0], "20260101000000");
    }

    #[test]
    fn a_database_of_a_newer_windlass_is_refused_with_both_versions() {
        let (mut connection, location) = memory();
        run(&mut connection, &location).unwrap();
        connection
            .batch_execute(
                "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000'); \
                 UPDATE windlass_release SET version = '7.0.0';",
            )
            .unwrap();
        let refused = run(&mut connection, &location).unwrap_err().to_string();
        assert!(refused.contains("Windlass 7.0.0") && refused.contains(OURS), "{refused}");
    }

    #[test]
    fn a_step_that_fails_leaves_nothing_behind() {
        let (mut connection, location) = memory();
        let broken = [
            Migration { name: "2026-01-01-000000_one", sql: "CREATE TABLE one (id INTEGER);" },
            Migration { name: "2026-01-02-000000_two", sql: "CREATE TABLE two (id; nonsense" },
        ];
        run_until(&mut connection, &location, &broken).unwrap_err();
        run(&mut connection, &location).unwrap();
        assert!(connection.batch_execute("SELECT id FROM one").is_err());
    }
}
