//! What the NFVO allows, and where (SOL003 clauses 9.5.2.3 and 9.5.3).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::common::{
    ExtManagedVirtualLinkData, ExtVirtualLinkData, Identifier, IdentifierInVim, IdentifierInVnfd,
    IdentifierLocal, KeyValuePairs, Link, VimConnectionInfo,
};

/// Leave to perform an operation, and where each resource goes (SOL003 clause 9.5.2.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    pub id: Identifier,
    pub vnf_instance_id: Identifier,
    pub vnf_lcm_op_occ_id: Identifier,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vim_connection_info: BTreeMap<String, VimConnectionInfo>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<ZoneInfo>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zone_groups: Vec<ZoneGroupInfo>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_resources: Vec<GrantInfo>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub temp_resources: Vec<GrantInfo>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_resources: Vec<GrantInfo>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub update_resources: Vec<GrantInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vim_assets: Option<VimAssets>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ext_virtual_links: Vec<ExtVirtualLinkData>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ext_managed_virtual_links: Vec<ExtManagedVirtualLinkData>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub additional_params: KeyValuePairs,
    #[serde(rename = "_links")]
    pub links: GrantLinks,
}

/// Links of a grant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantLinks {
    #[serde(rename = "self")]
    pub this: Link,
    pub vnf_lcm_op_occ: Link,
    pub vnf_instance: Link,
}

/// Where one resource of the request goes (SOL003 clause 9.5.3.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantInfo {
    /// The entry of the request.
    pub resource_definition_id: IdentifierLocal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservation_id: Option<IdentifierInVim>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vim_connection_id: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_provider_id: Option<Identifier>,
    /// An entry of the grant's `zones`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone_id: Option<IdentifierLocal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_group_id: Option<IdentifierInVim>,
    /// The host chosen by the planner. An addition of Windlass: ETSI's finest grain is the zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_id: Option<Identifier>,
    /// The NUMA node of that host which the resource is bound to. Windlass' own, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numa_node: Option<u32>,
}

/// A zone that the grant speaks of (SOL003 clause 9.5.3.4).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ZoneInfo {
    pub id: IdentifierLocal,
    /// The VIM's name for the zone.
    pub zone_id: Identifier,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vim_connection_id: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_provider_id: Option<Identifier>,
}

/// Zones that count as one (SOL003 clause 9.5.3.5).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ZoneGroupInfo {
    #[serde(default)]
    pub zone_id: Vec<IdentifierLocal>,
}

/// What the VIM already holds for the VNF (SOL003 clause 9.5.2.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VimAssets {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compute_resource_flavours: Vec<VimComputeResourceFlavour>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub software_images: Vec<VimSoftwareImage>,
}

/// The flavour to use for a virtual compute descriptor (SOL003 clause 9.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VimComputeResourceFlavour {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vim_connection_id: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_provider_id: Option<Identifier>,
    pub vnfd_virtual_compute_desc_id: IdentifierInVnfd,
    pub vim_flavour_id: IdentifierInVim,
}

/// The image to use for a software image descriptor (SOL003 clause 9.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VimSoftwareImage {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vim_connection_id: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_provider_id: Option<Identifier>,
    pub vnfd_software_image_id: IdentifierInVnfd,
    pub vim_software_image_id: IdentifierInVim,
}
