//! What the VNFM asks of the NFVO: descriptors, images, grants, and that it keeps its books.

use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use windlass_api::grant::{Grant, GrantRequest};
use windlass_api::vnfpkgm::{PackageOperationalState, VnfPkgInfo};
use windlass_client::{Client, Error as ClientError, PackageKey};
use windlass_descriptors::vnfd::Vnfd;
use windlass_descriptors::{Package, read_vnf_package, read_vnfd_texts};
use windlass_lcm::StepError;
use windlass_model::vnf::Vnfc;
use windlass_model::{OperationId, VnfInstanceId};
use windlass_vim::ImageSource;

use crate::error::VnfmError;

/// How a zip begins.
const ZIP_MAGIC: &[u8] = b"PK\x03\x04";
/// Parsed VNFDs that are kept; a VNFD of some pages takes some 100 KiB.
const CACHED_VNFDS: usize = 256;

/// The NFVO, and what is remembered of its answers.
#[derive(Debug)]
pub struct Nfvo {
    client: Client,
    /// Parsed VNFDs by the digest of their package.
    vnfds: Mutex<HashMap<String, Arc<Vnfd>>>,
}

/// A VNFD with what the catalog says of its package.
#[derive(Debug, Clone)]
pub struct KnownVnfd {
    /// The descriptor.
    pub vnfd: Arc<Vnfd>,
    /// The package.
    pub package: VnfPkgInfo,
}

impl KnownVnfd {
    /// Size in bytes of each software image by its id, and whether the package carries it.
    #[must_use]
    pub fn images(&self) -> BTreeMap<String, (u64, bool)> {
        let images = self.package.software_images.iter();
        images.map(|image| (image.id.clone(), (image.size, image.image_path.is_some()))).collect()
    }
}

impl Nfvo {
    pub fn new(client: Client) -> Self {
        Self { client, vnfds: Mutex::default() }
    }

    /// The VNFD of this id, from an onboarded package.
    pub async fn vnfd(&self, vnfd_id: &str) -> Result<KnownVnfd, VnfmError> {
        let key = PackageKey::Vnfd(vnfd_id);
        let package = self.client.package_read(key).await.map_err(|error| {
            if error.is_not_found() {
                VnfmError::UnknownVnfd(vnfd_id.to_owned())
            } else {
                VnfmError::Nfvo(error)
            }
        })?;
        let digest = package.checksum.as_ref().map_or(package.id.as_str(), |c| c.hash.as_str());
        if let Some(vnfd) = self.cached(digest) {
            return Ok(KnownVnfd { vnfd, package });
        }
        let content = self.client.package_vnfd(key).await.map_err(VnfmError::Nfvo)?;
        let bytes = content.bytes().await.map_err(VnfmError::Nfvo)?;
        let vnfd = Arc::new(read_vnfd(vnfd_id, bytes)?);
        self.remember(digest, &vnfd);
        Ok(KnownVnfd { vnfd, package })
    }

    /// The VNFD of this id, for a new instance: its package must be enabled.
    pub async fn enabled_vnfd(&self, vnfd_id: &str) -> Result<KnownVnfd, VnfmError> {
        let known = self.vnfd(vnfd_id).await?;
        if known.package.operational_state == PackageOperationalState::Enabled {
            Ok(known)
        } else {
            Err(VnfmError::DisabledVnfd(vnfd_id.to_owned()))
        }
    }

    /// Asks for a grant.
    pub async fn grant(&self, request: &GrantRequest) -> Result<Grant, StepError> {
        self.client.grant_request(request).await.map_err(|error| {
            let status = error.status().unwrap_or(503);
            let what = if status == 403 { "the NFVO refuses: " } else { "no grant: " };
            // 408 and 503 are what a server says that has too much to do.
            let transient = matches!(error, ClientError::Unreachable { .. })
                || matches!(error.status(), Some(408 | 503));
            StepError { transient, ..StepError::lasting(status, format!("{what}{error}")) }
        })
    }

    /// Tells the NFVO what a VNF holds after an operation; without one the VNF is gone.
    pub async fn settle(
        &self,
        vnf: VnfInstanceId,
        after: Option<OperationId>,
        holds: &[Vnfc],
    ) -> Result<(), StepError> {
        let allocations: Vec<windlass_api::windlass::VnfAllocation> = holds
            .iter()
            .map(|vnfc| windlass_api::windlass::VnfAllocation {
                vnfc: vnfc.name.clone(),
                host_id: vnfc.host.to_string(),
                vm_id: Some(vnfc.vm.to_string()),
                takes: windlass_api::windlass::Capacity {
                    vcpus: vnfc.takes.vcpus,
                    memory_mib: vnfc.takes.memory_mib,
                    storage_gib: vnfc.takes.storage_gib,
                    ..Default::default()
                },
            })
            .collect();
        let (vnf, after) = (vnf.to_string(), after.map(|id| id.to_string()));
        let told = self.client.vnf_allocations_put(&vnf, after.as_deref(), &allocations).await;
        told.map_err(|error| StepError::transient(503, error.to_string()))
    }

    /// An image file of a package; `None` for one that the package does not carry.
    pub fn image(&self, vnfd_id: &str, path: Option<&str>) -> PackageImage {
        PackageImage {
            client: self.client.clone(),
            vnfd_id: vnfd_id.to_owned(),
            path: path.map(str::to_owned),
        }
    }

    fn cached(&self, digest: &str) -> Option<Arc<Vnfd>> {
        self.vnfds.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    fn remember(&self, digest: &str, vnfd: &Arc<Vnfd>) {
        let mut vnfds = self.vnfds.lock().unwrap_or_else(PoisonError::into_inner);
        if vnfds.len() >= CACHED_VNFDS {
            vnfds.clear();
        }
        vnfds.insert(digest.to_owned(), Arc::clone(vnfd));
    }
}

/// A VNFD as `GET …/vnfd` returns it: one YAML file, or a zip of several.
fn read_vnfd(vnfd_id: &str, bytes: Vec<u8>) -> Result<Vnfd, VnfmError> {
    let unreadable =
        |finding: String| VnfmError::UnreadableVnfd { vnfd_id: vnfd_id.to_owned(), finding };
    let reading = if bytes.starts_with(ZIP_MAGIC) {
        let mut package =
            Package::open(Cursor::new(bytes)).map_err(|error| unreadable(error.to_string()))?;
        read_vnf_package(&mut package)
    } else {
        // Alone, a file does not say where in its package it was; nearly all are in Definitions.
        read_vnfd_texts(std::iter::once(("Definitions/vnfd.yaml", bytes)).collect())
    };
    let first = reading.errors().next().map(ToString::to_string);
    reading.value.ok_or_else(|| unreadable(first.unwrap_or_default()))
}

/// An image file of a package, read from the NFVO when a host needs it.
#[derive(Debug, Clone)]
pub struct PackageImage {
    client: Client,
    vnfd_id: String,
    path: Option<String>,
}

#[async_trait]
impl ImageSource for PackageImage {
    async fn open(&self) -> std::io::Result<BoxStream<'static, std::io::Result<Bytes>>> {
        let absent = || {
            let what = "the package does not carry this image; put it on the host beforehand";
            std::io::Error::new(std::io::ErrorKind::NotFound, what)
        };
        let path = self.path.as_deref().ok_or_else(absent)?;
        let broken = |error: ClientError| std::io::Error::other(error.to_string());
        let content = self.client.package_artifact(PackageKey::Vnfd(&self.vnfd_id), path).await;
        Ok(content.map_err(broken)?.stream().map_err(broken).boxed())
    }
}
