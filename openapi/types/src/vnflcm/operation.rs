//! Operation occurrences of a VNF and what they changed (SOL003 clauses 5.5.2.13 and 5.5.3).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ExtVirtualLinkInfo;
use crate::common::{
    CancelModeType, Identifier, IdentifierInVnf, IdentifierInVnfd, IdentifierLocal, KeyValuePairs,
    Link, ProblemDetails, ResourceHandle, VimConnectionInfo,
};
use crate::wire::wire_enum;

/// One occurrence of a lifecycle operation (SOL003 clause 5.5.2.13).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfLcmOpOcc {
    pub id: Identifier,
    pub operation_state: LcmOperationState,
    pub state_entered_time: DateTime<Utc>,
    pub start_time: DateTime<Utc>,
    pub vnf_instance_id: Identifier,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<Identifier>,
    pub operation: LcmOperationType,
    /// Whether the VNFM started it by itself.
    pub is_automatic_invocation: bool,
    /// The request that started it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation_params: Option<serde_json::Value>,
    pub is_cancel_pending: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel_mode: Option<CancelModeType>,
    /// Why it failed, in FAILED_TEMP, FAILED and after a rollback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ProblemDetails>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_changes: Option<ResourceChanges>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_info: Option<VnfInfoModifications>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed_ext_connectivity: Vec<ExtVirtualLinkInfo>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    #[serde(rename = "_links", skip_serializing_if = "Option::is_none")]
    pub links: Option<VnfLcmOpOccLinks>,
}

wire_enum! {
    /// The operations of a VNF (SOL003 clause 5.5.4).
    pub enum LcmOperationType {
        Instantiate = "INSTANTIATE",
        Scale = "SCALE",
        ScaleToLevel = "SCALE_TO_LEVEL",
        ChangeFlavour = "CHANGE_FLAVOUR",
        Terminate = "TERMINATE",
        Heal = "HEAL",
        Operate = "OPERATE",
        ChangeExtConn = "CHANGE_EXT_CONN",
        ModifyInfo = "MODIFY_INFO",
        CreateSnapshot = "CREATE_SNAPSHOT",
        RevertToSnapshot = "REVERT_TO_SNAPSHOT",
        ChangeVnfpkg = "CHANGE_VNFPKG",
    }
}

wire_enum! {
    /// The states of an operation occurrence (SOL003 clauses 5.5.4.5 and 5.6.2).
    pub enum LcmOperationState {
        /// A grant is being asked for; nothing has been touched.
        Starting = "STARTING",
        /// Resources are being changed.
        Processing = "PROCESSING",
        /// Final: it did what was asked.
        Completed = "COMPLETED",
        /// It stopped half way and waits for retry, rollback or fail.
        FailedTemp = "FAILED_TEMP",
        /// Final: given up half way.
        Failed = "FAILED",
        /// Its changes are being undone.
        RollingBack = "ROLLING_BACK",
        /// Final: as if it had never been.
        RolledBack = "ROLLED_BACK",
    }
}

/// The resources that an operation has touched so far (SOL003 clause 5.5.2.13).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceChanges {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_vnfcs: Vec<AffectedVnfc>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_virtual_links: Vec<AffectedVirtualLink>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_ext_link_ports: Vec<AffectedExtLinkPort>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_virtual_storages: Vec<AffectedVirtualStorage>,
}

wire_enum! {
    /// What happened to a resource.
    pub enum ResourceChangeType {
        Added = "ADDED",
        Removed = "REMOVED",
        Modified = "MODIFIED",
        Temporary = "TEMPORARY",
        LinkPortAdded = "LINK_PORT_ADDED",
        LinkPortRemoved = "LINK_PORT_REMOVED",
    }
}

/// What happened to a VNFC (SOL003 clause 5.5.3.13).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AffectedVnfc {
    pub id: IdentifierInVnf,
    pub vdu_id: IdentifierInVnfd,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnfd_id: Option<Identifier>,
    pub change_type: ResourceChangeType,
    pub compute_resource: ResourceHandle,
    /// The entry of the grant request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_definition_id: Option<IdentifierLocal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone_id: Option<Identifier>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub metadata: KeyValuePairs,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_vnfc_cp_ids: Vec<IdentifierInVnf>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added_storage_resource_ids: Vec<IdentifierInVnf>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed_storage_resource_ids: Vec<IdentifierInVnf>,
}

/// What happened to an internal network (SOL003 clause 5.5.3.14).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AffectedVirtualLink {
    pub id: IdentifierInVnf,
    pub vnf_virtual_link_desc_id: IdentifierInVnfd,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnfd_id: Option<Identifier>,
    pub change_type: ResourceChangeType,
    pub network_resource: ResourceHandle,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_link_port_ids: Vec<IdentifierInVnf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_definition_id: Option<IdentifierLocal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone_id: Option<Identifier>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub metadata: KeyValuePairs,
}

/// What happened to a port on an external network (SOL003 clause 5.5.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AffectedExtLinkPort {
    pub id: Identifier,
    pub change_type: ResourceChangeType,
    pub ext_cp_instance_id: IdentifierInVnf,
    pub resource_handle: ResourceHandle,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_definition_id: Option<IdentifierLocal>,
}

/// What happened to a volume (SOL003 clause 5.5.3.15).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AffectedVirtualStorage {
    pub id: IdentifierInVnf,
    pub virtual_storage_desc_id: IdentifierInVnfd,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnfd_id: Option<Identifier>,
    pub change_type: ResourceChangeType,
    pub storage_resource: ResourceHandle,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_definition_id: Option<IdentifierLocal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone_id: Option<Identifier>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub metadata: KeyValuePairs,
}

/// What an operation changed in the instance's information (SOL003 clause 5.5.2.12a).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfInfoModifications {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_instance_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_instance_description: Option<String>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub vnf_configurable_properties: KeyValuePairs,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub metadata: KeyValuePairs,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub extensions: KeyValuePairs,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vim_connection_info: BTreeMap<String, VimConnectionInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnfd_id: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_product_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_software_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnfd_version: Option<String>,
}

/// Links of an operation occurrence; a task is linked only while it may be asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfLcmOpOccLinks {
    #[serde(rename = "self")]
    pub this: Link,
    pub vnf_instance: Link,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail: Option<Link>,
}

impl LcmOperationState {
    /// Whether nothing more will happen.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::RolledBack)
    }

    /// Whether nothing will happen until somebody asks: final, or waiting for a decision.
    pub const fn is_settled(self) -> bool {
        self.is_final() || matches!(self, Self::FailedTemp)
    }
}
