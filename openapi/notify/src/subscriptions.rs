//! Subscriptions as they are asked for and shown.

use std::sync::Arc;

use serde_json::Value;
use windlass_api::api::Api;
use windlass_api::common::{
    Link, NotificationVerbosity, Subscription as Shown, SubscriptionLinks, SubscriptionRequest,
};
use windlass_api::windlass::{DeliveryState, SubscriptionDelivery, SubscriptionDeliveryLinks};
use windlass_client::{is_loopback, without_query};
use windlass_model::SubscriptionId;
use windlass_store::{NewSubscription, Subscribed, Subscription, Topic};

use crate::credentials::Credentials;
use crate::publisher::{Publisher, Wish};
use crate::{Notifications, NotifyError};

/// More subscriptions than this of one API are not listed.
const SUBSCRIPTIONS_MAX: usize = 10_000;

/// The subscriptions of one API.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    pub notifications: Arc<Notifications>,
    pub publisher: Arc<dyn Publisher>,
}

/// What became of the wish for a subscription.
#[derive(Debug)]
pub(crate) enum Answer {
    /// It is made.
    Created(Shown<Value>),
    /// There is one already, at this path.
    Known(String),
}

impl Desk {
    /// Subscribes, once the receiver has shown that it is one (SOL013 clause 5.10).
    pub async fn create(&self, request: SubscriptionRequest<Value>) -> Result<Answer, NotifyError> {
        let refuse = NotifyError::Unprocessable;
        let filter = request.filter.map(|filter| self.publisher.filter(filter)).transpose();
        let verbosity = self
            .publisher
            .has_verbosity()
            .then(|| request.verbosity.unwrap_or(NotificationVerbosity::Full));
        let wish = Wish { filter: filter.map_err(refuse)?, verbosity };
        let credentials =
            request.authentication.as_ref().map(Credentials::choose).transpose().map_err(refuse)?;
        self.check_addresses(&request.callback_uri, credentials.as_ref())?;

        let id = SubscriptionId::new();
        let tested = self.test(id, &request.callback_uri, credentials.as_ref()).await;
        if let Err(error) = tested {
            self.notifications.forget_token(id);
            return Err(refuse(format!("the receiver failed its test: {error}")));
        }
        let new = NewSubscription {
            id,
            topic: self.topic(),
            callback_uri: request.callback_uri,
            document: serde_json::to_value(&wish)
                .map_err(|error| refuse(format!("the filter cannot be kept: {error}")))?,
            secret: self.seal(id, credentials.as_ref())?,
        };
        Ok(match self.notifications.store.subscriptions().create(new).await? {
            Subscribed::Created(made) => Answer::Created(self.shown(&made)?),
            Subscribed::Known(known) => {
                self.notifications.forget_token(id);
                Answer::Known(self.path(known))
            }
        })
    }

    /// Secrets are sent in clear only to where this machine itself listens.
    fn check_addresses(
        &self,
        callback_uri: &str,
        credentials: Option<&Credentials>,
    ) -> Result<(), NotifyError> {
        let endpoint = credentials.and_then(Credentials::endpoint);
        for uri in std::iter::once(callback_uri).chain(endpoint) {
            let refuse = |why: String| NotifyError::Unprocessable(why);
            let url =
                self.notifications.callbacks.check(uri).map_err(|why| refuse(why.to_string()))?;
            if credentials.is_some() && url.scheme() != "https" && !is_loopback(&url) {
                let uri = without_query(uri);
                return Err(refuse(format!("credentials are not sent to {uri} without TLS")));
            }
        }
        Ok(())
    }

    async fn test(
        &self,
        id: SubscriptionId,
        uri: &str,
        credentials: Option<&Credentials>,
    ) -> Result<(), windlass_client::CallbackError> {
        let authorization = self.notifications.authorization(id, credentials).await?;
        self.notifications.callbacks.test(uri, &authorization).await
    }

