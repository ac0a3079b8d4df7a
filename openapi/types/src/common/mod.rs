//! Types that several APIs share (SOL003 clause 4.4, SOL005 clause 4.4, SOL013 clause 7).

mod address;
mod connection;
mod external_link;
mod problem;
mod scaling;
mod subscription;

pub use address::{
    CpProtocolData, CpProtocolInfo, IpAddressData, IpAddressInfo, IpAddressRange, IpAddressType,
    IpOverEthernetAddressData, IpOverEthernetAddressInfo, LayerProtocol, SegmentationType,
};
pub use connection::{ResourceHandle, VimConnectionInfo};
pub use external_link::{
    ExtLinkPortData, ExtManagedVirtualLinkData, ExtVirtualLinkData, VnfExtCpConfig, VnfExtCpData,
    VnfLinkPortData,
};
pub use problem::ProblemDetails;
pub use scaling::{CancelMode, CancelModeType, ScaleInfo};
pub use subscription::{
    BasicParams, ClientCredentialsParams, NotificationVerbosity, ProductFacts, Secret,
    Subscription, SubscriptionAuthType, SubscriptionAuthentication, SubscriptionLinks,
    SubscriptionRequest, VnfProduct, VnfProductVersion, VnfProductsFromProvider, admits,
};

use serde::{Deserialize, Serialize};

/// A globally unique identifier: of an instance, an operation, a package.
pub type Identifier = String;
/// An identifier that a VNFD defines.
pub type IdentifierInVnfd = String;
/// An identifier that is unique within one VNF instance.
pub type IdentifierInVnf = String;
/// An identifier that a VIM defines.
pub type IdentifierInVim = String;
/// An identifier that an NSD defines.
pub type IdentifierInNsd = String;
/// An identifier that is unique within one network service instance.
pub type IdentifierInNs = String;
/// An identifier that is unique within one message.
pub type IdentifierLocal = String;

/// Free JSON, by name (SOL013 clause 7.1.7).
pub type KeyValuePairs = serde_json::Map<String, serde_json::Value>;

/// A reference to a resource (SOL013 clause 7.1.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The URI of the resource: absolute, or a path on the same server.
    pub href: String,
}

impl Link {
    /// A link to `href`.
    pub fn to(href: impl Into<String>) -> Self {
        Self { href: href.into() }
    }
}

/// A digest of a file (SOL005 clause 4.4.1, SOL003 clause 4.4.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// The algorithm, such as `SHA-256`.
    pub algorithm: String,
    /// The digest in hexadecimal.
    pub hash: String,
}
