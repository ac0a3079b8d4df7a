//! `trait Vim`: what Windlass asks of an infrastructure, whatever stands behind it.
//!
//! ```text
//!  ensure_network ─┐
//!  ensure_image ─▶ ensure_volume ─▶ ensure_vm ─▶ start_vm ─▶ await_ready
//!                                       ▲            │
//!                                       └─ stop_vm ◀─┘   delete_vm, delete_volume, delete_network
//! ```
//! Every call may be repeated: `ensure_*` finds what an earlier call made, by id; `delete_*` of what
//! is gone is a success. Everything made carries a [`Tag`](windlass_model::Tag). What is not ours is
//! never touched: a name or id that somebody else holds is [`Error::NotOurs`].
//!
//! **Architecture invariant:** nothing here knows VNFs, descriptors or HTTP; every adapter passes
//! the same [`conformance`] suite.

pub mod conformance;
mod error;
mod spec;
mod state;
mod traced;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use windlass_model::{HostId, ImageDigest, NetworkId, VmId, VolumeId};

pub use error::{Error, Result};
pub use spec::{
    Boot, Disk, DiskSource, ImageFormat, ImageSource, ImageSpec, NetworkSpec, Nic, NicModel,
    Readiness, Seed, VmSpec, VolumeSpec,
};
pub use state::{
    Event, EventKind, ExecOutput, HostFacts, HostReport, Network, Owned, OwnedKind, Vm, VmState,
    VmStats, Volume,
};
pub use traced::Traced;

/// An infrastructure: the hosts of one registered VIM.
#[async_trait]
pub trait Vim: Send + Sync + Debug {
    /// Asks every host how it is. A host that does not answer is reported, not an error.
    async fn probe(&self) -> Result<Vec<HostReport>>;

    /// Makes sure that a host's cache holds an image; reads `source` only when it does not.
    ///
    /// # Errors
    /// [`Error::ImageCorrupt`] when the content does not have the digest that the spec names.
    async fn ensure_image(
        &self,
        host: HostId,
        image: &ImageSpec,
        source: &dyn ImageSource,
    ) -> Result<()>;

    /// Removes an image from a host's cache when no volume builds on it; true when it went.
    async fn remove_image(&self, host: HostId, image: &ImageDigest) -> Result<bool>;

    /// Makes a network, isolated from all others, on `hosts` (more may be added by a later call).
    async fn ensure_network(&self, hosts: &[HostId], network: &NetworkSpec) -> Result<Network>;

    /// A network as it is now, with what it was made with; `None` when there is none with this id.
    async fn network(&self, network: NetworkId) -> Result<Option<Network>>;

    /// Removes a network from all hosts. One that is not there is removed already.
    async fn delete_network(&self, network: NetworkId) -> Result<()>;

    /// Makes a volume on a host: empty, or an overlay on a cached image.
    async fn ensure_volume(&self, host: HostId, volume: &VolumeSpec) -> Result<Volume>;

    /// Removes a volume. One that is not there is removed already.
    async fn delete_volume(&self, host: HostId, volume: VolumeId) -> Result<()>;

    /// Defines a machine, with its seed; does not start it. Its volumes and networks exist.
    async fn ensure_vm(&self, host: HostId, vm: &VmSpec) -> Result<Vm>;

    /// Starts a machine that is not running.
    async fn start_vm(&self, host: HostId, vm: VmId) -> Result<()>;

    /// Stops a machine: asks the guest to shut down, and after `grace` cuts the power.
    /// A grace of zero cuts at once.
    async fn stop_vm(&self, host: HostId, vm: VmId, grace: Duration) -> Result<()>;

    /// Removes a machine with its seed and console log, running or not. Its volumes stay.
    async fn delete_vm(&self, host: HostId, vm: VmId) -> Result<()>;

    /// A machine as it is now; `None` when there is none with this id.
    async fn vm(&self, host: HostId, vm: VmId) -> Result<Option<Vm>>;

    /// Waits until a guest is ready, or until `limit` has passed.
    ///
    /// # Errors
    /// [`Error::NotReady`] with the tail of the console; [`Error::Crashed`] when the machine
    /// stopped instead.
    async fn await_ready(
        &self,
        host: HostId,
        vm: VmId,
        readiness: &Readiness,
        limit: Duration,
    ) -> Result<()>;

    /// The last `max_bytes` that a guest wrote to its serial console.
    async fn console(&self, host: HostId, vm: VmId, max_bytes: u32) -> Result<String>;

    /// Runs a command in a guest through its agent and waits for its end, at most `limit`.
    async fn exec(
        &self,
        host: HostId,
        vm: VmId,
        argv: &[String],
        limit: Duration,
    ) -> Result<ExecOutput>;

    /// What a machine uses.
    async fn stats(&self, host: HostId, vm: VmId) -> Result<VmStats>;

    /// Everything on the reachable hosts that carries our tag, cached images left out.
    async fn owned(&self) -> Result<Vec<Owned>>;

    /// Whether machines on a host run; those that are not there are left out. Asks no guest, so it
    /// is cheap for many machines at once.
    async fn vm_states(&self, host: HostId, vms: &[VmId]) -> Result<BTreeMap<VmId, VmState>> {
        let mut states = BTreeMap::new();
        for &id in vms {
            states.extend(self.vm(host, id).await?.map(|vm| (id, vm.state)));
        }
        Ok(states)
    }

    /// What happens to our machines from now on, whoever caused it. The stream goes on over
    /// reconnects and ends when the adapter is dropped.
    ///
    /// Events are hints to look, and not a record: what happens while a host does not answer is not
    /// told afterwards ([`EventKind::HostBack`] says that it is time to look), and a reader that is
    /// too slow loses the oldest. Asking for events connects to every host; one that cannot be
    /// reached is told as [`EventKind::HostLost`] once, until it is back.
    fn events(&self) -> BoxStream<'static, Event>;
}

/// Makes adapters for registered VIMs. The binary holds the one implementation, so that programs
/// link no adapter.
pub trait Connector: Send + Sync + Debug {
    /// The adapter for a VIM as it is registered now; the same one while the registration stays.
    fn connect(&self, vim: &windlass_model::Vim) -> std::sync::Arc<dyn Vim>;
}
