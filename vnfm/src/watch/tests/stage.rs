//! A VNF of two machines on a simulated site, its engine, and a watch over it, in paused time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use windlass_lcm::{
    Engine, NewOperation, Operation, Plan, Procedure, Progress, Settings, Step, StepCall,
    StepError, Subject, step,
};
use windlass_model::alarm::{Alarm, Fault};
use windlass_model::vnf::{InstantiatedVnf, Product, VnfInstance, Vnfc};
use windlass_model::{
    Accelerator, Capacity, Clock, Host, HostId, HostState, OperationId, Owner, Tag, Vim, VimId,
    VimKind, VmId, VnfInstanceId,
};
use windlass_store::Store;
use windlass_vim::{Boot, Connector, Vim as _, VmSpec};
use windlass_vim_sim::{SimCloud, SimVim};

use crate::operations::HEAL;
use crate::watch::{AUTOHEAL, Watch};

/// A clock that goes with tokio's.
#[derive(Debug)]
struct TokioClock(Instant);

impl Clock for TokioClock {
    fn now(&self) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.0.elapsed()).unwrap();
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + passed
    }
}

/// The one site that there is.
#[derive(Debug)]
pub struct Site {
    vim: Arc<SimVim>,
    /// Whether the next heals fail.
    broken: AtomicBool,
}

impl Connector for Site {
    fn connect(&self, _vim: &Vim) -> Arc<dyn windlass_vim::Vim> {
        self.vim.clone()
    }
}

const STEPS: &[Step<Site>] = &[step!(mend, no_undo = "a machine that runs may go on")];

/// A heal in miniature: it makes the named machine again, and starts it.
async fn mend(site: Arc<Site>, call: StepCall) -> Result<Value, StepError> {
    sleep(Duration::from_secs(2)).await;
    if site.broken.load(Ordering::SeqCst) {
        return Err(StepError::lasting(507, "no room"));
    }
    let (host, vm): (HostId, VmId) = call.input()?;
    let run = async {
        site.vim.ensure_vm(host, &machine(vm)).await?;
        site.vim.start_vm(host, vm).await
    };
    run.await.map(|()| Value::Null).map_err(|error| StepError::lasting(500, error.to_string()))
}

struct Heal;

#[async_trait]
impl Procedure<Site> for Heal {
    fn kind(&self) -> &'static str {
        HEAL
    }

    fn steps(&self) -> &'static [Step<Site>] {
        STEPS
    }

    async fn plan(&self, _site: &Arc<Site>, operation: &Operation) -> Result<Plan, StepError> {
        let vnf: VnfInstance = serde_json::from_value(operation.before.clone()).unwrap();
        let names = operation.params["vnfcInstanceId"].as_array().cloned().unwrap_or_default();
        let mut plan = Plan::default();
        for name in names.iter().filter_map(Value::as_str) {
            let vnfc = vnf.vnfc(name).unwrap();
            plan.add("mend", name, format!("mend {name}"), json!((vnfc.host, vnfc.vm)), &[]);
        }
        Ok(plan)
    }

    fn reflect(&self, operation: &Operation, _progress: &Progress) -> Result<Value, StepError> {
        Ok(operation.before.clone())
    }
}

/// Everything that there is, but the watch.
pub struct Stage {
    pub cloud: SimCloud,
    pub store: Store,
    pub engine: Arc<Engine<Site>>,
    pub vnf: VnfInstanceId,
    pub hosts: Vec<HostId>,
    pub vms: Vec<VmId>,
    site: Arc<Site>,
    clock: Arc<dyn Clock>,
}

/// A watch and its engine; they end when they are told to.
pub struct Watching {
    stop: watch::Sender<bool>,
    tasks: [JoinHandle<()>; 2],
}

