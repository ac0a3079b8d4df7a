//! What the catalog knows of packages and descriptors.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use windlass_model::package::{OnboardingState, OperationalState};
use windlass_model::vnf::Product;
use windlass_model::{ImageDigest, NsdInfoId, VnfPackageId};

/// What packages and descriptors have in common: how far their content has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Onboarding {
    /// How far the content has come.
    pub state: OnboardingState,
    /// Whether new instances may be made of it.
    pub operational: OperationalState,
    /// `userDefinedData`.
    pub user_defined_data: BTreeMap<String, Value>,
    /// The content as it was uploaded; `None` until then.
    pub content: Option<Content>,
    /// Why the last upload was refused: a ProblemDetails.
    pub error: Option<Value>,
    /// When the resource was created.
    pub created_at: DateTime<Utc>,
    /// Who brings the content in, while somebody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrival: Option<Arrival>,
}

/// Content on its way in. Whoever brings it says again and again that it still does, so that others
/// know when nobody does any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// This arrival among all others.
    pub id: Uuid,
    /// The worker that brings it: a worker of this name that starts anew knows that it is dead.
    pub worker: String,
    /// When it was last heard of.
    pub seen_at: DateTime<Utc>,
}

/// Content in the blob store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Its SHA-256.
    pub digest: ImageDigest,
    /// Its size.
    pub size_bytes: u64,
}

/// A checksum that a descriptor or a manifest declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// `sha-256`, `sha-512`.
    pub algorithm: String,
    /// Hexadecimal digits.
    pub hash: String,
}

/// A VNF package (SOL005 clause 9.5.2.5).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VnfPackageRecord {
    /// Its id.
    pub id: VnfPackageId,
    /// How far its content has come.
    pub onboarding: Onboarding,
    /// What the VNFD says of the product; `None` until the content is onboarded.
    pub product: Option<Product>,
    /// The parsed descriptor, in short.
    pub descriptor: Value,
    /// The images that its VDUs boot from.
    pub software_images: Vec<SoftwareImageRecord>,
    /// The other files that it brings.
    pub artifacts: Vec<ArtifactRecord>,
}

/// A software image of a package (SOL005 clause 9.5.3.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SoftwareImageRecord {
    /// Its id in the VNFD: the template that declares it.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Who provides it.
    pub provider: String,
    /// Its version.
    pub version: String,
    /// Its content; `None` when the package does not bring the file.
    pub content: Option<Content>,
    /// The checksum that the descriptor declares.
    pub checksum: Option<Checksum>,
    /// `containerFormat`.
    pub container_format: String,
    /// `diskFormat`.
    pub disk_format: String,
    /// The least disk that it needs.
    pub min_disk_bytes: u64,
    /// The least memory that it needs.
    pub min_ram_bytes: u64,
    /// Its file in the package, or where else it is to be had.
    pub path: String,
    /// `userMetadata`.
    pub user_metadata: BTreeMap<String, String>,
}

/// A file of a package that is neither descriptor nor image (SOL005 clause 9.5.3.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactRecord {
    /// Its path in the package.
    pub path: String,
    /// Its SHA-256.
    pub digest: ImageDigest,
    /// Its size.
    pub size_bytes: u64,
}

/// An NS descriptor (SOL005 clause 5.5.2.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NsdRecord {
    /// Its id.
    pub id: NsdInfoId,
    /// How far its content has come.
    pub onboarding: Onboarding,
    /// `nsdId`; `None` until the content is onboarded.
    pub nsd_id: Option<String>,
    /// `nsdInvariantId`.
    pub invariant_id: Option<String>,
    /// `nsdName`.
    pub name: String,
    /// `nsdDesigner`.
    pub designer: String,
    /// `nsdVersion`.
    pub version: String,
    /// The VNF packages that it is made of.
    pub vnf_packages: Vec<VnfPackageId>,
    /// The NSDs that it nests.
    pub nested: Vec<NsdInfoId>,
    /// The parsed descriptor, in short.
    pub descriptor: Value,
    /// The other files of its archive.
    pub artifacts: Vec<ArtifactRecord>,
}

impl Onboarding {
    /// A resource without content.
    #[must_use]
    pub fn created(user_defined_data: BTreeMap<String, Value>, now: DateTime<Utc>) -> Self {
        Self {
            state: OnboardingState::Created,
            operational: OperationalState::Disabled,
            user_defined_data,
            content: None,
            error: None,
            created_at: now,
            arrival: None,
        }
    }
}

impl VnfPackageRecord {
    /// A package without content.
    #[must_use]
    pub fn created(id: VnfPackageId, onboarding: Onboarding) -> Self {
        Self {
            id,
            onboarding,
            product: None,
            descriptor: Value::Null,
            software_images: Vec::new(),
            artifacts: Vec::new(),
        }
    }
}

impl NsdRecord {
    /// A descriptor without content.
    #[must_use]
    pub fn created(id: NsdInfoId, onboarding: Onboarding) -> Self {
        Self {
            id,
            onboarding,
            nsd_id: None,
            invariant_id: None,
            name: String::new(),
            designer: String::new(),
            version: String::new(),
            vnf_packages: Vec::new(),
            nested: Vec::new(),
            descriptor: Value::Null,
            artifacts: Vec::new(),
        }
    }
}
