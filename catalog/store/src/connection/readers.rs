//! A few connections that only read.

use std::fmt;

use diesel::r2d2::{ManageConnection, Pool, R2D2Connection};

use super::{Connection, reader};
use crate::error::StoreError;
use crate::location::Location;

const READERS: u32 = 4;

pub type Readers = Pool<ReadOnly>;

/// Connects them to the database.
pub fn readers(location: &Location) -> Result<Readers, StoreError> {
    Pool::builder()
        // A file does not go away; a server may, and then the pool has to find out.
        .test_on_check_out(matches!(location, Location::Postgres(_)))
        .max_size(READERS)
        .min_idle(Some(1))
        .connection_timeout(std::time::Duration::from_secs(10))
        .build(ReadOnly(location.clone()))
        .map_err(|error| location.cannot_open(error))
}

/// Makes connections that only read, and tells whether one still works.
pub struct ReadOnly(Location);

impl fmt::Debug for ReadOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReadOnly").field(&self.0).finish()
    }
}

impl ManageConnection for ReadOnly {
    type Connection = Connection;
    type Error = StoreError;

    fn connect(&self) -> Result<Connection, StoreError> {
        reader(&self.0)
    }

    fn is_valid(&self, connection: &mut Connection) -> Result<(), StoreError> {
        Ok(connection.ping()?)
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        std::thread::panicking() || connection.is_broken()
    }
}
