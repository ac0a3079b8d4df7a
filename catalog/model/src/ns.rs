//! An NS instance as the NFVO knows it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{NetworkId, NsInstanceId, NsdInfoId, VimId, VnfInstanceId};
use crate::network::Ipv4Net;

/// An NS instance, from its identifier on (SOL005 clause 6.5.2.10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NsInstance {
    /// Its id.
    pub id: NsInstanceId,
    /// A name for people.
    pub name: String,
    /// A description for people.
    pub description: String,
    /// The descriptor's id in the NSD.
    pub nsd_id: String,
    /// The descriptor's resource in the catalog.
    pub nsd_info: NsdInfoId,
    /// When the identifier was created.
    pub created_at: DateTime<Utc>,
    /// What runs; `None` while NOT_INSTANTIATED.
    pub instantiated: Option<InstantiatedNs>,
}

/// The part of an NS instance that exists while it is INSTANTIATED.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstantiatedNs {
    /// The NS deployment flavour.
    pub flavour: String,
    /// The NS instantiation level.
    pub level: Option<String>,
    /// Its virtual links.
    pub links: Vec<NsLink>,
    /// Its VNFs.
    pub vnfs: Vec<NsVnf>,
}

/// A virtual link of an NS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NsLink {
    /// The `NsVirtualLink` in the NSD.
    pub virtual_link: String,
    /// The VIM that it is on.
    pub vim: VimId,
    /// The network behind it.
    pub network: NetworkId,
    /// Its subnet.
    pub cidr: Ipv4Net,
    /// Its router, when it has one.
    pub gateway: Option<Ipv4Addr>,
    /// MTU in bytes, when it is not the default.
    pub mtu: Option<u16>,
    /// Which addresses each connection point of each VNF may use: `profile/cpd` to addresses.
    pub addresses: BTreeMap<String, Vec<Ipv4Addr>>,
}

/// A VNF of an NS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NsVnf {
    /// The VNF's profile: its node template in the NSD, with a number from the second on.
    pub profile: String,
    /// The VNF instance.
    pub vnf: VnfInstanceId,
}
