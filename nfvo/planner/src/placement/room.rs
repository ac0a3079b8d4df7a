//! What is left on a host, and whether an item fits into it.

use std::collections::BTreeMap;

use windlass_model::capacity::{Capacity, NumaNode};

use super::{Item, Policy, Refusal};

/// An amount of compute, without regard to NUMA nodes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) vcpus: u64,
    pub(super) memory_mib: u64,
    pub(super) storage_gib: u64,
}

impl Amount {
    /// What `capacity` says of CPUs, memory and storage.
    pub(super) fn of(capacity: &Capacity) -> Self {
        Self {
            vcpus: capacity.vcpus.into(),
            memory_mib: capacity.memory_mib,
            storage_gib: capacity.storage_gib,
        }
    }

    /// The sum of both.
    pub(super) fn plus(self, other: Self) -> Self {
        self.zip(other, u64::saturating_add)
    }

    /// What is left of this after `other`; never below zero.
    pub(super) fn minus(self, other: Self) -> Self {
        self.zip(other, u64::saturating_sub)
    }

    /// True when `asked` fits.
    pub(super) fn holds(self, asked: Self) -> bool {
        asked.minus(self) == Self::default()
    }

    /// How full this is when only `left` is left, by its scarcest part, in thousandths.
    fn fullness_permille(self, left: Self) -> u64 {
        let parts = [
            (self.vcpus, left.vcpus),
            (self.memory_mib, left.memory_mib),
            (self.storage_gib, left.storage_gib),
        ];
        let known = parts.into_iter().filter(|(total, _)| *total > 0);
        known.map(|(total, left)| total.saturating_sub(left) * 1000 / total).max().unwrap_or(0)
    }

    fn zip(self, other: Self, with: fn(u64, u64) -> u64) -> Self {
        Self {
            vcpus: with(self.vcpus, other.vcpus),
            memory_mib: with(self.memory_mib, other.memory_mib),
            storage_gib: with(self.storage_gib, other.storage_gib),
        }
    }
}

/// What an item needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    pub(super) amount: Amount,
    /// The size in KiB and the number of the huge pages that back its memory.
    pages: Option<(u64, u64)>,
    bound: bool,
}

impl Need {
    pub(super) fn of(item: &Item) -> Self {
        let amount = Amount::of(&item.takes);
        let memory_kib = amount.memory_mib.saturating_mul(1024);
        let pages =
            item.hugepage_kib.map(|size_kib| (size_kib, memory_kib.div_ceil(size_kib.max(1))));
        Self { amount, pages, bound: item.numa || pages.is_some() }
    }

    /// What it takes of a NUMA node, of which storage is no part.
    fn of_node(&self) -> Amount {
        Amount { storage_gib: 0, ..self.amount }
    }
}

/// What is left on a host.
#[derive(Debug, Clone)]
pub(super) struct HostRoom {
    total: Amount,
    pub(super) left: Amount,
    nodes: Vec<NodeRoom>,
}

/// What is left on a NUMA node for items that are bound to it.
#[derive(Debug, Clone)]
struct NodeRoom {
    id: u32,
    total: Amount,
    left: Amount,
    hugepages: BTreeMap<u64, u64>,
}

impl HostRoom {
    /// What `used` leaves of `has`.
    pub(super) fn new(has: &Capacity, used: &Capacity, policy: Policy) -> Self {
        let has_amount = Amount::of(has);
        let total = Amount {
            vcpus: overcommitted(has.vcpus, policy),
            memory_mib: has.memory_mib.saturating_sub(policy.memory_reserve_mib),
            ..has_amount
        };
        let nodes = has.numa.iter().map(|node| {
            NodeRoom::new(node, used.numa.iter().find(|used| used.id == node.id), policy)
        });
        Self { total, left: total.minus(Amount::of(used)), nodes: nodes.collect() }
    }

    /// Adds why the item does not fit.
    pub(super) fn refuse(&self, need: &Need, reasons: &mut Vec<Refusal>) {
        let (wanted, free) = (need.amount, self.left);
        if wanted.vcpus > free.vcpus {
            reasons.push(Refusal::Vcpus { wanted: wanted.vcpus, free: free.vcpus });
        }
        if wanted.memory_mib > free.memory_mib {
            reasons.push(Refusal::Memory { wanted: wanted.memory_mib, free: free.memory_mib });
        }
        if wanted.storage_gib > free.storage_gib {
            reasons.push(Refusal::Storage { wanted: wanted.storage_gib, free: free.storage_gib });
        }
        if let Some(reason) = self.node_refusal(need) {
            reasons.push(reason);
        }
    }

    fn node_refusal(&self, need: &Need) -> Option<Refusal> {
        if !need.bound || self.nodes.iter().any(|node| node.holds(need)) {
            return None;
        }
        if self.nodes.is_empty() {
            return Some(Refusal::NoNumaNodes);
        }
        if let Some((size_kib, wanted)) = need.pages {
            let free = self.nodes.iter().map(|node| node.free_pages(size_kib)).max().unwrap_or(0);
            if free < wanted {
                return Some(Refusal::HugePages { size_kib, wanted, free });
            }
        }
        Some(Refusal::NumaNode {
            vcpus: need.amount.vcpus,
            memory_mib: need.amount.memory_mib,
            hugepage_kib: need.pages.map(|(size_kib, _)| size_kib),
        })
    }

