//! Which tables a database has.

use serde::{Deserialize, Serialize};

use super::DumpError;
use crate::connection::{Connection, reader};
use crate::error::StoreError;
use crate::location::Location;
use crate::migrations;

/// Which tables a database had when it was dumped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schema {
    /// The version of Windlass that brought it up to date.
    pub windlass: String,
    /// The steps that made its tables.
    pub migrations: Vec<String>,
}

impl Schema {
    pub(super) fn of(connection: &mut Connection) -> Result<Self, StoreError> {
        let (migrations, windlass) = migrations::taken(connection)?;
        Ok(Self {
            windlass: windlass.unwrap_or_else(|| "of another version".to_owned()),
            migrations,
        })
    }

    /// Whether this Windlass knows all that happened to the tables.
    ///
    /// # Errors
    /// [`DumpError::TooNew`] when it does not.
    pub fn check(&self) -> Result<(), DumpError> {
        if migrations::knows(&self.migrations) {
            return Ok(());
        }
        Err(DumpError::TooNew { theirs: self.windlass.clone(), ours: migrations::OURS })
    }

    pub(super) fn is_ours(&self) -> bool {
        migrations::knows(&self.migrations) && self.migrations.len() == migrations::count()
    }
}

impl Location {
    /// Whether there is no table at all. Nothing is made by looking.
    ///
    /// # Errors
    /// [`StoreError::Open`] when that cannot be found out.
    pub fn is_empty(&self) -> Result<bool, StoreError> {
        if let Self::File(path) = self
            && !path.exists()
        {
            return Ok(true);
        }
        Ok(migrations::tables(&mut reader(self)?)?.is_empty())
    }
}
