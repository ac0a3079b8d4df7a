//! Which VNF a machine belongs to, and which VNFs stand on a host.

use std::collections::{BTreeSet, HashMap, HashSet};

use windlass_model::vnf::VnfInstance;
use windlass_model::{HostId, VmId, VnfInstanceId};

/// Whose machines and hosts are. What it does not know it learns in the next round.
#[derive(Debug, Default)]
pub struct Index {
    machines: HashMap<VmId, VnfInstanceId>,
    hosts: HashMap<HostId, BTreeSet<VnfInstanceId>>,
}

impl Index {
    /// Takes note of a VNF.
    pub fn add(&mut self, vnf: &VnfInstance) {
        for vnfc in vnf.instantiated.iter().flat_map(|instantiated| &instantiated.vnfcs) {
            self.machines.insert(vnfc.vm, vnf.id);
            self.hosts.entry(vnfc.host).or_default().insert(vnf.id);
        }
    }

    /// The VNF of a machine; empty when nobody knows it.
    pub fn with_vm(&self, vm: VmId) -> Vec<VnfInstanceId> {
        self.machines.get(&vm).copied().into_iter().collect()
    }

    /// The VNFs on a host.
    pub fn on_host(&self, host: HostId) -> Vec<VnfInstanceId> {
        self.hosts.get(&host).into_iter().flatten().copied().collect()
    }

    /// All hosts.
    pub fn hosts(&self) -> HashSet<HostId> {
        self.hosts.keys().copied().collect()
    }
}