    /// The ways to put the item here, when the host has room: on a node by its index, or, when
    /// it is not bound to one, just on the host.
    pub(super) fn ways(&self, need: &Need) -> impl Iterator<Item = Option<usize>> {
        let nodes =
            self.nodes.iter().enumerate().filter(|(_, node)| need.bound && node.holds(need));
        let anywhere = (!need.bound).then_some(None);
        anywhere.into_iter().chain(nodes.map(|(index, _)| Some(index)))
    }

    /// How full the host, and then the node, would be with the item, in thousandths.
    pub(super) fn fullness_permille(&self, need: &Need, way: Option<usize>) -> (u64, u64) {
        let host = self.total.fullness_permille(self.left.minus(need.amount));
        let node = way.map(|index| &self.nodes[index]);
        (host, node.map_or(0, |n| n.total.fullness_permille(n.left.minus(need.of_node()))))
    }

    /// The number that the host gives the node at `index`.
    pub(super) fn node_id(&self, index: usize) -> u32 {
        self.nodes[index].id
    }

    pub(super) fn take(&mut self, need: &Need, way: Option<usize>) {
        self.change(need, way, u64::saturating_sub);
    }

    pub(super) fn give_back(&mut self, need: &Need, way: Option<usize>) {
        self.change(need, way, u64::saturating_add);
    }

    fn change(&mut self, need: &Need, way: Option<usize>, by: fn(u64, u64) -> u64) {
        self.left = self.left.zip(need.amount, by);
        let Some(node) = way.map(|index| &mut self.nodes[index]) else { return };
        node.left = node.left.zip(need.of_node(), by);
        if let Some((size_kib, count)) = need.pages
            && let Some(pages) = node.hugepages.get_mut(&size_kib)
        {
            *pages = by(*pages, count);
        }
    }
}

impl NodeRoom {
    fn new(has: &NumaNode, used: Option<&NumaNode>, policy: Policy) -> Self {
        let total = Amount {
            vcpus: overcommitted(has.vcpus, policy),
            memory_mib: has.memory_mib,
            storage_gib: 0,
        };
        let taken = used.map_or(Amount::default(), |used| Amount {
            vcpus: used.vcpus.into(),
            memory_mib: used.memory_mib,
            storage_gib: 0,
        });
        let taken_pages = |size| used.and_then(|used| used.hugepages.get(size)).copied();
        let pages = has.hugepages.iter();
        let hugepages = pages
            .map(|(size, count)| (*size, count.saturating_sub(taken_pages(size).unwrap_or(0))));
        Self { id: has.id, total, left: total.minus(taken), hugepages: hugepages.collect() }
    }

    fn holds(&self, need: &Need) -> bool {
        self.left.holds(need.of_node())
            && need.pages.is_none_or(|(size_kib, count)| count <= self.free_pages(size_kib))
    }

    fn free_pages(&self, size_kib: u64) -> u64 {
        self.hugepages.get(&size_kib).copied().unwrap_or(0)
    }
}

fn overcommitted(vcpus: u32, policy: Policy) -> u64 {
    u64::from(vcpus) * u64::from(policy.vcpu_overcommit_percent) / 100
}

/// What items use together on a host, each with the NUMA node that it is bound to: a value of
/// [`Site::used`](super::Site::used).
#[must_use]
pub fn usage<'a>(items: impl IntoIterator<Item = (&'a Item, Option<u32>)>) -> Capacity {
    let uses: Vec<Capacity> = items.into_iter().map(|(item, node)| use_of(item, node)).collect();
    total_usage(&uses)
}

/// The sum of several [`usage`]s of one host, NUMA node by NUMA node.
#[must_use]
pub fn total_usage<'a>(uses: impl IntoIterator<Item = &'a Capacity>) -> Capacity {
    let mut total = Capacity::default();
    let mut nodes: BTreeMap<u32, NumaNode> = BTreeMap::new();
    for part in uses {
        total = total.plus(part);
        for NumaNode { id, vcpus, memory_mib, hugepages } in &part.numa {
            let empty = || NumaNode { id: *id, ..NumaNode::default() };
            let node = nodes.entry(*id).or_insert_with(empty);
            node.vcpus = node.vcpus.saturating_add(*vcpus);
            node.memory_mib = node.memory_mib.saturating_add(*memory_mib);
            for (size_kib, count) in hugepages {
                let pages = node.hugepages.entry(*size_kib).or_default();
                *pages = pages.saturating_add(*count);
            }
        }
    }
    Capacity { numa: nodes.into_values().collect(), ..total }
}

fn use_of(item: &Item, node: Option<u32>) -> Capacity {
    let Capacity { vcpus, memory_mib, storage_gib, .. } = item.takes;
    let hugepages = Need::of(item).pages.into_iter().collect();
    let bound = node.map(|id| NumaNode { id, vcpus, memory_mib, hugepages });
    Capacity { vcpus, memory_mib, storage_gib, numa: bound.into_iter().collect() }
}
