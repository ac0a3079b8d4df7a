//! The packages that are stored.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use tokio::sync::oneshot;
use windlass_descriptors::nsd::Nsd;
use windlass_descriptors::vnfd::Vnfd;
use windlass_descriptors::{
    Package, PackageError, Reading, Texts, TrustAnchors, read_nsd_archive, read_nsd_texts,
    read_vnf_package, read_vnfd_texts,
};
use windlass_model::ImageDigest;

use crate::blobs::{Blobs, blocking};
use crate::cache::Cache;
use crate::error::{BlobError, PackagesError};
use crate::onboarding::{self, Onboarded, accepted};
use crate::stream::{self, ByteStream};

/// How many descriptors of each kind are kept in memory.
const DESCRIPTORS: usize = 64;
/// No text that a descriptor is made of is larger.
const TEXT_BYTES: u64 = 16 << 20;

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
        self.descriptor(&self.vnfds, content, read_vnfd_texts, read_vnf_package).await
    }

    /// The NSD of an onboarded archive.
    ///
    /// # Errors
    /// Those of [`Packages::vnfd`].
    pub async fn nsd(&self, content: &ImageDigest) -> Result<Arc<Nsd>, PackagesError> {
        self.descriptor(&self.nsds, content, read_nsd_texts, read_nsd_archive).await
    }

    /// A file of a package.
    ///
    /// # Errors
    /// [`PackageError::NoSuchFile`], [`BlobError::NoSuchBlob`].
    pub async fn file(
        &self,
        content: &ImageDigest,
        path: &str,
    ) -> Result<ByteStream, PackagesError> {
        let (blobs, digest, path) = (self.blobs.clone(), content.clone(), path.to_owned());
        let (opened, size) = oneshot::channel();
        let (sender, chunks) = stream::channel();
        // The reader borrows the package, so both live in the thread that reads.
        let read = move || {
            let mut package = match open(&blobs, &digest) {
                Ok(package) => package,
                Err(error) => return drop(opened.send(Err(error))),
            };
            let size_bytes = package.size(&path).unwrap_or_default();
            match package.file(&path) {
                Ok(file) => {
                    if opened.send(Ok(size_bytes)).is_ok() {
                        stream::send_all(file, &sender);
                    }
                }
                Err(error) => drop(opened.send(Err(error.into()))),
            }
        };
        tokio::task::spawn_blocking(read);
        let size_bytes = size.await.map_err(|_ended| BlobError::Interrupted)??;
        Ok(ByteStream::new(size_bytes, chunks))
    }

    async fn descriptor<T: Send + Sync + 'static>(
        &self,
        cache: &Cache<T>,
        content: &ImageDigest,
        read_texts: fn(Texts) -> Reading<T>,
        read_package: fn(&mut Package<File>) -> Reading<T>,
    ) -> Result<Arc<T>, PackagesError> {
        if let Some(known) = cache.get(content) {
            return Ok(known);
        }
        let (blobs, digest) = (self.blobs.clone(), content.clone());
        let read = move || {
            let mut package = open(&blobs, &digest)?;
            // A blob does not change, so what onboarding checked still holds: the texts suffice.
            // A descriptor that is spread over files of other names is read the long way.
            let reading = read_texts(texts(&mut package)?);
            if let Some(descriptor) = reading.value {
                return Ok(Arc::new(descriptor));
            }
            let (descriptor, _, _) = accepted(read_package(&mut package))?;
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

/// The files that look like parts of a descriptor.
fn texts(package: &mut Package<File>) -> Result<Texts, PackagesError> {
    let is_text = |(path, size): &(&str, u64)| {
        let ending = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        *size <= TEXT_BYTES && ["yaml", "yml", "meta"].contains(&ending.as_str())
    };
    let paths: Vec<String> =
        package.files().filter(is_text).map(|(path, _)| path.to_owned()).collect();
    let mut found = Vec::new();
    for path in paths {
        let mut content = Vec::new();
        package
            .file(&path)?
            .read_to_end(&mut content)
            .map_err(|source| PackageError::Unreadable { path: path.clone(), source })?;
        found.push((path, content));
    }
    Ok(found.into_iter().collect())
}
