//! What a host has.

use std::collections::BTreeMap;
use std::sync::Arc;

use virt::connect::Connect;
use windlass_model::{Accelerator, Capacity, NumaNode};
use windlass_vim::{HostFacts, HostReport, Result};

use crate::fault::{Fault, Outcome};
use crate::kvm;
use crate::link::Link;
use crate::pool::Pool;
use crate::session::Session;
use crate::xml::Element;

/// Asks a host how it is.
pub(crate) async fn report(link: &Link) -> HostReport {
    let answer = facts(link).await.map_err(|error| error.to_string());
    HostReport { host: link.host.id, answer }
}

/// What runs guests on a host; tried out once per connection.
pub(crate) async fn accelerator(link: &Link, session: &Arc<Session>) -> Result<Accelerator> {
    let try_out = || {
        let work = |session: &Session| Ok(kvm::try_out(session.connect()));
        link.call_on(Arc::clone(session), "try KVM", work)
    };
    session.accelerator.get_or_try_init(try_out).await.copied()
}

/// The CPUs of a NUMA node as a cpuset.
pub(crate) fn cpus_of_node(connect: &Connect, node: u32) -> Outcome<String> {
    let capabilities = Element::parse(&connect.get_capabilities()?).unwrap_or_default();
    let missing = || Fault::Missing(format!("the NUMA node {node}"));
    let cell = cells(&capabilities).find(|cell| id(cell) == Some(node)).ok_or_else(missing)?;
    let cpus = cell.at(&["cpus"]).into_iter().flat_map(|cpus| cpus.all("cpu"));
    let ids: Vec<&str> = cpus.filter_map(|cpu| cpu.get("id")).collect();
    Ok(ids.join(","))
}

async fn facts(link: &Link) -> Result<HostFacts> {
    let session = link.session().await?;
    let accelerator = accelerator(link, &session).await?;
    link.call_on(session, "read its capacity", move |session| {
        let connect = session.connect();
        Ok(HostFacts { capacity: capacity(connect)?, accelerator, software: software(connect)? })
    })
    .await
}

fn capacity(connect: &Connect) -> Outcome<Capacity> {
    let node = connect.get_node_info()?;
    let capabilities = Element::parse(&connect.get_capabilities()?).unwrap_or_default();
    let mut numa: Vec<NumaNode> = cells(&capabilities).filter_map(numa_node).collect();
    for node in &mut numa {
        count_free_pages(connect, node)?;
    }
    Ok(Capacity {
        vcpus: node.cpus,
        memory_mib: node.memory / 1024,
        storage_gib: Pool::open(connect)?.capacity_bytes()? >> 30,
        numa,
    })
}

fn software(connect: &Connect) -> Outcome<String> {
    let dotted = |v: u32| format!("{}.{}.{}", v / 1_000_000, v / 1000 % 1000, v % 1000);
    let (libvirt, qemu) = (connect.get_lib_version()?, connect.get_hyp_version()?);
    Ok(format!("libvirt {}, QEMU {}", dotted(libvirt), dotted(qemu)))
}

fn cells(capabilities: &Element) -> impl Iterator<Item = &Element> {
    let cells = capabilities.at(&["host", "topology", "cells"]);
    cells.into_iter().flat_map(|cells| cells.all("cell"))
}

fn id(cell: &Element) -> Option<u32> {
    cell.get("id")?.parse().ok()
}

/// A NUMA node with the sizes of its huge pages; ordinary pages of 4 KiB are not huge.
fn numa_node(cell: &Element) -> Option<NumaNode> {
    let sizes = cell.all("pages").filter_map(|pages| pages.get("size")?.parse::<u64>().ok());
    let hugepages: BTreeMap<u64, u64> = sizes.filter(|kib| *kib > 4).map(|kib| (kib, 0)).collect();
    let memory_kib: u64 = cell.at(&["memory"])?.content().parse().ok()?;
    Some(NumaNode {
        id: id(cell)?,
        vcpus: cell.at(&["cpus"])?.get("num")?.parse().ok()?,
        memory_mib: memory_kib / 1024,
        hugepages,
    })
}

fn count_free_pages(connect: &Connect, node: &mut NumaNode) -> Outcome<()> {
    for (size_kib, free) in &mut node.hugepages {
        let size = u32::try_from(*size_kib).unwrap_or(u32::MAX);
        *free = connect.get_free_pages(&[size], node.id, 1, 0)?.first().copied().unwrap_or(0);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPABILITIES: &str = "<capabilities><host><topology><cells num='1'><cell id='1'>
        <memory unit='KiB'>4194304</memory><pages unit='KiB' size='4'>9</pages>
        <pages unit='KiB' size='2048'>8</pages><cpus num='2'><cpu id='2'/><cpu id='3'/></cpus>
        </cell></cells></topology></host></capabilities>";

    #[test]
    fn a_numa_node_has_huge_pages_and_no_ordinary_ones() {
        let capabilities = Element::parse(CAPABILITIES).unwrap();
        let nodes: Vec<_> = cells(&capabilities).filter_map(numa_node).collect();
        let hugepages = BTreeMap::from([(2048, 0)]);
        assert_eq!(nodes, [NumaNode { id: 1, vcpus: 2, memory_mib: 4096, hugepages }]);
    }
}
