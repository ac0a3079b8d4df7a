//! Onboarding: what comes of a package, and what is refused.

use std::sync::Arc;

use windlass_descriptors::{Code, PackageError, TrustAnchors};
use windlass_model::ImageDigest;
use windlass_packages::{BlobError, Blobs, Packages, PackagesError};

use crate::csar::{Csar, DEFINITIONS, META, sha256};

const LIMIT: u64 = 64 << 20;
const IMAGE: &[u8] = b"this boots";

/// A catalog in a folder that goes with it.
struct Catalog {
    packages: Packages,
    folder: tempfile::TempDir,
}

impl Catalog {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).await.unwrap();
        Self { packages: Packages::new(blobs, TrustAnchors::default()), folder }
    }

    async fn upload(&self, csar: &Csar) -> ImageDigest {
        let zip = csar.zipped();
        self.packages.blobs().put_reader(&mut zip.as_slice(), LIMIT).unwrap().digest
    }

    /// The same blobs, with nothing remembered.
    async fn restarted(&self) -> Packages {
        let blobs = Blobs::open(self.folder.path()).await.unwrap();
        Packages::new(blobs, TrustAnchors::default())
    }
}

#[tokio::test]
async fn an_image_of_a_package_becomes_a_blob_of_its_own() {
    let catalog = Catalog::new().await;
    let csar = Csar::vnf(IMAGE).with("Files/db.qcow2", IMAGE).with("Scripts/boot.sh", b"echo");
    let content = catalog.upload(&csar).await;
    let onboarded = catalog.packages.onboard_vnf_package(&content).await.unwrap();

    assert_eq!(onboarded.descriptor.product_name, "web");
    assert_eq!(onboarded.definitions, [DEFINITIONS, META]);
    let scripts: Vec<_> = onboarded.artifacts.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(scripts, ["Scripts/boot.sh"]);
    assert_eq!(onboarded.artifacts[0].digest.hex(), sha256(b"echo"));

    assert_eq!(onboarded.images.len(), 2);
    for image in &onboarded.images {
        let blob = image.content.clone().unwrap();
        assert_eq!((blob.digest.hex(), blob.size_bytes), (sha256(IMAGE).as_str(), 10));
        let stream = catalog.packages.blobs().read(&blob.digest, None).await.unwrap();
        assert_eq!(stream.collect(LIMIT).await.unwrap(), IMAGE);
    }
}

#[tokio::test]
async fn an_image_that_the_package_lacks_is_noted_and_goes_without_content() {
    let catalog = Catalog::new().await;
    let content = catalog.upload(&Csar::vnf(IMAGE)).await;
    let onboarded = catalog.packages.onboard_vnf_package(&content).await.unwrap();
    let db = onboarded.images.iter().find(|image| image.image.name == "db").unwrap();
    assert_eq!(db.content, None);
    let noted = |finding: &&windlass_descriptors::Finding| {
        finding.code == Code::MissingFile && finding.message.contains("db.qcow2")
    };
    assert_eq!(onboarded.findings.iter().filter(noted).count(), 1, "{:?}", onboarded.findings);
}

#[tokio::test]
async fn an_image_that_is_not_what_its_checksum_says_is_refused() {
    let catalog = Catalog::new().await;
    let content = catalog.upload(&Csar::vnf(IMAGE).with("Files/web.qcow2", b"another")).await;
    let refused = catalog.packages.onboard_vnf_package(&content).await;
    let Err(PackagesError::Refused { findings }) = refused else { panic!("{refused:?}") };
    assert!(findings.iter().any(|finding| finding.code == Code::DigestMismatch), "{findings:?}");
    let blob = catalog.packages.blobs().size_bytes(&sha256(b"another").parse().unwrap()).await;
    assert!(matches!(blob, Err(BlobError::NoSuchBlob(_))), "a refused image is not kept");
}

