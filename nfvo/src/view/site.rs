//! VIMs and hosts, with what is used of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use windlass_api::windlass as api;
use windlass_model::{Accelerator, Capacity, Host, HostId, HostState, Vim};

/// What is allocated, by host.
pub(crate) type Used = HashMap<HostId, Capacity>;

/// A VIM as clients see it.
pub(crate) fn vim(vim: &Vim, used: &Used) -> api::Vim {
    let reachable = || vim.hosts.iter().filter(|host| host.state == HostState::Reachable);
    let zones: BTreeSet<&str> = vim.hosts.iter().map(|host| host.zone.as_str()).collect();
    let capacity = reachable().fold(Capacity::default(), |sum, host| sum.plus(&host.capacity));
    let taken = reachable().filter_map(|host| used.get(&host.id));
    let taken = taken.fold(Capacity::default(), |sum, part| sum.plus(part));
    api::Vim {
        id: vim.id.to_string(),
        name: vim.name.clone(),
        vim_type: vim.kind.vim_type().to_owned(),
        state: match reachable().count() {
            0 => api::VimState::Unreachable,
            count if count == vim.hosts.len() => api::VimState::Reachable,
            _ => api::VimState::Degraded,
        },
        accelerator: weakest(reachable()).map(accelerator),
        zones: zones.into_iter().map(str::to_owned).collect(),
        hosts: vim.hosts.iter().map(|one| host(vim, one, used)).collect(),
        capacity: capacity_of(&capacity),
        used: capacity_of(&taken),
    }
}

/// A host as clients see it.
pub(crate) fn host(vim: &Vim, host: &Host, used: &Used) -> api::Host {
    let probed = host.capacity != Capacity::default();
    api::Host {
        id: host.id.to_string(),
        vim_id: vim.id.to_string(),
        name: host.name.clone(),
        zone: host.zone.clone(),
        uri: host.uri.clone(),
        drained: host.drained,
        bridge: Some(host.bridge.clone()).filter(|bridge| !bridge.is_empty()),
        vlans: host.vlans.map(|(first, last)| format!("{first}-{last}")),
        state: match (host.state, host.drained) {
            (HostState::Unreachable, _) if !probed && host.problem.is_none() => {
                api::HostState::Probing
            }
            (HostState::Unreachable, _) => api::HostState::Unreachable,
            (HostState::Reachable, true) => api::HostState::Drained,
            (HostState::Reachable, false) => api::HostState::Reachable,
        },
        state_detail: host.problem.clone(),
        accelerator: probed.then(|| accelerator(host.accelerator)),
        capacity: capacity_of(&host.capacity),
        used: capacity_of(used.get(&host.id).unwrap_or(&Capacity::default())),
    }
}

/// What every one of these hosts can do; `None` when there is none.
fn weakest<'a>(hosts: impl Iterator<Item = &'a Host>) -> Option<Accelerator> {
    hosts.map(|host| host.accelerator).reduce(|one, other| match (one, other) {
        (Accelerator::Kvm, Accelerator::Kvm) => Accelerator::Kvm,
        (Accelerator::Tcg, _) | (_, Accelerator::Tcg) => Accelerator::Tcg,
    })
}

fn accelerator(of: Accelerator) -> api::Accelerator {
    match of {
        Accelerator::Kvm => api::Accelerator::Kvm,
        Accelerator::Tcg => api::Accelerator::Tcg,
    }
}

fn capacity_of(capacity: &Capacity) -> api::Capacity {
    let pages = |pages: &BTreeMap<u64, u64>| {
        let entry = |(&size_kib, &count)| api::HugepageCapacity { size_kib, count };
        pages.iter().map(entry).collect()
    };
    let mut hugepages = BTreeMap::new();
    for (size, count) in capacity.numa.iter().flat_map(|node| &node.hugepages) {
        *hugepages.entry(*size).or_insert(0) += count;
    }
    let node = |node: &windlass_model::NumaNode| api::NumaNodeCapacity {
        id: node.id,
        vcpus: node.vcpus,
        memory_mib: node.memory_mib,
        hugepages: pages(&node.hugepages),
    };
    api::Capacity {
        vcpus: capacity.vcpus,
        memory_mib: capacity.memory_mib,
        storage_gib: capacity.storage_gib,
        hugepages: pages(&hugepages),
        numa_nodes: capacity.numa.iter().map(node).collect(),
    }
}
