//! Addresses of connection points: asked for (`…Data`) and given (`…Info`) (SOL003 clauses 4.4.1 and 5.5.3).

use serde::{Deserialize, Serialize};

use super::IdentifierInVim;
use crate::wire::wire_enum;

wire_enum! {
    /// The layer that the addresses of a connection point belong to.
    pub enum LayerProtocol {
        IpOverEthernet = "IP_OVER_ETHERNET",
    }
}

wire_enum! {
    /// The family of an IP address.
    pub enum IpAddressType {
        Ipv4 = "IPV4",
        Ipv6 = "IPV6",
    }
}

wire_enum! {
    /// How a subport's traffic is told from its trunk's.
    pub enum SegmentationType {
        /// Tagged with `segmentationId`.
        Vlan = "VLAN",
        /// As the network itself is segmented.
        Inherit = "INHERIT",
    }
}

/// Addresses asked for a connection point (SOL003 clause 4.4.1.10b).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CpProtocolData {
    pub layer_protocol: LayerProtocol,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_over_ethernet: Option<IpOverEthernetAddressData>,
}

/// MAC and IP addresses asked for (SOL003 clause 4.4.1.10c).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IpOverEthernetAddressData {
    /// Absent: the VIM chooses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segmentation_type: Option<SegmentationType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segmentation_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ip_addresses: Vec<IpAddressData>,
}

/// IP addresses asked for in one subnet: fixed, so many, or any of a range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IpAddressData {
    #[serde(rename = "type")]
    pub address_type: IpAddressType,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed_addresses: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_dynamic_addresses: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_range: Option<IpAddressRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<IdentifierInVim>,
}

/// A range of IP addresses, both ends included (SOL003 clause 4.4.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IpAddressRange {
    pub min_address: String,
    pub max_address: String,
}

/// Addresses that a connection point has (SOL003 clause 5.5.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CpProtocolInfo {
    pub layer_protocol: LayerProtocol,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_over_ethernet: Option<IpOverEthernetAddressInfo>,
}

/// MAC and IP addresses in use (SOL003 clause 5.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IpOverEthernetAddressInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segmentation_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ip_addresses: Vec<IpAddressInfo>,
}

/// IP addresses in use in one subnet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IpAddressInfo {
    #[serde(rename = "type")]
    pub address_type: IpAddressType,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
    /// Whether the network assigned them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_dynamic: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_range: Option<IpAddressRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<IdentifierInVim>,
}
