//! What subscribers are told of alarms (SOL003 clauses 7.5.2.5 to 7.5.2.7 and 7.5.3.1).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Alarm, EventType, FaultyResourceType, PerceivedSeverity};
use crate::common::{Identifier, Link};
use crate::wire::wire_enum;

wire_enum! {
    /// The kinds of notifications of this API.
    pub enum FmNotificationType {
        AlarmNotification = "AlarmNotification",
        AlarmClearedNotification = "AlarmClearedNotification",
        AlarmListRebuiltNotification = "AlarmListRebuiltNotification",
    }
}

/// An alarm was raised or has changed (SOL003 clause 7.5.2.5).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmNotification {
    pub id: Identifier,
    pub notification_type: FmNotificationType,
    pub subscription_id: Identifier,
    pub time_stamp: DateTime<Utc>,
    pub alarm: Alarm,
    #[serde(rename = "_links")]
    pub links: AlarmNotificationLinks,
}

/// Links of an [`AlarmNotification`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmNotificationLinks {
    pub subscription: Link,
}

/// An alarm is over (SOL003 clause 7.5.2.6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmClearedNotification {
    pub id: Identifier,
    pub notification_type: FmNotificationType,
    pub subscription_id: Identifier,
    pub time_stamp: DateTime<Utc>,
    pub alarm_id: Identifier,
    pub alarm_cleared_time: DateTime<Utc>,
    #[serde(rename = "_links")]
    pub links: AlarmClearedLinks,
}

/// Links of an [`AlarmClearedNotification`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmClearedLinks {
    pub subscription: Link,
    pub alarm: Link,
}

/// The alarms were lost and made anew (SOL003 clause 7.5.2.7).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmListRebuiltNotification {
    pub id: Identifier,
    pub notification_type: FmNotificationType,
    pub subscription_id: Identifier,
    pub time_stamp: DateTime<Utc>,
    #[serde(rename = "_links")]
    pub links: AlarmListRebuiltLinks,
}

/// Links of an [`AlarmListRebuiltNotification`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmListRebuiltLinks {
    pub subscription: Link,
    pub alarms: Link,
}

/// Which notifications a subscriber wants: each attribute that is there must match, by any of its
/// values (SOL003 clause 7.5.3.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FmNotificationsFilter {
    /// Which VNF instances, as a `VnfInstanceSubscriptionFilter`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_instance_subscription_filter: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notification_types: Vec<FmNotificationType>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faulty_resource_types: Vec<FaultyResourceType>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub perceived_severities: Vec<PerceivedSeverity>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub event_types: Vec<EventType>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probable_causes: Vec<String>,
}
