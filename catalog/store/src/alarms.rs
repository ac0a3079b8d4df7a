//! Alarms. An active one has its identity for a label, so that no fault has two.

use diesel::prelude::*;
use uuid::Uuid;
use windlass_model::AlarmId;
use windlass_model::alarm::Alarm;

use crate::collection::{Collection, Document, Stored};
use crate::connection::Connection;
use crate::documents::{self, Row, Table};
use crate::error::StoreError;
use crate::schema::alarm;

/// The alarms.
pub type Alarms<'a> = Collection<'a, Alarm>;

impl Document for Alarm {
    type Id = AlarmId;
}

impl Row for Alarm {
    const TABLE: Table = Table::Alarm;
    const WHAT: &'static str = "alarm";

    fn uuid(&self) -> Uuid {
        self.id.0
    }

    fn label(&self) -> Option<String> {
        self.is_active().then(|| self.identity())
    }

    fn check_unused(&self, _connection: &mut Connection) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Alarms<'_> {
    /// All active alarms, in the order of their ids.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn active(&self) -> Result<Vec<Stored<Alarm>>, StoreError> {
        self.store
            .read(|connection| {
                let rows: Vec<(String, i64)> = alarm::table
                    .filter(alarm::label.is_not_null())
                    .order(alarm::id)
                    .select((alarm::document, alarm::generation))
                    .load(connection)?;
                rows.into_iter().map(documents::decode_stored).collect()
            })
            .await
    }
}
