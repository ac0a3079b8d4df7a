//! Alarms, as their clients see them (SOL003 clauses 7.5.2 to 7.5.4).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::common::{Identifier, Link, ResourceHandle};
use crate::wire::wire_enum;

/// Something that is wrong with a VNF (SOL003 clause 7.5.2.4).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alarm {
    pub id: Identifier,
    /// The VNF instance.
    pub managed_object_id: Identifier,
    /// The resource that is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_cause_faulty_resource: Option<FaultyResourceInfo>,
    pub alarm_raised_time: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alarm_changed_time: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alarm_cleared_time: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alarm_acknowledged_time: Option<DateTime<Utc>>,
    pub ack_state: AckState,
    pub perceived_severity: PerceivedSeverity,
    /// When the fault was observed.
    pub event_time: DateTime<Utc>,
    pub event_type: EventType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault_type: Option<String>,
    pub probable_cause: String,
    /// True when the correlated alarms follow from this one.
    pub is_root_cause: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub correlated_alarm_ids: Vec<Identifier>,
    /// What else there is to say, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fault_details: Vec<String>,
    #[serde(rename = "_links")]
    pub links: AlarmLinks,
}

/// Links of an alarm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmLinks {
    #[serde(rename = "self")]
    pub this: Link,
    /// The VNF instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_instance: Option<Link>,
}

/// A change of an alarm (SOL003 clause 7.5.2.8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmModifications {
    pub ack_state: AckState,
}

/// A virtualised resource that harms a VNF (SOL003 clause 7.5.3.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultyResourceInfo {
    pub faulty_resource: ResourceHandle,
    pub faulty_resource_type: FaultyResourceType,
}

wire_enum! {
    /// Whether somebody took note of an alarm.
    pub enum AckState {
        Unacknowledged = "UNACKNOWLEDGED",
        Acknowledged = "ACKNOWLEDGED",
    }
}

wire_enum! {
    /// How urgent an alarm is (SOL003 clause 7.5.4.3, ITU-T X.733).
    pub enum PerceivedSeverity {
        /// The VNF is out of service.
        Critical = "CRITICAL",
        /// The VNF is severely degraded.
        Major = "MAJOR",
        /// The service is not affected; that may change.
        Minor = "MINOR",
        Warning = "WARNING",
        /// Nobody can say.
        Indeterminate = "INDETERMINATE",
        Cleared = "CLEARED",
    }
}

wire_enum! {
    /// The kind of event behind an alarm (SOL003 clause 7.5.4.4, ITU-T X.733).
    pub enum EventType {
        CommunicationsAlarm = "COMMUNICATIONS_ALARM",
        ProcessingErrorAlarm = "PROCESSING_ERROR_ALARM",
        EnvironmentalAlarm = "ENVIRONMENTAL_ALARM",
        QosAlarm = "QOS_ALARM",
        EquipmentAlarm = "EQUIPMENT_ALARM",
    }
}

wire_enum! {
    /// The kind of a faulty resource (SOL003 clause 7.5.4.5).
    pub enum FaultyResourceType {
        Compute = "COMPUTE",
        Storage = "STORAGE",
        Network = "NETWORK",
    }
}
