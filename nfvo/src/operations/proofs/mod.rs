//! Proofs for the step tables of services, over a store, a simulated cloud and a VNFM of another
//! vendor.

#[path = "../../../tests/stories/example.rs"]
pub(super) mod example;
mod vnfm;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use windlass_api::nslcm::{
    CreateNsRequest, HealNsData, HealNsRequest, InstantiateNsRequest, NsScaleType, ScaleByStepData,
    ScaleNsRequest, ScaleVnfData, ScaleVnfType, TerminateNsRequest,
};
use windlass_api::vnflcm::InstantiationState;
use windlass_api::windlass::{RegisterHostRequest, RegisterVimRequest};
use windlass_client::Client;
use windlass_lcm::Engine;
use windlass_lcm::proof::{Injection, Stage, every_property_holds};
use windlass_model::package::OnboardingState;
use windlass_model::{CancelMode, NsInstanceId, OperationId, OperationState, SystemClock, Vim};
use windlass_packages::{Blobs, Packages};
use windlass_store::{NsdRecord, Store, VnfPackageRecord};
use windlass_vim::Connector;
use windlass_vim_sim::{SimCloud, SimVim};

use super::{Kind, procedures, request, tasks, unfinished};
use crate::catalog::{self, Entry};
use crate::nfvo::{Core, Nfvo, NfvoParts, Settings};
use crate::{services, sites};
use vnfm::OtherVnfm;

const PING_PONG: &str = "c7a2d7de-1f2a-4f0c-b1de-6d9a4f3b2001";

/// A service of two VNFs on one network, and everything that it needs.
struct World {
    nfvo: Arc<Nfvo>,
    parts: Parts,
    ns: NsInstanceId,
    kind: Kind,
    vnfm: OtherVnfm,
}

/// What all worlds share: packages and a descriptor, onboarded once.
struct Catalog {
    packages: Packages,
    vnfs: Vec<VnfPackageRecord>,
    services: Vec<NsdRecord>,
    _folder: TempDir,
}

static CATALOG: OnceCell<Catalog> = OnceCell::const_new();

/// What a second process of the same NFVO finds again.
struct Parts {
    store: Store,
    packages: Packages,
    connector: Arc<SimConnector>,
    vnfm: String,
}

#[derive(Debug)]
struct SimConnector {
    cloud: SimCloud,
    adapter: Mutex<Option<Arc<SimVim>>>,
}

impl Connector for SimConnector {
    fn connect(&self, vim: &Vim) -> Arc<dyn windlass_vim::Vim> {
        let fresh = || Arc::new(SimVim::new(self.cloud.clone(), vim.hosts.clone()));
        self.adapter.lock().unwrap().get_or_insert_with(fresh).clone()
    }
}

impl Catalog {
    async fn lay() -> Self {
        let _installed_before = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let packages = Packages::new(Blobs::open(folder.path()).await.unwrap(), Default::default());
        let parts = Parts::new(packages.clone(), &OtherVnfm::default());
        let nfvo = parts.nfvo(None);
        onboard::<VnfPackageRecord>(&nfvo.core, "ping-pong/ping").await;
        onboard::<VnfPackageRecord>(&nfvo.core, "ping-pong/pong").await;
        onboard::<NsdRecord>(&nfvo.core, "ping-pong/nsd").await;
        let vnfs = catalog::every::<VnfPackageRecord>(&nfvo.core).await.unwrap();
        let services = catalog::every::<NsdRecord>(&nfvo.core).await.unwrap();
        Self {
            packages,
            vnfs: vnfs.into_iter().map(|stored| stored.document).collect(),
            services: services.into_iter().map(|stored| stored.document).collect(),
            _folder: folder,
        }
    }
}

impl Parts {
    fn new(packages: Packages, vnfm: &OtherVnfm) -> Self {
        let connector = SimConnector { cloud: SimCloud::new(), adapter: Mutex::default() };
        Self {
            store: Store::inline(Arc::new(SystemClock), None).unwrap(),
            packages,
            connector: Arc::new(connector),
            vnfm: vnfm.serve(),
        }
    }

    fn nfvo(&self, injection: Option<Arc<Injection>>) -> Arc<Nfvo> {
        let quick = Duration::from_millis(5);
        let lcm = windlass_lcm::Settings {
            worker: "nfvo".to_owned(),
            poll: quick,
            pause: quick,
            // The VNFM of this world may be starved for a moment where many tests run at once.
            attempts: 10,
            graceful_limit: Duration::from_millis(50),
            injection,
            ..windlass_lcm::Settings::default()
        };
        Nfvo::new(NfvoParts {
            store: self.store.clone(),
            packages: self.packages.clone(),
            clock: Arc::new(SystemClock),
            connector: self.connector.clone(),
            vnfm: Client::new(&self.vnfm, None, None).unwrap(),
            settings: Settings { lcm, vnf_poll: quick, ..Settings::default() },
        })
    }
}

