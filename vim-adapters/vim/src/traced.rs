//! A VIM whose every call leaves a span and a duration, whatever adapter does it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::stream::BoxStream;
use metrics::histogram;
use tracing::{Instrument, Span, debug, field, info_span};
use windlass_model::{HostId, ImageDigest, NetworkId, VmId, VolumeId};

use crate::{
    Error, Event, ExecOutput, HostReport, ImageSource, ImageSpec, Network, NetworkSpec, Owned,
    Readiness, Result, Vim, Vm, VmSpec, VmState, VmStats, Volume, VolumeSpec,
};

/// An adapter that is watched.
#[derive(Debug)]
pub struct Traced {
    adapter: &'static str,
    inner: Arc<dyn Vim>,
}

impl Traced {
    /// Watches `inner`; `adapter` is its kind, as metrics name it.
    #[must_use]
    pub fn new(adapter: &'static str, inner: Arc<dyn Vim>) -> Self {
        Self { adapter, inner }
    }

    fn span(&self, call: &'static str) -> Span {
        let span = info_span!(
            "vim",
            otel.name = field::Empty,
            otel.status_code = field::Empty,
            call,
            adapter = self.adapter,
            host = field::Empty,
            vm = field::Empty,
            volume = field::Empty,
            network = field::Empty,
            image = field::Empty,
        );
        span.record("otel.name", format_args!("vim {call}"));
        span
    }

    fn on(&self, call: &'static str, host: HostId) -> Span {
        let span = self.span(call);
        span.record("host", field::display(host));
        span
    }

    fn on_vm(&self, call: &'static str, host: HostId, vm: VmId) -> Span {
        let span = self.on(call, host);
        span.record("vm", field::display(vm));
        span
    }

    async fn watch<T>(
        &self,
        call: &'static str,
        span: Span,
        work: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let begun = Instant::now();
        let result = work.instrument(span.clone()).await;
        let outcome = result.as_ref().map_or_else(outcome_of, |_| "ok");
        let took = begun.elapsed();
        let labels = [("call", call), ("adapter", self.adapter), ("outcome", outcome)];
        histogram!("windlass_vim_call_duration_seconds", &labels).record(took);
        if let Err(error) = &result {
            span.record("otel.status_code", "ERROR");
            let elapsed_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            // Who called decides whether it matters, and says so.
            span.in_scope(|| debug!(elapsed_ms, %error, "{call} failed: {error}"));
        }
        result
    }
}

/// What an error is called in metrics.
fn outcome_of(error: &Error) -> &'static str {
    match error {
        Error::UnknownHost(_) => "unknown_host",
        Error::Unreachable { .. } => "unreachable",
        Error::Missing { .. } => "missing",
        Error::NotOurs { .. } => "not_ours",
        Error::NoRoom { .. } => "no_room",
        Error::ImageCorrupt { .. } => "image_corrupt",
        Error::ImageSource(_) => "image_source",
        Error::NotReady { .. } => "not_ready",
        Error::Crashed { .. } => "crashed",
        Error::NoAgent { .. } => "no_agent",
        Error::Refused { .. } => "refused",
    }
}

#[async_trait]
impl Vim for Traced {
    async fn probe(&self) -> Result<Vec<HostReport>> {
        self.watch("probe", self.span("probe"), self.inner.probe()).await
    }

    async fn ensure_image(
        &self,
        host: HostId,
        image: &ImageSpec,
        source: &dyn ImageSource,
    ) -> Result<()> {
        let span = self.on("ensure_image", host);
        span.record("image", field::display(&image.digest));
        self.watch("ensure_image", span, self.inner.ensure_image(host, image, source)).await
    }

    async fn remove_image(&self, host: HostId, image: &ImageDigest) -> Result<bool> {
        let span = self.on("remove_image", host);
        span.record("image", field::display(image));
        self.watch("remove_image", span, self.inner.remove_image(host, image)).await
    }