impl Watching {
    pub async fn end(self) {
        self.stop.send(true).unwrap();
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

impl Stage {
    pub async fn new(autoheal: bool) -> Self {
        let cloud = SimCloud::new();
        let hosts: Vec<Host> = ["host-a", "host-b"].into_iter().map(host).collect();
        let ids: Vec<HostId> = hosts.iter().map(|host| host.id).collect();
        let vim = Arc::new(SimVim::new(cloud.clone(), hosts.clone()));
        let vms = vec![VmId::new(), VmId::new()];
        for (host, vm) in ids.iter().zip(&vms) {
            vim.ensure_vm(*host, &machine(*vm)).await.unwrap();
            vim.start_vm(*host, *vm).await.unwrap();
        }
        let clock: Arc<dyn Clock> = Arc::new(TokioClock(Instant::now()));
        let store = Store::inline(Arc::clone(&clock), None).unwrap();
        let mut instantiated = vnf_of(&[(ids[0], vms[0]), (ids[1], vms[1])]);
        let vim_id = instantiated.vnfcs[0].vim;
        instantiated.vims =
            vec![Vim { id: vim_id, name: "lab".to_owned(), kind: VimKind::Sim, hosts }];
        let vnf = VnfInstance {
            configurable_properties: BTreeMap::from([(AUTOHEAL.to_owned(), json!(autoheal))]),
            instantiated: Some(instantiated),
            ..nothing()
        };
        let site = Arc::new(Site { vim, broken: AtomicBool::new(false) });
        let engine = Arc::new(Engine::new(
            Arc::clone(&site),
            Arc::new(store.clone()),
            Arc::clone(&clock),
            Settings::default(),
            vec![Arc::new(Heal)],
        ));
        let id = store.vnf_instances().create(vnf).await.unwrap().document.id;
        Self { cloud, store, engine, vnf: id, hosts: ids, vms, site, clock }
    }

    /// Adds VNFs like the one that there is, whose machines are on this host only.
    pub async fn crowd(&self, count: usize, host: HostId) {
        let like = self.store.vnf_instances().get(self.vnf).await.unwrap().document;
        for _ in 0..count {
            let mut vnf = VnfInstance { id: VnfInstanceId::new(), ..like.clone() };
            for vnfc in vnf.instantiated.iter_mut().flat_map(|it| &mut it.vnfcs) {
                (vnfc.host, vnfc.vm) = (host, VmId::new());
            }
            self.store.vnf_instances().create(vnf).await.unwrap();
        }
    }

    /// Runs a machine on a host, behind everybody's back.
    pub async fn run_behind(&self, host: HostId, vm: VmId) {
        self.site.vim.ensure_vm(host, &machine(vm)).await.unwrap();
        self.site.vim.start_vm(host, vm).await.unwrap();
    }

    /// Replaces the machine of the first component, as an operation that comes to its end does.
    pub async fn replace_first(&self) {
        let (old, new) = (self.vms[0], VmId::new());
        assert!(self.cloud.delete_behind(old));
        self.run_behind(self.hosts[0], new).await;
        let mut stored = self.store.vnf_instances().get(self.vnf).await.unwrap();
        stored.document.instantiated.as_mut().unwrap().vnfcs[0].vm = new;
        self.store.vnf_instances().update(stored.document, stored.generation).await.unwrap();
    }

    /// Whether nobody has the duty to watch.
    pub async fn is_unwatched(&self) -> bool {
        let now = self.clock.now();
        self.store.duties().take("vnfm-watch", "a passer-by", now, now).await.unwrap()
    }

    /// The time on the clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Begins to watch, as the process of this name.
    pub fn watch(&self, holder: &str) -> Watching {
        let (stop, stopped) = watch::channel(false);
        let connector: Arc<dyn Connector> = self.site.clone();
        let (watch, _notice) = Watch::new(
            self.store.clone(),
            Arc::clone(&self.engine),
            Arc::clone(&self.clock),
            connector,
            holder.to_owned(),
        );
        let engine = tokio::spawn(Arc::clone(&self.engine).run(stopped.clone()));
        Watching { stop, tasks: [engine, tokio::spawn(watch.run(stopped))] }
    }

    /// Has heals fail from now on, or not any more.
    pub fn break_heals(&self, broken: bool) {
        self.site.broken.store(broken, Ordering::SeqCst);
    }

    /// Starts a heal of the first component, as somebody who asks for it does.
    pub async fn heal_by_hand(&self) -> OperationId {
        let id = OperationId::new();
        let new = NewOperation {
            id,
            kind: HEAL.to_owned(),
            subject: self.subject(),
            generation: None,
            params: json!({ "vnfcInstanceId": ["web-0"] }),
            automatic: false,
        };
        self.engine.submit(new).await.unwrap();
        id
    }

    pub fn subject(&self) -> Subject {
        Subject { kind: "vnf".to_owned(), id: self.vnf.0 }
    }

    pub async fn operations(&self) -> Vec<Operation> {
        self.store.operations().of_subject(&self.subject(), None, 100).await.unwrap()
    }

    /// All alarms, the oldest first.
    pub async fn alarms(&self) -> Vec<Alarm> {
        let alarms = self.store.alarms().list(None, 100).await.unwrap();
        alarms.into_iter().map(|stored| stored.document).collect()
    }

    /// The faults of the active alarms.
    pub async fn faults(&self) -> BTreeSet<Fault> {
        let active = self.store.alarms().active().await.unwrap();
        active.into_iter().map(|stored| stored.document.fault).collect()
    }

    /// Waits until exactly these faults are known; how long that took.
    pub async fn until(&self, faults: &[Fault], limit: Duration) -> Duration {
        let (begun, wanted) = (Instant::now(), BTreeSet::from_iter(faults.iter().copied()));
        while self.faults().await != wanted {
            let found = self.faults().await;
            assert!(begun.elapsed() < limit, "not {wanted:?} but {found:?} after {limit:?}");
            sleep(Duration::from_millis(50)).await;
        }
        begun.elapsed()
    }
}

/// A started VNF with components on these hosts.
pub fn vnf_of(machines: &[(HostId, VmId)]) -> InstantiatedVnf {
    let vim = VimId::new();
    let vnfc = |(number, (host, vm)): (usize, &(HostId, VmId))| Vnfc {
        name: format!("web-{number}"),
        vdu: "web".to_owned(),
        vim,
        host: *host,
        zone: "zone".to_owned(),
        numa_node: None,
        vm: *vm,
        takes: Capacity::default(),
        volumes: Vec::new(),
        cps: Vec::new(),
    };
    InstantiatedVnf {
        started: true,
        vnfcs: machines.iter().enumerate().map(vnfc).collect(),
        ..InstantiatedVnf::default()
    }
}

fn nothing() -> VnfInstance {
    VnfInstance {
        id: VnfInstanceId::new(),
        name: "shop".to_owned(),
        description: String::new(),
        product: Product::default(),
        configurable_properties: BTreeMap::new(),
        metadata: BTreeMap::new(),
        extensions: BTreeMap::new(),
        created_at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        instantiated: None,
    }
}

fn host(name: &str) -> Host {
    Host {
        id: HostId::new(),
        name: name.to_owned(),
        zone: name.to_owned(),
        uri: "sim:watch".to_owned(),
        bridge: "br0".to_owned(),
        vlans: None,
        drained: false,
        state: HostState::Reachable,
        problem: None,
        capacity: Capacity::default(),
        accelerator: Accelerator::Tcg,
    }
}

fn machine(vm: VmId) -> VmSpec {
    let operation = OperationId(vm.0);
    VmSpec {
        id: vm,
        tag: Tag { owner: Owner::Vnf(VnfInstanceId(vm.0)), operation, name: "web".to_owned() },
        name: format!("web-{vm}"),
        vcpus: 1,
        memory_mib: 128,
        hugepage_kib: None,
        numa_node: None,
        boot: Boot::Disk,
        disks: Vec::new(),
        nics: Vec::new(),
        seed: None,
    }
}
