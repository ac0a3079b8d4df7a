//! A VNF instance as the VNFM knows it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::capacity::Capacity;
use crate::host::Vim;
use crate::id::{HostId, NetworkId, VimId, VmId, VnfInstanceId, VolumeId};
use crate::network::Ipv4Net;

/// A VNF instance, from its identifier on (SOL003 clause 5.5.2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VnfInstance {
    /// Its id.
    pub id: VnfInstanceId,
    /// A name for people; may be empty.
    pub name: String,
    /// A description for people; may be empty.
    pub description: String,
    /// What it is made of: the VNFD's id, and what the VNFD says of its product.
    pub product: Product,
    /// `vnfConfigurableProperties`.
    pub configurable_properties: BTreeMap<String, serde_json::Value>,
    /// `metadata`.
    pub metadata: BTreeMap<String, serde_json::Value>,
    /// `extensions`.
    pub extensions: BTreeMap<String, serde_json::Value>,
    /// When the identifier was created.
    pub created_at: DateTime<Utc>,
    /// What runs; `None` while NOT_INSTANTIATED.
    pub instantiated: Option<InstantiatedVnf>,
}

/// What the VNFD says of the product.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// `vnfdId`.
    pub vnfd_id: String,
    /// `vnfProvider`.
    pub provider: String,
    /// `vnfProductName`.
    pub name: String,
    /// `vnfSoftwareVersion`.
    pub software_version: String,
    /// `vnfdVersion`.
    pub vnfd_version: String,
}

/// The part of a VNF instance that exists while it is INSTANTIATED.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstantiatedVnf {
    /// The deployment flavour.
    pub flavour: String,
    /// Whether it is STARTED.
    pub started: bool,
    /// Machines that were stopped as asked, one by one, while the VNF is STARTED.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub stopped: BTreeSet<VmId>,
    /// The level of each scaling aspect.
    pub scale_levels: BTreeMap<String, u32>,
    /// The VIMs that its resources are on, as the grants told.
    pub vims: Vec<Vim>,
    /// The external virtual links that it is on.
    pub external_links: Vec<ExternalLink>,
    /// Its internal networks.
    pub networks: Vec<VnfNetwork>,
    /// Its components.
    pub vnfcs: Vec<Vnfc>,
}

/// An external virtual link and the addresses that the VNF may use on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalLink {
    /// The link's id on the wire (`extVirtualLinkId`).
    pub id: String,
    /// The VIM that it is on.
    pub vim: VimId,
    /// The network behind it.
    pub network: NetworkId,
    /// Its subnet, when known.
    pub cidr: Option<Ipv4Net>,
    /// Its router, when it has one.
    pub gateway: Option<Ipv4Addr>,
    /// MTU in bytes, when it is not the default.
    pub mtu: Option<u16>,
    /// The VNF's connection points on it.
    pub cps: Vec<ExternalCp>,
}

/// A connection point on an external link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalCp {
    /// `cpdId` in the VNFD.
    pub cpd: String,
    /// The addresses that its instances may have, in the order of use.
    pub addresses: Vec<Ipv4Addr>,
}

/// An internal virtual link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VnfNetwork {
    /// The `VnfVirtualLink` in the VNFD.
    pub virtual_link: String,
    /// The VIM that it is on.
    pub vim: VimId,
    /// The network behind it.
    pub network: NetworkId,
    /// Its subnet.
    pub cidr: Ipv4Net,
}

/// A component: one machine of a VDU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vnfc {
    /// Its name in the VNF: the VDU and a number, `web-0`.
    pub name: String,
    /// The VDU in the VNFD.
    pub vdu: String,
    /// The VIM that it is on.
    pub vim: VimId,
    /// The host that it is on.
    pub host: HostId,
    /// The zone of that host.
    pub zone: String,
    /// The NUMA node that it is bound to, when placed on one.
    pub numa_node: Option<u32>,
    /// Its machine.
    pub vm: VmId,
    /// What it takes of its host.
    pub takes: Capacity,
    /// Its volumes, the boot disk first.
    pub volumes: Vec<VnfcVolume>,
    /// Its connection points, in the order of its cards.
    pub cps: Vec<VnfcCp>,
}

/// A volume of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VnfcVolume {
    /// The storage in the VNFD, or the VDU's name for its boot disk.
    pub storage: String,
    /// The volume.
    pub volume: VolumeId,
}

/// A connection point of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VnfcCp {
    /// `cpdId` in the VNFD.
    pub cpd: String,
    /// The external connection point that it is exposed as, when it is.
    pub external_cpd: Option<String>,
    /// The network that it is on.
    pub network: NetworkId,
    /// Its MAC address.
    pub mac: String,
    /// Its address, with the prefix length of its subnet.
    pub address: Option<(Ipv4Addr, u8)>,
}

impl VnfInstance {
    /// The component of this name.
    #[must_use]
    pub fn vnfc(&self, name: &str) -> Option<&Vnfc> {
        self.instantiated.as_ref()?.vnfcs.iter().find(|vnfc| vnfc.name == name)
    }
}
