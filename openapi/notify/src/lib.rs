//! Telling subscribers: kept, served and answered the same way for every API.
//!
//! ```text
//!  a change ──same transaction──▶ event (store)
//!                                   │  Notifications::run: claims a subscription with a lease
//!                                   ▼
//!             Publisher (of a program): event ─▶ message, if the filter wants it
//!                                   │
//!                                   ▼        arrived ─▶ the cursor moves on
//!              Callbacks (client): POST ─┤
//!                                            failed ──▶ put off, longer each time; then PARKED
//! ```
//! Each subscription is served strictly in the order of events, so what happens to one resource is
//! told in the order in which it happened. A crash between the POST and the cursor's write tells
//! it again, with the same id. A subscriber that is away delays nobody but itself.
//!
//! **Architecture invariant:** nothing here knows what an event means or what a message says. That
//! is the business of the programs, which hand in a [`Publisher`] for each API.

mod credentials;
mod delivery;
mod error;
mod http;
mod key;
mod publisher;
mod retry;
mod subscriptions;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use windlass_api::api::Api;
use windlass_client::Callbacks;
use windlass_model::{Clock, SubscriptionId};
use windlass_store::{Store, Topic};

use credentials::Tokens;

pub use error::NotifyError;
pub use http::configure;
pub use key::{Key, KeyError};
pub use publisher::{Addressee, Publisher, typed_filter};
pub use retry::Retry;

/// What notifications are made of.
#[derive(Debug)]
pub struct NotificationParts {
    /// Where events and subscriptions are.
    pub store: Store,
    /// Who tells the time.
    pub clock: Arc<dyn Clock>,
    /// How subscribers are called.
    pub callbacks: Callbacks,
    /// What seals the secrets of subscribers.
    pub key: Key,
    /// Who turns events into messages: one for each API that has subscriptions here.
    pub publishers: Vec<Arc<dyn Publisher>>,
    /// Bounds and periods.
    pub settings: Settings,
}

/// Bounds and periods of notifications.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The process's name in leases; one that comes after it with the same name inherits its work.
    pub worker: String,
    /// How often it looks for events.
    pub poll: Duration,
    /// How long a lease lasts after its last renewal; longer than any attempt to deliver.
    pub lease: TimeDelta,
    /// How long a subscriber that does not answer is tried.
    pub retry: Retry,
    /// How many subscriptions are served at once.
    pub at_once: usize,
    /// How long events are kept for subscribers that do not take them.
    pub keep_for: TimeDelta,
    /// How many events of each API are kept for them.
    pub keep_most: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            worker: "windlass".to_owned(),
            poll: Duration::from_millis(250),
            lease: TimeDelta::seconds(60),
            retry: Retry::default(),
            at_once: 64,
            keep_for: TimeDelta::days(7),
            keep_most: 1_000_000,
        }
    }
}

/// The subscriptions of one store, and their service.
#[derive(Debug)]
pub struct Notifications {
    store: Store,
    clock: Arc<dyn Clock>,
    callbacks: Callbacks,
    key: Key,
    publishers: HashMap<Topic, Arc<dyn Publisher>>,
    settings: Settings,
    tokens: Mutex<Tokens>,
    /// Subscriptions whose secrets were sealed with another key: those who have it serve them.
    sealed: Mutex<HashSet<SubscriptionId>>,
}

impl Notifications {
    /// Notifications of these parts. Subscriptions are answered at once, and served once
    /// [`Notifications::run`] is.
    #[must_use]
    pub fn new(parts: NotificationParts) -> Arc<Self> {
        let NotificationParts { store, clock, callbacks, key, publishers, settings } = parts;
        let publishers = publishers.into_iter().map(|one| (one.topic(), one)).collect();
        let (tokens, sealed) = Default::default();
        Arc::new(Self { store, clock, callbacks, key, publishers, settings, tokens, sealed })
    }

    fn topics(&self) -> Vec<Topic> {
        self.publishers.keys().copied().collect()
    }

    /// The APIs that have subscriptions here.
    pub fn apis(&self) -> impl Iterator<Item = Api> + '_ {
        self.publishers.values().map(|publisher| publisher.api())
    }
}
