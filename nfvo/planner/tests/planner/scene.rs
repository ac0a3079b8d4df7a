//! Sites and asks in a few words.

use std::fmt::Write as _;

use windlass_model::{
    Accelerator, Capacity, Host, HostId, HostState, NumaNode, Vim, VimId, VimKind,
};
use windlass_planner::placement::{
    Ask, Item, Placement, Policy, Rule, RuleKind, Scope, Site, place,
};

/// The id of the host or VIM with this name, the same in every run.
pub fn host_id(name: &str) -> HostId {
    HostId::named(uuid::Uuid::NAMESPACE_OID, name)
}

/// See [`host_id`].
pub fn vim_id(name: &str) -> VimId {
    VimId::named(uuid::Uuid::NAMESPACE_OID, name)
}

pub fn capacity(vcpus: u32, memory_mib: u64, storage_gib: u64) -> Capacity {
    Capacity { vcpus, memory_mib, storage_gib, numa: Vec::new() }
}

/// A reachable host with some room.
pub fn host(name: &str, zone: &str, capacity: Capacity) -> Host {
    Host {
        id: host_id(name),
        name: name.into(),
        zone: zone.into(),
        uri: format!("sim:{name}"),
        bridge: "br0".into(),
        vlans: None,
        drained: false,
        state: HostState::Reachable,
        problem: None,
        capacity,
        accelerator: Accelerator::Kvm,
    }
}

/// A host with two NUMA nodes, each with half of everything and with pages of 2 MiB.
pub fn numa_host(
    name: &str,
    zone: &str,
    node_vcpus: u32,
    node_memory_mib: u64,
    pages: u64,
) -> Host {
    let node = |id| NumaNode {
        id,
        vcpus: node_vcpus,
        memory_mib: node_memory_mib,
        hugepages: [(2048, pages)].into(),
    };
    let all = capacity(2 * node_vcpus, 2 * node_memory_mib, 100);
    host(name, zone, Capacity { numa: vec![node(0), node(1)], ..all })
}

pub fn vim(name: &str, hosts: Vec<Host>) -> Vim {
    Vim { id: vim_id(name), name: name.into(), kind: VimKind::Sim, hosts }
}

pub fn site(vims: Vec<Vim>) -> Site {
    Site { vims, ..Site::default() }
}

pub fn item(vcpus: u32, memory_mib: u64) -> Item {
    Item { takes: capacity(vcpus, memory_mib, 1), ..Item::default() }
}

pub fn rule(kind: RuleKind, scope: Scope, members: &[&str]) -> Rule {
    let members = members.iter().map(ToString::to_string).collect();
    Rule { kind, scope, members, strict: true }
}

pub fn ask(items: &[(&str, Item)], rules: Vec<Rule>) -> Ask {
    let items = items.iter().map(|(id, item)| (id.to_string(), item.clone())).collect();
    Ask { items, rules, same_vim: false }
}

/// The plan, or the explanation, as people read it.
pub fn told(ask: &Ask, site: &Site) -> String {
    match place(ask, site, Policy::default()) {
        Ok(placement) => draw(&placement, site),
        Err(no_room) => no_room.to_string(),
    }
}

fn draw(placement: &Placement, site: &Site) -> String {
    let mut text = String::new();
    for (item, spot) in placement {
        let vim = site.vims.iter().find(|vim| vim.id == spot.vim).unwrap();
        let host = vim.hosts.iter().find(|host| host.id == spot.host).unwrap();
        let node = spot.numa_node.map(|id| format!(" node {id}")).unwrap_or_default();
        writeln!(text, "{item} -> {}/{} zone {}{node}", vim.name, host.name, spot.zone).unwrap();
    }
    text
}
