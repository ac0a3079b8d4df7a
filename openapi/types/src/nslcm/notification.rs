//! Notifications about network services and the filters that choose among them (SOL005 clauses
//! 6.5.2 and 6.5.3).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    AffectedNs, AffectedSap, AffectedVl, AffectedVnf, NsLcmOperationState, NsLcmOperationType,
};
use crate::common::{
    Identifier, Link, NotificationVerbosity, ProblemDetails, Subscription, SubscriptionRequest,
    admits,
};
use crate::vnflcm::LcmOperationNotificationStatus;
use crate::wire::wire_enum;

/// A wish to be told of services (SOL005 clause 6.5.2.2).
pub type LccnSubscriptionRequest = SubscriptionRequest<LifecycleChangeNotificationsFilter>;
/// A subscription to services (SOL005 clause 6.5.2.4).
pub type LccnSubscription = Subscription<LifecycleChangeNotificationsFilter>;

wire_enum! {
    /// The notifications of the API.
    pub enum NsLcmNotificationType {
        // The official file lacks an r where filters name it.
        #[serde(alias = "NsLcmOperationOccurenceNotification")]
        Operation = "NsLcmOperationOccurrenceNotification",
        Creation = "NsIdentifierCreationNotification",
        Deletion = "NsIdentifierDeletionNotification",
        /// May be asked for; Windlass sends none.
        Change = "NsChangeNotification",
    }
}

/// Which notifications are wanted (SOL005 clause 6.5.3.8). What chooses among NsChangeNotifications
/// is accepted and has nothing to choose from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LifecycleChangeNotificationsFilter {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ns_instance_subscription_filter: Option<NsInstanceSubscriptionFilter>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notification_types: Vec<NsLcmNotificationType>,
    /// Of operations only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operation_types: Vec<NsLcmOperationType>,
    /// Of operations only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operation_states: Vec<NsLcmOperationState>,
}

/// Which services are meant (SOL005 clause 4.4.1.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsInstanceSubscriptionFilter {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nsd_ids: Vec<Identifier>,
    /// Services with a VNF made of one of these. Windlass refuses it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnfd_ids: Vec<Identifier>,
    /// Services with one of these PNFs. Windlass refuses it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pnfd_ids: Vec<Identifier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ns_instance_ids: Vec<Identifier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ns_instance_names: Vec<String>,
}

/// What filters ask of a service.
#[derive(Clone, Copy, Debug)]
pub struct NsFacts<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub nsd_id: &'a str,
}

impl NsInstanceSubscriptionFilter {
    /// Whether the service is meant.
    pub fn admits(&self, ns: &NsFacts<'_>) -> bool {
        admits(&self.nsd_ids, |id| id == ns.nsd_id)
            && admits(&self.ns_instance_ids, |id| id == ns.id)
            && admits(&self.ns_instance_names, |name| name == ns.name)
    }
}

impl LifecycleChangeNotificationsFilter {
    /// Whether a notification about the service is wanted; an operation comes with its type and
    /// state.
    pub fn admits(
        &self,
        notification: NsLcmNotificationType,
        operation: Option<(NsLcmOperationType, NsLcmOperationState)>,
        ns: &NsFacts<'_>,
    ) -> bool {
        self.ns_instance_subscription_filter.as_ref().is_none_or(|filter| filter.admits(ns))
            && admits(&self.notification_types, |wanted| *wanted == notification)
            && operation.is_none_or(|(operation, state)| {
                admits(&self.operation_types, |wanted| *wanted == operation)
                    && admits(&self.operation_states, |wanted| *wanted == state)
            })
    }
}

/// An operation has entered a state (SOL005 clause 6.5.2.5).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsLcmOperationOccurrenceNotification {
    /// The same in every attempt to deliver it.
    pub id: Identifier,
    pub ns_instance_id: Identifier,
    pub ns_lcm_op_occ_id: Identifier,
    pub operation: NsLcmOperationType,
    pub notification_type: NsLcmNotificationType,
    pub subscription_id: Identifier,
    pub timestamp: DateTime<Utc>,
    pub notification_status: LcmOperationNotificationStatus,
    pub operation_state: NsLcmOperationState,
    pub is_automatic_invocation: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verbosity: Option<NotificationVerbosity>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_vnf: Vec<AffectedVnf>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_vl: Vec<AffectedVl>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_ns: Vec<AffectedNs>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected_sap: Vec<AffectedSap>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ProblemDetails>,
    #[serde(rename = "_links")]
    pub links: LccnLinks,
}

/// The identifier of a service was made, or deleted (SOL005 clauses 6.5.2.6 and 6.5.2.7).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsIdentifierNotification {
    /// The same in every attempt to deliver it.
    pub id: Identifier,
    pub notification_type: NsLcmNotificationType,
    pub subscription_id: Identifier,
    pub timestamp: DateTime<Utc>,
    pub ns_instance_id: Identifier,
    #[serde(rename = "_links")]
    pub links: LccnLinks,
}

/// Links of a notification (SOL005 clause 6.5.3.9).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LccnLinks {
    pub ns_instance: Link,
    pub subscription: Link,
    // Spelt so in the official file.
    #[serde(rename = "nslcmOpOcc", skip_serializing_if = "Option::is_none")]
    pub ns_lcm_op_occ: Option<Link>,
}
