//! Everything that is in a cloud. Nothing here waits.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::broadcast;
use windlass_model::{Capacity, Host, HostId, ImageDigest, NetworkId, VmId, VolumeId};
use windlass_vim::{Error, Event, EventKind, NetworkSpec, VolumeSpec};

use crate::capacity;
use crate::diary::Diary;
use crate::fact::Fact;
use crate::faults::Planned;
use crate::history::History;
use crate::machine::Machine;
use crate::power::{Happening, Power};
use crate::script::Lines;
use crate::vlans::Vlans;

/// How many events a slow listener may be behind. The room for them is taken at once, by each cloud
/// that anybody listens to.
const EVENTS_KEPT: usize = 1 << 11;

#[derive(Debug)]
pub(crate) struct World {
    /// What changed and is not in the journal yet.
    pub(crate) diary: Diary,
    /// Hosts that this process was told of.
    pub(crate) known: BTreeMap<HostId, Host>,
    pub(crate) hosts: BTreeMap<HostId, HostWorld>,
    pub(crate) networks: BTreeMap<NetworkId, NetworkWorld>,
    /// Taken VLANs by the name of the bridge.
    pub(crate) vlans: BTreeMap<String, Vlans>,
    pub(crate) script: Lines,
    pub(crate) faults: Planned,
    pub(crate) history: History,
    /// Made for the first listener.
    events: OnceCell<broadcast::Sender<Event>>,
    /// What a host has that says nothing else.
    pub(crate) usual_capacity: Capacity,
    /// Whether images are hashed.
    pub(crate) verify_images: bool,
}

#[derive(Debug)]
pub(crate) struct HostWorld {
    pub(crate) bridge: String,
    pub(crate) vlans: Option<(u16, u16)>,
    pub(crate) capacity: Capacity,
    pub(crate) answers: bool,
    pub(crate) images: BTreeSet<ImageDigest>,
    pub(crate) volumes: BTreeMap<VolumeId, VolumeSpec>,
    pub(crate) machines: BTreeMap<VmId, Machine>,
    /// Machines of somebody else: their names.
    pub(crate) foreign: BTreeMap<VmId, String>,
}

#[derive(Debug)]
pub(crate) struct NetworkWorld {
    pub(crate) spec: NetworkSpec,
    pub(crate) vlan: Option<u16>,
    pub(crate) hosts: BTreeSet<HostId>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            diary: Diary::default(),
            known: BTreeMap::new(),
            hosts: BTreeMap::new(),
            networks: BTreeMap::new(),
            vlans: BTreeMap::new(),
            script: Lines::default(),
            faults: Planned::default(),
            history: History::default(),
            events: OnceCell::new(),
            usual_capacity: capacity::usual(),
            verify_images: true,
        }
    }
}

impl World {
    /// Takes a host in; one that is there already stays as it is.
    pub(crate) fn adopt(&mut self, host: &Host) {
        self.known.insert(host.id, host.clone());
        if self.hosts.contains_key(&host.id) {
            return;
        }
        let said = (host.capacity != Capacity::default()).then(|| host.capacity.clone());
        self.change(Fact::Host {
            host: host.id,
            bridge: host.bridge.clone(),
            vlans: host.vlans,
            capacity: said.unwrap_or_else(|| self.usual_capacity.clone()),
        });
    }

    /// Takes the hosts in again that this process was told of, where the journal lacks them.
    pub(crate) fn adopt_known(&mut self) {
        if self.known.keys().all(|host| self.hosts.contains_key(host)) {
            return;
        }
        for host in self.known.clone().values() {
            self.adopt(host);
        }
    }

    /// Forgets all that the journal says.
    pub(crate) fn forget(&mut self) {
        self.hosts.clear();
        self.networks.clear();
        self.vlans.clear();
    }

    pub(crate) fn host(&self, host: HostId) -> Result<&HostWorld, Error> {
        self.hosts.get(&host).ok_or(Error::UnknownHost(host))
    }

    /// The first of these hosts that does not answer, as an error.
    pub(crate) fn all_answer(&self, hosts: &[HostId]) -> Result<(), Error> {
        for &host in hosts {
            if !self.host(host)?.answers {
                let reason = "the simulated host is down".to_owned();
                return Err(Error::Unreachable { host, reason });
            }
        }
        Ok(())
    }

    /// A machine of ours that must be there.
    pub(crate) fn machine(&self, host: HostId, vm: VmId) -> Result<&Machine, Error> {
        let world = self.host(host)?;
        world.keep_off(host, vm)?;
        world.machines.get(&vm).ok_or_else(|| missing(host, format!("machine {vm}")))
    }

    /// Takes a machine's power through a transition and tells of it; true when it changed.
    pub(crate) fn happens(&mut self, host: HostId, vm: VmId, happening: Happening) -> bool {
        let machine = self.hosts.get(&host).and_then(|world| world.machines.get(&vm));
        let changes = machine.is_some_and(|vm| vm.power.after(happening) != vm.power);
        if changes {
            self.change(Fact::Power { host, vm, happening });
        }
        changes
    }

    /// One of a host's machines that run dies, if any runs.
    pub(crate) fn crash_any(&mut self, host: HostId, number: u64) {
        let Some(world) = self.hosts.get(&host) else { return };
        let running: Vec<VmId> = world
            .machines
            .values()
            .filter(|vm| vm.power == Power::On)
            .map(|vm| vm.spec.id)
            .collect();
        let count = running.len() as u64;
        let victim = number.checked_rem(count).and_then(|nth| usize::try_from(nth).ok());
        if let Some(victim) = victim.and_then(|nth| running.get(nth)) {
            self.happens(host, *victim, Happening::Crash);
        }
    }

    /// Removes a machine and tells of it; true when there was one.
    pub(crate) fn remove_machine(&mut self, host: HostId, vm: VmId) -> bool {
        self.happens(host, vm, Happening::Stop);
        let there = self.hosts.get(&host).is_some_and(|world| world.machines.contains_key(&vm));
        if there {
            self.change(Fact::MachineGone { host, vm });
        }
        there
    }

    /// Listens from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Event> {
        self.events.get_or_init(|| broadcast::Sender::new(EVENTS_KEPT)).subscribe()
    }

    /// Tells an event, if the host has a connection to tell it over.
    pub(crate) fn tell(&self, event: Event) {
        let about_connection = matches!(event.kind, EventKind::HostLost | EventKind::HostBack);
        let is_told =
            about_connection || self.hosts.get(&event.host).is_some_and(|world| world.answers);
        if let Some(listeners) = self.events.get().filter(|_| is_told) {
            // That all of them are gone is no error.
            let _gone = listeners.send(event);
        }
    }
}

impl HostWorld {
    /// A host with nothing on it.
    pub(crate) fn new(bridge: String, vlans: Option<(u16, u16)>, capacity: Capacity) -> Self {
        Self {
            bridge,
            vlans,
            capacity,
            answers: true,
            images: BTreeSet::new(),
            volumes: BTreeMap::new(),
            machines: BTreeMap::new(),
            foreign: BTreeMap::new(),
        }
    }

    /// Refuses to touch somebody else's machine.
    pub(crate) fn keep_off(&self, host: HostId, vm: VmId) -> Result<(), Error> {
        match self.foreign.get(&vm) {
            Some(name) => Err(Error::NotOurs { host, what: format!("machine {name} ({vm})") }),
            None => Ok(()),
        }
    }
}

pub(crate) fn missing(host: HostId, what: String) -> Error {
    Error::Missing { host, what }
}
