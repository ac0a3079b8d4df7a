//! VNF packages: what their content says.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use windlass_descriptors::vnfd::{SwImage, Vnfd};
use windlass_model::VnfPackageId;
use windlass_model::package::UsageState;
use windlass_model::vnf::Product;
use windlass_packages::{PackagedFile, PackagedImage};
use windlass_store::{
    ArtifactRecord, Checksum, Collection, Content, Onboarding, SoftwareImageRecord, Store,
    StoreError, VnfPackageRecord,
};

use super::entry::Entry;
use super::problem::Refusal;
use crate::nfvo::Core;

impl Entry for VnfPackageRecord {
    const NOUN: &'static str = "VNF package";

    fn all(store: &Store) -> Collection<'_, Self> {
        store.vnf_packages()
    }

    fn created(onboarding: Onboarding) -> Self {
        Self::created(VnfPackageId::new(), onboarding)
    }

    fn id(&self) -> VnfPackageId {
        self.id
    }

    fn onboarding(&self) -> &Onboarding {
        &self.onboarding
    }

    fn onboarding_mut(&mut self) -> &mut Onboarding {
        &mut self.onboarding
    }

    fn descriptor(&self) -> &Value {
        &self.descriptor
    }

    fn images(&self) -> &[SoftwareImageRecord] {
        &self.software_images
    }

    fn artifacts(&self) -> &[ArtifactRecord] {
        &self.artifacts
    }

    async fn usage(
        store: &Store,
        ids: Vec<VnfPackageId>,
    ) -> Result<BTreeMap<VnfPackageId, UsageState>, StoreError> {
        store.vnf_packages().usage(ids).await
    }

    async fn read(self, core: &Core, content: &Content) -> Result<Self, Refusal> {
        let read = core.packages.onboard_vnf_package(&content.digest).await?;
        let provider = &read.descriptor.provider;
        Ok(Self {
            product: Some(product(&read.descriptor)),
            descriptor: json!({ "definitions": read.definitions, "findings": read.findings }),
            software_images: read
                .images
                .iter()
                .map(|image| software_image(image, provider))
                .collect(),
            artifacts: read.artifacts.into_iter().map(artifact).collect(),
            ..self
        })
    }

    fn taken(&self) -> String {
        let vnfd = self.product.as_ref().map_or("", |product| product.vnfd_id.as_str());
        format!("another package with the VNFD {vnfd} is onboarded already; delete that one first")
    }
}

fn product(vnfd: &Vnfd) -> Product {
    Product {
        vnfd_id: vnfd.id.as_str().to_owned(),
        provider: vnfd.provider.clone(),
        name: vnfd.product_name.clone(),
        software_version: vnfd.software_version.clone(),
        vnfd_version: vnfd.descriptor_version.clone(),
    }
}

fn software_image(packaged: &PackagedImage, provider: &str) -> SoftwareImageRecord {
    let PackagedImage { image, content } = packaged;
    SoftwareImageRecord {
        id: image.id.clone(),
        name: image.name.clone(),
        provider: image.provider.clone().unwrap_or_else(|| provider.to_owned()),
        version: image.version.clone(),
        content: content
            .as_ref()
            .map(|blob| Content { digest: blob.digest.clone(), size_bytes: blob.size_bytes }),
        checksum: image.checksum.as_ref().map(|checksum| Checksum {
            algorithm: checksum.algorithm.as_str().to_owned(),
            hash: checksum.hash.clone(),
        }),
        container_format: image.container_format.as_str().to_uppercase(),
        disk_format: disk_format(image),
        min_disk_bytes: image.min_disk_bytes.unwrap_or(0),
        min_ram_bytes: image.min_ram_bytes.unwrap_or(0),
        path: image.file.clone().unwrap_or_default(),
        user_metadata: Default::default(),
    }
}

/// SOL005 wants a disk format of every image; one that has none is taken as the bytes that it is.
fn disk_format(image: &SwImage) -> String {
    image.disk_format.map_or("raw", |format| format.as_str()).to_uppercase()
}

pub(super) fn artifact(file: PackagedFile) -> ArtifactRecord {
    ArtifactRecord { path: file.path, digest: file.digest, size_bytes: file.size_bytes }
}
