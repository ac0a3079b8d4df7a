//! VNF packages and NSDs, from the creation of their resources to their deletion.
//!
//! ```text
//!  CREATED ─PUT▶ UPLOADING ─▶ PROCESSING ─▶ ONBOARDED (ENABLED ⇄ DISABLED) ─DELETE▶ gone
//!     ▲              │             │
//!     └── PUT ── ERROR ◀───────────┘        with every finding, file:line:column
//! ```
//! PUT may be `upload_from_uri` as well: the NFVO then fetches the content itself. Whoever brings the
//! content in is named by the entry; see [`arrival`] and [`watch`].
//!
//! Both kinds are an [`Entry`]; what differs is what their content says.

mod arrival;
mod entry;
mod fetch;
mod file;
mod ns_descriptor;
mod problem;
mod upload;
mod vnf_package;
mod watch;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use windlass_descriptors::nsd::Nsd;
use windlass_descriptors::vnfd::Vnfd;
use windlass_model::ImageDigest;
use windlass_model::package::OnboardingState;
use windlass_packages::Swept;
use windlass_store::{NsdRecord, Onboarding, StoreError, VnfPackageRecord};

use crate::error::{Error, Result};
use crate::nfvo::Core;

pub(crate) use arrival::Arrivals;
pub(crate) use entry::{Changes, Entry, create, delete, every, modify, usage_of, with_usage};
pub(crate) use fetch::fetch;
pub(crate) use file::{Described, Served, artifact, content, described, manifest};
pub(crate) use upload::upload;
pub(crate) use watch::watch;

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

/// Removes content that nobody refers to any more. It does not matter when that fails, or when it
/// is left out because content is on its way: whoever comes next sweeps again.
async fn sweep(core: &Core) {
    let since = core.clock.now();
    core.arrivals.sweep_owed.store(false, Ordering::Relaxed);
    let swept = async {
        let packages = every::<VnfPackageRecord>(core).await?;
        let nsds = every::<NsdRecord>(core).await?;
        let packages: Vec<_> = packages.into_iter().map(|package| package.document).collect();
        let nsds: Vec<_> = nsds.into_iter().map(|nsd| nsd.document).collect();
        let Some(used) = used(&packages, &nsds) else {
            core.arrivals.owe_sweep();
            return Ok(Swept::default());
        };
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

/// The content that is referred to. `None` while some is on its way: its images are stored one by
/// one, long before the package that they belong to refers to them.
fn used(packages: &[VnfPackageRecord], nsds: &[NsdRecord]) -> Option<HashSet<ImageDigest>> {
    let of_packages = packages.iter().map(|package| &package.onboarding);
    let all: Vec<&Onboarding> = of_packages.chain(nsds.iter().map(|nsd| &nsd.onboarding)).collect();
    let is_arriving =
        |state| matches!(state, OnboardingState::Uploading | OnboardingState::Processing);
    if all.iter().any(|onboarding| is_arriving(onboarding.state)) {
        return None;
    }
    let contents = all.into_iter().filter_map(|onboarding| onboarding.content.as_ref());
    let images = packages.iter().flat_map(|package| &package.software_images);
    let images = images.filter_map(|image| image.content.as_ref());
    Some(contents.chain(images).map(|content| content.digest.clone()).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::DateTime;
    use windlass_model::VnfPackageId;
    use windlass_store::Content;

    use super::*;

    fn package(state: OnboardingState, digest: &str) -> VnfPackageRecord {
        let mut onboarding = Onboarding::created(BTreeMap::new(), DateTime::UNIX_EPOCH);
        let digest = digest.repeat(64).parse().unwrap();
        onboarding.content = Some(Content { digest, size_bytes: 1 });
        onboarding.state = state;
        VnfPackageRecord::created(VnfPackageId::new(), onboarding)
    }

    #[test]
    fn nothing_is_swept_while_content_is_on_its_way() {
        let settled = package(OnboardingState::Onboarded, "a");
        assert_eq!(used(std::slice::from_ref(&settled), &[]).unwrap().len(), 1);
        for state in [OnboardingState::Uploading, OnboardingState::Processing] {
            assert_eq!(used(&[settled.clone(), package(state, "b")], &[]), None);
        }
    }
}
