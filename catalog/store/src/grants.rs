//! What was granted to whom.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use windlass_model::{GrantId, OperationId, VnfInstanceId};

use crate::allocations::{Reservation, reserve};
use crate::connection::Connection;
use crate::documents::{decode, encode, rows};
use crate::error::StoreError;
use crate::schema::vnf_grant;
use crate::store::Store;

const WHAT: &str = "grant";

/// A grant that was given (SOL003 clause 9). It never changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GrantRecord {
    /// Its id.
    pub id: GrantId,
    /// The VNF that asked.
    pub vnf: VnfInstanceId,
    /// The operation that it is for.
    pub operation: OperationId,
    /// What the VNF is made of.
    pub vnfd_id: String,
    /// What was asked, as it came.
    pub request: Value,
    /// What was granted, as it went.
    pub grant: Value,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// The grants.
#[derive(Debug)]
pub struct Grants<'a>(&'a Store);

impl<'a> Grants<'a> {
    pub(crate) fn of(store: &'a Store) -> Self {
        Self(store)
    }

    /// Gives an operation its grant, and reserves the room that it promises, as one. Of an operation
    /// that was given a grant before, that one comes back and nothing is reserved: it may have asked
    /// twice at once.
    ///
    /// # Errors
    /// [`StoreError::Stale`]: the room is otherwise than when this was decided; decide anew.
    pub async fn give(
        &self,
        grant: GrantRecord,
        reservation: Option<Reservation>,
    ) -> Result<GrantRecord, StoreError> {
        self.0
            .write(move |connection| {
                if let Some(earlier) = of_operation(connection, grant.operation)? {
                    return decode(WHAT, &earlier);
                }
                if let Some(reservation) = reservation {
                    reserve(connection, grant.operation, &reservation)?;
                }
                let row = (
                    vnf_grant::id.eq(grant.id.to_string()),
                    vnf_grant::vnf_instance_id.eq(grant.vnf.to_string()),
                    vnf_grant::operation_id.eq(grant.operation.to_string()),
                    vnf_grant::vnfd_id.eq(&grant.vnfd_id),
                    vnf_grant::document.eq(encode(WHAT, &grant)?),
                );
                diesel::insert_into(vnf_grant::table)
                    .values(row)
                    .execute(connection)
                    .map_err(|error| StoreError::of_write(error, WHAT, &grant.id))?;
                Ok(grant)
            })
            .await
    }

    /// The grant with this id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn get(&self, id: GrantId) -> Result<GrantRecord, StoreError> {
        let text: Option<String> = self
            .0
            .read(move |connection| {
                Ok(vnf_grant::table
                    .find(id.to_string())
                    .select(vnf_grant::document)
                    .first(connection)
                    .optional()?)
            })
            .await?;
        let text = text.ok_or_else(|| StoreError::NotFound { what: WHAT, id: id.to_string() })?;
        decode(WHAT, &text)
    }

    /// At most `limit` grants that come behind the id `after`, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list(
        &self,
        after: Option<GrantId>,
        limit: usize,
    ) -> Result<Vec<GrantRecord>, StoreError> {
        let after = after.map_or_else(String::new, |id| id.to_string());
        let texts: Vec<String> = self
            .0
            .read(move |connection| {
                Ok(vnf_grant::table
                    .filter(vnf_grant::id.gt(after))
                    .order(vnf_grant::id)
                    .limit(rows(limit))
                    .select(vnf_grant::document)
                    .load(connection)?)
            })
            .await?;
        texts.iter().map(|text| decode(WHAT, text)).collect()
    }

    /// The last grant of an operation; `None` when it has none.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of_operation(
        &self,
        operation: OperationId,
    ) -> Result<Option<GrantRecord>, StoreError> {
        let text = self.0.read(move |connection| self::of_operation(connection, operation)).await?;
        text.map(|text| decode(WHAT, &text)).transpose()
    }
}

fn of_operation(
    connection: &mut Connection,
    operation: OperationId,
) -> Result<Option<String>, StoreError> {
    Ok(vnf_grant::table
        .filter(vnf_grant::operation_id.eq(operation.to_string()))
        .order(vnf_grant::id.desc())
        .select(vnf_grant::document)
        .first(connection)
        .optional()?)
}
