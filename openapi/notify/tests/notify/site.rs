//! A store with subscribers, and a clock that the story moves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use windlass_api::api::Api;
use windlass_client::{Callbacks, Client, Error, Reach};
use windlass_model::vnf::{Product, VnfInstance};
use windlass_model::{Clock, ManualClock, VnfInstanceId};
use windlass_notify::{
    Addressee, Key, NotificationParts, Notifications, Publisher, Settings, configure,
};
use windlass_store::{Event, Happened, Store, StoreError, Topic};

use crate::receiver::Receiver;

/// Nothing that a story waits for takes longer.
const LIMIT: Duration = Duration::from_secs(20);

/// How often the store fails before it finds what is unlucky: more often than a subscriber may.
const BAD_LUCK: u32 = 25;

/// Tells the names of VNFs that are created; its filter is the name's first letter.
#[derive(Debug, Default)]
struct Names {
    failures: AtomicU32,
}

#[async_trait]
impl Publisher for Names {
    fn api(&self) -> Api {
        Api::VnfLcm
    }

    fn topic(&self) -> Topic {
        Topic::VnfLcm
    }

    fn filter(&self, filter: Value) -> Result<Value, String> {
        if filter.is_string() { Ok(filter) } else { Err("a letter is wanted".to_owned()) }
    }

    async fn notification(
        &self,
        event: &Event,
        to: &Addressee,
    ) -> Result<Option<Value>, StoreError> {
        let Happened::VnfCreated(vnf) = &event.happened else { return Ok(None) };
        if vnf.name == "illegible" {
            let source = "it is not JSON".into();
            return Err(StoreError::Corrupt { what: "operation", source });
        }
        if vnf.name == "unlucky" && self.failures.fetch_add(1, Ordering::Relaxed) < BAD_LUCK {
            return Err(StoreError::NotFound { what: "luck", id: vnf.name.clone() });
        }
        let wanted: String = to.filter()?;
        let told = json!({ "id": to.id, "name": vnf.name, "_links": to.link(Api::VnfLcm) });
        Ok(vnf.name.starts_with(&wanted).then_some(told))
    }
}

/// A store whose subscribers are told.
pub struct Site {
    pub store: Store,
    pub client: Client,
    clock: Arc<ManualClock>,
    key: std::path::PathBuf,
    at_work: Option<(watch::Sender<bool>, JoinHandle<()>)>,
    _folder: TempDir,
}

fn vnf(name: &str) -> VnfInstance {
    VnfInstance {
        id: VnfInstanceId::new(),
        name: name.to_owned(),
        description: String::new(),
        product: Product::default(),
        configurable_properties: BTreeMap::new(),
        metadata: BTreeMap::new(),
        extensions: BTreeMap::new(),
        created_at: DateTime::UNIX_EPOCH,
        instantiated: None,
    }
}

impl Site {
    /// A site where nobody tells anything yet.
    pub async fn new() -> Self {
        Self::reaching(Reach::Loopback).await
    }

    pub async fn reaching(reach: Reach) -> Self {
        let _installed_before = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let noon: DateTime<Utc> = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let clock = Arc::new(ManualClock::at(noon));
        let store = Store::inline(clock.clone(), None).unwrap();
        let key = folder.path().join("key");
        let answering = notifications(&store, &clock, &key, reach, Settings::default());
        let server = actix_web::HttpServer::new(move || {
            let answering = Arc::clone(&answering);
            actix_web::App::new().configure(|cfg| configure(answering)(cfg))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        tokio::spawn(server.run());
        let client = Client::new(&url, None, None).unwrap();
        Self { store, client, clock, key, at_work: None, _folder: folder }
    }

    /// A process begins to tell.
    pub fn starts(&mut self) {
        self.starts_as(&self.key.clone(), Settings::default());
    }

    /// A process begins to tell that has another key than whoever takes subscriptions.
    pub fn starts_with_another_key(&mut self) {
        self.starts_as(&self.key.with_extension("other"), Settings::default());
    }

    /// A process begins to tell that serves one subscriber at a time.
    pub fn starts_with_one_slot(&mut self) {
        let settings = Settings { at_once: 1, ..Settings::default() };
        self.starts_as(&self.key.clone(), settings);
    }

    fn starts_as(&mut self, key: &std::path::Path, settings: Settings) {
        let teller = notifications(&self.store, &self.clock, key, Reach::Loopback, settings);
        let (stop, stopped) = watch::channel(false);
        self.at_work = Some((stop, tokio::spawn(teller.run(stopped))));
    }

    /// The process is killed, wherever it is.
    pub async fn crashes(&mut self) {
        let (_stop, task) = self.at_work.take().unwrap();
        task.abort();
        let _aborted = task.await;
    }

    /// Things happen: VNFs of these names are created.
    pub async fn creates(&self, names: &[&str]) {
        for name in names {
            self.store.vnf_instances().create(vnf(name)).await.unwrap();
        }
    }

    /// Subscribes a receiver; the subscription's id.
    pub async fn subscribe(&self, receiver: &Receiver) -> String {
        self.ask(json!({ "callbackUri": receiver.uri() })).await.unwrap()
    }

    /// Asks for a subscription.
    pub async fn ask(&self, request: Value) -> Result<String, Error> {
        let request = serde_json::from_value(request).unwrap();
        let made = self.client.subscription_create(Api::VnfLcm, &request).await?;
        Ok(made.id)
    }

    /// How a subscription fares.
    pub async fn delivery(&self, id: &str) -> Value {
        let delivery = self.client.subscription_delivery_read(Api::VnfLcm, id).await.unwrap();
        serde_json::to_value(delivery).unwrap()
    }

    pub fn passes(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    /// Lets time pass, in steps, until something holds.
    pub async fn until(&self, step: TimeDelta, what: &str, mut holds: impl AsyncFnMut() -> bool) {
        let start = Instant::now();
        while !holds().await {
            assert!(start.elapsed() < LIMIT, "still not: {what}");
            self.passes(step);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until a receiver has heard of as many VNFs.
    pub async fn has_heard(&self, receiver: &Receiver, count: usize) {
        let heard = async || receiver.heard().len() >= count;
        self.until(TimeDelta::zero(), "everything is heard", heard).await;
    }

    /// The clock of the story.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

fn notifications(
    store: &Store,
    clock: &Arc<ManualClock>,
    key: &std::path::Path,
    reach: Reach,
    settings: Settings,
) -> Arc<Notifications> {
    Notifications::new(NotificationParts {
        store: store.clone(),
        clock: clock.clone(),
        callbacks: Callbacks::new(reach, None).unwrap(),
        key: Key::open_or_create(key).unwrap(),
        publishers: vec![Arc::new(Names::default())],
        settings: Settings { poll: Duration::from_millis(5), ..settings },
    })
}
