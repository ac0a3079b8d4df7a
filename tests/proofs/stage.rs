//! The world of the proofs: NFVO, VNFM, stores and a cloud in one thread, on a paused clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::sync::watch;
use windlass_lcm::proof::{Injection, Stage};
use windlass_lcm::{Engine, NewOperation, Settings, Subject};
use windlass_model::vnf::{Product, VnfInstance};
use windlass_model::{Clock, OperationId, OperationState, Owner, VnfInstanceId};
use windlass_store::Store;
use windlass_vim::OwnedKind;
use windlass_vnfm::Program;

use crate::sim::{self, Dice};

const VNFD: &str = "5d1b7b1e-3f0a-4a55-9c8e-6e4b8f2f0001";

/// What all worlds of a proof share: an NFVO with a site and the package, and the VNFM's store,
/// which the NFVO can look into over HTTP. The VNFM itself works on nothing: the proofs do.
pub struct Ground {
    sim: sim::World,
    program: Arc<Program>,
}

impl Ground {
    pub async fn lay(dice: &Dice) -> Self {
        // One host, so that a plan made again names the same nodes.
        let sim = sim::World::build_idle(dice, 1).await;
        // Every world leaves its VNF behind: the site must be large enough for all of them.
        sim.grow_hosts().await;
        let clock: Arc<dyn Clock> = Arc::new(sim.clock);
        let program = Arc::new(Program::new(clock, sim.connector(), sim.nfvo_from_afar()));
        Self { sim, program }
    }

    fn store(&self) -> &Store {
        &self.sim.vnfm.store
    }
}

/// A VNF of its own, with an operation that is under proof.
pub struct World<'g> {
    ground: &'g Ground,
    vnf: VnfInstanceId,
    kind: &'static str,
    params: Value,
    before: VnfInstance,
}

impl<'g> World<'g> {
    /// A VNF of `size` machines (none: not instantiated), that `kind` will be asked of.
    pub async fn new(ground: &'g Ground, kind: &'static str, params: Value, size: u32) -> Self {
        let before = blank(ground.sim.clock.now());
        ground.store().vnf_instances().create(before.clone()).await.unwrap();
        let mut world = Self { ground, vnf: before.id, kind, params, before };
        if size > 0 {
            world.prepare("vnf-instantiate", json!({"flavourId": "default"})).await;
        }
        if size > 1 {
            let level = json!({"scaleInfo": [{"aspectId": "size", "scaleLevel": size - 1}]});
            world.prepare("vnf-scale-to-level", level).await;
        }
        world.before = world.document().await;
        world
    }

    async fn prepare(&self, kind: &str, params: Value) {
        let engine = self.engine(None);
        let id = engine.submit(self.request(kind, params)).await.unwrap().id;
        let (stop, stopped) = watch::channel(false);
        let work = tokio::spawn(Arc::clone(&engine).run(stopped));
        let mut state = OperationState::Starting;
        while state.is_active() {
            tokio::time::sleep(Duration::from_millis(2)).await;
            state = engine.progress(id).await.unwrap().0.state;
        }
        stop.send_replace(true);
        work.await.unwrap();
        let error = engine.progress(id).await.unwrap().0.error;
        assert_eq!(state, OperationState::Completed, "{kind}: {error:?}");
    }

    fn request(&self, kind: &str, params: Value) -> NewOperation {
        NewOperation {
            id: OperationId::new(),
            kind: kind.to_owned(),
            subject: Subject { kind: "vnf".to_owned(), id: self.vnf.0 },
            generation: None,
            params,
            automatic: false,
        }
    }

    async fn document(&self) -> VnfInstance {
        self.ground.store().vnf_instances().get(self.vnf).await.unwrap().document
    }

    /// Everything on the cloud that carries this VNF's tag, by kind.
    async fn owned(&self) -> BTreeMap<OwnedKind, BTreeSet<String>> {
        let sim = &self.ground.sim;
        let site = sim.nfvo.store.vims().get(sim.vim).await.unwrap().document;
        let vim = sim.connector().connect(&site);
        let mut owned: BTreeMap<OwnedKind, BTreeSet<String>> = BTreeMap::new();
        for thing in vim.owned().await.unwrap() {
            if thing.tag.owner == Owner::Vnf(self.vnf) {
                owned.entry(thing.kind).or_default().insert(thing.id);
            }
        }
        owned
    }
}

fn blank(created_at: chrono::DateTime<chrono::Utc>) -> VnfInstance {
    VnfInstance {
        id: VnfInstanceId::new(),
        name: "cell".to_owned(),
        description: String::new(),
        product: Product { vnfd_id: VNFD.to_owned(), ..Product::default() },
        configurable_properties: BTreeMap::new(),
        metadata: BTreeMap::new(),
        extensions: BTreeMap::new(),
        created_at,
        instantiated: None,
    }
}

#[async_trait]
impl Stage for World<'_> {
    type Program = Program;

    fn engine(&self, injection: Option<Arc<Injection>>) -> Arc<Engine<Program>> {
        let settings = Settings {
            poll: Duration::from_millis(10),
            pause: Duration::from_millis(1),
            graceful_limit: Duration::from_secs(2),
            injection,
            ..Settings::default()
        };
        let procedures = windlass_vnfm::procedures();
        let journal = Arc::new(self.ground.store().clone());
        let program = Arc::clone(&self.ground.program);
        Arc::new(Engine::new(
            program,
            journal,
            Arc::new(self.ground.sim.clock),
            settings,
            procedures,
        ))
    }

    async fn ask(&self, engine: &Engine<Program>) -> OperationId {
        engine.submit(self.request(self.kind, self.params.clone())).await.unwrap().id
    }

    /// The VNF says what is there, and what is there is what the end of the operation promises.
    async fn inspect(&self, state: OperationState) {
        let owned = self.owned().await;
        let vnf = self.document().await;
        let ids = |kind| owned.get(&kind).cloned().unwrap_or_default();
        let now = vnf.instantiated.clone().unwrap_or_default();
        let said = |ids: Vec<String>| ids.into_iter().collect::<BTreeSet<_>>();
        assert_eq!(ids(OwnedKind::Vm), said(now.vnfcs.iter().map(|c| c.vm.to_string()).collect()));
        let volumes = now.vnfcs.iter().flat_map(|c| &c.volumes);
        assert_eq!(ids(OwnedKind::Volume), said(volumes.map(|v| v.volume.to_string()).collect()));
        let networks = now.networks.iter().map(|n| n.network.to_string());
        assert_eq!(ids(OwnedKind::Network), said(networks.collect()));

        let before = self.before.instantiated.as_ref().map_or(0, |i| i.vnfcs.len());
        let wanted = match (self.kind, state) {
            (_, OperationState::RolledBack) => {
                assert_eq!(vnf, self.before);
                return;
            }
            ("vnf-instantiate", _) => 1,
            ("vnf-scale", _) if self.params["type"] == "SCALE_OUT" => before + 1,
            ("vnf-scale", _) => before - 1,
            ("vnf-scale-to-level", _) => 3,
            ("vnf-terminate", _) => 0,
            (_, _) => before,
        };
        assert_eq!(now.vnfcs.len(), wanted);
        assert_eq!(vnf.instantiated.is_some(), self.kind != "vnf-terminate");
    }
}
