//! Everything that can change in a cloud. One function makes a fact true, whoever established it.
//!
//! **Architecture invariant:** hosts, networks and what is on them change through [`World::change`]
//! alone, so that a kept cloud is the sum of its facts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use windlass_model::{Capacity, HostId, ImageDigest, NetworkId, VmId, VolumeId};
use windlass_vim::{Event, EventKind, NetworkSpec, VmSpec, VolumeSpec};

use crate::machine::Machine;
use crate::power::Happening;
use crate::script::Lines;
use crate::world::{HostWorld, NetworkWorld, World};

/// A change of a cloud.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fact {
    /// There is a host.
    Host { host: HostId, bridge: String, vlans: Option<(u16, u16)>, capacity: Capacity },
    /// A host has this from now on.
    Capacity { host: HostId, capacity: Capacity },
    /// A host answers, or does not.
    Answers { host: HostId, answers: bool },
    /// A host's cache has an image.
    Image { host: HostId, image: ImageDigest },
    /// It has it no longer.
    ImageGone { host: HostId, image: ImageDigest },
    /// There is a network, on these hosts besides those that it is on already.
    Network { spec: NetworkSpec, vlan: Option<u16>, hosts: BTreeSet<HostId> },
    /// It is gone.
    NetworkGone { network: NetworkId },
    /// There is a volume.
    Volume { host: HostId, spec: VolumeSpec },
    /// It is gone.
    VolumeGone { host: HostId, volume: VolumeId },
    /// There is a machine, which does not run.
    Machine { host: HostId, spec: Box<VmSpec> },
    /// Something happened to its power.
    Power { host: HostId, vm: VmId, happening: Happening },
    /// It is gone.
    MachineGone { host: HostId, vm: VmId },
    /// There is a machine of somebody else.
    Foreign { host: HostId, vm: VmId, name: String },
    /// It is gone.
    ForeignGone { host: HostId, vm: VmId },
}

/// Who established a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// This process, just now.
    Here,
    /// Another process, or an earlier one. When is not known: guests have booted since.
    Elsewhere,
}

impl World {
    /// Makes a fact true, tells of it, and notes it for the journal where there is one.
    pub(crate) fn change(&mut self, fact: Fact) {
        self.diary.note(&fact);
        self.learn(fact, Origin::Here);
    }

    /// Makes a fact true and tells of it.
    pub(crate) fn learn(&mut self, fact: Fact, origin: Origin) {
        if let Some(event) = self.settle(fact, origin) {
            self.tell(event);
        }
    }

    /// Makes a fact true; the event that should be told of it.
    pub(crate) fn settle(&mut self, fact: Fact, origin: Origin) -> Option<Event> {
        let told = |host, kind| Some(Event { host, kind });
        match fact {
            Fact::Host { host, bridge, vlans, capacity } => {
                self.hosts.insert(host, HostWorld::new(bridge, vlans, capacity));
                None
            }
            Fact::Answers { host, answers } => {
                self.hosts.get_mut(&host)?.answers = answers;
                told(host, if answers { EventKind::HostBack } else { EventKind::HostLost })
            }
            Fact::Network { spec, vlan, hosts } => {
                self.extend_network(spec, vlan, &hosts);
                None
            }
            Fact::NetworkGone { network } => {
                self.forget_network(network);
                None
            }
            Fact::Power { host, vm, happening } => {
                let unknown = Lines::default();
                let script = if origin == Origin::Here { &self.script } else { &unknown };
                let machine = self.hosts.get_mut(&host)?.machines.get_mut(&vm)?;
                machine.happens(happening, script, Instant::now());
                told(host, happening.event(vm))
            }
            Fact::MachineGone { host, vm } => {
                let machine = self.hosts.get_mut(&host)?.machines.remove(&vm)?;
                machine.changed.notify_waiters();
                told(host, EventKind::Removed(vm))
            }
            Fact::Capacity { host, .. }
            | Fact::Image { host, .. }
            | Fact::ImageGone { host, .. }
            | Fact::Volume { host, .. }
            | Fact::VolumeGone { host, .. }
            | Fact::Machine { host, .. }
            | Fact::Foreign { host, .. }
            | Fact::ForeignGone { host, .. } => {
                self.hosts.get_mut(&host)?.settle(fact);
                None
            }
        }
    }

    /// Facts that make this world out of an empty one.
    pub(crate) fn facts(&self) -> impl Iterator<Item = Fact> {
        let hosts = self.hosts.iter().map(|(id, host)| Fact::Host {
            host: *id,
            bridge: host.bridge.clone(),
            vlans: host.vlans,
            capacity: host.capacity.clone(),
        });
        let networks = self.networks.values().map(|network| Fact::Network {
            spec: network.spec.clone(),
            vlan: network.vlan,
            hosts: network.hosts.clone(),
        });
        let contents = self.hosts.iter().flat_map(|(id, host)| host.facts(*id));
        hosts.chain(networks).chain(contents)
    }
}

impl HostWorld {
    /// Makes a fact true that is about nothing but this host.
    fn settle(&mut self, fact: Fact) {
        match fact {
            Fact::Capacity { capacity, .. } => self.capacity = capacity,
            Fact::Image { image, .. } => drop(self.images.insert(image)),
            Fact::ImageGone { image, .. } => drop(self.images.remove(&image)),
            Fact::Volume { spec, .. } => drop(self.volumes.insert(spec.id, spec)),
            Fact::VolumeGone { volume, .. } => drop(self.volumes.remove(&volume)),
            Fact::Machine { spec, .. } => {
                self.machines.insert(spec.id, Machine::new(*spec));
            }
            Fact::Foreign { vm, name, .. } => drop(self.foreign.insert(vm, name)),
            Fact::ForeignGone { vm, .. } => drop(self.foreign.remove(&vm)),
            Fact::Host { .. }
            | Fact::Answers { .. }
            | Fact::Network { .. }
            | Fact::NetworkGone { .. }
            | Fact::Power { .. }
            | Fact::MachineGone { .. } => {}
        }
    }

    fn facts(&self, host: HostId) -> impl Iterator<Item = Fact> {
        let images = self.images.iter().cloned().map(move |image| Fact::Image { host, image });
        let volumes = self.volumes.values().cloned().map(move |spec| Fact::Volume { host, spec });
        let machines = self.machines.values().flat_map(move |machine| {
            let spec = Box::new(machine.spec.clone());
            let vm = spec.id;
            let power = machine.power.history().iter();
            let power = power.map(move |happening| Fact::Power { host, vm, happening: *happening });
            std::iter::once(Fact::Machine { host, spec }).chain(power)
        });
        let foreign = self
            .foreign
            .iter()
            .map(move |(vm, name)| (*vm, name.clone()))
            .map(move |(vm, name)| Fact::Foreign { host, vm, name });
        let mute = (!self.answers).then_some(Fact::Answers { host, answers: false });
        images.chain(volumes).chain(machines).chain(foreign).chain(mute)
    }
}

impl NetworkWorld {
    pub(crate) fn new(spec: NetworkSpec, vlan: Option<u16>) -> Self {
        Self { spec, vlan, hosts: BTreeSet::new() }
    }
}
