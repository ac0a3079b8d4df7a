//! Affinity and anti-affinity: what must, or must not, share a place.

use serde::{Deserialize, Serialize};

use super::image::spelled;
use crate::names::{GroupId, MciopId, VduId, VirtualLinkId};

/// A rule on where things are placed.
///
/// A rule on one VDU is about its VNFCs. A rule on a group is about the members among each other:
/// anti-affinity of a group keeps VNFCs of different members apart, and says nothing of two VNFCs of one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AffinityRule {
    /// The policy's name.
    pub name: String,
    /// Together or apart.
    pub affinity: Affinity,
    /// What counts as one place.
    pub scope: Scope,
    /// What the rule is about.
    pub targets: Vec<AffinityTarget>,
}

/// Together or apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Affinity {
    /// Share a place.
    Affinity,
    /// Share no place.
    AntiAffinity,
}

spelled! {
    /// What counts as one place.
    Scope {
        /// One host.
        NfviNode = "nfvi_node",
        /// One zone.
        Zone = "zone",
        /// One group of zones.
        ZoneGroup = "zone_group",
        /// One point of presence: one VIM.
        NfviPop = "nfvi_pop",
        /// One host, and one path between.
        NetworkLinkAndNode = "network_link_and_node",
        /// One namespace of a container cluster (4.x).
        ContainerNamespace = "container_namespace",
        /// One node of a container cluster (4.x).
        CisNode = "cis_node",
        /// One layer 2 network (4.x, network services).
        L2Network = "l2_network",
    }
}

/// What a placement rule is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AffinityTarget {
    /// A VDU's VNFCs.
    Vdu(VduId),
    /// A virtual link.
    VirtualLink(VirtualLinkId),
    /// A group's members.
    Group(GroupId),
    /// A Helm chart (4.x).
    Mciop(MciopId),
}

/// Things that rules name together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacementGroup {
    /// The group's name.
    pub id: GroupId,
    /// A description for people.
    pub description: Option<String>,
    /// Who belongs to it; never a group.
    pub members: Vec<AffinityTarget>,
}
