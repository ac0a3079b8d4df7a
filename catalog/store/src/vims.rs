//! VIMs with their hosts.

use diesel::prelude::*;
use uuid::Uuid;
use windlass_model::{Vim, VimId};

use crate::collection::{Collection, Document, Stored};
use crate::connection::Connection;
use crate::documents::{Row, Table};
use crate::error::StoreError;
use crate::schema::allocation;

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
        let hosts: Vec<String> = self.hosts.iter().map(|host| host.id.to_string()).collect();
        let holder: Option<String> = allocation::table
            .filter(allocation::host_id.eq_any(hosts))
            .select(allocation::vnf_instance_id)
            .first(connection)
            .optional()?;
        match holder {
            Some(vnf) => Err(StoreError::InUse {
                what: Self::WHAT,
                id: self.id.0,
                user: format!("VNF instance {vnf}"),
            }),
            None => Ok(()),
        }
    }
}

impl Vims<'_> {
    /// The VIM of this name.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn named(&self, name: &str) -> Result<Stored<Vim>, StoreError> {
        self.labelled(name).await
    }
}
