//! The packages of all simulations: onboarded once, over HTTP, by an NFVO.

use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use tempfile::TempDir;
use tokio::sync::watch;
use windlass_api::nsd::CreateNsdInfoRequest;
use windlass_api::vnfpkgm::CreateVnfPkgInfoRequest;
use windlass_client::{Client, Upload};
use windlass_model::SystemClock;
use windlass_model::package::OnboardingState;
use windlass_nfvo::{Nfvo, NfvoParts};
use windlass_packages::{Blobs, Packages};
use windlass_store::{NsdRecord, Store, VnfPackageRecord};
use windlass_vim_sim::SimCloud;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::dice::Dice;
use super::program::{Door, Process};
use super::wire::Wire;
use super::world::OneCloud;

pub struct Catalog {
    pub packages: Packages,
    pub vnfs: Vec<VnfPackageRecord>,
    pub services: Vec<NsdRecord>,
    _folder: TempDir,
}

/// A client that knows no server yet.
pub static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    Client::new("http://localhost", None, None).unwrap()
});

/// Laid when a simulation needs it first, in a thread of its own: its time is not simulated.
pub static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let lay = || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, lay())
    };
    std::thread::spawn(lay).join().unwrap()
});

async fn lay() -> Catalog {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let packages = Packages::new(blobs, Default::default());
    let store = Store::inline(Arc::new(SystemClock), None).unwrap();
    let door = Door::default();
    let client = CLIENT.clone().over(Arc::new(Wire::new(&door, Dice::new(0))));
    let nfvo = Nfvo::new(NfvoParts {
        store: store.clone(),
        packages: packages.clone(),
        clock: Arc::new(SystemClock),
        connector: Arc::new(OneCloud::new(SimCloud::new())),
        vnfm: client.clone(),
        settings: windlass_nfvo::Settings::default(),
    });
    let (_go_on, stop) = watch::channel(false);
    let work = nfvo.start(stop);
    let nfvo = Process::start(&door, windlass_nfvo::configure(nfvo), work);

    let cell = client.package_create(&CreateVnfPkgInfoRequest::default()).await.unwrap().id;
    client.package_upload(&cell, zipped("cell")).await.unwrap();
    let tissue = client.nsd_create(&CreateNsdInfoRequest::default()).await.unwrap().id;
    let vnfs = loop {
        let all = store.vnf_packages().list(None, 9).await.unwrap();
        let all: Vec<VnfPackageRecord> = all.into_iter().map(|one| one.document).collect();
        if all.iter().all(|one| is_in(one.onboarding.state, one.onboarding.error.as_ref())) {
            break all;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    client.nsd_upload(&tissue, zipped("tissue")).await.unwrap();
    let services = loop {
        let all = store.nsds().list(None, 9).await.unwrap();
        let all: Vec<NsdRecord> = all.into_iter().map(|one| one.document).collect();
        if all.iter().all(|one| is_in(one.onboarding.state, one.onboarding.error.as_ref())) {
            break all;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    nfvo.kill().await;
    Catalog { packages, vnfs, services, _folder: folder }
}

fn is_in(state: OnboardingState, error: Option<&serde_json::Value>) -> bool {
    assert_ne!(state, OnboardingState::Error, "{error:?}");
    state == OnboardingState::Onboarded
}

fn zipped(name: &str) -> Upload {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sim/packages").join(name);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    add(&mut zip, &root, &root);
    Bytes::from(zip.finish().unwrap().into_inner()).into()
}

fn add(zip: &mut ZipWriter<Cursor<Vec<u8>>>, root: &Path, folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add(zip, root, &path);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(&std::fs::read(&path).unwrap()).unwrap();
        }
    }
}
