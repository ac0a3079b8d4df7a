//! From the blob of a package to what the catalog knows of it. All of this blocks.

use std::collections::BTreeSet;
use std::fs::File;
use std::sync::Arc;

use windlass_descriptors::nsd::Nsd;
use windlass_descriptors::vnfd::{DigestAlgorithm, SwImage, Vdu, VduKind, Vnfd};
use windlass_descriptors::{
    Code, Finding, Package, PackageError, Reading, Severity, Sources, TrustAnchors,
    read_nsd_archive, read_vnf_package,
};
use windlass_model::ImageDigest;

use crate::blobs::{Blob, Blobs};
use crate::error::PackagesError;

/// A package that was checked and read.
#[derive(Debug, Clone)]
pub struct Onboarded<T> {
    /// Its descriptor.
    pub descriptor: Arc<T>,
    /// Everything doubtful that was noted on the way.
    pub findings: Vec<Finding>,
    /// The files that say what it is: metadata, manifest and descriptors, in the order of names.
    pub definitions: Vec<String>,
    /// The images that the descriptor names; none for an NSD.
    pub images: Vec<PackagedImage>,
    /// Every other file, in the order of names.
    pub artifacts: Vec<PackagedFile>,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagedFile {
    /// Its path in the package.
    pub path: String,
    /// Its SHA-256.
    pub digest: ImageDigest,
    /// Its size.
    pub size_bytes: u64,
}

/// An image that a descriptor names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagedImage {
    /// What the descriptor says of it.
    pub image: SwImage,
    /// The blob of its content; `None` when the package does not bring the file.
    pub content: Option<Blob>,
}

pub fn vnf_package(
    blobs: &Blobs,
    content: &ImageDigest,
    trust: TrustAnchors,
) -> Result<Onboarded<Vnfd>, PackagesError> {
    let mut package = Package::open(blobs.file(content)?)?.trusting(trust);
    let reading = read_vnf_package(&mut package);
    let (vnfd, mut findings, sources) = accepted(reading)?;
    let mut images = Vec::new();
    for image in images_of(&vnfd) {
        let content = image_content(blobs, &mut package, image)?;
        findings.extend(content.as_ref().and_then(|blob| wrong_size(image, blob)));
        images.push(PackagedImage { image: image.clone(), content });
    }
    let (definitions, artifacts) = other_files(&mut package, &sources, &images)?;
    Ok(Onboarded { descriptor: Arc::new(vnfd), findings, definitions, images, artifacts })
}

pub fn nsd_archive(
    blobs: &Blobs,
    content: &ImageDigest,
    trust: TrustAnchors,
) -> Result<Onboarded<Nsd>, PackagesError> {
    let mut package = Package::open(blobs.file(content)?)?.trusting(trust);
    let reading = read_nsd_archive(&mut package);
    let (nsd, findings, sources) = accepted(reading)?;
    let images = Vec::new();
    let (definitions, artifacts) = other_files(&mut package, &sources, &images)?;
    Ok(Onboarded { descriptor: Arc::new(nsd), findings, definitions, images, artifacts })
}

/// What a reading found, unless it has errors.
pub fn accepted<T>(reading: Reading<T>) -> Result<(T, Vec<Finding>, Sources), PackagesError> {
    let Reading { value, findings, sources } = reading;
    match value {
        Some(value) => Ok((value, findings, sources)),
        None => Err(PackagesError::Refused { findings }),
    }
}

/// Every image of every flavour, each once, in the descriptor's order.
fn images_of(vnfd: &Vnfd) -> Vec<&SwImage> {
    let mut images: Vec<&SwImage> = Vec::new();
    for flavour in &vnfd.flavours {
        let of_vdus = flavour.vdus.values().flat_map(images_of_vdu);
        let of_storages = flavour.storages.values().filter_map(|storage| storage.image.as_ref());
        for image in of_vdus.chain(of_storages) {
            if !images.contains(&image) {
                images.push(image);
            }
        }
    }
    images
}

fn images_of_vdu(vdu: &Vdu) -> Vec<&SwImage> {
    match &vdu.kind {
        VduKind::Compute(compute) => compute.image.iter().collect(),
        VduKind::Containers(unit) => unit.containers.iter().flat_map(|c| &c.images).collect(),
    }
}

/// The blob of an image. Reading the package has compared each image with its checksum, and has
/// noted those that the package lacks.
fn image_content(
    blobs: &Blobs,
    package: &mut Package<File>,
    image: &SwImage,
) -> Result<Option<Blob>, PackagesError> {
    let Some(path) = image.file.as_deref() else { return Ok(None) };
    let Some(size_bytes) = package.size(path) else { return Ok(None) };
    let mut file = package.file(path)?;
    Ok(Some(blobs.put_reader(&mut file, size_bytes)?))
}

/// A wrong size is only doubtful: descriptors round it, and the checksum says what the image is.
fn wrong_size(image: &SwImage, found: &Blob) -> Option<Finding> {
    let file = image.file.clone().filter(|_| image.size_bytes != found.size_bytes)?;
    Some(Finding {
        severity: Severity::Warning,
        code: Code::Contradiction,
        message: format!(
            "the image `{}` has {} bytes, and the descriptor says {}",
            image.id, found.size_bytes, image.size_bytes
        ),
        help: Some(format!("write `size: {} B`", found.size_bytes)),
        file,
        line: 0,
        column: 0,
        span: None,
    })
}

type Definitions = Vec<String>;

/// The files that were read as texts on the way to the descriptor, and those that are neither
/// such a text nor an image.
fn other_files(
    package: &mut Package<File>,
    sources: &Sources,
    images: &[PackagedImage],
) -> Result<(Definitions, Vec<PackagedFile>), PackagesError> {
    let images: BTreeSet<&str> =
        images.iter().filter_map(|image| image.image.file.as_deref()).collect();
    let all: Vec<(String, u64)> =
        package.files().map(|(path, size_bytes)| (path.to_owned(), size_bytes)).collect();
    let (mut definitions, mut artifacts) = (Vec::new(), Vec::new());
    for (path, size_bytes) in all {
        if sources.text(&path).is_some() {
            definitions.push(path);
        } else if !images.contains(path.as_str()) {
            let hex = package.digest(&path, DigestAlgorithm::Sha256)?;
            let digest = hex.parse().map_err(|error| unreadable(&path, error))?;
            artifacts.push(PackagedFile { path, digest, size_bytes });
        }
    }
    Ok((definitions, artifacts))
}

fn unreadable(path: &str, error: windlass_model::id::NotADigest) -> PackageError {
    PackageError::Unreadable { path: path.to_owned(), source: std::io::Error::other(error) }
}
