//! What takes a database's place.

use std::io::BufRead;

use diesel::prelude::*;

use super::insert::{Empty, Insert, ROWS};
use super::{Cell, DumpError, Header, Schema, cells};
use crate::connection::{self, Connection};
use crate::error::StoreError;
use crate::location::Location;
use crate::migrations;
use crate::schema::{duty, operation, subscription};

/// What is to take the place of everything in a database. Nobody sees it, and nothing is lost,
/// before [`Replacement::commit`].
#[derive(Debug)]
pub struct Replacement {
    connection: Connection,
}

impl Replacement {
    /// Takes a dump in, in a transaction that waits for its end. Work that was going on when the
    /// dump was made is free, for whoever comes first; nobody who worked on it then can write.
    ///
    /// # Errors
    /// [`DumpError::TooNew`], [`DumpError::BadLine`], and those of the database, which stays as it
    /// was.
    pub fn begin(
        location: &Location,
        schema: &Schema,
        lines: impl BufRead,
    ) -> Result<Self, DumpError> {
        schema.check()?;
        let mut connection = connection::writer(location)?;
        // Tables go in any order; what comes refers to what has come before.
        connection.ignore_references()?;
        connection.begin_alone_for_long()?;
        migrations::drop_tables(&mut connection)?;
        migrations::run_those(&mut connection, location, &schema.migrations)?;
        Lines::into(&mut connection).take(lines)?;
        migrations::run_all(&mut connection, location)?;
        free(&mut connection)?;
        Ok(Self { connection })
    }

    /// Puts it in its place; it is durable when this returns.
    ///
    /// # Errors
    /// Those of the database, which then is as it was.
    pub fn commit(mut self) -> Result<(), DumpError> {
        Ok(self.connection.commit()?)
    }
}

/// Puts lines into tables.
struct Lines<'a> {
    connection: &'a mut Connection,
    into: Option<Header>,
    rows: Vec<Vec<Cell>>,
}

impl<'a> Lines<'a> {
    fn into(connection: &'a mut Connection) -> Self {
        Self { connection, into: None, rows: Vec::new() }
    }

    fn take(mut self, lines: impl BufRead) -> Result<(), DumpError> {
        for (number, line) in (1..).zip(lines.lines()) {
            self.take_line(&line?)
                .map_err(|refusal| refusal.unwrap_or(DumpError::BadLine(number)))?;
        }
        Ok(self.flush()?)
    }

    /// Without an error of its own, what is wrong is the line.
    fn take_line(&mut self, line: &str) -> Result<(), Option<DumpError>> {
        if line.starts_with('{') {
            self.flush().map_err(|error| Some(error.into()))?;
            let header: Header = serde_json::from_str(line).map_err(|_not_one| None)?;
            // Some tables are made with a row in them.
            Empty(&header.table).execute(self.connection).map_err(|error| Some(error.into()))?;
            self.into = Some(header);
            return Ok(());
        }
        let header = self.into.as_ref().ok_or(None)?;
        self.rows.push(cells(&header.columns, line).ok_or(None)?);
        if self.rows.len() < ROWS {
            return Ok(());
        }
        self.flush().map_err(|error| Some(error.into()))
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        if let Some(into) = &self.into
            && !self.rows.is_empty()
        {
            Insert { into, rows: &self.rows }.execute(self.connection)?;
            self.rows.clear();
        }
        Ok(())
    }
}

/// Takes all leases and duties from their holders, who may still live and believe in them.
fn free(connection: &mut Connection) -> Result<(), StoreError> {
    diesel::update(operation::table)
        .set((
            operation::worker.eq(None::<String>),
            operation::lease_until.eq(0),
            operation::epoch.eq(operation::epoch + 1),
        ))
        .execute(connection)?;
    diesel::update(subscription::table)
        .set((
            subscription::worker.eq(None::<String>),
            subscription::lease_until.eq(0),
            subscription::epoch.eq(subscription::epoch + 1),
        ))
        .execute(connection)?;
    diesel::delete(duty::table).execute(connection)?;
    Ok(())
}
