//! The packages that are stored.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

use tokio::sync::oneshot;
use windlass_descriptors::nsd::Nsd;
use windlass_descriptors::vnfd::Vnfd;
use windlass_descriptors::{
    Package, PackageError, Reading, TrustAnchors, reread_nsd_archive, reread_vnf_package,
};
use windlass_model::ImageDigest;

use crate::blobs::{Blobs, blocking, bounded};
use crate::cache::Cache;
use crate::error::{BlobError, PackagesError};
use crate::onboarding::{self, Onboarded, accepted};
use crate::stream::{self, ByteStream};

/// How many descriptors of each kind are kept in memory.
const DESCRIPTORS: usize = 64;

/// The packages in a folder of blobs. Clones share what they remember.
#[derive(Debug, Clone)]
pub struct Packages {
    blobs: Blobs,
    trust: TrustAnchors,
    vnfds: Arc<Cache<Vnfd>>,
    nsds: Arc<Cache<Nsd>>,
}

impl Packages {
    /// Packages among these blobs. With trust anchors, only signed packages are accepted.
    #[must_use]
    pub fn new(blobs: Blobs, trust: TrustAnchors) -> Self {
        let (vnfds, nsds) = (Cache::new(DESCRIPTORS), Cache::new(DESCRIPTORS));
        Self { blobs, trust, vnfds: Arc::new(vnfds), nsds: Arc::new(nsds) }
    }

    /// The blobs.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// Checks and reads the VNF package in a blob, and stores its images.
    ///
    /// # Errors
    /// [`PackagesError::Refused`] with everything that is wrong; [`PackagesError::Package`] when it
    /// is no package at all.
    pub async fn onboard_vnf_package(
        &self,
        content: &ImageDigest,
    ) -> Result<Onboarded<Vnfd>, PackagesError> {
        let (blobs, trust, digest) = (self.blobs.clone(), self.trust.clone(), content.clone());
        let read = move || onboarding::vnf_package(&blobs, &digest, trust);
        let onboarded = blocking(read).await?;
        self.vnfds.put(content.clone(), Arc::clone(&onboarded.descriptor));
        Ok(onboarded)
    }

    /// Checks and reads the NSD archive in a blob.
    ///
    /// # Errors
    /// Those of [`Packages::onboard_vnf_package`].
    pub async fn onboard_nsd_archive(
        &self,
        content: &ImageDigest,
    ) -> Result<Onboarded<Nsd>, PackagesError> {
        let (blobs, trust, digest) = (self.blobs.clone(), self.trust.clone(), content.clone());
        let read = move || onboarding::nsd_archive(&blobs, &digest, trust);
        let onboarded = blocking(read).await?;
        self.nsds.put(content.clone(), Arc::clone(&onboarded.descriptor));
        Ok(onboarded)
    }

    /// The VNFD of an onboarded package.
    ///
    /// # Errors
    /// [`BlobError::NoSuchBlob`], and those of reading a package that was never onboarded.
    pub async fn vnfd(&self, content: &ImageDigest) -> Result<Arc<Vnfd>, PackagesError> {
        self.descriptor(&self.vnfds, content, reread_vnf_package).await
    }

    /// The NSD of an onboarded archive.
    ///
    /// # Errors
    /// Those of [`Packages::vnfd`].
    pub async fn nsd(&self, content: &ImageDigest) -> Result<Arc<Nsd>, PackagesError> {
        self.descriptor(&self.nsds, content, reread_nsd_archive).await
    }

    /// How long a file of a package is.
    ///
    /// # Errors
    /// [`PackageError::NoSuchFile`], [`BlobError::NoSuchBlob`].
    pub async fn file_size(&self, content: &ImageDigest, path: &str) -> Result<u64, PackagesError> {
        let (blobs, digest, path) = (self.blobs.clone(), content.clone(), path.to_owned());
        blocking(move || size_of(&open(&blobs, &digest)?, path)).await
    }

    /// A file of a package, or the part of it in `range`: what comes before is unpacked and left out.
    ///
    /// # Errors
    /// [`PackageError::NoSuchFile`], [`BlobError::NoSuchBlob`], [`BlobError::BadRange`].
    pub async fn file(
        &self,
        content: &ImageDigest,
        path: &str,
        range: Option<Range<u64>>,
    ) -> Result<ByteStream, PackagesError> {
        let (blobs, digest, path) = (self.blobs.clone(), content.clone(), path.to_owned());
        let (opened, length) = oneshot::channel();
        let (sender, chunks) = stream::channel();
        // The reader borrows the package, so both live in the thread that reads.
        let read = move || {
            let ready = open(&blobs, &digest).and_then(|package| {
                let size_bytes = size_of(&package, path.clone())?;
                Ok((package, bounded(range, size_bytes)?))
            });
            let (mut package, range) = match ready {
                Ok(ready) => ready,
                Err(error) => return drop(opened.send(Err(error))),
            };
            match package.file(&path) {
                Ok(mut file) => {
                    if opened.send(Ok(range.end - range.start)).is_ok()
                        && stream::skip(&mut file, range.start, &sender)
                    {
                        stream::send_all(file.take(range.end - range.start), &sender);
                    }
                }
                Err(error) => drop(opened.send(Err(error.into()))),
            }
        };
        tokio::task::spawn_blocking(read);
        let length = length.await.map_err(|_ended| BlobError::Interrupted)??;
        Ok(ByteStream::new(length, chunks))
    }

    async fn descriptor<T: Send + Sync + 'static>(
        &self,
        cache: &Cache<T>,
        content: &ImageDigest,
        reread: fn(&mut Package<File>) -> Reading<T>,
    ) -> Result<Arc<T>, PackagesError> {
        if let Some(known) = cache.get(content) {
            return Ok(known);
        }
        let (blobs, digest) = (self.blobs.clone(), content.clone());
        let read = move || {
            // A blob does not change, so what onboarding checked still holds.
            let (descriptor, _, _) = accepted(reread(&mut open(&blobs, &digest)?))?;
            Ok::<_, PackagesError>(Arc::new(descriptor))
        };
        let descriptor = blocking(read).await?;
        cache.put(content.clone(), Arc::clone(&descriptor));
        Ok(descriptor)
    }
}

fn open(blobs: &Blobs, content: &ImageDigest) -> Result<Package<File>, PackagesError> {
    Ok(Package::open(blobs.file(content)?)?)
}

fn size_of(package: &Package<File>, path: String) -> Result<u64, PackagesError> {
    Ok(package.size(&path).ok_or(PackageError::NoSuchFile { path })?)
}
