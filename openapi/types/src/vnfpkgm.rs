//! VNF package management (SOL005 clause 9.5; SOL003 clause 10.5 reads the same resources).

mod notification;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::common::{
    Checksum, ClientCredentialsParams, Identifier, IdentifierInVnfd, KeyValuePairs, Link,
    ProblemDetails, Secret,
};
use crate::wire::wire_enum;

pub use notification::{
    PackageChangeType, PackageFacts, PkgmLinks, PkgmNotificationType, PkgmNotificationsFilter,
    PkgmSubscription, PkgmSubscriptionRequest, VnfPackageChangeNotification,
    VnfPackageOnboardingNotification,
};

/// A VNF package (SOL005 clause 9.5.2.5).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfPkgInfo {
    pub id: Identifier,
    /// This and the next four are read from the VNFD when the package is onboarded.
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compatible_specification_versions: Vec<String>,
    /// Of the package as it was uploaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<Checksum>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_security_option: Option<PackageSecurityOption>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_certificate: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub software_images: Vec<VnfPackageSoftwareImageInfo>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub additional_artifacts: Vec<VnfPackageArtifactInfo>,
    pub onboarding_state: PackageOnboardingState,
    pub operational_state: PackageOperationalState,
    pub usage_state: PackageUsageState,
    /// Which VNFMs can manage the VNF.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnfm_info: Vec<String>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub user_defined_data: KeyValuePairs,
    /// Why the state is ERROR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onboarding_failure_details: Option<ProblemDetails>,
    #[serde(rename = "_links")]
    pub links: VnfPkgLinks,
}

/// Links of a VNF package.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfPkgLinks {
    #[serde(rename = "self")]
    pub this: Link,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnfd: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_content: Option<Link>,
}

wire_enum! {
    /// How far a package has come (SOL005 clause 9.5.4.5).
    pub enum PackageOnboardingState {
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
    /// Whether new VNFs may be made from a package (SOL005 clause 9.5.4.3).
    pub enum PackageOperationalState {
        Enabled = "ENABLED",
        Disabled = "DISABLED",
    }
}

wire_enum! {
    /// Whether VNFs made from a package exist (SOL005 clause 9.5.4.4).
    pub enum PackageUsageState {
        InUse = "IN_USE",
        NotInUse = "NOT_IN_USE",
    }
}

wire_enum! {
    /// How a package is signed (SOL004 clause 5.1).
    pub enum PackageSecurityOption {
        /// Each file by digest in a signed manifest.
        Option1 = "OPTION_1",
        /// The whole package, in a zip with its signature.
        Option2 = "OPTION_2",
    }
}

/// A software image in a package (SOL005 clause 9.5.3.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfPackageSoftwareImageInfo {
    pub id: IdentifierInVnfd,
    pub name: String,
    pub provider: String,
    pub version: String,
    pub checksum: Checksum,
    pub is_encrypted: bool,
    pub container_format: ContainerFormat,
    pub disk_format: DiskFormat,
    pub created_at: DateTime<Utc>,
    /// Bytes.
    pub min_disk: u64,
    /// Bytes.
    pub min_ram: u64,
    /// Bytes.
    pub size: u64,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub user_metadata: KeyValuePairs,
    /// Where it is in the package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_path: Option<String>,
    /// Where it is outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_uri: Option<String>,
}

wire_enum! {
    /// What a software image is wrapped in.
    pub enum ContainerFormat {
        Aki = "AKI",
        Ami = "AMI",
        Ari = "ARI",
        Bare = "BARE",
        Docker = "DOCKER",
        Ova = "OVA",
        Ovf = "OVF",
    }
}

wire_enum! {
    /// How a software image is laid out.
    pub enum DiskFormat {
        Aki = "AKI",
        Ami = "AMI",
        Ari = "ARI",
        Iso = "ISO",
        Qcow2 = "QCOW2",
        Raw = "RAW",
        Vdi = "VDI",
        Vhd = "VHD",
        Vhdx = "VHDX",
        Vmdk = "VMDK",
    }
}

/// Any other file of a package (SOL005 clause 9.5.3.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfPackageArtifactInfo {
    /// Where it is in the package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_path: Option<String>,
    /// Where it is outside.
    #[serde(rename = "artifactURI", skip_serializing_if = "Option::is_none")]
    pub artifact_uri: Option<String>,
    pub checksum: Checksum,
    pub is_encrypted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub non_mano_artifact_set_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_classification: Option<ArtifactClassification>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub metadata: KeyValuePairs,
}

wire_enum! {
    /// What an artifact is for.
    pub enum ArtifactClassification {
        History = "HISTORY",
        Testing = "TESTING",
        License = "LICENSE",
    }
}

/// Asks for the identifier of a package to be (SOL005 clause 9.5.2.2).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateVnfPkgInfoRequest {
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub user_defined_data: KeyValuePairs,
}

/// A merge patch of a package (SOL005 clause 9.5.2.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfPkgInfoModifications {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operational_state: Option<PackageOperationalState>,
    /// A `null` removes a key.
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub user_defined_data: KeyValuePairs,
}

/// Asks the NFVO to fetch a package (SOL005 clause 9.5.2.4).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadVnfPackageFromUriRequest {
    pub address_information: String,
    /// How the server is told who asks, if the next ones say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_type: Option<PackageFetchAuthType>,
    /// For servers that want a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params_oauth2_client_credentials: Option<ClientCredentialsParams>,
    /// For servers that want a user and a password: an attribute of earlier releases of SOL005, as
    /// the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
}

wire_enum! {
    /// How a server from which a package is fetched is told who asks.
    pub enum PackageFetchAuthType {
        /// A bearer token from a token endpoint (RFC 6749 clause 4.4).
        Oauth2ClientCredentials = "OAUTH2_CLIENT_CREDENTIALS",
    }
}