impl World {
    /// A world in which an operation of this kind can be asked for.
    async fn before(kind: Kind) -> Self {
        let catalog = CATALOG.get_or_init(Catalog::lay).await;
        let vnfm = OtherVnfm::default();
        let parts = Parts::new(catalog.packages.clone(), &vnfm);
        for package in &catalog.vnfs {
            parts.store.vnf_packages().create(package.clone()).await.unwrap();
        }
        for service in &catalog.services {
            parts.store.nsds().create(service.clone()).await.unwrap();
        }
        let nfvo = parts.nfvo(None);
        sites::register(&nfvo.core, &lab()).await.unwrap();
        let match_of_two = CreateNsRequest {
            nsd_id: PING_PONG.to_owned(),
            ns_name: "match".to_owned(),
            ns_description: String::new(),
        };
        let ns = services::create(&nfvo.core, &match_of_two).await.unwrap().document.id;
        let world = Self { nfvo, parts, ns, kind, vnfm };
        if kind != Kind::Instantiate {
            let id = world.submit(Kind::Instantiate, &world.nfvo).await;
            assert_eq!(world.run(id).await, OperationState::Completed);
        }
        world
    }

    async fn submit(&self, kind: Kind, nfvo: &Nfvo) -> OperationId {
        let operation = match kind {
            Kind::Instantiate => {
                let request = InstantiateNsRequest {
                    ns_flavour_id: "default".to_owned(),
                    ..InstantiateNsRequest::default()
                };
                request::instantiate(nfvo, self.ns, &request).await
            }
            Kind::Terminate => {
                request::terminate(nfvo, self.ns, &TerminateNsRequest::default()).await
            }
            Kind::Scale => request::scale(nfvo, self.ns, &self.scale_out()).await,
            Kind::Heal => {
                let degree_healing = windlass_api::nslcm::DegreeHealing::HealRestore;
                let heal_ns_data = Some(HealNsData {
                    degree_healing,
                    actions_healing: Vec::new(),
                    heal_script: None,
                    additional_params_for_ns: Default::default(),
                });
                let request = HealNsRequest { heal_ns_data, heal_vnf_data: Vec::new() };
                request::heal(nfvo, self.ns, &request).await
            }
        };
        operation.unwrap().id
    }

    fn scale_out(&self) -> ScaleNsRequest {
        let by = ScaleByStepData {
            aspect_id: "size".to_owned(),
            number_of_steps: Some(2),
            ..ScaleByStepData::default()
        };
        let data = |vnf: windlass_api::vnflcm::VnfInstance| ScaleVnfData {
            vnf_instance_id: vnf.id,
            scale_vnf_type: ScaleVnfType::ScaleOut,
            scale_to_level_data: None,
            scale_by_step_data: Some(by.clone()),
        };
        ScaleNsRequest {
            scale_type: NsScaleType::ScaleVnf,
            scale_ns_data: None,
            scale_vnf_data: self.vnfm.vnfs().into_iter().map(data).collect(),
            scale_time: None,
        }
    }

    /// Works until the operation is at rest.
    async fn run(&self, id: OperationId) -> OperationState {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let worker = tokio::spawn(Arc::clone(&self.nfvo.engine).run(stopped));
        let state = self.until(id, |state| !state.is_active()).await;
        stop.send_replace(true);
        worker.await.unwrap();
        state
    }

