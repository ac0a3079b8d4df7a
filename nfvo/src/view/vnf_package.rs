//! VNF packages.

use windlass_api::api::Api;
use windlass_api::common::{Checksum, KeyValuePairs, Link};
use windlass_api::vnfpkgm::{
    ContainerFormat, DiskFormat, PackageOnboardingState, PackageOperationalState,
    PackageUsageState, VnfPackageArtifactInfo, VnfPackageSoftwareImageInfo, VnfPkgInfo,
    VnfPkgLinks,
};
use windlass_model::package::{OnboardingState, OperationalState, UsageState};
use windlass_store::{ArtifactRecord, Onboarding, SoftwareImageRecord, VnfPackageRecord};

/// A VNF package as clients see it.
pub(crate) fn vnf_package(package: &VnfPackageRecord, usage: UsageState) -> VnfPkgInfo {
    let product = package.product.as_ref();
    let onboarding = &package.onboarding;
    let images = package.software_images.iter();
    VnfPkgInfo {
        id: package.id.to_string(),
        vnfd_id: product.map(|product| product.vnfd_id.clone()),
        vnf_provider: product.map(|product| product.provider.clone()),
        vnf_product_name: product.map(|product| product.name.clone()),
        vnf_software_version: product.map(|product| product.software_version.clone()),
        vnfd_version: product.map(|product| product.vnfd_version.clone()),
        compatible_specification_versions: Vec::new(),
        checksum: content_checksum(onboarding),
        package_security_option: None,
        signing_certificate: None,
        software_images: images.map(|image| software_image(image, onboarding)).collect(),
        additional_artifacts: package.artifacts.iter().map(artifact).collect(),
        onboarding_state: match onboarding.state {
            OnboardingState::Created => PackageOnboardingState::Created,
            OnboardingState::Uploading => PackageOnboardingState::Uploading,
            OnboardingState::Processing => PackageOnboardingState::Processing,
            OnboardingState::Onboarded => PackageOnboardingState::Onboarded,
            OnboardingState::Error => PackageOnboardingState::Error,
        },
        operational_state: match onboarding.operational {
            OperationalState::Enabled => PackageOperationalState::Enabled,
            OperationalState::Disabled => PackageOperationalState::Disabled,
        },
        usage_state: match usage {
            UsageState::InUse => PackageUsageState::InUse,
            UsageState::NotInUse => PackageUsageState::NotInUse,
        },
        vnfm_info: Vec::new(),
        user_defined_data: user_defined_data(onboarding),
        onboarding_failure_details: failure(onboarding),
        links: links(package),
    }
}

/// The checksum of content as it was uploaded.
pub(super) fn content_checksum(onboarding: &Onboarding) -> Option<Checksum> {
    onboarding.content.as_ref().map(|content| sha256(&content.digest))
}

pub(super) fn sha256(digest: &windlass_model::ImageDigest) -> Checksum {
    Checksum { algorithm: "SHA-256".to_owned(), hash: digest.hex().to_owned() }
}

pub(super) fn user_defined_data(onboarding: &Onboarding) -> KeyValuePairs {
    onboarding.user_defined_data.clone().into_iter().collect()
}

pub(super) fn failure(onboarding: &Onboarding) -> Option<windlass_api::common::ProblemDetails> {
    onboarding.error.clone().and_then(|error| serde_json::from_value(error).ok())
}

/// A software image. `imagePath` tells that the package brings it, `imageUri` where else it is.
fn software_image(
    image: &SoftwareImageRecord,
    onboarding: &Onboarding,
) -> VnfPackageSoftwareImageInfo {
    let declared = image.checksum.as_ref().map(|checksum| Checksum {
        algorithm: checksum.algorithm.to_ascii_uppercase(),
        hash: checksum.hash.clone(),
    });
    let content = image.content.as_ref();
    let path = Some(image.path.clone()).filter(|path| !path.is_empty());
    let (image_path, image_uri) = if content.is_some() { (path, None) } else { (None, path) };
    VnfPackageSoftwareImageInfo {
        id: image.id.clone(),
        name: image.name.clone(),
        provider: image.provider.clone(),
        version: image.version.clone(),
        checksum: declared
            .or_else(|| content.map(|content| sha256(&content.digest)))
            .unwrap_or_default(),
        is_encrypted: false,
        container_format: image.container_format.parse().unwrap_or(ContainerFormat::Bare),
        disk_format: image.disk_format.parse().unwrap_or(DiskFormat::Raw),
        created_at: onboarding.created_at,
        min_disk: image.min_disk_bytes,
        min_ram: image.min_ram_bytes,
        size: content.map_or(0, |content| content.size_bytes),
        user_metadata: KeyValuePairs::new(),
        image_path,
        image_uri,
    }
}

fn artifact(artifact: &ArtifactRecord) -> VnfPackageArtifactInfo {
    VnfPackageArtifactInfo {
        artifact_path: Some(artifact.path.clone()),
        checksum: sha256(&artifact.digest),
        ..VnfPackageArtifactInfo::default()
    }
}

fn links(package: &VnfPackageRecord) -> VnfPkgLinks {
    let this = format!("{}/vnf_packages/{}", Api::VnfPkgm.root(), package.id);
    let onboarded = package.onboarding.state == OnboardingState::Onboarded;
    VnfPkgLinks {
        vnfd: onboarded.then(|| Link::to(format!("{this}/vnfd"))),
        package_content: Some(Link::to(format!("{this}/package_content"))),
        this: Link::to(this),
    }
}
