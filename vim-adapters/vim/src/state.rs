//! What a VIM answers.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use windlass_model::{Accelerator, Capacity, HostId, Tag, VmId, VolumeId};

use crate::spec::NetworkSpec;

/// What a host said when it was probed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostReport {
    /// Which host.
    pub host: HostId,
    /// What it has and what runs its guests, or why it does not answer.
    pub answer: Result<HostFacts, String>,
}

/// What a host has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostFacts {
    /// All that the host has, used or not.
    pub capacity: Capacity,
    /// What runs its guests: KVM only where a probe guest has booted with it.
    pub accelerator: Accelerator,
    /// Name and version of what runs there, for people: `libvirt 11.3.0, QEMU 10.0.2`.
    pub software: String,
}

/// A network that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// What it was made with; asking for the same on more hosts extends it.
    pub spec: NetworkSpec,
    /// The VLAN that separates it, where VLANs do.
    pub vlan: Option<u16>,
    /// The hosts that have it.
    pub hosts: Vec<HostId>,
}

/// A volume that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Its id.
    pub id: VolumeId,
    /// Its virtual size in bytes.
    pub size_bytes: u64,
}

/// Whether a machine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VmState {
    /// It runs.
    Running,
    /// It is suspended in memory.
    Paused,
    /// It is defined and does not run: never started, or stopped as asked.
    Stopped,
    /// It stopped by itself: the guest panicked or its process died.
    Crashed,
}

/// A machine that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vm {
    /// Its id.
    pub id: VmId,
    /// Whose it is.
    pub tag: Tag,
    /// Its name on the host.
    pub name: String,
    /// Where it is.
    pub host: HostId,
    /// Whether it runs.
    pub state: VmState,
    /// The addresses that its agent reports, loopback left out; empty without an agent.
    pub addresses: Vec<Ipv4Addr>,
}

/// What a command in a guest did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecOutput {
    /// Its exit status.
    pub status: i32,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

/// What a machine uses. Counters start with the machine's process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VmStats {
    /// CPU time in nanoseconds.
    pub cpu_time_ns: u64,
    /// Memory that the guest holds, in MiB.
    pub memory_mib: u64,
    /// Bytes read from all disks.
    pub disk_read_bytes: u64,
    /// Bytes written to all disks.
    pub disk_written_bytes: u64,
    /// Bytes received over all cards.
    pub net_received_bytes: u64,
    /// Bytes sent over all cards.
    pub net_sent_bytes: u64,
}

/// The kinds of things that carry our tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnedKind {
    /// A machine.
    Vm,
    /// A volume, a seed or a console log of a machine included.
    Volume,
    /// A network.
    Network,
}

/// Something on a host that carries our tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owned {
    /// Where it is.
    pub host: HostId,
    /// What it is.
    pub kind: OwnedKind,
    /// Its id (a machine's, volume's or network's).
    pub id: String,
    /// Its name on the host.
    pub name: String,
    /// Whose it is.
    pub tag: Tag,
}

/// Something that happened to one of our machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Where.
    pub host: HostId,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// A machine started or resumed.
    Started(VmId),
    /// A machine stopped as asked, by us or by somebody else.
    Stopped(VmId),
    /// A machine stopped by itself.
    Crashed(VmId),
    /// A machine was suspended: by somebody, or because its disk gave an error.
    Paused(VmId),
    /// A machine's definition was removed.
    Removed(VmId),
    /// The connection to the host was lost.
    HostLost,
    /// The connection to the host is back.
    HostBack,
}
