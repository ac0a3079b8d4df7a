//! VNF fault management, `/vnffm/v1` (SOL003 clause 7).

mod alarm;
mod notification;

pub use alarm::{
    AckState, Alarm, AlarmLinks, AlarmModifications, EventType, FaultyResourceInfo,
    FaultyResourceType, PerceivedSeverity,
};
pub use notification::{
    AlarmClearedLinks, AlarmClearedNotification, AlarmListRebuiltLinks,
    AlarmListRebuiltNotification, AlarmNotification, AlarmNotificationLinks, FmNotificationType,
    FmNotificationsFilter,
};
