//! What a network service is made of: VNFs, PNFs and other network services.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::names::{AspectId, FlavourId, LevelId, NsdId, PnfdId, ProfileId, VirtualLinkId, VnfdId};

/// A VNF in the service: which one, in which size, and how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VnfProfile {
    /// The node template's name.
    pub id: ProfileId,
    /// The VNFD.
    pub vnfd_id: VnfdId,
    /// The VNFD's provider, product and versions, as far as the NSD repeats them.
    pub product: BTreeMap<String, String>,
    /// The flavour of the VNF; its default when `None`.
    pub flavour_id: Option<FlavourId>,
    /// The size of the VNF; its default when `None`.
    pub instantiation_level: Option<LevelId>,
    /// The size of the VNF by aspect, instead (4.x).
    pub target_scale_levels: BTreeMap<AspectId, u32>,
    /// Never fewer than this many.
    pub min_instances: u32,
    /// Never more than this many.
    pub max_instances: u32,
    /// Class of availability, 1 the highest.
    pub service_availability_level: Option<u32>,
    /// The links that its external connection points are on.
    pub connections: Vec<LinkConnection>,
    /// Constituents that must run before it.
    pub depends_on: Vec<ProfileId>,
    /// Versions of other constituents that it needs (4.x).
    pub version_dependencies: Vec<VersionDependency>,
    /// The node template's `metadata`.
    pub metadata: BTreeMap<String, String>,
}

impl VnfProfile {
    /// How many there are right after instantiation when no level says otherwise: at least one, if one is allowed.
    #[must_use]
    pub fn initial_instances(&self) -> u32 {
        self.min_instances.max(self.max_instances.min(1))
    }
}

/// An external connection point of a constituent, on a link of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkConnection {
    /// The connection point: the requirement's name (see [`crate::vnfd::Flavour::ext_cp`]).
    pub cp: String,
    /// The link, of the service.
    pub virtual_link: VirtualLinkId,
}

/// A PNF in the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pnf {
    /// The node template's name.
    pub id: ProfileId,
    /// The PNFD.
    pub pnfd_id: PnfdId,
    /// `descriptor_invariant_id`.
    pub invariant_id: Option<String>,
    /// The PNF's name.
    pub name: String,
    /// Who made it.
    pub provider: String,
    /// Version of the descriptor.
    pub version: String,
    /// What it does.
    pub function_description: String,
    /// The links that its connection points are on.
    pub connections: Vec<LinkConnection>,
}

/// Another network service in the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NestedNs {
    /// The node template's name.
    pub id: ProfileId,
    /// The NSD.
    pub nsd_id: NsdId,
    /// Its flavour; its default when `None`.
    pub flavour_id: Option<FlavourId>,
    /// Its size; its default when `None`.
    pub instantiation_level: Option<LevelId>,
    /// Never fewer than this many.
    pub min_instances: u32,
    /// Never more than this many.
    pub max_instances: u32,
    /// The links that its service access points are on.
    pub connections: Vec<LinkConnection>,
    /// Constituents that must run before it.
    pub depends_on: Vec<ProfileId>,
}

/// Versions of another constituent that one needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionDependency {
    /// The other constituent's descriptor.
    pub constituent_id: String,
    /// Of each of these lists of descriptors, one must be there.
    pub alternatives: Vec<Vec<String>>,
}
