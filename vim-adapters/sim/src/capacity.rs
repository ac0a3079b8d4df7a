//! What a host has, and whether one more machine or volume fits.

use std::collections::BTreeMap;

use windlass_model::{Capacity, HostId, NumaNode};
use windlass_vim::{Error, VmSpec};

use crate::world::HostWorld;

/// What a host has that says nothing else: 64 CPUs, 256 GiB and 4 TiB, on two NUMA nodes with
/// 16 GiB in pages of 2 MiB and 16 GiB in pages of 1 GiB each.
pub(crate) fn usual() -> Capacity {
    let hugepages = BTreeMap::from([(2048, 8192), (1 << 20, 16)]);
    let node =
        |id| NumaNode { id, vcpus: 32, memory_mib: 128 * 1024, hugepages: hugepages.clone() };
    Capacity { vcpus: 64, memory_mib: 256 * 1024, storage_gib: 4096, numa: vec![node(0), node(1)] }
}

/// Checks that a machine fits beside those that are defined. Its CPUs always do: machines share those
/// of a host, as on a real one, and how many share them is the NFVO's business.
pub(crate) fn admit_vm(id: HostId, host: &HostWorld, spec: &VmSpec) -> Result<(), Error> {
    let no_room = |reason: String| Error::NoRoom { host: id, reason };
    let has = &host.capacity;
    if !fits(host.memory_mib(|_| true), spec, has.memory_mib) {
        return Err(no_room(format!("no memory left for {}", spec.name)));
    }
    if let Some(number) = spec.numa_node {
        let Some(node) = has.numa.iter().find(|node| node.id == number) else {
            return Err(no_room(format!("there is no NUMA node {number}")));
        };
        if !fits(host.memory_mib(|vm| vm.numa_node == Some(number)), spec, node.memory_mib) {
            return Err(no_room(format!("no memory left on NUMA node {number}")));
        }
    }
    if let Some(size_kib) = spec.hugepage_kib {
        let nodes = has.numa.iter().filter(|node| spec.numa_node.is_none_or(|id| node.id == id));
        let pages: u64 = nodes.filter_map(|node| node.hugepages.get(&size_kib)).sum();
        let rival = |vm: &VmSpec| {
            let same_node = spec.numa_node.is_none() || vm.numa_node == spec.numa_node;
            same_node && vm.hugepage_kib == Some(size_kib)
        };
        let wanted_kib = (host.memory_mib(rival) + spec.memory_mib) * 1024;
        if wanted_kib > pages.saturating_mul(size_kib) {
            return Err(no_room(format!("no pages of {size_kib} KiB left for {}", spec.name)));
        }
    }
    Ok(())
}

/// Checks that a volume fits beside those that exist.
pub(crate) fn admit_volume(id: HostId, host: &HostWorld, size_gib: u64) -> Result<(), Error> {
    let used: u64 = host.volumes.values().map(|volume| volume.size_gib).sum();
    if used.saturating_add(size_gib) > host.capacity.storage_gib {
        let reason = format!("{used} GiB of {} GiB are taken", host.capacity.storage_gib);
        return Err(Error::NoRoom { host: id, reason });
    }
    Ok(())
}

fn fits(used_mib: u64, spec: &VmSpec, has_mib: u64) -> bool {
    used_mib.saturating_add(spec.memory_mib) <= has_mib
}

impl HostWorld {
    /// The memory of those machines.
    fn memory_mib(&self, counts: impl Fn(&VmSpec) -> bool) -> u64 {
        let specs = self.machines.values().map(|machine| &machine.spec);
        specs.filter(|vm| counts(vm)).map(|vm| vm.memory_mib).sum()
    }
}
