//! Who takes what room on which host.
//!
//! A placement reads the [`Room`], decides, and reserves under the version that it read: of two
//! that decide at once, one is told that its view is stale, and decides again.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use windlass_model::{Capacity, HostId, OperationId, VnfInstanceId};

use crate::connection::Connection;
use crate::documents::{decode, encode};
use crate::error::StoreError;
use crate::schema::{allocation, allocation_version};
use crate::store::Store;

const WHAT: &str = "allocation";

/// What a component of a VNF takes of a host. While it moves it takes room on both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// The VNF.
    pub vnf: VnfInstanceId,
    /// The component in the VNF.
    pub vnfc: String,
    /// The host.
    pub host: HostId,
    /// How much.
    pub takes: Capacity,
}

/// All allocations of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// What [`Allocations::reserve`] is to be told.
    pub version: i64,
    /// Who takes what.
    pub allocations: Vec<Allocation>,
}

/// The allocations.
#[derive(Debug)]
pub struct Allocations<'a>(&'a Store);

impl<'a> Allocations<'a> {
    pub(crate) fn of(store: &'a Store) -> Self {
        Self(store)
    }

    /// All allocations of this moment. They come whole, since a placement that saw a part would
    /// overbook the rest.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn room(&self) -> Result<Room, StoreError> {
        self.0
            .read(|connection| {
                let version = allocation_version::table
                    .select(allocation_version::version)
                    .first(connection)?;
                let rows: Vec<Row> = allocation::table
                    .order((allocation::vnf_instance_id, allocation::vnfc, allocation::host_id))
                    .select((
                        allocation::vnf_instance_id,
                        allocation::vnfc,
                        allocation::host_id,
                        allocation::takes,
                    ))
                    .load(connection)?;
                let allocations = rows.into_iter().map(from_row).collect::<Result<_, _>>()?;
                Ok(Room { version, allocations })
            })
            .await
    }

    /// Reserves room for an operation, in place of what it reserved before, if nothing changed
    /// since `version` was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`]: read the room again and decide anew.
    pub async fn reserve(
        &self,
        operation: OperationId,
        allocations: Vec<Allocation>,
        version: i64,
    ) -> Result<(), StoreError> {
        self.0
            .write(move |connection| {
                let raised = diesel::update(
                    allocation_version::table.filter(allocation_version::version.eq(version)),
                )
                .set(allocation_version::version.eq(version + 1))
                .execute(connection)?;
                if raised == 0 {
                    return Err(StoreError::Stale { what: WHAT });
                }
                release(connection, operation)?;
                insert(connection, &allocations, Some(operation))
            })
            .await
    }

    /// Gives back what an operation reserved and no VNF came to hold.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn release(&self, operation: OperationId) -> Result<(), StoreError> {
        self.0
            .write(move |connection| {
                raise_version(connection)?;
                release(connection, operation)
            })
            .await
    }

    /// Says what a VNF holds now, in place of all that was reserved for it or held by it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn settle(
        &self,
        vnf: VnfInstanceId,
        allocations: Vec<Allocation>,
    ) -> Result<(), StoreError> {
        self.0
            .write(move |connection| {
                raise_version(connection)?;
                diesel::delete(
                    allocation::table.filter(allocation::vnf_instance_id.eq(vnf.to_string())),
                )
                .execute(connection)?;
                insert(connection, &allocations, None)
            })
            .await
    }
}

fn raise_version(connection: &mut Connection) -> Result<(), StoreError> {
    diesel::update(allocation_version::table)
        .set(allocation_version::version.eq(allocation_version::version + 1))
        .execute(connection)?;
    Ok(())
}

fn release(connection: &mut Connection, operation: OperationId) -> Result<(), StoreError> {
    let reserved = allocation::operation_id.eq(operation.to_string());
    diesel::delete(allocation::table.filter(reserved)).execute(connection)?;
    Ok(())
}

/// Room that the VNF holds already stays its own: a reservation there only changes how much, so
/// that giving the reservation back does not take the machine's room away.
fn insert(
    connection: &mut Connection,
    allocations: &[Allocation],
    operation: Option<OperationId>,
) -> Result<(), StoreError> {
    for one in allocations {
        let (vnf, host) = (one.vnf.to_string(), one.host.to_string());
        let takes = encode(WHAT, &one.takes)?;
        let held = diesel::update(allocation::table.find((&vnf, &one.vnfc, &host)))
            .set(allocation::takes.eq(&takes))
            .execute(connection)?;
        if held == 0 {
            diesel::insert_into(allocation::table)
                .values((
                    allocation::vnf_instance_id.eq(vnf),
                    allocation::vnfc.eq(&one.vnfc),
                    allocation::host_id.eq(host),
                    allocation::operation_id.eq(operation.map(|id| id.to_string())),
                    allocation::takes.eq(takes),
                ))
                .execute(connection)?;
        }
    }
    Ok(())
}

type Row = (String, String, String, String);

fn from_row((vnf, vnfc, host, takes): Row) -> Result<Allocation, StoreError> {
    Ok(Allocation {
        vnf: vnf.parse().map_err(|error: uuid::Error| StoreError::corrupt(WHAT, error))?,
        vnfc,
        host: host.parse().map_err(|error: uuid::Error| StoreError::corrupt(WHAT, error))?,
        takes: decode(WHAT, &takes)?,
    })
}
