//! Allocations: what a VNF says it holds, once an operation has ended.

use windlass_api::windlass::{Capacity as WireCapacity, VnfAllocation};
use windlass_model::{Capacity, HostId, NumaNode, OperationId, VnfInstanceId};
use windlass_store::Allocation;

use crate::error::{Error, Result};
use crate::nfvo::Core;

/// Takes down what a VNF holds after an operation; see [`windlass_store::Allocations::settle`].
pub(crate) async fn settle(
    core: &Core,
    vnf: VnfInstanceId,
    after: Option<OperationId>,
    holds: &[VnfAllocation],
) -> Result<()> {
    let reserved = core.store.allocations().of_vnf(vnf).await?;
    let allocations = holds.iter().map(|one| allocation(vnf, one, &reserved));
    let allocations = allocations.collect::<Result<Vec<_>>>()?;
    let settled = core.store.allocations().settle(vnf, after, allocations.clone()).await?;
    // What stands beside it is read anew by whoever decides next: the versions do not follow.
    if settled.is_all {
        core.ledger.settled(settled.version, vnf, allocations);
    }
    Ok(())
}

/// What is told, with the NUMA node that the planner chose: of that the VNFM need not know.
fn allocation(
    vnf: VnfInstanceId,
    told: &VnfAllocation,
    reserved: &[Allocation],
) -> Result<Allocation> {
    let host: HostId = told.host_id.parse().map_err(|_no_id| {
        Error::Unprocessable(format!("hostId {:?} is no host's id", told.host_id))
    })?;
    let mut takes = capacity(&told.takes);
    let before = reserved.iter().find(|one| one.vnfc == told.vnfc && one.host == host);
    if let (true, Some(before)) = (takes.numa.is_empty(), before) {
        takes.numa.clone_from(&before.takes.numa);
    }
    Ok(Allocation { vnf, vnfc: told.vnfc.clone(), host, takes })
}

fn capacity(wire: &WireCapacity) -> Capacity {
    let node = |node: &windlass_api::windlass::NumaNodeCapacity| NumaNode {
        id: node.id,
        vcpus: node.vcpus,
        memory_mib: node.memory_mib,
        hugepages: node.hugepages.iter().map(|pages| (pages.size_kib, pages.count)).collect(),
    };
    Capacity {
        vcpus: wire.vcpus,
        memory_mib: wire.memory_mib,
        storage_gib: wire.storage_gib,
        numa: wire.numa_nodes.iter().map(node).collect(),
    }
}
