//! VNF packages and NSDs, from the creation of their resources to their deletion.
//!
//! ```text
//!  CREATED ─PUT▶ UPLOADING ─▶ PROCESSING ─▶ ONBOARDED (ENABLED ⇄ DISABLED) ─DELETE▶ gone
//!     ▲              │             │
//!     └── PUT ── ERROR ◀───────────┘        with every finding, file:line:column
//! ```
//! Both kinds are an [`Entry`]; what differs is what their content says.

mod entry;
mod file;
mod ns_descriptor;
mod problem;
mod upload;
mod vnf_package;

use std::collections::HashSet;
use std::sync::Arc;

use windlass_descriptors::nsd::Nsd;
use windlass_descriptors::vnfd::Vnfd;
use windlass_model::ImageDigest;
use windlass_store::{NsdRecord, Onboarding, StoreError, VnfPackageRecord};

use crate::error::{Error, Result};
use crate::nfvo::Core;

#[cfg(test)]
pub(crate) use entry::Entry;
pub(crate) use entry::{Changes, create, delete, every, modify, usage_of, with_usage};
pub(crate) use file::{Described, Served, artifact, content, described, manifest};
pub(crate) use upload::upload;

/// The VNFD in a package.
pub(crate) async fn vnfd(core: &Core, package: &VnfPackageRecord) -> Result<Arc<Vnfd>> {
    let digest = digest(&package.onboarding)?;
    core.packages.vnfd(digest).await.map_err(|error| Error::broken("read the VNFD", error))
}

/// The NSD in an archive.
pub(crate) async fn nsd(core: &Core, record: &NsdRecord) -> Result<Arc<Nsd>> {
    let digest = digest(&record.onboarding)?;
    core.packages.nsd(digest).await.map_err(|error| Error::broken("read the NSD", error))
}

fn digest(onboarding: &Onboarding) -> Result<&ImageDigest> {
    let content = onboarding.content.as_ref();
    let absent = || Error::Conflict("its content has not been onboarded".to_owned());
    content.map(|content| &content.digest).ok_or_else(absent)
}

/// The onboarded package of a VNFD; `None` when there is none.
pub(crate) async fn package_of(core: &Core, vnfd_id: &str) -> Result<Option<VnfPackageRecord>> {
    match core.store.vnf_packages().of_vnfd(vnfd_id).await {
        Ok(stored) => Ok(Some(stored.document)),
        Err(StoreError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Picks up what a crash left half way: what was being read is read again, and what was arriving
/// may be sent again.
pub(crate) async fn recover(core: &Arc<Core>) {
    upload::recover::<VnfPackageRecord>(core).await;
    upload::recover::<NsdRecord>(core).await;
}

/// Removes content that nobody refers to any more. It does not matter when that fails: the next
/// deletion sweeps again.
async fn sweep(core: &Core) {
    let since = core.clock.now();
    let swept = async {
        let mut used: HashSet<ImageDigest> = HashSet::new();
        for package in every::<VnfPackageRecord>(core).await? {
            let images = package.document.software_images.iter().filter_map(|i| i.content.as_ref());
            used.extend(images.map(|content| content.digest.clone()));
            used.extend(package.document.onboarding.content.map(|content| content.digest));
        }
        for nsd in every::<NsdRecord>(core).await? {
            used.extend(nsd.document.onboarding.content.map(|content| content.digest));
        }
        let swept = core.packages.blobs().retain(used, since).await;
        swept.map_err(|error| Error::broken("sweep the blobs", error))
    };
    match swept.await {
        Ok(swept) if swept.blobs > 0 => {
            let (blobs, bytes) = (swept.blobs, swept.bytes);
            tracing::info!(blobs, bytes, "removed {blobs} blobs that nobody used");
        }
        Ok(_) => {}
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "could not remove content that nobody uses");
        }
    }
}
