//! Network service instances (SOL005 clauses 6.5.2.9 and 6.5.3).

use serde::{Deserialize, Serialize};

use crate::common::{
    CpProtocolInfo, Identifier, IdentifierInNs, IdentifierInNsd, IdentifierInVnf, Link,
    ResourceHandle,
};
use crate::vnflcm::{InstantiationState, VnfInstance};

/// A network service instance (SOL005 clause 6.5.2.9).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsInstance {
    pub id: Identifier,
    pub ns_instance_name: String,
    pub ns_instance_description: String,
    pub nsd_id: Identifier,
    pub nsd_info_id: Identifier,
    /// Present once instantiated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flavour_id: Option<IdentifierInNsd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<f64>,
    /// Its VNFs, as SOL005 shows them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_instance: Vec<VnfInstance>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub virtual_link_info: Vec<NsVirtualLinkInfo>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sap_info: Vec<SapInfo>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nested_ns_instance_id: Vec<Identifier>,
    pub ns_state: InstantiationState,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub monitoring_parameter: Vec<NsMonitoringParameter>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ns_scale_status: Vec<NsScaleInfo>,
    #[serde(rename = "_links")]
    pub links: NsInstanceLinks,
}

/// A network between the members of the service (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsVirtualLinkInfo {
    pub id: IdentifierInNs,
    pub ns_virtual_link_desc_id: IdentifierInNsd,
    pub ns_virtual_link_profile_id: IdentifierInNsd,
    /// One network per VIM that it spans.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource_handle: Vec<ResourceHandle>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub link_port: Vec<NsLinkPortInfo>,
}

/// A port on a network of the service (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsLinkPortInfo {
    pub id: Identifier,
    pub resource_handle: ResourceHandle,
    /// What is plugged into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ns_cp_handle: Option<NsCpHandle>,
}

/// A connection point of a VNF, or a SAP of a nested service (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsCpHandle {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_instance_id: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_ext_cp_instance_id: Option<IdentifierInVnf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ns_instance_id: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ns_sap_instance_id: Option<IdentifierInNs>,
}

/// A service access point (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SapInfo {
    pub id: IdentifierInNs,
    pub sapd_id: IdentifierInNsd,
    pub sap_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default)]
    pub sap_protocol_info: Vec<CpProtocolInfo>,
}

/// A parameter of the NSD that may be watched (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsMonitoringParameter {
    pub id: IdentifierInNsd,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub performance_metric: String,
}

/// How far a service is scaled in one aspect (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsScaleInfo {
    pub ns_scaling_aspect_id: IdentifierInNsd,
    pub ns_scale_level_id: IdentifierInNsd,
}

/// Links of a service; a task is linked only while it may be asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsInstanceLinks {
    #[serde(rename = "self")]
    pub this: Link,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nested_ns_instances: Vec<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instantiate: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminate: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heal: Option<Link>,
}
