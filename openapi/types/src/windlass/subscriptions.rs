//! How far subscribers have been served.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::common::{Identifier, Link};
use crate::wire::wire_enum;

/// A subscription of any API, and how it is served.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionDelivery {
    pub id: Identifier,
    /// The API, such as `vnflcm`.
    pub api: String,
    pub callback_uri: String,
    pub state: DeliveryState,
    pub created_at: DateTime<Utc>,
    /// Events of the API that lie before it, whether or not its filter wants them.
    pub backlog: u64,
    /// How often the next notification has failed to arrive.
    pub attempts: u32,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// When it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_attempt: Option<DateTime<Utc>>,
    /// Since when nothing is tried any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parked_since: Option<DateTime<Utc>>,
    /// Events that were dropped before it was told of them, wanted or not.
    pub events_lost: u64,
    #[serde(rename = "_links")]
    pub links: SubscriptionDeliveryLinks,
}

wire_enum! {
    /// Whether notifications are being delivered.
    pub enum DeliveryState {
        /// They are, or are tried again.
        Active = "ACTIVE",
        /// They wait for somebody to resume the subscription.
        Parked = "PARKED",
    }
}

/// Links of a subscription's delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionDeliveryLinks {
    #[serde(rename = "self")]
    pub this: Link,
    pub subscription: Link,
    pub resume: Link,
}
