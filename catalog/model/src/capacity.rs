//! What a host has and what a machine takes.

use serde::{Deserialize, Serialize};

/// An amount of compute: what a host has, uses, or is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Storage in GiB.
    pub storage_gib: u64,
    /// The host's NUMA nodes; empty where the host does not say.
    #[serde(default)]
    pub numa: Vec<NumaNode>,
}

/// One NUMA node of a host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumaNode {
    /// The node's number on its host.
    pub id: u32,
    /// CPUs of the node.
    pub vcpus: u32,
    /// Memory of the node in MiB.
    pub memory_mib: u64,
    /// Free huge pages by page size in KiB.
    #[serde(default)]
    pub hugepages: std::collections::BTreeMap<u64, u64>,
}

impl Capacity {
    /// The sum of both, without regard to NUMA nodes.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            vcpus: self.vcpus.saturating_add(other.vcpus),
            memory_mib: self.memory_mib.saturating_add(other.memory_mib),
            storage_gib: self.storage_gib.saturating_add(other.storage_gib),
            numa: self.numa.clone(),
        }
    }

    /// What is left of this after `used`; never below zero.
    #[must_use]
    pub fn minus(&self, used: &Self) -> Self {
        Self {
            vcpus: self.vcpus.saturating_sub(used.vcpus),
            memory_mib: self.memory_mib.saturating_sub(used.memory_mib),
            storage_gib: self.storage_gib.saturating_sub(used.storage_gib),
            numa: self.numa.clone(),
        }
    }

    /// True when `asked` fits, without regard to NUMA nodes.
    #[must_use]
    pub fn holds(&self, asked: &Self) -> bool {
        asked.vcpus <= self.vcpus
            && asked.memory_mib <= self.memory_mib
            && asked.storage_gib <= self.storage_gib
    }
}
