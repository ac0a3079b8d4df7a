//! An adapter that opens its cloud anew for every call, as if each came from another process.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use windlass_model::{HostId, ImageDigest, NetworkId, VmId, VolumeId};
use windlass_vim::{
    Event, ExecOutput, HostReport, ImageSource, ImageSpec, Network, NetworkSpec, Owned, Readiness,
    Result, Vim, Vm, VmSpec, VmStats, Volume, VolumeSpec,
};
use windlass_vim_sim::{SimCloud, SimVim};

use crate::site::site;

#[derive(Debug)]
pub struct Forgetful {
    pub folder: PathBuf,
    /// One that stays: whoever listens to it hears what the others do.
    pub witness: Arc<dyn Vim>,
}

impl Forgetful {
    fn vim(&self) -> SimVim {
        site(&SimCloud::kept_in(&self.folder), 2).0
    }
}

#[async_trait]
impl Vim for Forgetful {
    async fn probe(&self) -> Result<Vec<HostReport>> {
        self.vim().probe().await
    }

    async fn ensure_image(
        &self,
        host: HostId,
        image: &ImageSpec,
        source: &dyn ImageSource,
    ) -> Result<()> {
        self.vim().ensure_image(host, image, source).await
    }

    async fn remove_image(&self, host: HostId, image: &ImageDigest) -> Result<bool> {
        self.vim().remove_image(host, image).await
    }

    async fn ensure_network(&self, hosts: &[HostId], network: &NetworkSpec) -> Result<Network> {
        self.vim().ensure_network(hosts, network).await
    }

    async fn network(&self, network: NetworkId) -> Result<Option<Network>> {
        self.vim().network(network).await
    }

    async fn delete_network(&self, network: NetworkId) -> Result<()> {
        self.vim().delete_network(network).await
    }

    async fn ensure_volume(&self, host: HostId, volume: &VolumeSpec) -> Result<Volume> {
        self.vim().ensure_volume(host, volume).await
    }

    async fn delete_volume(&self, host: HostId, volume: VolumeId) -> Result<()> {
        self.vim().delete_volume(host, volume).await
    }

    async fn ensure_vm(&self, host: HostId, vm: &VmSpec) -> Result<Vm> {
        self.vim().ensure_vm(host, vm).await
    }

    async fn start_vm(&self, host: HostId, vm: VmId) -> Result<()> {
        self.vim().start_vm(host, vm).await
    }

    async fn stop_vm(&self, host: HostId, vm: VmId, grace: Duration) -> Result<()> {
        self.vim().stop_vm(host, vm, grace).await
    }

    async fn delete_vm(&self, host: HostId, vm: VmId) -> Result<()> {
        self.vim().delete_vm(host, vm).await
    }

    async fn vm(&self, host: HostId, vm: VmId) -> Result<Option<Vm>> {
        self.vim().vm(host, vm).await
    }

    async fn await_ready(
        &self,
        host: HostId,
        vm: VmId,
        readiness: &Readiness,
        limit: Duration,
    ) -> Result<()> {
        self.vim().await_ready(host, vm, readiness, limit).await
    }

    async fn console(&self, host: HostId, vm: VmId, max_bytes: u32) -> Result<String> {
        self.vim().console(host, vm, max_bytes).await
    }

    async fn exec(
        &self,
        host: HostId,
        vm: VmId,
        argv: &[String],
        limit: Duration,
    ) -> Result<ExecOutput> {
        self.vim().exec(host, vm, argv, limit).await
    }

    async fn stats(&self, host: HostId, vm: VmId) -> Result<VmStats> {
        // Counters of a machine begin when a process first sees it run: only one that stays counts.
        self.witness.stats(host, vm).await
    }

    async fn owned(&self) -> Result<Vec<Owned>> {
        self.vim().owned().await
    }

    fn events(&self) -> BoxStream<'static, Event> {
        self.witness.events()
    }
}
