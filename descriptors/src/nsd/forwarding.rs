//! Forwarding graphs: the paths that chosen traffic takes through the constituents.

use serde::{Deserialize, Serialize};

use crate::names::{ProfileId, VirtualLinkId};

/// A forwarding graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vnffg {
    /// The group's name.
    pub id: String,
    /// A description for people.
    pub description: Option<String>,
    /// Its paths.
    pub paths: Vec<Nfp>,
    /// The constituents that it goes through.
    pub constituents: Vec<ProfileId>,
    /// The links that it goes over.
    pub virtual_links: Vec<VirtualLinkId>,
}

/// A forwarding path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nfp {
    /// The node template's name.
    pub id: String,
    /// The positions on the path, in order.
    pub positions: Vec<NfpPosition>,
    /// The traffic that takes the path.
    pub rules: Vec<NfpRule>,
}

/// A position on a forwarding path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NfpPosition {
    /// The node template's name.
    pub id: String,
    /// To `all` elements, to one by load (`lb`), or to the first that works (`ff`).
    pub forwarding_behaviour: Option<String>,
    /// The connection points traffic enters and leaves by: one or two for each element.
    pub elements: Vec<Vec<String>>,
}

/// The traffic that takes a path. What is `None` matches everything.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NfpRule {
    /// The policy's name.
    pub name: String,
    /// Hardware address it comes from.
    pub ether_source_address: Option<String>,
    /// Hardware address it goes to.
    pub ether_destination_address: Option<String>,
    /// `ipv4` or `ipv6`.
    pub ether_type: Option<String>,
    /// VLAN tags.
    pub vlan_tags: Vec<String>,
    /// Such as `tcp`.
    pub protocol: Option<String>,
    /// Differentiated services code point.
    pub dscp: Option<String>,
    /// First and last port it comes from.
    pub source_ports: Option<(u16, u16)>,
    /// First and last port it goes to.
    pub destination_ports: Option<(u16, u16)>,
    /// Network it comes from.
    pub source_prefix: Option<String>,
    /// Network it goes to.
    pub destination_prefix: Option<String>,
}
