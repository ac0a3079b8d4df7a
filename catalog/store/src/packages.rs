//! VNF packages and NS descriptors.

use std::collections::BTreeMap;

use diesel::prelude::*;
use uuid::Uuid;
use windlass_model::package::UsageState;
use windlass_model::{NsdInfoId, VnfPackageId};

use crate::collection::{Collection, Document, Stored};
use crate::connection::Connection;
use crate::documents::{self, Row, Table};
use crate::error::StoreError;
use crate::events::{
    CatalogChange, Happened, NsdEvent, NsdFacts, PackageEvent, PackageFacts, Topic,
};
use crate::records::{NsdRecord, VnfPackageRecord};
use crate::schema::{allocation, vnf_grant};

/// The VNF packages.
pub type VnfPackages<'a> = Collection<'a, VnfPackageRecord>;
/// The NS descriptors.
pub type Nsds<'a> = Collection<'a, NsdRecord>;

impl Document for VnfPackageRecord {
    type Id = VnfPackageId;
}

impl Row for VnfPackageRecord {
    const TABLE: Table = Table::VnfPackage;
    const WHAT: &'static str = "VNF package";

    fn uuid(&self) -> Uuid {
        self.id.0
    }

    fn label(&self) -> Option<String> {
        self.product.as_ref().map(|product| product.vnfd_id.clone())
    }

    fn check_unused(&self, connection: &mut Connection) -> Result<(), StoreError> {
        refuse_if_used(self, user_of_package(connection, self)?)
    }

    const TOPIC: Option<Topic> = Some(Topic::VnfPkgm);

    fn happened(
        connection: &mut Connection,
        before: Option<&Self>,
        after: Option<&Self>,
    ) -> Result<Option<Happened>, StoreError> {
        let change = match (before, after) {
            (Some(before), Some(after)) => {
                CatalogChange::between(&before.onboarding, &after.onboarding)
            }
            (Some(_), None) => Some(CatalogChange::Deleted),
            (None, _) => None,
        };
        let (Some(change), Some(package)) = (change, after.or(before)) else { return Ok(None) };
        let usage = state(user_of_package(connection, package)?.as_ref());
        let facts = PackageFacts::of(package, usage);
        Ok(facts.map(|package| Happened::Package(PackageEvent { change, package })))
    }
}

impl Document for NsdRecord {
    type Id = NsdInfoId;
}

impl Row for NsdRecord {
    const TABLE: Table = Table::Nsd;
    const WHAT: &'static str = "NSD";

    fn uuid(&self) -> Uuid {
        self.id.0
    }

    fn label(&self) -> Option<String> {
        self.nsd_id.clone()
    }

    fn check_unused(&self, connection: &mut Connection) -> Result<(), StoreError> {
        refuse_if_used(self, user_of_nsd(connection, self)?)
    }

    const TOPIC: Option<Topic> = Some(Topic::Nsd);

    fn happened(
        connection: &mut Connection,
        before: Option<&Self>,
        after: Option<&Self>,
    ) -> Result<Option<Happened>, StoreError> {
        let change = match (before, after) {
            (Some(before), Some(after)) => {
                CatalogChange::between(&before.onboarding, &after.onboarding)
            }
            // What was never onboarded was never told of.
            (Some(deleted), None) => deleted.nsd_id.as_ref().map(|_| CatalogChange::Deleted),
            (None, _) => None,
        };
        let (Some(change), Some(nsd)) = (change, after.or(before)) else { return Ok(None) };
        let usage = state(user_of_nsd(connection, nsd)?.as_ref());
        Ok(Some(Happened::Nsd(NsdEvent { change, nsd: NsdFacts::of(nsd, usage) })))
    }
}

impl VnfPackages<'_> {
    /// The onboarded package of this VNFD.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn of_vnfd(&self, vnfd_id: &str) -> Result<Stored<VnfPackageRecord>, StoreError> {
        self.labelled(vnfd_id).await
    }

    /// Whether instances of each of these packages exist: instances of this store, and VNFs of any
    /// VNFM that hold room on a host.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn usage(
        &self,
        ids: Vec<VnfPackageId>,
    ) -> Result<BTreeMap<VnfPackageId, UsageState>, StoreError> {
        self.store
            .read(move |connection| {
                let mut usage = BTreeMap::new();
                for id in ids {
                    let package = documents::load::<VnfPackageRecord>(connection, id.0)?.document;
                    usage.insert(id, state(user_of_package(connection, &package)?.as_ref()));
                }
                Ok(usage)
            })
            .await
    }
}

impl Nsds<'_> {
    /// The onboarded descriptor with this `nsdId`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn of_nsd(&self, nsd_id: &str) -> Result<Stored<NsdRecord>, StoreError> {
        self.labelled(nsd_id).await
    }

    /// Whether instances of each of these descriptors exist.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn usage(
        &self,
        ids: Vec<NsdInfoId>,
    ) -> Result<BTreeMap<NsdInfoId, UsageState>, StoreError> {
        self.store
            .read(move |connection| {
                let mut usage = BTreeMap::new();
                for id in ids {
                    let nsd = documents::load::<NsdRecord>(connection, id.0)?.document;
                    usage.insert(id, state(user_of_nsd(connection, &nsd)?.as_ref()));
                }
                Ok(usage)
            })
            .await
    }
}

fn state(user: Option<&String>) -> UsageState {
    if user.is_some() { UsageState::InUse } else { UsageState::NotInUse }
}

fn refuse_if_used<T: Row>(document: &T, user: Option<String>) -> Result<(), StoreError> {
    match user {
        Some(user) => Err(StoreError::InUse { what: T::WHAT, id: document.uuid(), user }),
        None => Ok(()),
    }
}

/// A VNFM that runs apart keeps its instances to itself; what it was granted tells of them.
fn user_of_package(
    connection: &mut Connection,
    package: &VnfPackageRecord,
) -> Result<Option<String>, StoreError> {
    let Some(vnfd) = package.label() else { return Ok(None) };
    if let Some(id) = documents::any_labelled(connection, Table::VnfInstance, &vnfd)? {
        return Ok(Some(format!("VNF instance {id}")));
    }
    let holder: Option<String> = vnf_grant::table
        .inner_join(
            allocation::table.on(allocation::vnf_instance_id.eq(vnf_grant::vnf_instance_id)),
        )
        .filter(vnf_grant::vnfd_id.eq(vnfd))
        .select(vnf_grant::vnf_instance_id)
        .first(connection)
        .optional()?;
    Ok(holder.map(|id| format!("VNF instance {id}")))
}

fn user_of_nsd(connection: &mut Connection, nsd: &NsdRecord) -> Result<Option<String>, StoreError> {
    let id = nsd.id.to_string();
    let user = documents::any_labelled(connection, Table::NsInstance, &id)?;
    Ok(user.map(|id| format!("NS instance {id}")))
}
