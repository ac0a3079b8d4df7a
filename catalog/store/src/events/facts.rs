//! What an event remembers: enough to tell of it later, when the thing itself may have changed.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use windlass_lcm::StepError;
use windlass_model::ns::NsInstance;
use windlass_model::package::{OnboardingState, OperationalState, UsageState};
use windlass_model::vnf::{Product, VnfInstance};
use windlass_model::{NsdInfoId, OperationId, OperationState, VnfPackageId};

use crate::records::{NsdRecord, VnfPackageRecord};

/// What can happen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "happened", content = "facts", rename_all = "snake_case")]
pub enum Happened {
    /// An operation entered a state.
    OperationMoved(OperationMoved),
    /// The identifier of a VNF instance was created.
    VnfCreated(VnfInstance),
    /// The identifier of a VNF instance was deleted.
    VnfDeleted(VnfInstance),
    /// The identifier of an NS instance was created.
    NsCreated(NsInstance),
    /// The identifier of an NS instance was deleted.
    NsDeleted(NsInstance),
    /// Something happened to a VNF package.
    Package(PackageEvent),
    /// Something happened to an NS descriptor.
    Nsd(NsdEvent),
}

/// An operation entered a state. What never changes of it is left in its own row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperationMoved {
    /// The operation.
    pub operation: OperationId,
    /// The state that it left; `None` when it has only just been asked for.
    pub from: Option<OperationState>,
    /// The state.
    pub state: OperationState,
    /// Why it stopped.
    pub error: Option<StepError>,
    /// How many lines its log had then.
    pub logged: i64,
}

/// Something happened to a VNF package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PackageEvent {
    /// What.
    pub change: CatalogChange,
    /// The package after it; before it, when it is deleted.
    pub package: PackageFacts,
}

/// Something happened to an NS descriptor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NsdEvent {
    /// What.
    pub change: CatalogChange,
    /// The descriptor after it; before it, when it is deleted.
    pub nsd: NsdFacts,
}

/// What can happen to a package or descriptor that is worth telling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatalogChange {
    /// Its content is ready for use.
    Onboarded,
    /// Its content was refused.
    Refused {
        /// Why: a ProblemDetails.
        error: Option<Value>,
    },
    /// It was enabled or disabled.
    OperationalState,
    /// It was deleted.
    Deleted,
}

/// A VNF package in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PackageFacts {
    /// Its id.
    pub id: VnfPackageId,
    /// What the VNFD says of the product.
    pub product: Product,
    /// Whether new instances may be made of it.
    pub operational: OperationalState,
    /// Whether instances of it exist.
    pub usage: UsageState,
}

/// An NS descriptor in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NsdFacts {
    /// Its id.
    pub id: NsdInfoId,
    /// `nsdId`.
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
    /// How far its content has come.
    pub onboarding: OnboardingState,
    /// Whether new instances may be made of it.
    pub operational: OperationalState,
    /// Whether instances of it exist.
    pub usage: UsageState,
}

impl CatalogChange {
    /// What the difference between two versions of an entry amounts to; `None` when subscribers
    /// need not know.
    pub(crate) fn between(before: &crate::Onboarding, after: &crate::Onboarding) -> Option<Self> {
        use OnboardingState as S;
        match (before.state, after.state) {
            (S::Onboarded, S::Onboarded) if before.operational != after.operational => {
                Some(Self::OperationalState)
            }
            (S::Onboarded, S::Onboarded) | (S::Error, S::Error) => None,
            (_, S::Onboarded) => Some(Self::Onboarded),
            (_, S::Error) => Some(Self::Refused { error: after.error.clone() }),
            (_, S::Created | S::Uploading | S::Processing) => None,
        }
    }
}

impl PackageFacts {
    /// The facts of a package; `None` while no content has said what it is of.
    pub(crate) fn of(package: &VnfPackageRecord, usage: UsageState) -> Option<Self> {
        Some(Self {
            id: package.id,
            product: package.product.clone()?,
            operational: package.onboarding.operational,
            usage,
        })
    }
}

impl NsdFacts {
    pub(crate) fn of(nsd: &NsdRecord, usage: UsageState) -> Self {
        Self {
            id: nsd.id,
            nsd_id: nsd.nsd_id.clone(),
            invariant_id: nsd.invariant_id.clone(),
            name: nsd.name.clone(),
            designer: nsd.designer.clone(),
            version: nsd.version.clone(),
            vnf_packages: nsd.vnf_packages.clone(),
            nested: nsd.nested.clone(),
            onboarding: nsd.onboarding.state,
            operational: nsd.onboarding.operational,
            usage,
        }
    }
}
