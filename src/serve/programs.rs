//! The programs with their parts.

use std::sync::Arc;

use anyhow::Result;
use windlass_client::Client;
use windlass_descriptors::TrustAnchors;
use windlass_model::SystemClock;
use windlass_nfvo::{Nfvo, NfvoParts};
use windlass_packages::Packages;
use windlass_planner::placement::Policy;
use windlass_store::Store;
use windlass_vim::Connector;
use windlass_vnfm::{Vnfm, VnfmParts};

use super::data::DataDir;

/// An NFVO over a data directory.
pub async fn new_nfvo(
    data: &DataDir,
    store: Store,
    connector: Arc<dyn Connector>,
    vnfm: Client,
    policy: Policy,
) -> Result<Arc<Nfvo>> {
    Ok(Nfvo::new(NfvoParts {
        store,
        packages: Packages::new(data.blobs().await?, TrustAnchors::default()),
        clock: Arc::new(SystemClock),
        connector,
        vnfm,
        settings: windlass_nfvo::Settings { policy, ..windlass_nfvo::Settings::default() },
    }))
}

/// A VNFM over a store.
pub fn new_vnfm(store: Store, connector: Arc<dyn Connector>, nfvo: Client) -> Arc<Vnfm> {
    let settings =
        windlass_lcm::Settings { worker: "vnfm".to_owned(), ..windlass_lcm::Settings::default() };
    Vnfm::new(VnfmParts { store, clock: Arc::new(SystemClock), connector, nfvo, settings })
}
