//! The kinds of calls.

use serde::Deserialize;

/// A kind of call on a VIM, one for each method of the trait that talks to hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `probe`
    Probe,
    /// `ensure_image`
    EnsureImage,
    /// `remove_image`
    RemoveImage,
    /// `ensure_network`
    EnsureNetwork,
    /// `network`
    Network,
    /// `delete_network`
    DeleteNetwork,
    /// `ensure_volume`
    EnsureVolume,
    /// `delete_volume`
    DeleteVolume,
    /// `ensure_vm`
    EnsureVm,
    /// `start_vm`
    StartVm,
    /// `stop_vm`
    StopVm,
    /// `delete_vm`
    DeleteVm,
    /// `vm`
    Vm,
    /// `await_ready`
    AwaitReady,
    /// `console`
    Console,
    /// `exec`
    Exec,
    /// `stats`
    Stats,
    /// `owned`
    Owned,
}