#[tokio::test]
async fn an_image_of_another_size_than_declared_is_doubtful() {
    let catalog = Catalog::new().await;
    let content = catalog.upload(&Csar::vnf(IMAGE).with("Files/db.qcow2", IMAGE)).await;
    let onboarded = catalog.packages.onboard_vnf_package(&content).await.unwrap();
    let sizes: Vec<_> =
        onboarded.findings.iter().filter(|f| f.code == Code::Contradiction).collect();
    assert_eq!(sizes.len(), 1, "{:?}", onboarded.findings);
    assert_eq!(sizes[0].file, "Files/db.qcow2");
}

#[tokio::test]
async fn what_is_no_package_is_refused() {
    let catalog = Catalog::new().await;
    let blobs = catalog.packages.blobs();
    let letter = blobs.put_reader(&mut b"a letter to my aunt".as_slice(), LIMIT).unwrap().digest;
    let refused = catalog.packages.onboard_vnf_package(&letter).await;
    assert!(matches!(refused, Err(PackagesError::Package(PackageError::NotAnArchive(_)))));
    let unknown: ImageDigest = "0".repeat(64).parse().unwrap();
    let refused = catalog.packages.onboard_nsd_archive(&unknown).await;
    assert!(matches!(refused, Err(PackagesError::Blob(BlobError::NoSuchBlob(_)))));
    let empty = catalog.upload(&Csar::ns().with(DEFINITIONS, b"nothing: here")).await;
    let refused = catalog.packages.onboard_nsd_archive(&empty).await;
    assert!(matches!(refused, Err(PackagesError::Refused { findings }) if !findings.is_empty()));
}

#[tokio::test]
async fn a_descriptor_is_read_once_and_again_after_a_restart() {
    let catalog = Catalog::new().await;
    let vnf = catalog.upload(&Csar::vnf(IMAGE)).await;
    let onboarded = catalog.packages.onboard_vnf_package(&vnf).await.unwrap();
    let known = catalog.packages.vnfd(&vnf).await.unwrap();
    assert!(Arc::ptr_eq(&known, &onboarded.descriptor));
    let reread = catalog.restarted().await.vnfd(&vnf).await.unwrap();
    assert_eq!(reread, onboarded.descriptor);

    let ns = catalog.upload(&Csar::ns()).await;
    let onboarded = catalog.packages.onboard_nsd_archive(&ns).await.unwrap();
    assert_eq!(onboarded.descriptor.name, "web");
    assert_eq!(catalog.restarted().await.nsd(&ns).await.unwrap(), onboarded.descriptor);
}

#[tokio::test]
async fn a_file_of_a_package_is_read_by_its_path() {
    let catalog = Catalog::new().await;
    let large: Vec<u8> = (0..3_000_000u32).map(|i| i.to_le_bytes()[0]).collect();
    let content = catalog.upload(&Csar::vnf(IMAGE).with("Files/large.bin", &large)).await;
    let stream = catalog.packages.file(&content, "Files/large.bin", None).await.unwrap();
    assert_eq!(stream.size_bytes, large.len() as u64);
    assert_eq!(stream.collect(LIMIT).await.unwrap(), large);
    let part = catalog.packages.file(&content, "Files/large.bin", Some(2_000_000..2_000_500)).await;
    assert_eq!(part.unwrap().collect(LIMIT).await.unwrap(), large[2_000_000..2_000_500]);
    let outside = catalog.packages.file(&content, "Files/large.bin", Some(0..3_000_001)).await;
    assert!(matches!(
        outside,
        Err(PackagesError::Blob(BlobError::BadRange { size_bytes: 3_000_000 }))
    ));
    assert_eq!(catalog.packages.file_size(&content, "Files/large.bin").await.unwrap(), 3_000_000);
    // Who loses interest is not waited for.
    drop(catalog.packages.file(&content, "Files/large.bin", None).await.unwrap());

    let missing = catalog.packages.file(&content, "Files/none", None).await;
    assert!(matches!(missing, Err(PackagesError::Package(PackageError::NoSuchFile { .. }))));
}
