//! Who takes what room on which host.
//!
//! A placement reads the [`Room`], decides, and reserves under the version that it read
//! ([`crate::Grants::give`]): of two that decide at once, one is told that its view is stale, and
//! decides again. Whoever decides often keeps what it read, and asks for what [`Changed`] since.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use windlass_model::{Capacity, HostId, OperationId, Vim, VimId, VnfInstanceId};

use crate::collection::Stored;
use crate::connection::Connection;
use crate::documents::{decode, encode, load};
use crate::error::StoreError;
use crate::schema::{allocation, allocation_version, vim};
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
    /// What a [`Reservation`] is to name.
    pub version: i64,
    /// Who takes what.
    pub allocations: Vec<Allocation>,
}

/// Room that is to be taken, if nothing changed since `version` was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// Who is to take what. Room that is held already stays so; only how much may change.
    pub allocations: Vec<Allocation>,
    /// That of the [`Room`] on which it was decided.
    pub version: i64,
}

/// What is otherwise than somebody knows it, all of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The VIMs that are new, or of another generation.
    pub vims: Vec<Stored<Vim>>,
    /// The VIMs that are gone.
    pub gone: Vec<VimId>,
    /// All allocations, when any is otherwise.
    pub room: Option<Room>,
}

/// What a settlement led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// The version of the room after it.
    pub version: i64,
    /// False when a later operation's reservations stand beside what was settled.
    pub is_all: bool,
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
        self.0.read(room).await
    }

    /// What a VNF holds, or has reserved.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of_vnf(&self, vnf: VnfInstanceId) -> Result<Vec<Allocation>, StoreError> {
        self.0
            .read(move |connection| {
                let rows: Vec<Row> = allocation::table
                    .filter(allocation::vnf_instance_id.eq(vnf.to_string()))
                    .order((allocation::vnfc, allocation::host_id))
                    .select(COLUMNS)
                    .load(connection)?;
                rows.into_iter().map(from_row).collect()
            })
            .await
    }

    /// What changed since somebody read the room of this `version` and the `vims` of these
    /// generations.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn changed(
        &self,
        version: Option<i64>,
        vims: BTreeMap<VimId, i64>,
    ) -> Result<Changed, StoreError> {
        self.0
            .read(move |connection| {
                let now = generations(connection)?;
                let is_new = |(id, generation): &(&VimId, &i64)| vims.get(id) != Some(*generation);
                let changed = now.iter().filter(is_new);
                let changed: Result<Vec<_>, _> =
                    changed.map(|(id, _)| load(connection, id.0)).collect();
                Ok(Changed {
                    vims: changed?,
                    gone: vims.into_keys().filter(|id| !now.contains_key(id)).collect(),
                    room: match self::version(connection)? {
                        now if Some(now) == version => None,
                        _ => Some(room(connection)?),
                    },
                })
            })
            .await
    }

    /// Says what a VNF holds after an operation, in place of all that was held by it or reserved
    /// for it, but for what a later operation has reserved meanwhile. Without an operation the VNF
    /// is gone, and so is all.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn settle(
        &self,
        vnf: VnfInstanceId,
        after: Option<OperationId>,
        allocations: Vec<Allocation>,
    ) -> Result<Settled, StoreError> {
        self.0
            .write(move |connection| {
                raise_version(connection)?;
                let vnf = vnf.to_string();
                let of_vnf = || allocation::vnf_instance_id.eq(vnf.clone());
                // Ids sort by the time of their making, so a later operation has a greater one.
                let last = after.map_or_else(|| "~".to_owned(), |id| id.to_string());
                let over = allocation::operation_id.is_null().or(allocation::operation_id.le(last));
                diesel::delete(allocation::table.filter(of_vnf()).filter(over))
                    .execute(connection)?;
                let kept: i64 =
                    allocation::table.filter(of_vnf()).count().get_result(connection)?;
                insert(connection, &allocations, None)?;
                Ok(Settled { version: version(connection)?, is_all: kept == 0 })
            })
            .await
    }
}

/// Takes room for an operation, unless something changed since the version that was seen.
pub fn reserve(
    connection: &mut Connection,
    operation: OperationId,
    reservation: &Reservation,
) -> Result<(), StoreError> {
    let seen = allocation_version::version.eq(reservation.version);
    let raised = diesel::update(allocation_version::table.filter(seen))
        .set(allocation_version::version.eq(reservation.version + 1))
        .execute(connection)?;
    if raised == 0 {
        return Err(StoreError::Stale { what: WHAT });
    }
    insert(connection, &reservation.allocations, Some(operation))
}

/// Has everybody look again who decides on what was read before.
pub fn raise_version(connection: &mut Connection) -> Result<(), StoreError> {
    diesel::update(allocation_version::table)
        .set(allocation_version::version.eq(allocation_version::version + 1))
        .execute(connection)?;
    Ok(())
}

/// Who takes room on one of these hosts, for people.
pub fn holder(connection: &mut Connection, hosts: &[HostId]) -> Result<Option<String>, StoreError> {
    let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    let found: Option<(String, String)> = allocation::table
        .filter(allocation::host_id.eq_any(hosts))
        .select((allocation::vnf_instance_id, allocation::vnfc))
        .first(connection)
        .optional()?;
    Ok(found.map(|(vnf, vnfc)| format!("{vnfc} of VNF instance {vnf}")))
}

fn version(connection: &mut Connection) -> Result<i64, StoreError> {
    Ok(allocation_version::table.select(allocation_version::version).first(connection)?)
}

fn room(connection: &mut Connection) -> Result<Room, StoreError> {
    let rows: Vec<Row> = allocation::table
        .order((allocation::vnf_instance_id, allocation::vnfc, allocation::host_id))
        .select(COLUMNS)
        .load(connection)?;
    let allocations = rows.into_iter().map(from_row).collect::<Result<_, _>>()?;
    Ok(Room { version: version(connection)?, allocations })
}

fn generations(connection: &mut Connection) -> Result<BTreeMap<VimId, i64>, StoreError> {
    let rows: Vec<(String, i64)> =
        vim::table.select((vim::id, vim::generation)).load(connection)?;
    let parse =
        |id: String| id.parse().map_err(|error: uuid::Error| StoreError::corrupt("VIM", error));
    rows.into_iter().map(|(id, generation)| Ok((parse(id)?, generation))).collect()
}

/// Room that the VNF holds already stays its own: a reservation there only changes how much.
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

type Columns =
    (allocation::vnf_instance_id, allocation::vnfc, allocation::host_id, allocation::takes);
const COLUMNS: Columns =
    (allocation::vnf_instance_id, allocation::vnfc, allocation::host_id, allocation::takes);

type Row = (String, String, String, String);

fn from_row((vnf, vnfc, host, takes): Row) -> Result<Allocation, StoreError> {
    Ok(Allocation {
        vnf: vnf.parse().map_err(|error: uuid::Error| StoreError::corrupt(WHAT, error))?,
        vnfc,
        host: host.parse().map_err(|error: uuid::Error| StoreError::corrupt(WHAT, error))?,
        takes: decode(WHAT, &takes)?,
    })
}