    async fn until(
        &self,
        id: OperationId,
        good: impl Fn(OperationState) -> bool,
    ) -> OperationState {
        loop {
            let state = self.nfvo.engine.progress(id).await.unwrap().0.state;
            if good(state) {
                return state;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn networks(&self) -> usize {
        let vims = sites::all(&self.nfvo.core).await.unwrap();
        let adapter = self.parts.connector.connect(&vims[0].document);
        let owned = adapter.owned().await.unwrap();
        let ids: BTreeSet<_> = owned.into_iter().map(|one| one.id).collect();
        ids.len()
    }

    /// Panics unless the service runs, everything once.
    async fn assert_runs(&self) {
        let ns = services::get(&self.nfvo.core, self.ns).await.unwrap().document;
        let running = ns.instantiated.expect("the service is INSTANTIATED");
        assert_eq!((running.vnfs.len(), running.links.len()), (2, 1));
        let vnfs = self.vnfm.vnfs();
        assert_eq!(vnfs.len(), 2, "each VNF has one identifier");
        let up = |state| state == InstantiationState::Instantiated;
        assert!(vnfs.iter().all(|vnf| up(vnf.instantiation_state)));
        assert_eq!(self.networks().await, 1);
    }

    /// Panics unless nothing is left of the service.
    async fn assert_gone(&self) {
        let ns = services::get(&self.nfvo.core, self.ns).await.unwrap().document;
        assert_eq!(ns.instantiated, None);
        assert!(self.vnfm.vnfs().is_empty());
        assert_eq!(self.networks().await, 0);
    }

    fn assert_level(&self, level: u32) {
        for vnf in self.vnfm.vnfs() {
            let info = vnf.instantiated_vnf_info.expect("the VNF is INSTANTIATED");
            assert_eq!(info.scale_status[0].scale_level, level);
        }
    }
}

async fn onboard<T: Entry>(core: &Arc<Core>, example: &str) {
    let id = catalog::create::<T>(core, Default::default()).await.unwrap().document.id();
    let content = Bytes::from(example::zipped(&example::example(example)));
    let content = stream::iter([Ok::<_, std::io::Error>(content)]);
    catalog::upload::<T, _, _>(core, id, content).await.unwrap();
    loop {
        let entry = T::all(&core.store).get(id).await.unwrap().document;
        let onboarding = entry.onboarding();
        assert_ne!(onboarding.state, OnboardingState::Error, "{example}: {:?}", onboarding.error);
        if onboarding.state == OnboardingState::Onboarded {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn lab() -> RegisterVimRequest {
    let host = |name: &str| RegisterHostRequest {
        name: name.to_owned(),
        zone: "zone".to_owned(),
        uri: format!("sim:{name}"),
        bridge: Some("br0".to_owned()),
        vlans: Some("100-199".to_owned()),
    };
    RegisterVimRequest {
        name: "lab".to_owned(),
        vim_type: "WINDLASS.SIM.V_1".to_owned(),
        hosts: vec![host("a"), host("b")],
        ..RegisterVimRequest::default()
    }
}

#[async_trait]
impl Stage for World {
    type Program = Core;

    fn engine(&self, injection: Option<Arc<Injection>>) -> Arc<Engine<Core>> {
        Arc::clone(&self.parts.nfvo(injection).engine)
    }

    async fn ask(&self, engine: &Engine<Core>) -> OperationId {
        let id = self.submit(self.kind, &self.nfvo).await;
        engine.progress(id).await.unwrap();
        id
    }

    async fn inspect(&self, state: OperationState) {
        match (self.kind, state) {
            (Kind::Terminate, OperationState::Completed) => self.assert_gone().await,
            // A termination that ends otherwise was cancelled before it touched anything.
            (Kind::Instantiate, OperationState::Completed) | (Kind::Heal | Kind::Terminate, _) => {
                self.assert_runs().await;
            }
            (Kind::Instantiate, _) => self.assert_gone().await,
            (Kind::Scale, OperationState::Completed) => self.assert_level(2),
            (Kind::Scale, _) => self.assert_level(0),
        }
        assert!(unfinished(&self.nfvo.core, self.ns).await.unwrap().is_none());
    }
}

/// A test for each proof, and the list of what is proved.
macro_rules! proofs {
    ($($name:ident: $kind:ident;)*) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            every_property_holds(async || World::before(Kind::$kind).await).await;
        })*

        const PROVED: &[Kind] = &[$(Kind::$kind),*];
    };
}

proofs! {
    instantiate_holds: Instantiate;
    terminate_holds: Terminate;
    scale_holds: Scale;
    heal_holds: Heal;
}

#[test]
fn every_procedure_has_a_proof() {
    let there: BTreeSet<&str> = procedures().iter().map(|one| one.kind()).collect();
    let proved: BTreeSet<&str> = PROVED.iter().map(|kind| kind.name()).collect();
    assert_eq!(there, proved);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_instantiation_leaves_no_operation_of_a_vnf_running_after_its_rollback() {
    let world = World::before(Kind::Instantiate).await;
    world.vnfm.never_end("pong");
    let id = world.submit(Kind::Instantiate, &world.nfvo).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let worker = tokio::spawn(Arc::clone(&world.nfvo.engine).run(stopped));
    while world.vnfm.operations().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tasks::cancel(&world.nfvo, id, CancelMode::Forceful).await.unwrap();
    let state = world.until(id, |state| !state.is_active()).await;
    assert_eq!(state, OperationState::FailedTemp);
    tasks::request(&world.nfvo, id, windlass_lcm::Request::Rollback).await.unwrap();
    assert_eq!(world.until(id, OperationState::is_final).await, OperationState::RolledBack);
    world.assert_gone().await;
    assert!(world.vnfm.operations().iter().all(|one| one.operation_state.is_final()));
    stop.send_replace(true);
    worker.await.unwrap();
}
