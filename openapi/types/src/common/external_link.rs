//! What connects a VNF to the world: external links and connection points (SOL003 clause 4.4.1).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    CpProtocolData, Identifier, IdentifierInVim, IdentifierInVnf, IdentifierInVnfd, ResourceHandle,
};

/// An external network and the connection points to attach to it (SOL003 clause 4.4.1.11).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExtVirtualLinkData {
    /// Chosen by whoever owns the network: the NFVO.
    pub id: Identifier,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vim_connection_id: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_provider_id: Option<Identifier>,
    /// The network in its VIM.
    pub resource_id: IdentifierInVim,
    /// The connection points of the VNF on this network.
    #[serde(default)]
    pub ext_cps: Vec<VnfExtCpData>,
    /// Ports made beforehand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ext_link_ports: Vec<ExtLinkPortData>,
}

/// External connection points made from one CPD (SOL003 clause 4.4.1.10).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfExtCpData {
    pub cpd_id: IdentifierInVnfd,
    /// One entry per connection point; the key is the VNFM's to keep.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cp_config: BTreeMap<String, VnfExtCpConfig>,
}

/// The configuration of one external connection point (SOL003 clause 4.4.1.10a).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfExtCpConfig {
    /// The trunk, when this is a subport.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_cp_config_id: Option<IdentifierInVnf>,
    /// A port of `extLinkPorts` to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_port_id: Option<Identifier>,
    /// Whether the VNFM makes the port itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_ext_link_port: Option<bool>,
    /// The addresses to give it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cp_protocol_data: Vec<CpProtocolData>,
}

/// A port on an external network, made before the VNF (SOL003 clause 4.4.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExtLinkPortData {
    pub id: Identifier,
    pub resource_handle: ResourceHandle,
    /// The trunk that carries the port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trunk_resource_id: Option<IdentifierInVim>,
}

/// An internal network of the VNF that somebody else made (SOL003 clause 4.4.1.12).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExtManagedVirtualLinkData {
    pub id: Identifier,
    /// The link of the VNFD that this network is.
    pub vnf_virtual_link_desc_id: IdentifierInVnfd,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vim_connection_id: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_provider_id: Option<Identifier>,
    /// The network in its VIM.
    pub resource_id: IdentifierInVim,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_link_port: Vec<VnfLinkPortData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext_managed_multisite_virtual_link_id: Option<Identifier>,
}

/// A port on an externally managed network (SOL003 clause 4.4.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfLinkPortData {
    pub vnf_link_port_id: Identifier,
    pub resource_handle: ResourceHandle,
}
