//! Connection points: where VNFCs and VNFs meet virtual links.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ServicePort;
use super::image::spelled;
use crate::names::{CpId, VduId, VirtualLinkId};

/// What every connection point has.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ConnectionPoint {
    /// The node template's name.
    pub id: CpId,
    /// A description for people.
    pub description: Option<String>,
    /// The layers it speaks.
    pub layer_protocols: Vec<LayerProtocol>,
    /// Its role in a tree-shaped link.
    pub role: Option<Role>,
    /// It carries several segmented links.
    pub trunk_mode: bool,
    /// The addresses it has, by layer.
    pub protocols: Vec<CpProtocol>,
    /// The node template's `metadata`.
    pub metadata: BTreeMap<String, String>,
}

impl ConnectionPoint {
    /// Addresses that the descriptor itself fixes, in order.
    pub fn fixed_addresses(&self) -> impl Iterator<Item = &str> {
        self.protocols.iter().flat_map(|protocol| &protocol.addresses).flat_map(|data| match data {
            AddressData::Ip { fixed, .. } => fixed.iter().map(String::as_str),
            AddressData::Mac { .. } => [].iter().map(String::as_str),
        })
    }
}

/// A network interface of each VNFC of a VDU.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VduCp {
    /// What every connection point has.
    #[serde(flatten)]
    pub cp: ConnectionPoint,
    /// The VDU whose VNFCs have it; `None` for a point bound to nothing.
    pub vdu: Option<VduId>,
    /// The internal link it is on; `None` when it is exposed as an external connection point.
    pub virtual_link: Option<VirtualLinkId>,
    /// Its place among the interfaces of the VNFC, smallest first.
    pub order: Option<u32>,
    /// Bits per second it must be able to carry.
    pub bitrate_requirement: Option<u64>,
    /// How the interface is made.
    pub vnic_type: VnicType,
    /// What is asked of the interface's hardware.
    pub vnic_requirements: Vec<VnicRequirement>,
    /// The trunk point that this one is a segment of (`VduSubCp`, 4.x).
    pub trunk: Option<CpId>,
    /// The segment's number on its trunk.
    pub segmentation_id: Option<u32>,
}

/// A connection point that the VNF shows to the network service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VnfExtCp {
    /// What every connection point has. A VduCp that is exposed keeps its id (SOL003: `cpdId`).
    #[serde(flatten)]
    pub cp: ConnectionPoint,
    /// The VduCp, VipCp or VirtualCp that it exposes, when it exposes one directly.
    pub exposes: Option<CpId>,
    /// The internal link that it opens to the outside, when it exposes a whole link.
    pub internal_virtual_link: Option<VirtualLinkId>,
    /// What the network service calls it when connecting: the requirement names that are mapped to it.
    pub requirements: Vec<String>,
    /// What is asked of the interface's hardware.
    pub vnic_requirements: Vec<VnicRequirement>,
}

/// An address that several connection points share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VipCp {
    /// What every connection point has.
    #[serde(flatten)]
    pub cp: ConnectionPoint,
    /// What the address is for.
    pub function: VipFunction,
    /// The address belongs to no other connection point.
    pub dedicated_ip_address: bool,
    /// Who shares it.
    pub targets: Vec<CpId>,
    /// The internal link it is on.
    pub virtual_link: Option<VirtualLinkId>,
}

/// An address in front of containers (4.x), such as a Kubernetes service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VirtualCp {
    /// What every connection point has.
    #[serde(flatten)]
    pub cp: ConnectionPoint,
    /// The deployable units behind it.
    pub targets: Vec<VduId>,
    /// The link it is on.
    pub virtual_link: Option<VirtualLinkId>,
    /// The ports it serves.
    pub ports: Vec<ServicePort>,
}

/// The addresses of a connection point at one layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpProtocol {
    /// The layer.
    pub layer: LayerProtocol,
    /// Its addresses.
    pub addresses: Vec<AddressData>,
}

/// One address of a connection point, or several of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AddressData {
    /// A hardware address.
    Mac {
        /// Somebody outside assigns it.
        assigned: bool,
    },
    /// A network address.
    Ip {
        /// Who assigns it.
        assignment: AddressAssignment,
        /// A floating address is mapped to it.
        floating: bool,
        /// IPv4 or IPv6; `None` leaves it to the link.
        version: Option<IpVersion>,
        /// How many addresses there are.
        count: u32,
        /// The addresses, when the descriptor itself fixes them (4.x).
        fixed: Vec<String>,
    },
}

/// Who assigns a network address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressAssignment {
    /// The VIM, from the link's subnet (`dynamic`).
    Dynamic,
    /// The descriptor (`vnf_pkg`).
    VnfPackage,
    /// Whoever asks for the instance (`external`, or `ip_address_assignment: true`).
    External,
}

/// What is asked of an interface's hardware.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct VnicRequirement {
    /// The requirement's name.
    pub name: Option<String>,
    /// A description for people.
    pub description: Option<String>,
    /// The VNF cannot run without it.
    pub mandatory: bool,
    /// The requirements, by key.
    pub requirements: BTreeMap<String, String>,
    /// Requirements on the node that has the hardware, by key.
    pub nic_io_requirements: BTreeMap<String, String>,
}

spelled! {
    /// A layer that a connection point or link speaks.
    LayerProtocol {
        /// Ethernet frames.
        Ethernet = "ethernet",
        /// MPLS labels.
        Mpls = "mpls",
        /// An optical data unit.
        Odu2 = "odu2",
        /// IPv4 packets.
        Ipv4 = "ipv4",
        /// IPv6 packets.
        Ipv6 = "ipv6",
        /// A pseudo-wire.
        PseudoWire = "pseudo-wire",
    }
}

spelled! {
    /// A connection point's role in a tree-shaped link.
    Role {
        /// The root of the tree.
        Root = "root",
        /// A leaf of the tree.
        Leaf = "leaf",
    }
}

spelled! {
    /// How a network interface is made.
    VnicType {
        /// A software interface on a bridge.
        Normal = "normal",
        /// A macvtap of a host interface.
        Macvtap = "macvtap",
        /// An SR-IOV virtual function.
        Direct = "direct",
        /// A whole machine's interface.
        Baremetal = "baremetal",
        /// A virtio interface that hardware forwards.
        VirtioForwarder = "virtio-forwarder",
        /// A whole host interface.
        DirectPhysical = "direct-physical",
        /// A smart network card's port.
        SmartNic = "smart-nic",
        /// A bridge in a container cluster (4.x).
        Bridge = "bridge",
        /// An ipvlan in a container cluster (4.x).
        Ipvlan = "ipvlan",
        /// A loopback in a container cluster (4.x).
        Loopback = "loopback",
        /// A macvlan in a container cluster (4.x).
        Macvlan = "macvlan",
        /// A pair of interfaces in a container cluster (4.x).
        Ptp = "ptp",
        /// A VLAN in a container cluster (4.x).
        Vlan = "vlan",
        /// A host device in a container cluster (4.x).
        HostDevice = "host-device",
    }
}

spelled! {
    /// What a shared address is for.
    VipFunction {
        /// One of its targets has it at a time.
        HighAvailability = "high_availability",
        /// Its targets take turns.
        LoadBalance = "load_balance",
    }
}

spelled! {
    /// A version of the Internet Protocol.
    IpVersion {
        /// Version 4.
        V4 = "ipv4",
        /// Version 6.
        V6 = "ipv6",
    }
}
