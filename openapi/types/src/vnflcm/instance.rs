//! VNF instances and their resources, as their clients see them (SOL003 clauses 5.5.2.2 and 5.5.3).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    ExtManagedVirtualLinkInfo, ExtVirtualLinkInfo, VirtualStorageResourceInfo, VnfExtCpInfo,
    VnfVirtualLinkResourceInfo, VnfcInfo, VnfcResourceInfo,
};
use crate::common::{
    Identifier, IdentifierInVnfd, KeyValuePairs, Link, ScaleInfo, VimConnectionInfo,
};
use crate::wire::wire_enum;

/// A VNF instance (SOL003 clause 5.5.2.2; SOL005 clause 6.5.3 inside an `NsInstance`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfInstance {
    pub id: Identifier,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_instance_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_instance_description: Option<String>,
    pub vnfd_id: Identifier,
    pub vnf_provider: String,
    pub vnf_product_name: String,
    pub vnf_software_version: String,
    pub vnfd_version: String,
    /// The package that the VNF was made from (SOL005 only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_pkg_id: Option<Identifier>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub vnf_configurable_properties: KeyValuePairs,
    /// The VIM that runs it (SOL005 only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vim_id: Option<Identifier>,
    /// The VIMs that run it, by the key that resource handles use (SOL003 only).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vim_connection_info: BTreeMap<String, VimConnectionInfo>,
    pub instantiation_state: InstantiationState,
    /// Present once instantiated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instantiated_vnf_info: Option<InstantiatedVnfInfo>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub metadata: KeyValuePairs,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub extensions: KeyValuePairs,
    /// Where to go from here (SOL003 only).
    #[serde(rename = "_links", skip_serializing_if = "Option::is_none")]
    pub links: Option<VnfInstanceLinks>,
}

wire_enum! {
    /// Whether an instance has resources.
    pub enum InstantiationState {
        NotInstantiated = "NOT_INSTANTIATED",
        Instantiated = "INSTANTIATED",
    }
}

wire_enum! {
    /// Whether the VNF runs (SOL003 clause 5.5.4.3).
    pub enum VnfOperationalState {
        Started = "STARTED",
        Stopped = "STOPPED",
    }
}

/// What an instantiated VNF consists of (SOL003 clause 5.5.2.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstantiatedVnfInfo {
    pub flavour_id: IdentifierInVnfd,
    pub vnf_state: VnfOperationalState,
    /// One entry per scaling aspect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scale_status: Vec<ScaleInfo>,
    /// One entry per scaling aspect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub max_scale_levels: Vec<ScaleInfo>,
    #[serde(default)]
    pub ext_cp_info: Vec<VnfExtCpInfo>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ext_virtual_link_info: Vec<ExtVirtualLinkInfo>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ext_managed_virtual_link_info: Vec<ExtManagedVirtualLinkInfo>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub monitoring_parameters: Vec<MonitoringParameter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub localization_language: Option<String>,
    /// The compute resources: one per VNFC.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnfc_resource_info: Vec<VnfcResourceInfo>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_virtual_link_resource_info: Vec<VnfVirtualLinkResourceInfo>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub virtual_storage_resource_info: Vec<VirtualStorageResourceInfo>,
    /// The software side of each VNFC (SOL002).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnfc_info: Vec<VnfcInfo>,
}

/// A parameter of the VNFD that may be watched (SOL003 clause 5.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MonitoringParameter {
    pub id: IdentifierInVnfd,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnfd_id: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub performance_metric: String,
}

/// Links of a VNF instance; a task is linked only while it may be asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfInstanceLinks {
    #[serde(rename = "self")]
    pub this: Link,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instantiate: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminate: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_to_level: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heal: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operate: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_ext_conn: Option<Link>,
}
