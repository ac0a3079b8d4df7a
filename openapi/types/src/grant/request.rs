//! What the VNFM asks leave for (SOL003 clauses 9.5.2.2 and 9.5.3).

use serde::{Deserialize, Serialize};

use crate::common::{
    Identifier, IdentifierInVim, IdentifierInVnfd, IdentifierLocal, KeyValuePairs, Link,
    ResourceHandle,
};
use crate::wire::wire_enum;

/// Asks the NFVO to allow an operation and say where its resources go (SOL003 clause 9.5.2.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantRequest {
    pub vnf_instance_id: Identifier,
    pub vnf_lcm_op_occ_id: Identifier,
    pub vnfd_id: Identifier,
    /// The VNFD to change to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dst_vnfd_id: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flavour_id: Option<IdentifierInVnfd>,
    pub operation: GrantedLcmOperationType,
    pub is_automatic_invocation: bool,
    /// Either this, or the resource lists, says what is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instantiation_level_id: Option<IdentifierInVnfd>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_resources: Vec<ResourceDefinition>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub temp_resources: Vec<ResourceDefinition>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_resources: Vec<ResourceDefinition>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub update_resources: Vec<ResourceDefinition>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub placement_constraints: Vec<PlacementConstraint>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vim_constraints: Vec<VimConstraint>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub additional_params: KeyValuePairs,
    #[serde(rename = "_links")]
    pub links: GrantRequestLinks,
}

wire_enum! {
    /// The operations that need a grant (SOL003 clause 9.5.4.2).
    pub enum GrantedLcmOperationType {
        Instantiate = "INSTANTIATE",
        Scale = "SCALE",
        ScaleToLevel = "SCALE_TO_LEVEL",
        ChangeFlavour = "CHANGE_FLAVOUR",
        Terminate = "TERMINATE",
        Heal = "HEAL",
        Operate = "OPERATE",
        ChangeExtConn = "CHANGE_EXT_CONN",
        ChangeVnfpkg = "CHANGE_VNFPKG",
        CreateSnapshot = "CREATE_SNAPSHOT",
        RevertToSnapshot = "REVERT_TO_SNAPSHOT",
    }
}

/// Links of a grant request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantRequestLinks {
    pub vnf_lcm_op_occ: Link,
    pub vnf_instance: Link,
}

/// A resource to add, change or remove (SOL003 clause 9.5.3.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceDefinition {
    /// Names the resource in this request and in the grant.
    pub id: IdentifierLocal,
    #[serde(rename = "type")]
    pub resource_type: ResourceType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vdu_id: Option<IdentifierInVnfd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnfd_id: Option<Identifier>,
    /// The node of the VNFD that describes it.
    pub resource_template_id: IdentifierInVnfd,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary_resource_template_id: Option<IdentifierInVnfd>,
    /// The resource itself, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceHandle>,
}

wire_enum! {
    /// The kinds of resources that are granted.
    pub enum ResourceType {
        /// A virtual machine or container.
        Compute = "COMPUTE",
        /// A network.
        Vl = "VL",
        /// A volume.
        Storage = "STORAGE",
        /// A port on a network.
        Linkport = "LINKPORT",
    }
}

/// Resources to keep together or apart (SOL003 clause 9.5.3.6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacementConstraint {
    pub affinity_or_anti_affinity: AffinityOrAntiAffinity,
    pub scope: PlacementScope,
    #[serde(default)]
    pub resource: Vec<ConstraintResourceRef>,
    /// Whether the constraint may be dropped when it cannot be met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_best_effort: Option<bool>,
}

wire_enum! {
    /// Together or apart.
    pub enum AffinityOrAntiAffinity {
        Affinity = "AFFINITY",
        AntiAffinity = "ANTI_AFFINITY",
    }
}

wire_enum! {
    /// How near is together, how far is apart.
    pub enum PlacementScope {
        /// A site.
        NfviPop = "NFVI_POP",
        /// A zone of a VIM.
        Zone = "ZONE",
        /// A group of zones.
        ZoneGroup = "ZONE_GROUP",
        /// A host.
        NfviNode = "NFVI_NODE",
    }
}

/// Resources that must be in one VIM (SOL003 clause 9.5.3.7).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VimConstraint {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_resource_group: Option<bool>,
    #[serde(default)]
    pub resource: Vec<ConstraintResourceRef>,
}

/// A resource that a constraint speaks of (SOL003 clause 9.5.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConstraintResourceRef {
    pub id_type: ConstraintIdType,
    pub resource_id: IdentifierInVim,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vim_connection_id: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_provider_id: Option<Identifier>,
}

wire_enum! {
    /// How a constraint names a resource.
    pub enum ConstraintIdType {
        /// By the VIM's name: it exists.
        ResMgmt = "RES_MGMT",
        /// By its definition in the same request.
        Grant = "GRANT",
    }
}
