//! Subscriptions, the same in every API that has them, and how they are served.

use serde_json::Value;
use windlass_api::api::Api;
use windlass_api::common::{Subscription, SubscriptionRequest};
use windlass_api::windlass::SubscriptionDelivery;

use crate::{Client, ListOptions, Result};

const SUBSCRIPTIONS: &str = "subscriptions";

impl Client {
    /// Subscribes to what an API tells.
    pub async fn subscription_create(
        &self,
        api: Api,
        request: &SubscriptionRequest<Value>,
    ) -> Result<Subscription<Value>> {
        self.post(api, &[SUBSCRIPTIONS], request).await
    }

    /// The subscriptions of an API.
    pub async fn subscription_list(
        &self,
        api: Api,
        options: &ListOptions,
    ) -> Result<Vec<Subscription<Value>>> {
        self.list(api, &[SUBSCRIPTIONS], options).await
    }

    /// One subscription.
    pub async fn subscription_read(&self, api: Api, id: &str) -> Result<Subscription<Value>> {
        self.get(api, &[SUBSCRIPTIONS, id]).await
    }

    /// Ends a subscription.
    pub async fn subscription_delete(&self, api: Api, id: &str) -> Result<()> {
        self.delete(api, &[SUBSCRIPTIONS, id]).await
    }

    /// How the subscriptions of an API are served.
    pub async fn subscription_delivery_list(
        &self,
        api: Api,
        options: &ListOptions,
    ) -> Result<Vec<SubscriptionDelivery>> {
        self.list(Api::Windlass, &[api.name(), SUBSCRIPTIONS], options).await
    }

    /// How a subscription is served.
    pub async fn subscription_delivery_read(
        &self,
        api: Api,
        id: &str,
    ) -> Result<SubscriptionDelivery> {
        self.get(Api::Windlass, &[api.name(), SUBSCRIPTIONS, id]).await
    }

    /// Has a subscription served again that had failed too often.
    pub async fn subscription_resume(&self, api: Api, id: &str) -> Result<SubscriptionDelivery> {
        let path = [api.name(), SUBSCRIPTIONS, id, "resume"];
        let response = self.post_empty(Api::Windlass, &path).await?;
        self.json(response).await
    }
}
