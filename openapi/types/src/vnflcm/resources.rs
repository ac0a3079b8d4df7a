//! The virtualised resources of an instantiated VNF (SOL003 clause 5.5.3).

use serde::{Deserialize, Serialize};

use super::VnfOperationalState;
use crate::common::{
    CpProtocolInfo, Identifier, IdentifierInVim, IdentifierInVnf, IdentifierInVnfd, KeyValuePairs,
    ResourceHandle, VnfExtCpData,
};
use crate::wire::wire_enum;

/// An external connection point (SOL003 clause 5.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfExtCpInfo {
    pub id: IdentifierInVnf,
    pub cpd_id: IdentifierInVnfd,
    /// The key in `cpConfig` that configured it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cp_config_id: Option<IdentifierInVnf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnfd_id: Option<Identifier>,
    /// Its addresses.
    #[serde(default)]
    pub cp_protocol_info: Vec<CpProtocolInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext_link_port_id: Option<Identifier>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub metadata: KeyValuePairs,
    /// The VNFC connection point that it exposes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub associated_vnfc_cp_id: Option<IdentifierInVnf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub associated_vip_cp_id: Option<IdentifierInVnf>,
    /// The internal link that it exposes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub associated_vnf_virtual_link_id: Option<IdentifierInVnf>,
}

/// An external network that the VNF is attached to (SOL003 clause 5.5.3.2).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExtVirtualLinkInfo {
    pub id: Identifier,
    pub resource_handle: ResourceHandle,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ext_link_ports: Vec<ExtLinkPortInfo>,
    /// What was asked for, as it stands now.
    #[serde(default)]
    pub current_vnf_ext_cp_data: Vec<VnfExtCpData>,
}

/// A port of the VNF on an external network (SOL003 clause 5.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExtLinkPortInfo {
    pub id: Identifier,
    pub resource_handle: ResourceHandle,
    /// The external connection point that uses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cp_instance_id: Option<IdentifierInVnf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary_cp_instance_id: Option<IdentifierInVnf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trunk_resource_id: Option<IdentifierInVim>,
}

/// An internal network that somebody else made (SOL003 clause 5.5.3.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExtManagedVirtualLinkInfo {
    pub id: Identifier,
    pub vnf_virtual_link_desc_id: IdentifierInVnfd,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnfd_id: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_resource: Option<ResourceHandle>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_link_ports: Vec<VnfLinkPortInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext_managed_multisite_virtual_link_id: Option<Identifier>,
}

/// An internal network that the VNFM made (SOL003 clause 5.5.3.6).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfVirtualLinkResourceInfo {
    pub id: IdentifierInVnf,
    pub vnf_virtual_link_desc_id: IdentifierInVnfd,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnfd_id: Option<Identifier>,
    pub network_resource: ResourceHandle,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone_id: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservation_id: Option<Identifier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_link_ports: Vec<VnfLinkPortInfo>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub metadata: KeyValuePairs,
}

/// A port of the VNF on an internal network (SOL003 clause 5.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfLinkPortInfo {
    pub id: IdentifierInVnf,
    pub resource_handle: ResourceHandle,
    /// The connection point that uses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cp_instance_id: Option<IdentifierInVnf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cp_instance_type: Option<CpInstanceType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vip_cp_instance_id: Option<IdentifierInVnf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trunk_resource_id: Option<IdentifierInVim>,
}

wire_enum! {
    /// Which kind of connection point uses a port.
    pub enum CpInstanceType {
        VnfcCp = "VNFC_CP",
        ExtCp = "EXT_CP",
    }
}

/// The compute resource of one VNFC and what hangs on it (SOL003 clause 5.5.3.5).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfcResourceInfo {
    pub id: IdentifierInVnf,
    pub vdu_id: IdentifierInVnfd,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnfd_id: Option<Identifier>,
    pub compute_resource: ResourceHandle,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone_id: Option<Identifier>,
    /// Entries of `virtualStorageResourceInfo`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub storage_resource_ids: Vec<IdentifierInVnf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservation_id: Option<Identifier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnfc_cp_info: Vec<VnfcCpInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_cp_id: Option<IdentifierInVnf>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub metadata: KeyValuePairs,
}

/// A connection point of a VNFC (SOL003 clause 5.5.3.5).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfcCpInfo {
    pub id: IdentifierInVnf,
    pub cpd_id: IdentifierInVnfd,
    /// The external connection point that exposes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_ext_cp_id: Option<IdentifierInVnf>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cp_protocol_info: Vec<CpProtocolInfo>,
    /// The port of an internal network that it uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_link_port_id: Option<IdentifierInVnf>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub metadata: KeyValuePairs,
}

/// A volume of the VNF (SOL003 clause 5.5.3.4).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VirtualStorageResourceInfo {
    pub id: IdentifierInVnf,
    pub virtual_storage_desc_id: IdentifierInVnfd,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnfd_id: Option<Identifier>,
    pub storage_resource: ResourceHandle,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone_id: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservation_id: Option<Identifier>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub metadata: KeyValuePairs,
}

/// The software of one VNFC (SOL002 clause 5.5.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfcInfo {
    pub id: IdentifierInVnf,
    pub vdu_id: IdentifierInVnfd,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnfc_resource_info_id: Option<IdentifierInVnf>,
    pub vnfc_state: VnfOperationalState,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub vnfc_configurable_properties: KeyValuePairs,
}
