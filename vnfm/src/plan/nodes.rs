//! The nodes of VNF plans and what each is told.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use windlass_lcm::Plan;
use windlass_model::vnf::Vnfc;
use windlass_model::{HostId, NetworkId, VimId, VmId, VolumeId};
use windlass_vim::{ImageSpec, NetworkSpec, Readiness, VmSpec, VolumeSpec};

/// What `ensure_network` and `delete_network` are told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NetworkInput {
    /// The VIM.
    pub vim: VimId,
    /// The network.
    pub network: NetworkId,
    /// The hosts that need it; empty for a removal.
    #[serde(default)]
    pub hosts: Vec<HostId>,
    /// How it is made; `None` for a removal.
    pub spec: Option<NetworkSpec>,
}

/// What `ensure_image` is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImageInput {
    /// The VIM.
    pub vim: VimId,
    /// The host.
    pub host: HostId,
    /// The image.
    pub image: ImageSpec,
    /// The VNFD whose package holds it.
    pub vnfd_id: String,
    /// Its path in the package; `None` when the package does not carry it.
    pub path: Option<String>,
}

/// What `ensure_volume` and `delete_volume` are told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VolumeInput {
    /// The VIM.
    pub vim: VimId,
    /// The host.
    pub host: HostId,
    /// The volume.
    pub volume: VolumeId,
    /// How it is made; `None` for a removal.
    pub spec: Option<VolumeSpec>,
}

/// What the steps of a machine are told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MachineInput {
    /// The VIM.
    pub vim: VimId,
    /// The host.
    pub host: HostId,
    /// The machine.
    pub vm: VmId,
    /// How it is made, for `define_vm`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<VmSpec>,
    /// When it is ready and how many seconds it has, for `await_ready`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<(Readiness, u64)>,
    /// How many seconds its guest has to shut down, for `stop_vm`.
    #[serde(default)]
    pub grace_s: u64,
}

impl MachineInput {
    /// A component's machine, and nothing more.
    #[must_use]
    pub fn of(vnfc: &Vnfc) -> Self {
        let (vim, host, vm) = (vnfc.vim, vnfc.host, vnfc.vm);
        Self { vim, host, vm, spec: None, ready: None, grace_s: 0 }
    }

    /// As the input of a node.
    #[must_use]
    pub fn value(&self) -> Value {
        json!(self)
    }
}

/// Adds the nodes that remove a component; returns the one after which its machine is gone.
pub fn remove(plan: &mut Plan, vnfc: &Vnfc, grace_s: u64, after: &[String]) -> String {
    let name = &vnfc.name;
    let stop = MachineInput { grace_s, ..MachineInput::of(vnfc) };
    let stopped = plan.add("stop_vm", name, format!("stop {name}"), stop.value(), after);
    let gone = plan.add(
        "delete_vm",
        name,
        format!("remove the machine of {name}"),
        MachineInput::of(vnfc).value(),
        &[stopped],
    );
    for volume in &vnfc.volumes {
        let (vim, host) = (vnfc.vim, vnfc.host);
        let input = VolumeInput { vim, host, volume: volume.volume, spec: None };
        let what = format!("{name}/{}", volume.storage);
        let about = format!("remove the volume {} of {name}", volume.storage);
        plan.add("delete_volume", &what, about, json!(input), std::slice::from_ref(&gone));
    }
    gone
}
