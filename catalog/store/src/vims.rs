//! VIMs with their hosts.

use uuid::Uuid;
use windlass_model::{HostId, Vim, VimId};

use crate::allocations::{holder, raise_version};
use crate::collection::{Collection, Document, Stored};
use crate::connection::Connection;
use crate::documents::{self, Row, Table};
use crate::error::StoreError;

/// The VIMs.
pub type Vims<'a> = Collection<'a, Vim>;

impl Document for Vim {
    type Id = VimId;
}

impl Row for Vim {
    const TABLE: Table = Table::Vim;
    const WHAT: &'static str = "VIM";

    fn uuid(&self) -> Uuid {
        self.id.0
    }

    fn label(&self) -> Option<String> {
        Some(self.name.clone())
    }

    fn check_unused(&self, connection: &mut Connection) -> Result<(), StoreError> {
        let hosts: Vec<HostId> = self.hosts.iter().map(|host| host.id).collect();
        free(connection, Self::WHAT, self.id.0, &hosts)
    }
}

/// Sees to it that nobody has room on these hosts, nor gets it on the ground of what was read
/// before.
fn free(
    connection: &mut Connection,
    what: &'static str,
    id: Uuid,
    hosts: &[HostId],
) -> Result<(), StoreError> {
    if let Some(user) = holder(connection, hosts)? {
        return Err(StoreError::InUse { what, id, user });
    }
    raise_version(connection)
}

impl Vims<'_> {
    /// The VIM of this name.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn named(&self, name: &str) -> Result<Stored<Vim>, StoreError> {
        self.labelled(name).await
    }

    /// Forgets a host of a VIM that has this generation, if nobody has room on it. A grant that is
    /// being decided meanwhile does not get it any more.
    ///
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::Stale`], [`StoreError::NotFound`].
    pub async fn remove_host(
        &self,
        mut vim: Stored<Vim>,
        host: HostId,
    ) -> Result<Stored<Vim>, StoreError> {
        self.store
            .write(move |connection| {
                free(connection, "host", host.0, &[host])?;
                vim.document.hosts.retain(|one| one.id != host);
                let generation = documents::update(connection, &vim.document, vim.generation)?;
                Ok(Stored { document: vim.document, generation })
            })
            .await
    }
}
