//! Notifications about NSDs and the filter that chooses among them (SOL005 clauses 5.5.2.9 to
//! 5.5.2.12 and 5.5.3.2).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{NsdOnboardingState, NsdOperationalState, NsdUsageState};
use crate::common::{Identifier, Link, ProblemDetails, Subscription, SubscriptionRequest, admits};
use crate::wire::wire_enum;

/// A wish to be told of NSDs (SOL005 clause 5.5.2.7).
pub type NsdmSubscriptionRequest = SubscriptionRequest<NsdmNotificationsFilter>;
/// A subscription to NSDs (SOL005 clause 5.5.2.8).
pub type NsdmSubscription = Subscription<NsdmNotificationsFilter>;

wire_enum! {
    /// The notifications of the API. Those about PNFDs may be asked for; Windlass sends none.
    pub enum NsdmNotificationType {
        OnBoarding = "NsdOnBoardingNotification",
        // The official files spell it in both ways.
        #[serde(alias = "NsdOnboardingFailureNotification")]
        OnBoardingFailure = "NsdOnBoardingFailureNotification",
        Change = "NsdChangeNotification",
        Deletion = "NsdDeletionNotification",
        PnfdOnBoarding = "PnfdOnBoardingNotification",
        PnfdOnBoardingFailure = "PnfdOnBoardingFailureNotification",
        PnfdDeletion = "PnfdDeletionNotification",
    }
}

/// Which notifications are wanted (SOL005 clause 5.5.3.2). What chooses among PNFDs is accepted and
/// has nothing to choose from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsdmNotificationsFilter {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notification_types: Vec<NsdmNotificationType>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nsd_info_id: Vec<Identifier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nsd_id: Vec<Identifier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nsd_name: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nsd_version: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nsd_designer: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nsd_invariant_id: Vec<Identifier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_pkg_ids: Vec<Identifier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nested_nsd_info_ids: Vec<Identifier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nsd_onboarding_state: Vec<NsdOnboardingState>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nsd_operational_state: Vec<NsdOperationalState>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nsd_usage_state: Vec<NsdUsageState>,
}

/// What filters ask of an NSD.
#[derive(Clone, Copy, Debug)]
pub struct NsdFacts<'a> {
    pub info_id: &'a str,
    pub nsd_id: Option<&'a str>,
    pub name: &'a str,
    pub version: &'a str,
    pub designer: &'a str,
    pub invariant_id: Option<&'a str>,
    pub vnf_packages: &'a [Identifier],
    pub nested: &'a [Identifier],
    pub onboarding: NsdOnboardingState,
    pub operational: NsdOperationalState,
    pub usage: NsdUsageState,
}

impl NsdmNotificationsFilter {
    /// Whether a notification about the NSD is wanted.
    pub fn admits(&self, notification: NsdmNotificationType, nsd: &NsdFacts<'_>) -> bool {
        admits(&self.notification_types, |wanted| *wanted == notification)
            && admits(&self.nsd_info_id, |id| id == nsd.info_id)
            && admits(&self.nsd_id, |id| Some(id.as_str()) == nsd.nsd_id)
            && admits(&self.nsd_name, |name| name == nsd.name)
            && admits(&self.nsd_version, |version| version == nsd.version)
            && admits(&self.nsd_designer, |designer| designer == nsd.designer)
            && admits(&self.nsd_invariant_id, |id| Some(id.as_str()) == nsd.invariant_id)
            && admits(&self.vnf_pkg_ids, |id| nsd.vnf_packages.contains(id))
            && admits(&self.nested_nsd_info_ids, |id| nsd.nested.contains(id))
            && admits(&self.nsd_onboarding_state, |state| *state == nsd.onboarding)
            && admits(&self.nsd_operational_state, |state| *state == nsd.operational)
            && admits(&self.nsd_usage_state, |state| *state == nsd.usage)
    }
}

/// Something happened to an NSD (SOL005 clauses 5.5.2.9 to 5.5.2.12): its type says what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsdNotification {
    /// The same in every attempt to deliver it.
    pub id: Identifier,
    pub notification_type: NsdmNotificationType,
    pub subscription_id: Identifier,
    pub time_stamp: DateTime<Utc>,
    pub nsd_info_id: Identifier,
    /// Absent only when the content that would say it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nsd_id: Option<Identifier>,
    /// Of an NsdOnBoardingFailureNotification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onboarding_failure_details: Option<ProblemDetails>,
    /// Of an NsdChangeNotification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nsd_operational_state: Option<NsdOperationalState>,
    #[serde(rename = "_links")]
    pub links: NsdmLinks,
}

/// Links of a notification (SOL005 clause 5.5.3.4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsdmLinks {
    pub nsd_info: Link,
    pub subscription: Link,
}
