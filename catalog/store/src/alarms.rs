//! Alarms. An active one has its identity for a label, so that no fault has two.

use diesel::prelude::*;
use uuid::Uuid;
use windlass_model::alarm::Alarm;
use windlass_model::vnf::VnfInstance;
use windlass_model::{AlarmId, VnfInstanceId};

use crate::collection::{Collection, Document, Stored};
use crate::connection::Connection;
use crate::documents::{self, Row, Table};
use crate::error::StoreError;
use crate::instances::Subject as _;
use crate::schema::alarm;
use crate::{events, operations};

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

/// What a look at a VNF found: alarms that hold only of the VNF as it was looked at.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The VNF.
    pub vnf: VnfInstanceId,
    /// Its generation then; `None` when it was gone.
    pub generation: Option<i64>,
    /// New alarms.
    pub raised: Vec<Alarm>,
    /// Alarms that say something else now, each with the generation that it was read at.
    pub changed: Vec<Stored<Alarm>>,
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

    /// The active alarms of a VNF, in the order of their ids.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn active_of(&self, vnf: VnfInstanceId) -> Result<Vec<Stored<Alarm>>, StoreError> {
        self.store
            .read(move |connection| {
                // An identity begins with the VNF's id and a slash, which a zero follows.
                let rows: Vec<(String, i64)> = alarm::table
                    .filter(alarm::label.gt(format!("{vnf}/")))
                    .filter(alarm::label.lt(format!("{vnf}0")))
                    .order(alarm::id)
                    .select((alarm::document, alarm::generation))
                    .load(connection)?;
                rows.into_iter().map(documents::decode_stored).collect()
            })
            .await
    }

    /// At most `limit` alarms that are over and come behind the id `after`, in the order of their
    /// ids, which is that of their being raised.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn cleared(
        &self,
        after: Option<AlarmId>,
        limit: usize,
    ) -> Result<Vec<Stored<Alarm>>, StoreError> {
        let after = after.map_or_else(String::new, |id| id.to_string());
        self.store
            .read(move |connection| {
                let rows: Vec<(String, i64)> = alarm::table
                    .filter(alarm::label.is_null())
                    .filter(alarm::id.gt(after))
                    .order(alarm::id)
                    .limit(documents::rows(limit))
                    .select((alarm::document, alarm::generation))
                    .load(connection)?;
                rows.into_iter().map(documents::decode_stored).collect()
            })
            .await
    }

    /// Writes what a look at a VNF found, or nothing of it: only while no operation works on the
    /// VNF, and while the VNF and the alarms are as they were read.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::Stale`]; [`StoreError::Taken`] when somebody else has
    /// raised one of the alarms; [`StoreError::NotFound`] when one of them is gone.
    pub async fn pass(&self, verdict: Verdict) -> Result<(), StoreError> {
        let now = self.store.clock().now();
        self.store
            .write(move |connection| {
                let vnf = verdict.vnf.0;
                operations::check_idle(connection, VnfInstance::KIND, vnf)?;
                if documents::generation::<VnfInstance>(connection, vnf)? != verdict.generation {
                    return Err(StoreError::Stale { what: VnfInstance::WHAT });
                }
                for alarm in &verdict.raised {
                    documents::insert(connection, alarm)?;
                    events::changed(connection, None, Some(alarm), now)?;
                }
                for Stored { document, generation } in &verdict.changed {
                    let before = events::before::<Alarm>(connection, document.uuid())?;
                    documents::update(connection, document, *generation)?;
                    if before.is_some() {
                        events::changed(connection, before.as_ref(), Some(document), now)?;
                    }
                }
                Ok(())
            })
            .await
    }
}
