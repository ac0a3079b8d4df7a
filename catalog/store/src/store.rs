//! The store itself.

use std::fmt;
use std::sync::Arc;

use diesel::Connection as _;
use tempfile::TempDir;
use windlass_model::{Clock, SystemClock};

use crate::alarms::Alarms;
use crate::allocations::Allocations;
use crate::collection::Collection;
use crate::connection::{self, Connection, Readers};
use crate::duties::Duties;
use crate::error::StoreError;
use crate::events::Events;
use crate::grants::Grants;
use crate::inline::{Inline, WriteFaults};
use crate::instances::{NsInstances, VnfInstances};
use crate::location::Location;
use crate::migrations;
use crate::operations::Operations;
use crate::packages::{Nsds, VnfPackages};
use crate::subscriptions::Subscriptions;
use crate::tokens::Tokens;
use crate::vims::Vims;
use crate::writer::Writer;

/// A database. Clones share it.
#[derive(Clone)]
pub struct Store {
    database: Database,
    clock: Arc<dyn Clock>,
    /// The folder of a store that nobody is to keep; it goes with the last clone.
    _folder: Option<Arc<TempDir>>,
}

/// Who reads and writes.
#[derive(Clone)]
enum Database {
    Threads { writer: Writer, readers: Readers },
    Inline(Inline),
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens a database, or makes it; its tables are brought up to date. Several processes may do
    /// so at once.
    ///
    /// # Errors
    /// [`StoreError::Open`], [`StoreError::TooNew`].
    pub async fn open(
        location: impl Into<Location>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        let location = location.into();
        blocking(move || Self::connect(&location, clock, None)).await
    }

    /// A database for tests; it is gone when the last clone is.
    ///
    /// # Errors
    /// [`StoreError::Open`].
    pub async fn in_memory() -> Result<Self, StoreError> {
        blocking(|| {
            let folder = TempDir::new()
                .map_err(|error| Location::from(std::env::temp_dir()).cannot_open(error))?;
            let location = Location::from(folder.path().join("windlass.db"));
            Self::connect(&location, Arc::new(SystemClock), Some(Arc::new(folder)))
        })
        .await
    }

    /// A database in memory that starts no thread: each read and each write is done when it is
    /// first polled, on the task that asked. It serves simulations that have to run the same way
    /// again, and may fail writes on purpose.
    ///
    /// # Errors
    /// [`StoreError::Open`].
    pub fn inline(clock: Arc<dyn Clock>, faults: Option<WriteFaults>) -> Result<Self, StoreError> {
        let database = Database::Inline(Inline::new(faults)?);
        Ok(Self { database, clock, _folder: None })
    }

    fn connect(
        location: &Location,
        clock: Arc<dyn Clock>,
        folder: Option<Arc<TempDir>>,
    ) -> Result<Self, StoreError> {
        let mut connection = connection::writer(location)?;
        migrations::run(&mut connection, location)?;
        let writer = Writer::start(location.clone(), connection)?;
        let readers = connection::readers(location)?;
        Ok(Self { database: Database::Threads { writer, readers }, clock, _folder: folder })
    }

    /// The VNF instances.
    #[must_use]
    pub fn vnf_instances(&self) -> VnfInstances<'_> {
        Collection::of(self)
    }

    /// The NS instances.
    #[must_use]
    pub fn ns_instances(&self) -> NsInstances<'_> {
        Collection::of(self)
    }

    /// The VNF packages.
    #[must_use]
    pub fn vnf_packages(&self) -> VnfPackages<'_> {
        Collection::of(self)
    }

    /// The NS descriptors.
    #[must_use]
    pub fn nsds(&self) -> Nsds<'_> {
        Collection::of(self)
    }

    /// The VIMs with their hosts.
    #[must_use]
    pub fn vims(&self) -> Vims<'_> {
        Collection::of(self)
    }

    /// The operations, for reading; the [`windlass_lcm::Journal`] of this store writes them.
    #[must_use]
    pub fn operations(&self) -> Operations<'_> {
        Operations::of(self)
    }

    /// The grants.
    #[must_use]
    pub fn grants(&self) -> Grants<'_> {
        Grants::of(self)
    }

    /// What each VNF takes on each host.
    #[must_use]
    pub fn allocations(&self) -> Allocations<'_> {
        Allocations::of(self)
    }

    /// The alarms of the VNFs.
    #[must_use]
    pub fn alarms(&self) -> Alarms<'_> {
        Collection::of(self)
    }

    /// What only one process at a time should do.
    #[must_use]
    pub fn duties(&self) -> Duties<'_> {
        Duties::of(self)
    }

    /// What happened, for subscribers.
    #[must_use]
    pub fn events(&self) -> Events<'_> {
        Events::of(self)
    }

    /// The subscriptions to notifications.
    #[must_use]
    pub fn subscriptions(&self) -> Subscriptions<'_> {
        Subscriptions::of(self)
    }

    /// The bearer tokens.
    #[must_use]
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens::of(self)
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Reads one snapshot.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &self.database {
            Database::Inline(inline) => inline.read(read),
            Database::Threads { readers, .. } => {
                let readers = readers.clone();
                let snapshot = move || {
                    let mut connection = readers.get()?;
                    let connection: &mut Connection = &mut connection;
                    connection.transaction(read)
                };
                blocking(snapshot).await
            }
        }
    }

    /// Writes in one transaction; what it returned is durable.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &self.database {
            Database::Inline(inline) => inline.write(write),
            Database::Threads { writer, .. } => writer.run(write).await,
        }
    }
}

/// Runs `work` where it may block. It fails to end only when the runtime shuts down, or when it
/// panicked; nobody gets an answer from the store any more then.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_ended| StoreError::Stopped)?
}
