//! Notifications about VNFs and the filters that choose among them (SOL003 clauses 5.5.2.15 to
//! 5.5.2.19 and 5.5.3.12).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    AffectedExtLinkPort, AffectedVirtualLink, AffectedVirtualStorage, AffectedVnfc,
    LcmOperationState, LcmOperationType, VnfInfoModifications,
};
use crate::common::{
    Identifier, Link, NotificationVerbosity, ProblemDetails, ProductFacts, Subscription,
    SubscriptionRequest, VnfProductsFromProvider, admits,
};
use crate::wire::wire_enum;

/// A wish to be told of VNFs (SOL003 clause 5.5.2.15).
pub type LccnSubscriptionRequest = SubscriptionRequest<LifecycleChangeNotificationsFilter>;
/// A subscription to VNFs (SOL003 clause 5.5.2.16).
pub type LccnSubscription = Subscription<LifecycleChangeNotificationsFilter>;

wire_enum! {
    /// The notifications of the API.
    pub enum VnfLcmNotificationType {
        Operation = "VnfLcmOperationOccurrenceNotification",
        Creation = "VnfIdentifierCreationNotification",
        Deletion = "VnfIdentifierDeletionNotification",
    }
}

wire_enum! {
    /// Whether an operation goes on or has come to rest.
    pub enum LcmOperationNotificationStatus {
        /// It has begun, or begun again.
        Start = "START",
        /// It has an outcome, for the time being.
        Result = "RESULT",
    }
}

/// Which notifications are wanted (SOL003 clause 5.5.3.12).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LifecycleChangeNotificationsFilter {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_instance_subscription_filter: Option<VnfInstanceSubscriptionFilter>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notification_types: Vec<VnfLcmNotificationType>,
    /// Of operations only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operation_types: Vec<LcmOperationType>,
    /// Of operations only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operation_states: Vec<LcmOperationState>,
}

/// Which VNFs are meant (SOL003 clause 4.4.1.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfInstanceSubscriptionFilter {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnfd_ids: Vec<Identifier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_products_from_providers: Vec<VnfProductsFromProvider>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_instance_ids: Vec<Identifier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_instance_names: Vec<String>,
}

/// What filters ask of a VNF.
#[derive(Clone, Copy, Debug)]
pub struct VnfFacts<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub vnfd_id: &'a str,
    pub product: ProductFacts<'a>,
}

impl VnfInstanceSubscriptionFilter {
    /// Whether the VNF is meant.
    pub fn admits(&self, vnf: &VnfFacts<'_>) -> bool {
        admits(&self.vnfd_ids, |id| id == vnf.vnfd_id)
            && admits(&self.vnf_products_from_providers, |wanted| wanted.admits(&vnf.product))
            && admits(&self.vnf_instance_ids, |id| id == vnf.id)
            && admits(&self.vnf_instance_names, |name| name == vnf.name)
    }
}

impl LifecycleChangeNotificationsFilter {
    /// Whether a notification about the VNF is wanted; an operation comes with its type and state.
    pub fn admits(
        &self,
        notification: VnfLcmNotificationType,
        operation: Option<(LcmOperationType, LcmOperationState)>,
        vnf: &VnfFacts<'_>,
    ) -> bool {
        self.vnf_instance_subscription_filter.as_ref().is_none_or(|filter| filter.admits(vnf))
            && admits(&self.notification_types, |wanted| *wanted == notification)
            && operation.is_none_or(|(operation, state)| {
                admits(&self.operation_types, |wanted| *wanted == operation)
                    && admits(&self.operation_states, |wanted| *wanted == state)
            })
    }
}

/// An operation has entered a state (SOL003 clause 5.5.2.17).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfLcmOperationOccurrenceNotification {
    /// The same in every attempt to deliver it.
    pub id: Identifier,
    pub notification_type: VnfLcmNotificationType,
    pub subscription_id: Identifier,
    pub time_stamp: DateTime<Utc>,
    pub notification_status: LcmOperationNotificationStatus,
    pub operation_state: LcmOperationState,
    pub vnf_instance_id: Identifier,
    pub operation: LcmOperationType,
    pub is_automatic_invocation: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verbosity: Option<NotificationVerbosity>,
    pub vnf_lcm_op_occ_id: Identifier,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_vnfcs: Vec<AffectedVnfc>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_virtual_links: Vec<AffectedVirtualLink>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_ext_link_ports: Vec<AffectedExtLinkPort>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_virtual_storages: Vec<AffectedVirtualStorage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_info: Option<VnfInfoModifications>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ProblemDetails>,
    #[serde(rename = "_links")]
    pub links: LccnLinks,
}

/// The identifier of a VNF was made, or deleted (SOL003 clauses 5.5.2.18 and 5.5.2.19).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfIdentifierNotification {
    /// The same in every attempt to deliver it.
    pub id: Identifier,
    pub notification_type: VnfLcmNotificationType,
    pub subscription_id: Identifier,
    pub time_stamp: DateTime<Utc>,
    pub vnf_instance_id: Identifier,
    #[serde(rename = "_links")]
    pub links: LccnLinks,
}

/// Links of a notification (SOL003 clause 5.5.3.13).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LccnLinks {
    pub vnf_instance: Link,
    pub subscription: Link,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_lcm_op_occ: Option<Link>,
}
