//! The hosts that VNFs stand on: what is heard from them, and what is seen there.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::{self, BoxStream, SelectAll};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout};
use tracing::debug;
use windlass_model::vnf::{InstantiatedVnf, Vnfc};
use windlass_model::{HostId, VmId};
use windlass_vim::{Connector, Error, Event, Vim, VmState};

use super::judge::{Seen, Sighting};

/// How long a host may be silent before it counts as lost: longer than a libvirtd restarts.
pub const HOLD: Duration = Duration::from_secs(10);
/// How long a host may take to answer; a dead one must not keep the others waiting.
const ANSWER: Duration = Duration::from_secs(3);
/// Hosts that are asked at the same time.
const HOSTS_AT_ONCE: usize = 16;

/// What a host says of its machines, if it says something in time.
type Answer = Result<Result<BTreeMap<VmId, VmState>, Error>, Elapsed>;

/// Where a machine is that is not on its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whereabouts {
    /// On no host of its VIM.
    Nowhere,
    /// Somebody moved it here.
    On(HostId),
    /// This host does not say whether it has it.
    Untold(HostId),
}

/// The hosts that carry VNFs.
pub struct Sites {
    connector: Arc<dyn Connector>,
    adapters: HashMap<HostId, Arc<dyn Vim>>,
    /// Behind a lock only because streams cannot be shared; it is never contended.
    events: Mutex<SelectAll<BoxStream<'static, Event>>>,
    /// Since when hosts have not answered.
    silent: Mutex<HashMap<HostId, Instant>>,
    /// Those that are not asked for now: each question to one that hangs would wait as long again.
    mute: Mutex<BTreeSet<HostId>>,
}

impl Sites {
    pub fn new(connector: Arc<dyn Connector>) -> Self {
        Self {
            connector,
            adapters: HashMap::new(),
            events: Mutex::new(SelectAll::new()),
            silent: Mutex::default(),
            mute: Mutex::default(),
        }
    }

    /// Listens to the hosts of a VNF from now on.
    pub fn listen(&mut self, vnf: &InstantiatedVnf) {
        for vim in &vnf.vims {
            let carries = |host: HostId| vnf.vnfcs.iter().any(|vnfc| vnfc.host == host);
            let unheard = |host: HostId| !self.adapters.contains_key(&host);
            if vim.hosts.iter().any(|host| carries(host.id) && unheard(host.id)) {
                let adapter = self.connector.connect(vim);
                let events = self.events.get_mut().unwrap_or_else(PoisonError::into_inner);
                events.push(adapter.events());
                for host in &vim.hosts {
                    self.adapters.insert(host.id, Arc::clone(&adapter));
                }
            }
        }
    }

    /// Forgets the VIMs that carry nothing any more; their events end with their adapters.
    pub fn keep(&mut self, hosts: &HashSet<HostId>) {
        let used: Vec<Arc<dyn Vim>> = self
            .adapters
            .iter()
            .filter(|(host, _)| hosts.contains(host))
            .map(|(_, adapter)| Arc::clone(adapter))
            .collect();
        self.adapters.retain(|_, adapter| used.iter().any(|used| Arc::ptr_eq(used, adapter)));
        let adapters = &self.adapters;
        self.lock().retain(|host, _| adapters.contains_key(host));
    }

