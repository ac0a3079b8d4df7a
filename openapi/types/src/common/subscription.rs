//! Subscriptions to notifications: what is the same in every API (SOL013 clauses 5.10 and 8.3.4).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Identifier, Link};
use crate::wire::wire_enum;

/// A wish to be told of what happens. `F` is the filter of the API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionRequest<F> {
    /// What is of interest; everything, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<F>,
    /// Where notifications are to go.
    pub callback_uri: String,
    /// How the receiver wants to know that it is us.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication: Option<SubscriptionAuthentication>,
    /// How much is to be told of operations; FULL, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verbosity: Option<NotificationVerbosity>,
}

/// A subscription. What authenticates us is never shown again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription<F> {
    pub id: Identifier,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<F>,
    pub callback_uri: String,
    /// Only in APIs whose notifications tell of operations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verbosity: Option<NotificationVerbosity>,
    #[serde(rename = "_links")]
    pub links: SubscriptionLinks,
}

/// Links of a subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionLinks {
    #[serde(rename = "self")]
    pub this: Link,
}

wire_enum! {
    /// How much a notification tells of an operation (SOL003 clause 5.5.4.8).
    pub enum NotificationVerbosity {
        /// All that it has changed.
        Full = "FULL",
        /// That it has come to a state; the rest can be read from the occurrence.
        Short = "SHORT",
    }
}

/// How a receiver wants to know who notifies it (SOL013 clause 8.3.4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionAuthentication {
    /// What the receiver accepts; one of them is chosen.
    pub auth_type: Vec<SubscriptionAuthType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params_basic: Option<BasicParams>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params_oauth2_client_credentials: Option<ClientCredentialsParams>,
}

wire_enum! {
    /// The ways to authenticate to a receiver.
    pub enum SubscriptionAuthType {
        /// A user and a password (RFC 7617).
        Basic = "BASIC",
        /// A bearer token from a token endpoint (RFC 6749 clause 4.4).
        Oauth2ClientCredentials = "OAUTH2_CLIENT_CREDENTIALS",
        /// A client certificate.
        TlsCert = "TLS_CERT",
    }
}

/// `paramsBasic`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BasicParams {
    pub user_name: String,
    pub password: Secret,
}

/// `paramsOauth2ClientCredentials`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientCredentialsParams {
    pub client_id: String,
    pub client_password: Secret,
    pub token_endpoint: String,
}

/// A password. It goes over the wire and shows itself nowhere else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Products of a provider, in filters (SOL003 clause 4.4.1.5, SOL005 clause 9.5.3.4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfProductsFromProvider {
    pub vnf_provider: String,
    /// Every product of the provider, when empty.
    // SOL005's file calls it as its parent.
    #[serde(default, alias = "vnfProductsFromProviders", skip_serializing_if = "Vec::is_empty")]
    pub vnf_products: Vec<VnfProduct>,
}

/// A product, in filters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfProduct {
    pub vnf_product_name: String,
    /// Every version, when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<VnfProductVersion>,
}

/// A version of a product, in filters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfProductVersion {
    pub vnf_software_version: String,
    /// Every version of the VNFD, when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnfd_versions: Vec<String>,
}

/// What filters ask of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductFacts<'a> {
    pub provider: &'a str,
    pub name: &'a str,
    pub software_version: &'a str,
    pub vnfd_version: &'a str,
}

impl VnfProductsFromProvider {
    /// Whether the product is one of these.
    pub fn admits(&self, product: &ProductFacts<'_>) -> bool {
        self.vnf_provider == product.provider
            && admits(&self.vnf_products, |wanted| {
                wanted.vnf_product_name == product.name
                    && admits(&wanted.versions, |version| {
                        version.vnf_software_version == product.software_version
                            && admits(&version.vnfd_versions, |v| v == product.vnfd_version)
                    })
            })
    }
}

/// Whether a list in a filter lets something through: an empty one asks for nothing in particular.
pub fn admits<T>(wanted: &[T], is_it: impl Fn(&T) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(is_it)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_password_shows_itself_to_nobody() {
        let params = BasicParams { user_name: "osm".into(), password: Secret("hush".into()) };
        assert!(!format!("{params:?}").contains("hush"));
    }

    #[test]
    fn products_are_narrowed_down_step_by_step() {
        let product = ProductFacts {
            provider: "Acme",
            name: "firewall",
            software_version: "1.0",
            vnfd_version: "3",
        };
        let admits = |filter| {
            serde_json::from_value::<VnfProductsFromProvider>(filter).unwrap().admits(&product)
        };
        let versions = |software: &str, vnfd: &str| {
            json!({ "vnfProvider": "Acme", "vnfProducts": [{ "vnfProductName": "firewall",
                "versions": [{ "vnfSoftwareVersion": software, "vnfdVersions": [vnfd] }] }] })
        };
        assert!(admits(json!({ "vnfProvider": "Acme" })));
        assert!(!admits(json!({ "vnfProvider": "Other" })));
        assert!(!admits(
            json!({ "vnfProvider": "Acme", "vnfProducts": [{ "vnfProductName": "router" }] })
        ));
        assert!(admits(versions("1.0", "3")));
        assert!(!admits(versions("1.1", "3")) && !admits(versions("1.0", "4")));
    }
}
