//! Operation occurrences of a network service and what they changed (SOL005 clauses 6.5.2.3 and 6.5.3).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::common::{
    CancelModeType, Identifier, IdentifierInNs, IdentifierInNsd, Link, ProblemDetails,
};
use crate::wire::wire_enum;

/// One occurrence of a lifecycle operation (SOL005 clause 6.5.2.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsLcmOpOcc {
    pub id: Identifier,
    pub operation_state: NsLcmOperationState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_entered_time: Option<DateTime<Utc>>,
    pub ns_instance_id: Identifier,
    pub lcm_operation_type: NsLcmOperationType,
    pub start_time: DateTime<Utc>,
    /// Whether the NFVO started it by itself.
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
    pub resource_changes: Option<NsResourceChanges>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    #[serde(rename = "_links")]
    pub links: NsLcmOpOccLinks,
}

wire_enum! {
    /// The operations of a service (SOL005 clause 6.5.4).
    pub enum NsLcmOperationType {
        Instantiate = "INSTANTIATE",
        Scale = "SCALE",
        Update = "UPDATE",
        Terminate = "TERMINATE",
        Heal = "HEAL",
    }
}

wire_enum! {
    /// The states of an operation occurrence (SOL005 clause 6.5.4).
    pub enum NsLcmOperationState {
        /// VNFs and networks are being changed.
        Processing = "PROCESSING",
        /// Final: it did what was asked.
        Completed = "COMPLETED",
        /// Final: it did some of what was asked, and that is of use.
        PartiallyCompleted = "PARTIALLY_COMPLETED",
        /// It stopped half way and waits for retry, rollback, continue or fail.
        FailedTemp = "FAILED_TEMP",
        /// Final: given up half way.
        Failed = "FAILED",
        /// Its changes are being undone.
        RollingBack = "ROLLING_BACK",
        /// Final: as if it had never been.
        RolledBack = "ROLLED_BACK",
    }
}

/// What an operation has touched so far (SOL005 clause 6.5.2.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsResourceChanges {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_vnfs: Vec<AffectedVnf>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_vls: Vec<AffectedVl>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_nss: Vec<AffectedNs>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_saps: Vec<AffectedSap>,
}

/// What happened to a VNF (SOL005 clause 6.5.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AffectedVnf {
    pub vnf_instance_id: Identifier,
    pub vnfd_id: Identifier,
    pub vnf_profile_id: IdentifierInNsd,
    pub vnf_name: String,
    pub change_type: VnfChangeType,
    pub change_result: NsChangeResult,
}

wire_enum! {
    /// What was done to a VNF.
    pub enum VnfChangeType {
        Add = "ADD",
        Remove = "REMOVE",
        Instantiate = "INSTANTIATE",
        Terminate = "TERMINATE",
        Scale = "SCALE",
        ChangeFlavour = "CHANGE_FLAVOUR",
        Heal = "HEAL",
        Operate = "OPERATE",
        ModifyInformation = "MODIFY_INFORMATION",
        ChangeExternalVnfConnectivity = "CHANGE_EXTERNAL_VNF_CONNECTIVITY",
        ChangeVnfpkg = "CHANGE_VNFPKG",
    }
}

wire_enum! {
    /// How it ended.
    pub enum NsChangeResult {
        Completed = "COMPLETED",
        RolledBack = "ROLLED_BACK",
        Failed = "FAILED",
        PartiallyCompleted = "PARTIALLY_COMPLETED",
    }
}

/// What happened to a network of the service (SOL005 clause 6.5.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AffectedVl {
    pub ns_virtual_link_instance_id: IdentifierInNs,
    pub ns_virtual_link_desc_id: IdentifierInNsd,
    pub vl_profile_id: IdentifierInNsd,
    pub change_type: VlChangeType,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub link_port_ids: Vec<IdentifierInNs>,
    pub change_result: NsChangeResult,
}

wire_enum! {
    /// What was done to a network.
    pub enum VlChangeType {
        Add = "ADD",
        Delete = "DELETE",
        Modify = "MODIFY",
        AddLinkPort = "ADD_LINK_PORT",
        RemoveLinkPort = "REMOVE_LINK_PORT",
    }
}

/// What happened to a nested service (SOL005 clause 6.5.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AffectedNs {
    pub ns_instance_id: Identifier,
    pub nsd_id: Identifier,
    pub change_type: NsChangeType,
    pub change_result: NsChangeResult,
}

wire_enum! {
    /// What was done to a nested service.
    pub enum NsChangeType {
        Add = "ADD",
        Remove = "REMOVE",
        Instantiate = "INSTANTIATE",
        Scale = "SCALE",
        Update = "UPDATE",
        Heal = "HEAL",
        Terminate = "TERMINATE",
    }
}

/// What happened to a service access point (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AffectedSap {
    pub sap_instance_id: Identifier,
    pub sapd_id: Identifier,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sap_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_type: Option<SapChangeType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_result: Option<NsChangeResult>,
}

wire_enum! {
    /// What was done to a service access point.
    pub enum SapChangeType {
        Add = "ADD",
        Remove = "REMOVE",
        Modify = "MODIFY",
    }
}

/// Links of an operation occurrence; a task is linked only while it may be asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsLcmOpOccLinks {
    #[serde(rename = "self")]
    pub this: Link,
    pub ns_instance: Link,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Link>,
    #[serde(rename = "continue", skip_serializing_if = "Option::is_none")]
    pub go_on: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail: Option<Link>,
}

impl NsLcmOperationState {
    /// Whether nothing more will happen.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::PartiallyCompleted | Self::Failed | Self::RolledBack)
    }

    /// Whether nothing will happen until somebody asks: final, or waiting for a decision.
    pub const fn is_settled(self) -> bool {
        self.is_final() || matches!(self, Self::FailedTemp)
    }
}