    /// The next event of any host; `None` while there is none to listen to.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.get_mut().unwrap_or_else(PoisonError::into_inner).next().await
    }

    /// Notes that a host fell silent.
    pub fn fell_silent(&self, host: HostId) {
        self.lock().entry(host).or_insert_with(Instant::now);
    }

    /// Notes that a host answers again: the next time it falls silent counts from then.
    pub fn came_back(&self, host: HostId) {
        self.lock().remove(&host);
        self.mute().remove(&host);
    }

    /// Asks all hosts again from now on, also those that did not answer when they were asked last.
    pub fn ask_again(&self) {
        self.mute().clear();
    }

    /// When the first of the silent hosts of a VNF counts as lost; `None` when all of them answer,
    /// or are lost already.
    pub fn next_loss(&self, vnf: &InstantiatedVnf) -> Option<Instant> {
        let (silent, now) = (self.lock(), Instant::now());
        let hosts = vnf.vnfcs.iter().filter_map(|vnfc| silent.get(&vnfc.host));
        hosts.map(|since| *since + HOLD).filter(|at| *at > now).min()
    }

    /// Looks at all machines of these VNFs.
    pub async fn look(&self, vnfs: &[&InstantiatedVnf]) -> Sighting {
        let mut wanted: BTreeMap<HostId, (Arc<dyn Vim>, Vec<VmId>)> = BTreeMap::new();
        for vnf in vnfs {
            for vnfc in &vnf.vnfcs {
                let Some(adapter) = self.adapter(vnf, vnfc.host) else { continue };
                wanted.entry(vnfc.host).or_insert((adapter, Vec::new())).1.push(vnfc.vm);
            }
        }
        wanted.retain(|host, _| !self.is_mute(*host));
        let looks: Vec<_> =
            wanted.into_iter().map(|(host, (adapter, vms))| ask(adapter, host, vms)).collect();
        let answers: Vec<_> = stream::iter(looks).buffer_unordered(HOSTS_AT_ONCE).collect().await;
        let mut sighting = Sighting::default();
        for (host, vms, answer) in answers {
            match answer {
                Ok(Ok(states)) => {
                    self.came_back(host);
                    let seen = |vm| states.get(&vm).map_or(Seen::Gone, |state| Seen::There(*state));
                    sighting.machines.extend(vms.into_iter().map(|vm| (vm, seen(vm))));
                }
                Ok(Err(Error::Unreachable { .. })) | Err(_) => {
                    self.mute().insert(host);
                    self.fell_silent(host);
                }
                // A host that answers and does not say how its machines are is not lost.
                Ok(Err(error)) => debug!(%host, %error, "host {host} does not tell: {error}"),
            }
        }
        let (silent, now) = (self.lock(), Instant::now());
        let lost = silent.iter().filter(|(_, since)| now.duration_since(**since) >= HOLD);
        sighting.lost = lost.map(|(host, _)| *host).collect();
        sighting
    }

    /// Looks for a machine that is not on its host on the others of its VIM.
    pub async fn whereabouts(&self, vnf: &InstantiatedVnf, vnfc: &Vnfc) -> Whereabouts {
        let vim = vnf.vims.iter().find(|vim| vim.id == vnfc.vim);
        let others = vim.into_iter().flat_map(|vim| &vim.hosts).filter(|host| host.id != vnfc.host);
        let questions: Vec<_> = others.map(|host| self.has(vnf, host.id, vnfc.vm)).collect();
        let told: Vec<_> = stream::iter(questions).buffer_unordered(HOSTS_AT_ONCE).collect().await;
        let found = told.iter().find(|told| matches!(told, Whereabouts::On(_)));
        let untold = || told.iter().find(|told| matches!(told, Whereabouts::Untold(_)));
        found.or_else(untold).copied().unwrap_or(Whereabouts::Nowhere)
    }

    async fn has(&self, vnf: &InstantiatedVnf, host: HostId, vm: VmId) -> Whereabouts {
        let adapter = self.adapter(vnf, host).filter(|_| !self.is_mute(host));
        let Some(adapter) = adapter else { return Whereabouts::Untold(host) };
        match ask(adapter, host, vec![vm]).await {
            (.., Ok(Ok(states))) if states.contains_key(&vm) => Whereabouts::On(host),
            (.., Ok(Ok(_))) => Whereabouts::Nowhere,
            (.., Ok(Err(_)) | Err(_)) => Whereabouts::Untold(host),
        }
    }

    fn adapter(&self, vnf: &InstantiatedVnf, host: HostId) -> Option<Arc<dyn Vim>> {
        let named = || vnf.vims.iter().find(|vim| vim.hosts.iter().any(|known| known.id == host));
        let heard = self.adapters.get(&host).cloned();
        heard.or_else(|| named().map(|vim| self.connector.connect(vim)))
    }

    fn is_mute(&self, host: HostId) -> bool {
        self.mute().contains(&host)
    }

    fn mute(&self) -> MutexGuard<'_, BTreeSet<HostId>> {
        self.mute.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<HostId, Instant>> {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks a host for its machines; an error when it takes too long.
async fn ask(adapter: Arc<dyn Vim>, host: HostId, vms: Vec<VmId>) -> (HostId, Vec<VmId>, Answer) {
    let answer = timeout(ANSWER, adapter.vm_states(host, &vms)).await;
    (host, vms, answer)
}
