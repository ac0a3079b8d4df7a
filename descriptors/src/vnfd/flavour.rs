//! A deployment flavour: one complete way to deploy a VNF.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    AffinityRule, ConfigurableProperties, InstantiationLevel, LcmOperation,
    LcmOperationsConfiguration, Mciop, ModifiableAttributes, MonitoringParameter, PlacementGroup,
    ScalingAspect, SupportedInterface, Vdu, VduCp, VipCp, VirtualCp, VirtualStorage, VnfExtCp,
    VnfVirtualLink,
};
use crate::names::{
    AspectId, CpId, FlavourId, GroupId, LevelId, MciopId, StorageId, VduId, VirtualLinkId,
};

/// One complete way to deploy a VNF.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Flavour {
    /// `flavour_id`.
    pub id: FlavourId,
    /// A description for people.
    pub description: String,
    /// What VNFCs are made of.
    pub vdus: BTreeMap<VduId, Vdu>,
    /// Storages that VDUs attach.
    pub storages: BTreeMap<StorageId, VirtualStorage>,
    /// Network interfaces of VNFCs.
    pub vdu_cps: BTreeMap<CpId, VduCp>,
    /// Connection points that the network service sees.
    pub ext_cps: BTreeMap<CpId, VnfExtCp>,
    /// Addresses that interfaces share.
    pub vip_cps: BTreeMap<CpId, VipCp>,
    /// Addresses in front of containers.
    pub virtual_cps: BTreeMap<CpId, VirtualCp>,
    /// Networks inside the VNF.
    pub virtual_links: BTreeMap<VirtualLinkId, VnfVirtualLink>,
    /// Helm charts.
    pub mciops: BTreeMap<MciopId, Mciop>,
    /// Directions in which it scales.
    pub scaling_aspects: BTreeMap<AspectId, ScalingAspect>,
    /// Sizes it can start at.
    pub instantiation_levels: BTreeMap<LevelId, InstantiationLevel>,
    /// The size it starts at when none is asked for.
    pub default_level: Option<LevelId>,
    /// Bits per second of links when every aspect stands at level 0.
    pub initial_link_bitrates: BTreeMap<VirtualLinkId, super::BitrateRequirements>,
    /// How many of each shared address there are when every aspect stands at level 0 (4.x).
    pub initial_vip_cp_counts: BTreeMap<CpId, u32>,
    /// What must, or must not, share a place.
    pub affinity_rules: Vec<AffinityRule>,
    /// Things that rules name together.
    pub placement_groups: BTreeMap<GroupId, PlacementGroup>,
    /// Traffic that may pass.
    pub security_group_rules: Vec<SecurityGroupRule>,
    /// Interfaces that the VNF offers to its manager.
    pub supported_interfaces: Vec<SupportedInterface>,
    /// Lifecycle operations that the VNFD says something about, such as `instantiate_start`.
    pub operations: BTreeMap<String, LcmOperation>,
    /// How lifecycle operations may be used.
    pub lcm_operations_configuration: LcmOperationsConfiguration,
    /// What can be measured on the VNF, by id.
    pub monitoring_parameters: BTreeMap<String, MonitoringParameter>,
    /// What can be configured on the VNF.
    pub configurable_properties: ConfigurableProperties,
    /// What of the instance's information can be changed.
    pub modifiable_attributes: ModifiableAttributes,
    /// TOSCA inputs that the flavour still needs at instantiation, with their defaults.
    pub inputs: BTreeMap<String, Option<Value>>,
}

impl Flavour {
    /// The interfaces of a VDU's VNFCs, in the order in which the guest sees them.
    #[must_use]
    pub fn interfaces_of(&self, vdu: &str) -> Vec<&VduCp> {
        let mut cps: Vec<&VduCp> = self
            .vdu_cps
            .values()
            .filter(|cp| cp.trunk.is_none() && cp.vdu.as_ref().is_some_and(|id| *id == vdu))
            .collect();
        // The sort is stable: points of one order, or of none, stay in order of their names.
        cps.sort_by_key(|cp| cp.order.unwrap_or(u32::MAX));
        cps
    }

    /// The external connection point that a network service names by requirement or by id.
    #[must_use]
    pub fn ext_cp(&self, name: &str) -> Option<&VnfExtCp> {
        self.ext_cps
            .get(name)
            .or_else(|| self.ext_cps.values().find(|cp| cp.requirements.iter().any(|r| r == name)))
    }

    /// The external connection points through which a VduCp is reached directly.
    pub fn exposures_of<'a>(&'a self, vdu_cp: &'a str) -> impl Iterator<Item = &'a VnfExtCp> {
        self.ext_cps.values().filter(move |cp| cp.exposes.as_ref().is_some_and(|id| *id == vdu_cp))
    }
}

/// A file that the descriptor names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactReference {
    /// The artifact's name in its node template, or the file itself when it is named directly.
    pub name: String,
    /// Its TOSCA type, such as `tosca.artifacts.Implementation.Python`.
    pub artifact_type: Option<String>,
    /// Its path in the package, or its URL.
    pub file: String,
}

/// Traffic that may pass at connection points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroupRule {
    /// The policy's name.
    pub name: String,
    /// A description for people.
    pub description: Option<String>,
    /// `ingress` or `egress`.
    pub direction: String,
    /// `ipv4` or `ipv6`.
    pub ether_type: String,
    /// Such as `tcp`.
    pub protocol: String,
    /// The first port.
    pub port_min: u16,
    /// The last port.
    pub port_max: u16,
    /// Where it holds: connection points, or containers.
    pub targets: Vec<String>,
}