    async fn ensure_network(&self, hosts: &[HostId], network: &NetworkSpec) -> Result<Network> {
        let span = self.span("ensure_network");
        span.record("network", field::display(network.id));
        self.watch("ensure_network", span, self.inner.ensure_network(hosts, network)).await
    }

    async fn network(&self, network: NetworkId) -> Result<Option<Network>> {
        let span = self.span("network");
        span.record("network", field::display(network));
        self.watch("network", span, self.inner.network(network)).await
    }

    async fn delete_network(&self, network: NetworkId) -> Result<()> {
        let span = self.span("delete_network");
        span.record("network", field::display(network));
        self.watch("delete_network", span, self.inner.delete_network(network)).await
    }

    async fn ensure_volume(&self, host: HostId, volume: &VolumeSpec) -> Result<Volume> {
        let span = self.on("ensure_volume", host);
        span.record("volume", field::display(volume.id));
        self.watch("ensure_volume", span, self.inner.ensure_volume(host, volume)).await
    }

    async fn delete_volume(&self, host: HostId, volume: VolumeId) -> Result<()> {
        let span = self.on("delete_volume", host);
        span.record("volume", field::display(volume));
        self.watch("delete_volume", span, self.inner.delete_volume(host, volume)).await
    }

    async fn ensure_vm(&self, host: HostId, vm: &VmSpec) -> Result<Vm> {
        let span = self.on_vm("ensure_vm", host, vm.id);
        self.watch("ensure_vm", span, self.inner.ensure_vm(host, vm)).await
    }

    async fn start_vm(&self, host: HostId, vm: VmId) -> Result<()> {
        let span = self.on_vm("start_vm", host, vm);
        self.watch("start_vm", span, self.inner.start_vm(host, vm)).await
    }

    async fn stop_vm(&self, host: HostId, vm: VmId, grace: Duration) -> Result<()> {
        let span = self.on_vm("stop_vm", host, vm);
        self.watch("stop_vm", span, self.inner.stop_vm(host, vm, grace)).await
    }

    async fn delete_vm(&self, host: HostId, vm: VmId) -> Result<()> {
        let span = self.on_vm("delete_vm", host, vm);
        self.watch("delete_vm", span, self.inner.delete_vm(host, vm)).await
    }

    async fn vm(&self, host: HostId, vm: VmId) -> Result<Option<Vm>> {
        self.watch("vm", self.on_vm("vm", host, vm), self.inner.vm(host, vm)).await
    }

    async fn await_ready(
        &self,
        host: HostId,
        vm: VmId,
        readiness: &Readiness,
        limit: Duration,
    ) -> Result<()> {
        let span = self.on_vm("await_ready", host, vm);
        self.watch("await_ready", span, self.inner.await_ready(host, vm, readiness, limit)).await
    }

    async fn console(&self, host: HostId, vm: VmId, max_bytes: u32) -> Result<String> {
        let span = self.on_vm("console", host, vm);
        self.watch("console", span, self.inner.console(host, vm, max_bytes)).await
    }

    async fn exec(
        &self,
        host: HostId,
        vm: VmId,
        argv: &[String],
        limit: Duration,
    ) -> Result<ExecOutput> {
        let span = self.on_vm("exec", host, vm);
        self.watch("exec", span, self.inner.exec(host, vm, argv, limit)).await
    }

    async fn stats(&self, host: HostId, vm: VmId) -> Result<VmStats> {
        self.watch("stats", self.on_vm("stats", host, vm), self.inner.stats(host, vm)).await
    }

    async fn owned(&self) -> Result<Vec<Owned>> {
        self.watch("owned", self.span("owned"), self.inner.owned()).await
    }

    async fn vm_states(&self, host: HostId, vms: &[VmId]) -> Result<BTreeMap<VmId, VmState>> {
        let span = self.on("vm_states", host);
        self.watch("vm_states", span, self.inner.vm_states(host, vms)).await
    }

    fn events(&self) -> BoxStream<'static, Event> {
        self.inner.events()
    }
}
