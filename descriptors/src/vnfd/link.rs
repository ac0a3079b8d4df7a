//! Virtual links, and the profiles and protocols that links of VNFs and of network services share.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::image::spelled;
use super::{IpVersion, LayerProtocol, MonitoringParameter};
use crate::names::VirtualLinkId;

/// A network inside a VNF.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VnfVirtualLink {
    /// The node template's name.
    pub id: VirtualLinkId,
    /// A description for people.
    pub description: Option<String>,
    /// The layers it carries.
    pub layer_protocols: Vec<LayerProtocol>,
    /// `line`, `tree` or `mesh`.
    pub flow_pattern: Option<String>,
    /// Ways in which it can be tested.
    pub test_access: Vec<String>,
    /// What it must be able to do.
    pub profile: LinkProfile,
    /// What can be measured on it, by id.
    pub monitoring_parameters: BTreeMap<String, MonitoringParameter>,
    /// Whoever asks for the instance must bring the network (`required`), or may (`allowed`) (4.x).
    pub externally_managed: Option<String>,
    /// The node template's `metadata`.
    pub metadata: BTreeMap<String, String>,
}

/// What a link must be able to do.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LinkProfile {
    /// The most it ever carries.
    pub max_bitrate: Option<BitrateRequirements>,
    /// The least it must carry.
    pub min_bitrate: Option<BitrateRequirements>,
    /// Quality of service.
    pub qos: Option<Qos>,
    /// Addresses and segmentation, by layer.
    pub protocols: Vec<LinkProtocol>,
}

impl LinkProfile {
    /// The first layer 3 protocol: the subnet of the link.
    #[must_use]
    pub fn subnet(&self) -> Option<&L3Protocol> {
        self.protocols.iter().find_map(|protocol| protocol.l3.as_ref())
    }

    /// The first layer 2 protocol.
    #[must_use]
    pub fn segment(&self) -> Option<&L2Protocol> {
        self.protocols.iter().find_map(|protocol| protocol.l2.as_ref())
    }
}

/// Bits per second of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BitrateRequirements {
    /// Of the whole link, or of the tree's root.
    pub root_bps: u64,
    /// Of each leaf.
    pub leaf_bps: Option<u64>,
}

/// Quality of service of a link.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Qos {
    /// The greatest delay, in microseconds.
    pub latency_us: u64,
    /// The greatest variation of the delay, in microseconds.
    pub packet_delay_variation_us: u64,
    /// The greatest share of packets lost, 0 to 1.
    pub packet_loss_ratio: Option<f64>,
    /// Priority among links, of network services.
    pub priority: Option<u32>,
}

/// One layer of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkProtocol {
    /// The layer.
    pub layer: LayerProtocol,
    /// Segmentation.
    pub l2: Option<L2Protocol>,
    /// Addresses.
    pub l3: Option<L3Protocol>,
}

/// Segmentation of a link.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct L2Protocol {
    /// The network's name.
    pub name: Option<String>,
    /// How links are told apart on the wire.
    pub network_type: Option<NetworkType>,
    /// Guests may use VLAN tags of their own.
    pub vlan_transparent: bool,
    /// The greatest packet, in bytes.
    pub mtu_bytes: Option<u32>,
    /// The segment: a VLAN or VXLAN number.
    pub segmentation_id: Option<String>,
}

/// Addresses of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct L3Protocol {
    /// The subnet's name.
    pub name: Option<String>,
    /// IPv4 or IPv6.
    pub ip_version: IpVersion,
    /// The subnet, such as `10.20.1.0/24`.
    pub cidr: String,
    /// The addresses that may be assigned; all of the subnet when empty.
    pub ip_allocation_pools: Vec<IpPool>,
    /// The router of the subnet.
    pub gateway_ip: Option<String>,
    /// DHCP is to be served.
    pub dhcp_enabled: Option<bool>,
    /// How IPv6 addresses come about.
    pub ipv6_address_mode: Option<String>,
}

/// A range of addresses, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpPool {
    /// The first address.
    pub start: String,
    /// The last address.
    pub end: String,
}

spelled! {
    /// How links are told apart on the wire.
    NetworkType {
        /// Not at all.
        Flat = "flat",
        /// By VLAN tag.
        Vlan = "vlan",
        /// By VXLAN network identifier.
        Vxlan = "vxlan",
        /// By GRE key.
        Gre = "gre",
    }
}
