//! Serving subscriptions, each at its own pace.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::{self, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};
use tracing::{debug, error, warn};
use windlass_client::{CallbackError, without_query};
use windlass_model::SubscriptionId;
use windlass_store::{Event, Failure, StoreError, Subscription, SubscriptionLease, Topic};

use crate::credentials::Undelivered;
use crate::publisher::{Addressee, FILTER, Publisher, Wish};
use crate::{KeyError, Notifications};

/// How many events are read at once.
const BATCH: usize = 100;
/// Who is slow to listen makes room for others after this time, and goes on later.
const TURN: Duration = Duration::from_secs(5);
/// How long a subscription rests that we could not serve ourselves.
const REST: TimeDelta = TimeDelta::seconds(10);
/// How often events that nobody needs are forgotten.
const PRUNE_PERIOD: Duration = Duration::from_secs(60);

/// How far a subscriber was told within its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// There is nothing more.
    All,
    /// There may be more.
    Some,
}

/// Why a subscription is not served any further for now.
#[derive(Debug, thiserror::Error)]
enum Halt {
    /// A notification did not arrive.
    #[error(transparent)]
    Unheard(CallbackError),
    /// Somebody else serves it, or it is gone.
    #[error("it is served by somebody else, or gone")]
    Lost,
    /// Its secret was sealed with another key.
    #[error("its secret was sealed with another key")]
    Sealed,
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
    /// Its secret is of no use.
    #[error(transparent)]
    Secret(Undelivered),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        if let StoreError::Stale { .. } = error { Self::Lost } else { Self::Store(error) }
    }
}

impl From<Undelivered> for Halt {
    fn from(error: Undelivered) -> Self {
        match error {
            Undelivered::Call(error) => Self::Unheard(error),
            Undelivered::Key(KeyError::NotOurs) => Self::Sealed,
            Undelivered::Key(_) | Undelivered::Unreadable => Self::Secret(error),
        }
    }
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
                        Ok((task, told)) => {
                            if told == Told::Some {
                                looks.reset_immediately();
                            }
                            task
                        }
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
        let held: Vec<SubscriptionId> =
            held.values().copied().chain(self.sealed().iter().copied()).collect();
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

    /// Tells a subscriber what it has missed, in order, as far as it listens within its turn.
    async fn serve(self: Arc<Self>, lease: SubscriptionLease, subscription: Subscription) -> Told {
        let id = subscription.id;
        let mut failures = subscription.attempts;
        let told = self.tell_some(&lease, &subscription, &mut failures).await;
        let noted = match &told {
            // What waits longer comes first, so it queues up behind the others.
            Ok(_) => self.store.subscriptions().release(&lease, self.clock.now()).await,
            Err(Halt::Unheard(error)) => {
                self.put_off(&lease, &subscription, failures + 1, error).await
            }
            Err(Halt::Lost) => {
                debug!(subscription = %id, "subscription {id} is served by somebody else, or gone");
                Ok(())
            }
            Err(Halt::Sealed) => self.leave_to_others(&lease).await,
            Err(halt @ (Halt::Store(_) | Halt::Secret(_))) => {
                // Not the subscriber's fault, so it is not counted as its failure.
                warn!(subscription = %id, %halt, "cannot serve subscription {id} for now");
                self.store.subscriptions().release(&lease, self.clock.now() + REST).await
            }
        };
        if let Err(error) = noted {
            // The lease ends by itself, and whoever takes it goes on from the cursor.
            warn!(subscription = %id, %error, "cannot note how subscription {id} fares");
        }
        told.unwrap_or(Told::All)
    }

    /// Tells of one batch at most, and not for much longer than a turn.
    async fn tell_some(
        &self,
        lease: &SubscriptionLease,
        subscription: &Subscription,
        failures: &mut u32,
    ) -> Result<Told, Halt> {
        let topic = subscription.topic;
        let Some(publisher) = self.publishers.get(&topic) else { return Ok(Told::All) };
        let wish = Wish::of(subscription)?;
        let begun = Instant::now();
        let events = match self.batch(topic, subscription.cursor).await {
            Err(StoreError::Corrupt { source, .. }) => {
                self.lose_next(lease, topic, subscription.cursor, &*source).await?;
                return Ok(Told::Some);
            }
            read => read?,
        };
        let Some(last) = events.last().map(|event| event.sequence) else { return Ok(Told::All) };
        let mut cursor = subscription.cursor;
        for event in &events {
            let to = Addressee::of(subscription, &wish, event);
            match publisher.notification(event, &to).await {
                Ok(Some(message)) => {
                    self.deliver(&**publisher, subscription, &message).await?;
                    self.advance(lease, event.sequence).await?;
                    (cursor, *failures) = (event.sequence, 0);
                }
                Ok(None) => {}
                Err(StoreError::Corrupt { what, source }) if what != FILTER => {
                    self.lose_next(lease, topic, event.sequence - 1, &*source).await?;
                    cursor = event.sequence;
                }
                Err(error) => return Err(error.into()),
            }
            if begun.elapsed() > TURN && cursor == event.sequence {
                return Ok(Told::Some);
            }
        }
        if cursor < last {
            self.advance(lease, last).await?;
        }
        Ok(Told::Some)
    }

    /// The next events; only the first of them when one of the others cannot be read.
    async fn batch(&self, topic: Topic, cursor: i64) -> Result<Vec<Event>, StoreError> {
        let events = self.store.events();
        match events.list(topic, cursor, BATCH).await {
            Err(StoreError::Corrupt { .. }) => events.list(topic, cursor, 1).await,
            read => read,
        }
    }

    /// Passes over an event that nobody will ever be able to read.
    async fn lose_next(
        &self,
        lease: &SubscriptionLease,
        topic: Topic,
        after: i64,
        why: &(dyn std::error::Error + Send + Sync),
    ) -> Result<(), StoreError> {
        let until = self.clock.now() + self.settings.lease;
        let lost = self.store.subscriptions().lose_next(lease, topic, after, until).await?;
        error!(subscription = %lease.subscription, event = lost, %why,
            "event {lost} cannot be read: subscription {} has lost it", lease.subscription);
        Ok(())
    }

    /// Gives a subscription back, and does not take it again: its secret was sealed with the key of
    /// other servers.
    async fn leave_to_others(&self, lease: &SubscriptionLease) -> Result<(), StoreError> {
        let id = lease.subscription;
        if self.sealed().insert(id) {
            error!(subscription = %id, "the secret of subscription {id} was sealed with another \
                key, so this server does not serve it: servers that share a database share --key");
        }
        self.store.subscriptions().release(lease, self.clock.now()).await
    }

    fn sealed(&self) -> MutexGuard<'_, HashSet<SubscriptionId>> {
        self.sealed.lock().unwrap_or_else(PoisonError::into_inner)
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
        error: &CallbackError,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let (id, uri) = (subscription.id, without_query(&subscription.callback_uri));
        let next_attempt = self.settings.retry.pause(failures).map(|pause| later(now, pause));
        match next_attempt {
            Some(_) => debug!(subscription = %id, failures, %error, "{uri} will be told later"),
            None => warn!(subscription = %id, failures, %error,
                "subscription {id} is parked: {uri} has not listened; `windlass subscription \
                 resume {id}` tells it what it has missed"),
        }
        let failure = Failure { attempts: failures, error: error.to_string(), next_attempt };
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
