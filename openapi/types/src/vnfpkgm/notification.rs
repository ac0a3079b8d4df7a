//! Notifications about VNF packages and the filter that chooses among them (SOL005 clauses 9.5.2.8,
//! 9.5.2.9 and 9.5.3.4).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{PackageOperationalState, PackageUsageState};
use crate::common::{
    Identifier, Link, ProductFacts, Subscription, SubscriptionRequest, VnfProductsFromProvider,
    admits,
};
use crate::wire::wire_enum;

/// A wish to be told of packages (SOL005 clause 9.5.2.6).
pub type PkgmSubscriptionRequest = SubscriptionRequest<PkgmNotificationsFilter>;
/// A subscription to packages (SOL005 clause 9.5.2.7).
pub type PkgmSubscription = Subscription<PkgmNotificationsFilter>;

wire_enum! {
    /// The notifications of the API.
    pub enum PkgmNotificationType {
        Onboarding = "VnfPackageOnboardingNotification",
        Change = "VnfPackageChangeNotification",
    }
}

wire_enum! {
    /// What can change of an onboarded package (SOL005 clause 9.5.4.6).
    pub enum PackageChangeType {
        /// It was enabled or disabled.
        OpStateChange = "OP_STATE_CHANGE",
        /// It was deleted.
        PkgDelete = "PKG_DELETE",
    }
}

/// Which notifications are wanted (SOL005 clause 9.5.3.4).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PkgmNotificationsFilter {
    // SOL005's file has one, SOL003's has a list.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub notification_types: Vec<PkgmNotificationType>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_products_from_providers: Vec<VnfProductsFromProvider>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnfd_id: Vec<Identifier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_pkg_id: Vec<Identifier>,
    /// Of changes only.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub operational_state: Vec<PackageOperationalState>,
    /// Of changes only.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub usage_state: Vec<PackageUsageState>,
    /// Windlass' packages name no VNFM, so whoever names one is told of nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnfm_info: Vec<String>,
}

/// What filters ask of a package.
#[derive(Clone, Copy, Debug)]
pub struct PackageFacts<'a> {
    pub id: &'a str,
    pub vnfd_id: &'a str,
    pub product: ProductFacts<'a>,
    pub operational: PackageOperationalState,
    pub usage: PackageUsageState,
}

impl PkgmNotificationsFilter {
    /// Whether a notification about the package is wanted.
    pub fn admits(&self, notification: PkgmNotificationType, package: &PackageFacts<'_>) -> bool {
        let is_change = notification == PkgmNotificationType::Change;
        self.vnfm_info.is_empty()
            && admits(&self.notification_types, |wanted| *wanted == notification)
            && admits(&self.vnf_products_from_providers, |one| one.admits(&package.product))
            && admits(&self.vnfd_id, |id| id == package.vnfd_id)
            && admits(&self.vnf_pkg_id, |id| id == package.id)
            && (!is_change || admits(&self.operational_state, |is| *is == package.operational))
            && (!is_change || admits(&self.usage_state, |is| *is == package.usage))
    }
}

/// A package is onboarded (SOL005 clause 9.5.2.8).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfPackageOnboardingNotification {
    /// The same in every attempt to deliver it.
    pub id: Identifier,
    pub notification_type: PkgmNotificationType,
    pub subscription_id: Identifier,
    pub time_stamp: DateTime<Utc>,
    pub vnf_pkg_id: Identifier,
    pub vnfd_id: Identifier,
    pub vnfm_info: Vec<String>,
    #[serde(rename = "_links")]
    pub links: PkgmLinks,
}

/// An onboarded package was enabled, disabled or deleted (SOL005 clause 9.5.2.9).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfPackageChangeNotification {
    /// The same in every attempt to deliver it.
    pub id: Identifier,
    pub notification_type: PkgmNotificationType,
    pub subscription_id: Identifier,
    pub time_stamp: DateTime<Utc>,
    pub vnf_pkg_id: Identifier,
    pub vnfd_id: Identifier,
    pub change_type: PackageChangeType,
    /// Only when that is what changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operational_state: Option<PackageOperationalState>,
    #[serde(rename = "_links")]
    pub links: PkgmLinks,
}

/// Links of a notification (SOL003 clause 10.5.3.3, SOL005 clause 9.5.3.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PkgmLinks {
    pub vnf_package: Link,
    /// SOL003 alone has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_package_by_vnfd_id: Option<Link>,
    pub subscription: Link,
}

fn one_or_many<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany<T> {
        One(T),
        Many(Vec<T>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}
