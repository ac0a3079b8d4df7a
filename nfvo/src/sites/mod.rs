//! VIMs and hosts: registered, probed, drained, removed; and what is left behind on them.

mod audit;
mod probe;
mod registry;
mod request;

use std::collections::{BTreeMap, HashMap};

use windlass_model::{Capacity, HostId, NumaNode, Vim};
use windlass_store::{Allocation, Stored};

use crate::error::Result;
use crate::nfvo::Core;
use crate::view::Used;

pub(crate) use audit::audit;
pub(crate) use probe::{probe, watch};
pub(crate) use registry::{
    add_host, host_and_vim, modify_host, register, remove_host, remove_vim, vim,
};

/// More VIMs than this are not looked at.
const VIMS_MAX: usize = 10_000;

/// Every registered VIM.
pub(crate) async fn all(core: &Core) -> Result<Vec<Stored<Vim>>> {
    Ok(core.store.vims().list(None, VIMS_MAX).await?)
}

/// What is allocated on each host at this moment.
pub(crate) async fn used(core: &Core) -> Result<Used> {
    Ok(sum(&core.store.allocations().room().await?.allocations).into_iter().collect())
}

/// What allocations take together, by host; NUMA nodes tell the part that is bound to them.
pub(crate) fn sum<'a>(
    allocations: impl IntoIterator<Item = &'a Allocation>,
) -> BTreeMap<HostId, Capacity> {
    let mut used: BTreeMap<_, Capacity> = BTreeMap::new();
    for allocation in allocations {
        let host = used.entry(allocation.host).or_default();
        *host = host.plus(&allocation.takes);
        host.numa = merged(&host.numa, &allocation.takes.numa);
    }
    used
}

fn merged(some: &[NumaNode], more: &[NumaNode]) -> Vec<NumaNode> {
    let mut nodes: HashMap<u32, NumaNode> = HashMap::new();
    for node in some.iter().chain(more) {
        let sum =
            nodes.entry(node.id).or_insert_with(|| NumaNode { id: node.id, ..NumaNode::default() });
        sum.vcpus = sum.vcpus.saturating_add(node.vcpus);
        sum.memory_mib = sum.memory_mib.saturating_add(node.memory_mib);
        for (size, count) in &node.hugepages {
            *sum.hugepages.entry(*size).or_insert(0) += count;
        }
    }
    let mut nodes: Vec<NumaNode> = nodes.into_values().collect();
    nodes.sort_by_key(|node| node.id);
    nodes
}

#[cfg(test)]
mod tests {
    use windlass_model::VnfInstanceId;

    use super::*;

    #[test]
    fn what_is_bound_to_a_node_is_added_up_node_by_node() {
        let host = HostId::new();
        let on_node = |vnfc: &str, node: Option<u32>| Allocation {
            vnf: VnfInstanceId::new(),
            vnfc: vnfc.to_owned(),
            host,
            takes: Capacity {
                vcpus: 2,
                memory_mib: 1024,
                storage_gib: 1,
                numa: node
                    .map(|id| NumaNode {
                        id,
                        vcpus: 2,
                        memory_mib: 1024,
                        hugepages: [(2048, 512)].into(),
                    })
                    .into_iter()
                    .collect(),
            },
        };
        let used = sum(&[on_node("a", Some(1)), on_node("b", Some(1)), on_node("c", None)]);
        assert_eq!((used[&host].vcpus, used[&host].memory_mib), (6, 3072));
        assert_eq!(used[&host].numa.len(), 1);
        assert_eq!((used[&host].numa[0].vcpus, used[&host].numa[0].hugepages[&2048]), (4, 1024));
    }
}
