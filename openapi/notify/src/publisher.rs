//! What a program brings: the meaning of events.

use std::fmt;

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use windlass_api::api::Api;
use windlass_api::common::{Link, NotificationVerbosity};
use windlass_model::SubscriptionId;
use windlass_store::{Event, StoreError, Subscription, Topic};

/// Turns the events of a topic into the notifications of an API.
#[async_trait]
pub trait Publisher: fmt::Debug + Send + Sync + 'static {
    /// The API.
    fn api(&self) -> Api;

    /// The topic.
    fn topic(&self) -> Topic;

    /// Whether its notifications tell of operations, so that a subscriber may want less of them.
    fn has_verbosity(&self) -> bool {
        false
    }

    /// Reads a filter, and gives it as it is kept and shown; two that mean the same are the same.
    ///
    /// # Errors
    /// What cannot be followed in it.
    fn filter(&self, filter: Value) -> Result<Value, String>;

    /// What an addressee is told of an event; `None` when its filter passes it over.
    ///
    /// # Errors
    /// Those of the store, where it looks for what the event points at.
    async fn notification(
        &self,
        event: &Event,
        to: &Addressee,
    ) -> Result<Option<Value>, StoreError>;
}

/// Reads a filter of this type.
///
/// # Errors
/// What is wrong with it, in words.
pub fn typed_filter<F: DeserializeOwned>(filter: Value) -> Result<F, String> {
    serde_json::from_value(filter).map_err(|error| format!("the filter cannot be read: {error}"))
}

/// What a [`StoreError::Corrupt`] calls a filter.
pub(crate) const FILTER: &str = "filter";

/// What a subscriber asked for, as it is kept with the subscription.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Wish {
    pub filter: Option<Value>,
    pub verbosity: Option<NotificationVerbosity>,
}

impl Wish {
    pub fn of(subscription: &Subscription) -> Result<Self, StoreError> {
        Self::deserialize(&subscription.document)
            .map_err(|error| StoreError::Corrupt { what: "subscription", source: error.into() })
    }
}

/// Who is told of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Addressee {
    /// The notification's id: the same event has the same for the same subscription, always.
    pub id: Uuid,
    /// The subscription.
    pub subscription: SubscriptionId,
    /// Its filter, as [`Publisher::filter`] gave it.
    pub filter: Option<Value>,
    /// How much it wants to know of operations.
    pub verbosity: NotificationVerbosity,
}

impl Addressee {
    pub(crate) fn of(subscription: &Subscription, wish: &Wish, event: &Event) -> Self {
        Self {
            id: Uuid::new_v5(&subscription.id.0, event.sequence.to_string().as_bytes()),
            subscription: subscription.id,
            filter: wish.filter.clone(),
            verbosity: wish.verbosity.unwrap_or(NotificationVerbosity::Full),
        }
    }

    /// The filter; one that lets everything through when there is none.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn filter<F: DeserializeOwned + Default>(&self) -> Result<F, StoreError> {
        let Some(filter) = &self.filter else { return Ok(F::default()) };
        F::deserialize(filter)
            .map_err(|error| StoreError::Corrupt { what: FILTER, source: error.into() })
    }

    /// Where the subscription is.
    #[must_use]
    pub fn link(&self, api: Api) -> Link {
        Link::to(format!("{}/subscriptions/{}", api.root(), self.subscription))
    }
}
