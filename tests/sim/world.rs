//! NFVO, VNFM, their databases, a cloud, and the wires between them: all in one thread.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use windlass_client::Client;
use windlass_model::{Capacity, Clock, Host, HostId, VimId};
use windlass_nfvo::{Nfvo, NfvoParts};
use windlass_planner::placement::Policy;
use windlass_store::{Store, StoreError, WriteFault};
use windlass_vim::{Connector, Vim};
use windlass_vim_sim::{SimCloud, SimVim};
use windlass_vnfm::{Vnfm, VnfmParts};

use super::catalog::{CATALOG, CLIENT};
use super::clock::SimClock;
use super::dice::Dice;
use super::program::{Door, Process};
use super::wire::Wire;

/// Adapters for one simulated cloud, whatever capacity the records say.
#[derive(Debug)]
pub struct OneCloud(SimCloud);

impl OneCloud {
    pub fn new(cloud: SimCloud) -> Self {
        Self(cloud)
    }
}

impl Connector for OneCloud {
    fn connect(&self, vim: &windlass_model::Vim) -> Arc<dyn Vim> {
        let unmeasured = |host: &Host| Host { capacity: Capacity::default(), ..host.clone() };
        Arc::new(SimVim::new(self.0.clone(), vim.hosts.iter().map(unmeasured).collect()))
    }
}

/// How often writes of a store go wrong, in a thousand.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<u64>>);

impl Disk {
    pub fn set(&self, per_thousand: u64) {
        *self.0.lock().unwrap() = per_thousand;
    }

    fn store(&self, clock: SimClock, dice: Dice) -> Store {
        let odds = Arc::clone(&self.0);
        let fault = move || {
            let strikes = dice.below(1_000) < *odds.lock().unwrap();
            let full = || StoreError::NotDurable("the simulated disk is full".to_owned());
            let lost = dice.percent(50);
            match (strikes, lost) {
                (false, _) => None,
                (true, false) => Some(WriteFault::Refused(full())),
                (true, true) => Some(WriteFault::AnswerLost(full())),
            }
        };
        Store::inline(Arc::new(clock), Some(Arc::new(fault))).unwrap()
    }
}

/// A program that may be dead: what it keeps, where it is found, and its present process.
pub struct Place {
    pub store: Store,
    pub disk: Disk,
    pub door: Door,
    /// From the other program.
    pub wire: Wire,
    pub process: Option<Process>,
    /// From the operator, who is always near.
    pub operator: Client,
}

impl Place {
    fn new(clock: SimClock, dice: &Dice) -> Self {
        let (door, disk) = (Door::default(), Disk::default());
        let store = disk.store(clock, dice.split());
        let wire = Wire::new(&door, dice.split());
        let near = Wire::new(&door, dice.split());
        let operator = CLIENT.clone().over(Arc::new(near));
        Self { store, disk, door, wire, process: None, operator }
    }

    pub async fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }
}

pub struct World {
    pub clock: SimClock,
    pub cloud: SimCloud,
    pub nfvo: Place,
    pub vnfm: Place,
    pub vim: VimId,
    pub hosts: Vec<HostId>,
    stop: watch::Sender<bool>,
}

impl World {
    /// Both programs, a site of so many hosts, and the packages.
    pub async fn build(dice: &Dice, hosts: usize) -> Self {
        let mut world = Self::build_idle(dice, hosts).await;
        world.vnfm.kill().await;
        world.start_vnfm();
        world
    }

    /// The same, with a VNFM that answers and works on nothing.
    pub async fn build_idle(dice: &Dice, hosts: usize) -> Self {
        let clock = SimClock::begin();
        let (nfvo, vnfm) = (Place::new(clock, dice), Place::new(clock, dice));
        let (stop, _) = watch::channel(false);
        let (vim, cloud) = (VimId::new(), SimCloud::new());
        let mut world = Self { clock, cloud, nfvo, vnfm, vim, hosts: Vec::new(), stop };
        for package in &CATALOG.vnfs {
            world.nfvo.store.vnf_packages().create(package.clone()).await.unwrap();
        }
        for service in &CATALOG.services {
            world.nfvo.store.nsds().create(service.clone()).await.unwrap();
        }
        world.start_nfvo();
        let paths = windlass_vnfm::configure(world.new_vnfm());
        let idle = tokio::spawn(std::future::pending());
        world.vnfm.process = Some(Process::start(&world.vnfm.door, paths, idle));
        world.register_site(hosts).await;
        world
    }

