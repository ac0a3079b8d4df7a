//! NSD management (SOL005 clause 5.5).

mod notification;

use serde::{Deserialize, Serialize};

use crate::common::{Checksum, Identifier, KeyValuePairs, Link, ProblemDetails};
use crate::vnfpkgm::PackageSecurityOption;
use crate::wire::wire_enum;

pub use notification::{
    NsdFacts, NsdNotification, NsdmLinks, NsdmNotificationType, NsdmNotificationsFilter,
    NsdmSubscription, NsdmSubscriptionRequest,
};

/// A network service descriptor (SOL005 clause 5.5.2.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsdInfo {
    pub id: Identifier,
    /// This and the next four are read from the NSD when it is onboarded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nsd_id: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nsd_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nsd_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nsd_designer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nsd_invariant_id: Option<Identifier>,
    /// The packages of its constituent VNFs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_pkg_ids: Vec<Identifier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pnfd_info_ids: Vec<Identifier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nested_nsd_info_ids: Vec<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive_security_option: Option<PackageSecurityOption>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_certificate: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<NsdArchiveArtifactInfo>,
    pub nsd_onboarding_state: NsdOnboardingState,
    /// Why the state is ERROR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onboarding_failure_details: Option<ProblemDetails>,
    pub nsd_operational_state: NsdOperationalState,
    pub nsd_usage_state: NsdUsageState,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub user_defined_data: KeyValuePairs,
    #[serde(rename = "_links")]
    pub links: NsdLinks,
}

/// Links of an NSD.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsdLinks {
    #[serde(rename = "self")]
    pub this: Link,
    #[serde(rename = "nsd_content", skip_serializing_if = "Option::is_none")]
    pub content: Option<Link>,
}

/// A file of an NSD archive (SOL005 clause 5.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsdArchiveArtifactInfo {
    pub artifact_path: String,
    pub checksum: Checksum,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub metadata: KeyValuePairs,
}

wire_enum! {
    /// How far an NSD has come (SOL005 clause 5.5.4).
    pub enum NsdOnboardingState {
        /// It has an identifier.
        Created = "CREATED",
        /// Its content is arriving.
        Uploading = "UPLOADING",
        /// Its content is being read and checked.
        Processing = "PROCESSING",
        /// It can be used.
        Onboarded = "ONBOARDED",
        /// Its content was refused; it can be uploaded again.
        Error = "ERROR",
    }
}

wire_enum! {
    /// Whether new services may be made from an NSD.
    pub enum NsdOperationalState {
        Enabled = "ENABLED",
        Disabled = "DISABLED",
    }
}

wire_enum! {
    /// Whether services made from an NSD exist.
    pub enum NsdUsageState {
        InUse = "IN_USE",
        NotInUse = "NOT_IN_USE",
    }
}

/// Asks for the identifier of an NSD to be (SOL005 clause 5.5.2.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateNsdInfoRequest {
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub user_defined_data: KeyValuePairs,
}

/// A merge patch of an NSD (SOL005 clause 5.5.2.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NsdInfoModifications {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nsd_operational_state: Option<NsdOperationalState>,
    /// A `null` removes a key.
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub user_defined_data: KeyValuePairs,
}
