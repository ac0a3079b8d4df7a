//! Serving subscriptions, each at its own pace.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::{self, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};
use tracing::{debug, error, warn};
use windlass_model::SubscriptionId;
use windlass_store::{Failure, StoreError, Subscription, SubscriptionLease};

use crate::Notifications;
use crate::credentials::Undelivered;
use crate::publisher::{Addressee, Publisher, Wish};

/// How many events are read at once.
const BATCH: usize = 100;
/// How often events that nobody needs are forgotten.
const PRUNE_PERIOD: Duration = Duration::from_secs(60);

/// Why a subscription is not served any further for now.
#[derive(Debug, thiserror::Error)]
enum Halt {
    /// A notification did not arrive.
    #[error(transparent)]
    Undelivered(#[from] Undelivered),
    /// The store failed, or says that somebody else serves it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Notifications {
    /// Serves subscriptions until `stop` says true. What is under way then is told again by whoever
    /// serves the subscription next.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut serving = JoinSet::new();
        let mut held = HashMap::new();
        let mut looks = interval(self.settings.poll);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut prunes = interval_at(Instant::now() + PRUNE_PERIOD, PRUNE_PERIOD);
        loop {
            tokio::select! {
                () = told(&mut stop) => return,
                Some(served) = serving.join_next_with_id() => {
                    let task = match served {
                        Ok((task, ())) => task,
                        Err(panicked) => {
                            error!(%panicked, "a subscription could not be served");
                            panicked.id()
                        }
                    };
                    held.remove(&task);
                }
                _ = looks.tick() => {
                    for (lease, subscription) in self.due(&held).await {
                        let id = subscription.id;
                        let task = serving.spawn(Arc::clone(&self).serve(lease, subscription));
                        held.insert(task.id(), id);
                    }
                }
                _ = prunes.tick() => self.prune().await,
            }
        }
    }

    /// Takes subscriptions that have something before them, as many as may be served at once.
    async fn due(
        &self,
        held: &HashMap<task::Id, SubscriptionId>,
    ) -> Vec<(SubscriptionLease, Subscription)> {
        let room = self.settings.at_once.saturating_sub(held.len());
        if room == 0 {
            return Vec::new();
        }
        let held: Vec<SubscriptionId> = held.values().copied().collect();
        let now = self.clock.now();
        let (worker, until) = (&self.settings.worker, now + self.settings.lease);
        let subscriptions = self.store.subscriptions();
        let due = subscriptions.claim(worker, &self.topics(), &held, now, until, room).await;
        due.unwrap_or_else(|error| {
            warn!(%error, "cannot look for events to tell of");
            Vec::new()
        })
    }

    async fn prune(&self) {
        let oldest = self.clock.now() - self.settings.keep_for;
        let subscriptions = self.store.subscriptions();
        let pruned = subscriptions.prune(&self.topics(), oldest, self.settings.keep_most).await;
        if let Err(error) = pruned {
            warn!(%error, "cannot forget events that everybody knows");
        }
    }

    /// Tells a subscriber what it has missed, in order, as far as it listens.
    async fn serve(self: Arc<Self>, lease: SubscriptionLease, subscription: Subscription) {
        let id = subscription.id;
        let mut failures = subscription.attempts;
        let ended = match self.tell_all(&lease, &subscription, &mut failures).await {
            Ok(()) => self.store.subscriptions().release(&lease).await,
            Err(Halt::Store(StoreError::Stale { .. })) => {
                debug!(subscription = %id, "subscription {id} is served by somebody else, or gone");
                Ok(())
            }
            Err(halt) => self.put_off(&lease, &subscription, failures + 1, &halt).await,
        };
        if let Err(error) = ended {
            // The lease ends by itself, and whoever takes it goes on from the cursor.
            warn!(subscription = %id, %error, "cannot note how subscription {id} fares");
        }
    }

    async fn tell_all(
        &self,
        lease: &SubscriptionLease,
        subscription: &Subscription,
        failures: &mut u32,
    ) -> Result<(), Halt> {
        let Some(publisher) = self.publishers.get(&subscription.topic) else { return Ok(()) };
        let wish = Wish::of(subscription)?;
        let mut cursor = subscription.cursor;
        loop {
            let events = self.store.events().list(subscription.topic, cursor, BATCH).await?;
            let Some(last) = events.last().map(|event| event.sequence) else { return Ok(()) };
            for event in &events {
                let to = Addressee::of(subscription, &wish, event);
                let Some(message) = publisher.notification(event, &to).await? else { continue };
                self.deliver(&**publisher, subscription, &message).await?;
                self.advance(lease, event.sequence).await?;
                (cursor, *failures) = (event.sequence, 0);
            }
            if cursor < last {
                self.advance(lease, last).await?;
                cursor = last;
            }
        }
    }

    async fn advance(&self, lease: &SubscriptionLease, cursor: i64) -> Result<(), StoreError> {
        let until = self.clock.now() + self.settings.lease;
        self.store.subscriptions().advance(lease, cursor, until).await
    }

    /// Hands over one notification. A token that is not taken is replaced, once.
    async fn deliver(
        &self,
        publisher: &dyn Publisher,
        subscription: &Subscription,
        message: &Value,
    ) -> Result<(), Undelivered> {
        let credentials = self.credentials(subscription)?;
        let version = publisher.api().version();
        let uri = &subscription.callback_uri;
        let attempt = async || {
            let authorization = self.authorization(subscription.id, credentials.as_ref()).await?;
            self.callbacks.deliver(uri, &authorization, version, message).await
        };
        match attempt().await {
            Err(error) if error.is_unauthorized() => {
                self.forget_token(subscription.id);
                let has_token = credentials.as_ref().is_some_and(|one| one.endpoint().is_some());
                if has_token { Ok(attempt().await?) } else { Err(error.into()) }
            }
            told => Ok(told?),
        }
    }

    async fn put_off(
        &self,
        lease: &SubscriptionLease,
        subscription: &Subscription,
        failures: u32,
        halt: &Halt,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let (id, uri) = (subscription.id, &subscription.callback_uri);
        let next_attempt = self.settings.retry.pause(failures).map(|pause| later(now, pause));
        match next_attempt {
            Some(_) => debug!(subscription = %id, failures, %halt, "{uri} will be told later"),
            None => warn!(subscription = %id, failures, %halt,
                "subscription {id} is parked: {uri} has not listened; `windlass subscription \
                 resume {id}` tells it what it has missed"),
        }
        let failure = Failure { attempts: failures, error: halt.to_string(), next_attempt };
        self.store.subscriptions().put_off(lease, failure, now).await
    }
}

/// Ends when `stop` says true, or nobody is left to say it.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _told = stop.wait_for(|stop| *stop).await;
}

fn later(now: DateTime<Utc>, pause: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(pause)
        .ok()
        .and_then(|pause| now.checked_add_signed(pause))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
