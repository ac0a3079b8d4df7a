//! Everything that is in a cloud. Nothing here waits.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tokio::sync::broadcast;
use tokio::time::Instant;
use windlass_model::{Capacity, Host, HostId, ImageDigest, NetworkId, VmId, VolumeId};
use windlass_vim::{Error, Event, EventKind, NetworkSpec, VolumeSpec};

use crate::capacity;
use crate::faults::Planned;
use crate::history::History;
use crate::machine::Machine;
use crate::power::Happening;
use crate::script::Lines;
use crate::vlans::Vlans;

/// How many events a slow listener may be behind.
const EVENTS_KEPT: usize = 1 << 14;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) hosts: HashMap<HostId, HostWorld>,
    pub(crate) networks: BTreeMap<NetworkId, NetworkWorld>,
    /// Taken VLANs by the name of the bridge.
    pub(crate) vlans: HashMap<String, Vlans>,
    pub(crate) script: Lines,
    pub(crate) faults: Planned,
    pub(crate) history: History,
    pub(crate) events: broadcast::Sender<Event>,
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
            hosts: HashMap::new(),
            networks: BTreeMap::new(),
            vlans: HashMap::new(),
            script: Lines::default(),
            faults: Planned::default(),
            history: History::default(),
            events: broadcast::Sender::new(EVENTS_KEPT),
            usual_capacity: capacity::usual(),
            verify_images: true,
        }
    }
}

impl World {
    /// Takes a host in; one that is there already stays as it is.
    pub(crate) fn adopt(&mut self, host: &Host) {
        let said = (host.capacity != Capacity::default()).then(|| host.capacity.clone());
        self.hosts.entry(host.id).or_insert_with(|| HostWorld {
            bridge: host.bridge.clone(),
            vlans: host.vlans,
            capacity: said.unwrap_or_else(|| self.usual_capacity.clone()),
            answers: true,
            images: BTreeSet::new(),
            volumes: BTreeMap::new(),
            machines: BTreeMap::new(),
            foreign: BTreeMap::new(),
        });
    }

    pub(crate) fn host(&self, host: HostId) -> Result<&HostWorld, Error> {
        self.hosts.get(&host).ok_or(Error::UnknownHost(host))
    }

    pub(crate) fn host_mut(&mut self, host: HostId) -> Result<&mut HostWorld, Error> {
        self.hosts.get_mut(&host).ok_or(Error::UnknownHost(host))
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
        let now = Instant::now();
        let machine = self.hosts.get_mut(&host).and_then(|world| world.machines.get_mut(&vm));
        let changed = machine.is_some_and(|vm| vm.happens(happening, &self.script, now));
        if changed {
            self.tell(host, happening.event(vm));
        }
        changed
    }

    /// Removes a machine and tells of it; true when there was one.
    pub(crate) fn remove_machine(&mut self, host: HostId, vm: VmId) -> bool {
        self.happens(host, vm, Happening::Stop);
        let gone = self.hosts.get_mut(&host).and_then(|world| world.machines.remove(&vm));
        if let Some(machine) = &gone {
            machine.changed.notify_waiters();
            self.tell(host, EventKind::Removed(vm));
        }
        gone.is_some()
    }

    /// Tells an event, if the host has a connection to tell it over.
    pub(crate) fn tell(&self, host: HostId, kind: EventKind) {
        let about_connection = matches!(kind, EventKind::HostLost | EventKind::HostBack);
        if about_connection || self.hosts.get(&host).is_some_and(|world| world.answers) {
            // Nobody listening is no error.
            let _ = self.events.send(Event { host, kind });
        }
    }
}

impl HostWorld {
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
