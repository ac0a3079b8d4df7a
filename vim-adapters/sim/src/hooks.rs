//! What happens to a cloud that nobody asked the VIM for.

use tokio::time::Instant;
use windlass_model::{Capacity, HostId, VmId};
use windlass_vim::Vm;

use crate::cloud::SimCloud;
use crate::fact::Fact;
use crate::power::Happening;
use crate::world::World;

impl SimCloud {
    /// All machines of ours, on all hosts, whether those answer or not.
    #[must_use]
    pub fn machines(&self) -> Vec<Vm> {
        let now = Instant::now();
        self.with(|world| {
            let hosts = world.hosts.iter();
            hosts
                .flat_map(|(id, host)| host.machines.values().map(|vm| vm.view(*id, now)))
                .collect()
        })
    }

    /// A machine's process dies; false when it did not run.
    pub fn crash(&self, vm: VmId) -> bool {
        self.with(|world| {
            let hosts = world.hosts_of(vm);
            hosts.into_iter().filter(|host| world.happens(*host, vm, Happening::Crash)).count() > 0
        })
    }

    /// A guest shuts itself down; false when it did not run.
    pub fn power_off(&self, vm: VmId) -> bool {
        self.with(|world| {
            let hosts = world.hosts_of(vm);
            hosts.into_iter().filter(|host| world.happens(*host, vm, Happening::Stop)).count() > 0
        })
    }

    /// Somebody removes a machine; false when there was none.
    pub fn delete_behind(&self, vm: VmId) -> bool {
        self.with(|world| {
            let hosts = world.hosts_of(vm);
            hosts.into_iter().filter(|host| world.remove_machine(*host, vm)).count() > 0
        })
    }

    /// A host does not answer any more; its machines run on.
    pub fn host_down(&self, host: HostId) {
        self.with(|world| world.set_answers(host, false));
    }

    /// A host answers again. What happened meanwhile is not told, as on a real host.
    pub fn host_up(&self, host: HostId) {
        self.with(|world| world.set_answers(host, true));
    }

    /// A host loses its power: it does not answer, and its machines are off when it does again.
    pub fn host_power_loss(&self, host: HostId) {
        self.with(|world| {
            world.set_answers(host, false);
            let machines = world.hosts.get(&host).map(|world| world.machines.keys().copied());
            for vm in machines.map(Iterator::collect::<Vec<_>>).unwrap_or_default() {
                world.happens(host, vm, Happening::Stop);
            }
        });
    }

    /// Sets what a host has. What is there already stays, even when it does not fit any more.
    pub fn set_capacity(&self, host: HostId, capacity: Capacity) {
        self.with(|world| {
            if world.hosts.contains_key(&host) {
                world.change(Fact::Capacity { host, capacity });
            }
        });
    }

    /// Somebody makes a machine on a host that is not ours.
    pub fn make_foreign(&self, host: HostId, vm: VmId, name: &str) {
        self.with(|world| {
            if world.hosts.contains_key(&host) {
                world.change(Fact::Foreign { host, vm, name: name.to_owned() });
            }
        });
    }

    /// True while that machine is there.
    #[must_use]
    pub fn has_foreign(&self, host: HostId, vm: VmId, name: &str) -> bool {
        self.with(|world| {
            let foreign = world.hosts.get(&host).and_then(|world| world.foreign.get(&vm));
            foreign.is_some_and(|there| there == name)
        })
    }

    /// Removes that machine; false when it was not there.
    pub fn remove_foreign(&self, host: HostId, vm: VmId) -> bool {
        self.with(|world| {
            let there = world.hosts.get(&host).is_some_and(|host| host.foreign.contains_key(&vm));
            if there {
                world.change(Fact::ForeignGone { host, vm });
            }
            there
        })
    }
}

impl World {
    /// The hosts that have a machine with this id.
    fn hosts_of(&self, vm: VmId) -> Vec<HostId> {
        let having = self.hosts.iter().filter(|(_, world)| world.machines.contains_key(&vm));
        having.map(|(id, _)| *id).collect()
    }

    fn set_answers(&mut self, host: HostId, answers: bool) {
        if self.hosts.get(&host).is_some_and(|world| world.answers != answers) {
            self.change(Fact::Answers { host, answers });
        }
    }
}
