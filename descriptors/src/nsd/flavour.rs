//! A deployment flavour of a network service: one complete way to deploy it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    NestedNs, NsInstantiationLevel, NsScalingAspect, NsVirtualLink, Pnf, Sap, VnfProfile, Vnffg,
};
use crate::names::{AspectId, CpId, FlavourId, GroupId, LevelId, ProfileId, VirtualLinkId};
use crate::vnfd::{Affinity, LcmOperation, Scope, SecurityGroupRule};

/// One complete way to deploy a network service.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NsFlavour {
    /// `flavour_id`.
    pub id: FlavourId,
    /// Constituent VNFs.
    pub vnfs: BTreeMap<ProfileId, VnfProfile>,
    /// Constituent PNFs.
    pub pnfs: BTreeMap<ProfileId, Pnf>,
    /// Constituent network services.
    pub nested: BTreeMap<ProfileId, NestedNs>,
    /// Networks between constituents.
    pub virtual_links: BTreeMap<VirtualLinkId, NsVirtualLink>,
    /// Where the service is reached.
    pub saps: BTreeMap<CpId, Sap>,
    /// Forwarding graphs.
    pub vnffgs: BTreeMap<String, Vnffg>,
    /// Directions in which it scales.
    pub scaling_aspects: BTreeMap<AspectId, NsScalingAspect>,
    /// Sizes it can start at.
    pub instantiation_levels: BTreeMap<LevelId, NsInstantiationLevel>,
    /// The size it starts at when none is asked for.
    pub default_level: Option<LevelId>,
    /// What must, or must not, share a place.
    pub affinity_rules: Vec<NsAffinityRule>,
    /// Things that rules name together.
    pub placement_groups: BTreeMap<GroupId, NsPlacementGroup>,
    /// Traffic that may pass at service access points.
    pub security_group_rules: Vec<SecurityGroupRule>,
    /// What can be measured, by id.
    pub monitoring_parameters: BTreeMap<String, NsMonitoringParameter>,
    /// Lifecycle operations that the NSD says something about.
    pub operations: BTreeMap<String, LcmOperation>,
    /// TOSCA inputs that the flavour still needs at instantiation, with their defaults.
    pub inputs: BTreeMap<String, Option<Value>>,
}

impl NsFlavour {
    /// Constituent VNFs in waves: those of one wave may start together, once the wave before runs.
    ///
    /// Dependencies never form a circle in a flavour that was read; what is left over in a circle
    /// that was built by hand comes last, together.
    #[must_use]
    pub fn start_waves(&self) -> Vec<Vec<&ProfileId>> {
        let mut waves: Vec<Vec<&ProfileId>> = Vec::new();
        let mut waiting: Vec<&VnfProfile> = self.vnfs.values().collect();
        while !waiting.is_empty() {
            let blocked = |vnf: &VnfProfile| {
                vnf.depends_on.iter().any(|other| waiting.iter().any(|w| w.id == *other))
            };
            let (later, mut now): (Vec<_>, Vec<_>) = waiting.iter().partition(|vnf| blocked(vnf));
            waiting = if now.is_empty() {
                now = later;
                Vec::new()
            } else {
                later
            };
            waves.push(now.iter().map(|vnf| &vnf.id).collect());
        }
        waves
    }
}

/// A rule on where constituents are placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NsAffinityRule {
    /// The policy's name.
    pub name: String,
    /// Together or apart.
    pub affinity: Affinity,
    /// What counts as one place.
    pub scope: Scope,
    /// What the rule is about.
    pub targets: Vec<NsAffinityTarget>,
}

/// What a placement rule is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NsAffinityTarget {
    /// A VNF or a nested service.
    Profile(ProfileId),
    /// A link.
    VirtualLink(VirtualLinkId),
    /// A service access point.
    Sap(CpId),
    /// A group's members.
    Group(GroupId),
}

/// Things that rules name together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NsPlacementGroup {
    /// The group's name.
    pub id: GroupId,
    /// A description for people.
    pub description: Option<String>,
    /// Who belongs to it; never a group.
    pub members: Vec<NsAffinityTarget>,
}

/// Something that can be measured on a network service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NsMonitoringParameter {
    /// A name for people.
    pub name: String,
    /// What is measured, such as `byte_incoming_sap`.
    pub performance_metric: String,
    /// How often.
    pub collection_period_ms: Option<u64>,
}
