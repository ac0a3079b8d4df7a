//! A database without threads, so that a simulation of the same seed is the same run again.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::Connection as _;

use crate::connection::{self, Connection};
use crate::error::StoreError;
use crate::migrations;

/// What goes wrong with a write of [`crate::Store::inline`].
#[derive(Debug)]
pub enum WriteFault {
    /// The write does not happen, and its writer is told so.
    Refused(StoreError),
    /// The write happens, and its writer is told that it failed: whoever asks again finds it done.
    AnswerLost(StoreError),
}

/// Asked before each write what goes wrong with it; `None` when nothing does.
pub type WriteFaults = Arc<dyn Fn() -> Option<WriteFault> + Send + Sync>;

/// One connection to a database in memory; whoever reads or writes does it in place.
#[derive(Clone)]
pub struct Inline {
    connection: Arc<Mutex<Connection>>,
    faults: Option<WriteFaults>,
}

impl fmt::Debug for Inline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inline").finish_non_exhaustive()
    }
}

impl Inline {
    pub fn new(faults: Option<WriteFaults>) -> Result<Self, StoreError> {
        let mut connection = connection::in_memory()?;
        migrations::run(&mut connection, &PathBuf::from(":memory:").into())?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), faults })
    }

    pub fn read<T>(
        &self,
        read: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        // What a panic left behind is a transaction without an end: nothing may build on it.
        let stopped = |_poisoned: PoisonError<_>| StoreError::Stopped;
        self.connection.lock().map_err(stopped)?.transaction(read)
    }

    pub fn write<T>(
        &self,
        write: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self.faults.as_ref().and_then(|faults| faults()) {
            None => self.read(write),
            Some(WriteFault::Refused(error)) => Err(error),
            Some(WriteFault::AnswerLost(error)) => self.read(write).and(Err(error)),
        }
    }
}