    fn seal(
        &self,
        id: SubscriptionId,
        credentials: Option<&Credentials>,
    ) -> Result<Option<String>, NotifyError> {
        let Some(credentials) = credentials else { return Ok(None) };
        let secret = serde_json::to_string(credentials)
            .map_err(|error| NotifyError::Unprocessable(error.to_string()))?;
        let sealed = self.notifications.key.seal(&id.to_string(), &secret);
        sealed.map(Some).map_err(NotifyError::Seal)
    }

    /// Every subscription of the API.
    pub async fn every(&self) -> Result<Vec<Subscription>, NotifyError> {
        let all = self.notifications.store.subscriptions();
        Ok(all.list(self.topic(), None, SUBSCRIPTIONS_MAX).await?)
    }

    /// One subscription.
    pub async fn get(&self, id: &str) -> Result<Subscription, NotifyError> {
        let id = parse(id)?;
        Ok(self.notifications.store.subscriptions().get(self.topic(), id).await?)
    }

    /// Ends a subscription.
    pub async fn delete(&self, id: &str) -> Result<(), NotifyError> {
        let id = parse(id)?;
        self.notifications.store.subscriptions().delete(self.topic(), id).await?;
        self.notifications.forget_token(id);
        Ok(())
    }

    /// Has a subscription served again.
    pub async fn resume(&self, id: &str) -> Result<Subscription, NotifyError> {
        let id = parse(id)?;
        Ok(self.notifications.store.subscriptions().resume(self.topic(), id).await?)
    }

    /// A subscription as its API shows it.
    pub fn shown(&self, subscription: &Subscription) -> Result<Shown<Value>, NotifyError> {
        let wish = Wish::of(subscription)?;
        Ok(Shown {
            id: subscription.id.to_string(),
            filter: wish.filter,
            callback_uri: subscription.callback_uri.clone(),
            verbosity: wish.verbosity,
            links: SubscriptionLinks { this: Link::to(self.path(subscription.id)) },
        })
    }

    /// How a subscription fares.
    pub async fn delivery(&self, one: &Subscription) -> Result<SubscriptionDelivery, NotifyError> {
        let parked = one.parked_since.is_some();
        let api = self.publisher.api().name();
        let this = format!("{}/{api}/subscriptions/{}", Api::Windlass.root(), one.id);
        Ok(SubscriptionDelivery {
            id: one.id.to_string(),
            api: api.to_owned(),
            callback_uri: one.callback_uri.clone(),
            state: if parked { DeliveryState::Parked } else { DeliveryState::Active },
            created_at: one.created_at,
            backlog: self.notifications.store.subscriptions().backlog(one).await?,
            attempts: one.attempts,
            last_error: one.error.clone(),
            next_attempt: (!parked && one.attempts > 0).then_some(one.next_attempt),
            parked_since: one.parked_since,
            events_lost: one.lost,
            links: SubscriptionDeliveryLinks {
                resume: Link::to(format!("{this}/resume")),
                this: Link::to(this),
                subscription: Link::to(self.path(one.id)),
            },
        })
    }

    /// Where a subscription is.
    pub fn path(&self, id: SubscriptionId) -> String {
        format!("{}/subscriptions/{id}", self.publisher.api().root())
    }

    fn topic(&self) -> Topic {
        self.publisher.topic()
    }
}

impl Notifications {
    /// The subscriptions of each API.
    pub(crate) fn desks(self: &Arc<Self>) -> Vec<Desk> {
        let desk = |publisher: &Arc<dyn Publisher>| Desk {
            notifications: Arc::clone(self),
            publisher: Arc::clone(publisher),
        };
        self.publishers.values().map(desk).collect()
    }
}

fn parse(id: &str) -> Result<SubscriptionId, NotifyError> {
    id.parse().map_err(|_not_an_id| NotifyError::NotFound(id.to_owned()))
}
