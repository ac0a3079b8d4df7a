//! The programs with their parts.

use std::sync::Arc;

use anyhow::Result;
use windlass_client::{Callbacks, Client};
use windlass_descriptors::TrustAnchors;
use windlass_model::SystemClock;
use windlass_nfvo::{Nfvo, NfvoParts};
use windlass_notify::{NotificationParts, Notifications, Publisher};
use windlass_packages::Packages;
use windlass_planner::placement::Policy;
use windlass_store::Store;
use windlass_vim::Connector;
use windlass_vnfm::{Vnfm, VnfmParts};

use super::Common;
use super::data::DataDir;

/// An NFVO over a data directory.
pub async fn new_nfvo(
    data: &DataDir,
    store: Store,
    connector: Arc<dyn Connector>,
    vnfm: Client,
    policy: Policy,
    fetch: windlass_client::fetch::Bounds,
) -> Result<Arc<Nfvo>> {
    let worker = data.worker("nfvo");
    let lcm = windlass_lcm::Settings { worker, ..windlass_lcm::Settings::default() };
    Ok(Nfvo::new(NfvoParts {
        store,
        packages: Packages::new(data.blobs().await?, TrustAnchors::default()),
        clock: Arc::new(SystemClock),
        connector,
        vnfm,
        settings: windlass_nfvo::Settings {
            lcm,
            policy,
            fetch,
            ..windlass_nfvo::Settings::default()
        },
    }))
}

/// A VNFM over a store.
pub fn new_vnfm(
    data: &DataDir,
    store: Store,
    connector: Arc<dyn Connector>,
    nfvo: Client,
) -> Arc<Vnfm> {
    let worker = data.worker("vnfm");
    let settings = windlass_lcm::Settings { worker, ..windlass_lcm::Settings::default() };
    Vnfm::new(VnfmParts { store, clock: Arc::new(SystemClock), connector, nfvo, settings })
}

/// The subscriptions to what the publishers tell of a store; `program` is the one that serves
/// them.
pub fn new_notifications(
    common: &Common,
    data: &DataDir,
    store: Store,
    callbacks: Callbacks,
    publishers: Vec<Arc<dyn Publisher>>,
    program: &str,
) -> Result<Arc<Notifications>> {
    let worker = data.worker(program);
    Ok(Notifications::new(NotificationParts {
        store,
        clock: Arc::new(SystemClock),
        callbacks,
        key: data.key(common.key.as_deref())?,
        publishers,
        settings: windlass_notify::Settings { worker, ..windlass_notify::Settings::default() },
    }))
}