    async fn register_site(&mut self, hosts: usize) {
        let host = |n| {
            let (name, uri) = (format!("host-{n}"), format!("sim:host-{n}"));
            json!({"name": name, "zone": "z", "uri": uri, "bridge": "br0", "vlans": "1-4094"})
        };
        let site = json!({
            "name": "lab",
            "vimType": "WINDLASS.SIM.V_1",
            "hosts": (0..hosts).map(host).collect::<Vec<_>>(),
        });
        let site = serde_json::from_value(site).unwrap();
        let vim = self.nfvo.operator.vim_register(&site).await.unwrap();
        self.vim = vim.id.parse().unwrap();
        let registered = self.nfvo.store.vims().get(self.vim).await.unwrap().document;
        self.hosts = registered.hosts.iter().map(|host| host.id).collect();
    }

    /// Makes room for anything.
    pub async fn grow_hosts(&self) {
        for host in &self.hosts {
            self.cloud.set_capacity(
                *host,
                Capacity {
                    vcpus: u32::MAX,
                    memory_mib: u64::MAX,
                    storage_gib: u64::MAX,
                    numa: vec![],
                },
            );
        }
        self.nfvo.operator.vim_probe(&self.vim.to_string()).await.unwrap();
    }

    pub fn connector(&self) -> Arc<dyn Connector> {
        Arc::new(OneCloud::new(self.cloud.clone()))
    }

    /// The NFVO, as the VNFM sees it.
    pub fn nfvo_from_afar(&self) -> Client {
        CLIENT.clone().over(Arc::new(self.nfvo.wire.clone()))
    }

    pub fn start_nfvo(&mut self) {
        if self.nfvo.process.is_some() {
            return;
        }
        let nfvo = Nfvo::new(NfvoParts {
            store: self.nfvo.store.clone(),
            packages: CATALOG.packages.clone(),
            clock: Arc::new(self.clock) as Arc<dyn Clock>,
            connector: self.connector(),
            vnfm: CLIENT.clone().over(Arc::new(self.vnfm.wire.clone())),
            settings: windlass_nfvo::Settings {
                lcm: unhurried("nfvo"),
                policy: Policy { vcpu_overcommit_percent: 3_200, ..Policy::default() },
                ..windlass_nfvo::Settings::default()
            },
        });
        let work = nfvo.start(self.stop.subscribe());
        let paths = windlass_nfvo::configure(nfvo);
        self.nfvo.process = Some(Process::start(&self.nfvo.door, paths, work));
    }

    pub fn start_vnfm(&mut self) {
        if self.vnfm.process.is_none() {
            let vnfm = self.new_vnfm();
            let work = vnfm.start(self.stop.subscribe());
            let paths = windlass_vnfm::configure(vnfm);
            self.vnfm.process = Some(Process::start(&self.vnfm.door, paths, work));
        }
    }

    fn new_vnfm(&self) -> Arc<Vnfm> {
        Vnfm::new(VnfmParts {
            store: self.vnfm.store.clone(),
            clock: Arc::new(self.clock),
            connector: self.connector(),
            nfvo: self.nfvo_from_afar(),
            settings: unhurried("vnfm"),
        })
    }
}

/// Bounds as they are by default, with looks for work that are not needed so often here.
fn unhurried(worker: &str) -> windlass_lcm::Settings {
    windlass_lcm::Settings {
        worker: worker.to_owned(),
        poll: Duration::from_secs(3),
        ..windlass_lcm::Settings::default()
    }
}
