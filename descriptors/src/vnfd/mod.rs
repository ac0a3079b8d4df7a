//! The VNFD as a value with no invalid form: one network function and the flavours it can be deployed in.

pub mod affinity;
pub mod connection_point;
pub mod container;
pub mod disks;
pub mod flavour;
pub mod image;
pub mod lifecycle;
pub mod link;
pub mod scaling;
pub mod storage;
pub mod vdu;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::names::{FlavourId, VnfdId};

pub use affinity::{Affinity, AffinityRule, AffinityTarget, PlacementGroup, Scope};
pub use connection_point::{
    AddressAssignment, AddressData, ConnectionPoint, CpProtocol, IpVersion, LayerProtocol, Role,
    VduCp, VipCp, VipFunction, VirtualCp, VnfExtCp, VnicRequirement, VnicType,
};
pub use container::{DeployableUnit, Mciop, OsContainer, ServicePort};
pub use disks::VduDisk;
pub use flavour::{ArtifactReference, Flavour, SecurityGroupRule};
pub use image::{Checksum, ContainerFormat, DigestAlgorithm, DiskFormat, SwImage};
pub use lifecycle::{
    ConfigurableProperties, InterfaceName, LcmOperation, LcmOperationsConfiguration,
    ModifiableAttributes, MonitoringParameter, SupportedInterface,
};
pub use link::{
    BitrateRequirements, IpPool, L2Protocol, L3Protocol, LinkProfile, LinkProtocol, NetworkType,
    Qos, VnfVirtualLink,
};
pub use scaling::{InstantiationLevel, ScaleStep, ScalingAspect, ScalingError};
pub use storage::{StorageKind, VirtualStorage};
pub use vdu::{
    BootContent, BootData, Compute, CpuPinning, HugePages, LocalStorage, RequestedCapability, Vdu,
    VduKind,
};

/// A virtualised network function, as its VNFD describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vnfd {
    /// `descriptor_id`.
    pub id: VnfdId,
    /// Stays the same over versions of the VNFD that behave the same from outside (4.x).
    pub ext_invariant_id: Option<String>,
    /// Who made the VNF.
    pub provider: String,
    /// What the VNF is called.
    pub product_name: String,
    /// Version of the VNF's software.
    pub software_version: String,
    /// Version of the descriptor.
    pub descriptor_version: String,
    /// A name for people.
    pub product_info_name: Option<String>,
    /// A description for people.
    pub product_info_description: Option<String>,
    /// The VNF managers that can manage it.
    pub vnfm_info: Vec<String>,
    /// Languages the VNF can be localised to.
    pub localization_languages: Vec<String>,
    /// The language when none is chosen.
    pub default_localization_language: Option<String>,
    /// The flavour that the descriptor's own `flavour_id` names, else the first one.
    pub default_flavour: FlavourId,
    /// Every deployment flavour, in the order of their templates. Never empty.
    pub flavours: Vec<Flavour>,
}

impl Vnfd {
    /// The flavour of this id.
    ///
    /// # Errors
    /// [`UnknownFlavour`] names the flavours that there are.
    pub fn flavour(&self, id: &str) -> Result<&Flavour, UnknownFlavour> {
        self.flavours.iter().find(|flavour| flavour.id == id).ok_or_else(|| UnknownFlavour {
            flavour: id.into(),
            known: self.flavours.iter().map(|flavour| flavour.id.clone()).collect(),
        })
    }
}

/// A flavour was asked for that the VNFD does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no deployment flavour `{flavour}`; the VNFD has {}", list(.known))]
pub struct UnknownFlavour {
    /// The flavour that was asked for.
    pub flavour: FlavourId,
    /// The flavours that there are.
    pub known: Vec<FlavourId>,
}

/// A text that the descriptor states, or the input that will state it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Text {
    /// Stated in the descriptor.
    Literal(String),
    /// Left to whoever instantiates: the value of this TOSCA input.
    Input {
        /// The input's name.
        get_input: String,
    },
}

impl Text {
    /// The text once inputs are known; `None` when it names an input that is not among them.
    #[must_use]
    pub fn resolve<'a>(&'a self, inputs: &'a BTreeMap<String, String>) -> Option<&'a str> {
        match self {
            Self::Literal(text) => Some(text),
            Self::Input { get_input } => inputs.get(get_input).map(String::as_str),
        }
    }
}

/// Joins names for a message: `a, b, c`, or `none`.
pub(crate) fn list<T: fmt::Display>(names: &[T]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
