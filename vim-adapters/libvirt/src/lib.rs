//! [`LibvirtVim`]: the [`Vim`] of plain libvirt hosts.
//!
//! ```text
//!   LibvirtVim ── Link (one per host) ── Session (the open connection)
//!                  │ limit on calls       ▲ opens, watches, opens again
//!                  └─ signals ──▶ Supervisor (one thread per host) ──▶ events
//! ```
//! Everything goes through libvirt's API, so that a host may be anywhere: images, seeds and console
//! logs travel as streams of storage volumes. Every call blocks, so every call is one blocking task,
//! at most a few per host at once.
//!
//! | what | in libvirt |
//! |---|---|
//! | machine | domain whose UUID is its id, our metadata element |
//! | network | network whose UUID is its id, on every host that has it, our metadata element |
//! | volume | QCOW2 volume in the pool `windlass`, named by its id, beside a record of its owner |
//! | image | volume in the same pool, named by its digest |
//!
//! **Architecture invariant:** no state is kept here but open connections; what exists is asked of
//! the hosts each time, so any process may go on where another one died.

mod agent;
mod audit;
mod console;
mod domain;
mod fault;
mod ffi;
mod image;
mod iso9660;
mod kvm;
mod link;
mod machine;
mod metadata;
mod network;
mod pool;
mod probe;
mod qcow2;
mod readiness;
mod seed;
mod session;
mod stats;
mod supervisor;
mod vlan;
mod volume;
mod xml;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use futures::future::join_all;
use futures::stream::{self, BoxStream};
use tokio::sync::Mutex;
use tokio::sync::broadcast::{self, error::RecvError};
use tracing::warn;
use windlass_model::{Host, HostId, ImageDigest, NetworkId, VmId, VolumeId};
use windlass_vim::{
    Error, Event, ExecOutput, HostReport, ImageSource, ImageSpec, Network, NetworkSpec, Owned,
    Readiness, Result, Vim, Vm, VmSpec, VmState, VmStats, Volume, VolumeSpec,
};

use crate::link::Link;

/// Events that may wait for a slow reader before it loses the oldest.
const EVENTS_WAITING: usize = 1024;

/// The hosts of one VIM, each with a libvirtd.
#[derive(Debug)]
pub struct LibvirtVim {
    links: Vec<Arc<Link>>,
    /// Held while a VLAN is chosen, so that calls of one process do not race for the lowest.
    choosing_vlan: Mutex<()>,
    events: broadcast::Sender<Event>,
}

impl LibvirtVim {
    /// An adapter for `hosts`. A host is connected to when it is first used, and from then on
    /// whenever its connection is lost.
    #[must_use]
    pub fn connect(hosts: Vec<Host>) -> Self {
        let (events, _) = broadcast::channel(EVENTS_WAITING);
        let link = |host| Arc::new(Link::new(host, events.downgrade()));
        let links = hosts.into_iter().map(link).collect();
        Self { links, choosing_vlan: Mutex::default(), events }
    }

    fn link(&self, host: HostId) -> Result<&Arc<Link>> {
        self.links.iter().find(|link| link.host.id == host).ok_or(Error::UnknownHost(host))
    }
}

#[async_trait]
impl Vim for LibvirtVim {
    async fn probe(&self) -> Result<Vec<HostReport>> {
        Ok(join_all(self.links.iter().map(|link| probe::report(link))).await)
    }

    async fn ensure_image(
        &self,
        host: HostId,
        image: &ImageSpec,
        source: &dyn ImageSource,
    ) -> Result<()> {
        image::ensure(self.link(host)?, image, source).await
    }

    async fn remove_image(&self, host: HostId, image: &ImageDigest) -> Result<bool> {
        image::remove(self.link(host)?, image).await
    }

    async fn ensure_network(&self, hosts: &[HostId], network: &NetworkSpec) -> Result<Network> {
        let wanted = hosts.iter().map(|host| self.link(*host).cloned());
        let wanted = wanted.collect::<Result<Vec<_>>>()?;
        let _one_at_a_time = self.choosing_vlan.lock().await;
        network::ensure(&self.links, &wanted, network).await
    }

    async fn network(&self, network: NetworkId) -> Result<Option<Network>> {
        network::get(&self.links, network).await
    }

    async fn delete_network(&self, network: NetworkId) -> Result<()> {
        network::delete(&self.links, network).await
    }

    async fn ensure_volume(&self, host: HostId, volume: &VolumeSpec) -> Result<Volume> {
        volume::ensure(self.link(host)?, volume).await
    }

    async fn delete_volume(&self, host: HostId, volume: VolumeId) -> Result<()> {
        volume::delete(self.link(host)?, volume).await
    }

    async fn ensure_vm(&self, host: HostId, vm: &VmSpec) -> Result<Vm> {
        machine::ensure(self.link(host)?, vm).await
    }

    async fn start_vm(&self, host: HostId, vm: VmId) -> Result<()> {
        machine::start(self.link(host)?, vm).await
    }

    async fn stop_vm(&self, host: HostId, vm: VmId, grace: Duration) -> Result<()> {
        machine::stop(self.link(host)?, vm, grace).await
    }

    async fn delete_vm(&self, host: HostId, vm: VmId) -> Result<()> {
        machine::delete(self.link(host)?, vm).await
    }

    async fn vm(&self, host: HostId, vm: VmId) -> Result<Option<Vm>> {
        machine::get(self.link(host)?, vm).await
    }

    async fn await_ready(
        &self,
        host: HostId,
        vm: VmId,
        readiness: &Readiness,
        limit: Duration,
    ) -> Result<()> {
        readiness::wait(self.link(host)?, vm, readiness, limit).await
    }

    async fn console(&self, host: HostId, vm: VmId, max_bytes: u32) -> Result<String> {
        console::tail(self.link(host)?, vm, max_bytes).await
    }

    async fn exec(
        &self,
        host: HostId,
        vm: VmId,
        argv: &[String],
        limit: Duration,
    ) -> Result<ExecOutput> {
        agent::exec(self.link(host)?, vm, argv, limit).await
    }

    async fn stats(&self, host: HostId, vm: VmId) -> Result<VmStats> {
        stats::get(self.link(host)?, vm).await
    }

    async fn owned(&self) -> Result<Vec<Owned>> {
        let looks = self.links.iter().map(|link| async move {
            let host = link.host.id;
            let owned =
                link.call("list what is ours", move |s| audit::owned(s.connect(), host)).await;
            match owned {
                Err(Error::Unreachable { reason, .. }) => {
                    warn!(host = %link.host.name, reason, "left out of the audit");
                    Ok(Vec::new())
                }
                answer => answer,
            }
        });
        Ok(join_all(looks).await.into_iter().collect::<Result<Vec<_>>>()?.concat())
    }

    async fn vm_states(&self, host: HostId, vms: &[VmId]) -> Result<BTreeMap<VmId, VmState>> {
        machine::states(self.link(host)?, vms).await
    }

    fn events(&self) -> BoxStream<'static, Event> {
        self.links.iter().for_each(|link| link.want());
        let next = |mut receiver: broadcast::Receiver<Event>| async move {
            loop {
                match receiver.recv().await {
                    Ok(event) => return Some((event, receiver)),
                    Err(RecvError::Lagged(lost)) => warn!(lost, "a reader of events is too slow"),
                    Err(RecvError::Closed) => return None,
                }
            }
        };
        stream::unfold(self.events.subscribe(), next).boxed()
    }
}
