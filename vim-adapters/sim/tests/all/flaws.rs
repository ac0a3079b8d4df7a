//! The conformance suite notices an adapter that breaks a promise: the simulator with one flaw.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use windlass_model::{Host, HostId, ImageDigest, NetworkId, VmId, VolumeId};
use windlass_vim::conformance::{self, Ability, Rig, Verdict};
use windlass_vim::{
    Error, Event, ExecOutput, HostReport, ImageSource, ImageSpec, Network, NetworkSpec, Owned,
    Readiness, Result, Vim, Vm, VmSpec, VmStats, Volume, VolumeSpec,
};
use windlass_vim_sim::{SimCloud, SimVim};

use crate::{rig, site};

/// A promise that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    ReadsImagesTwice,
    TakesAnyImage,
    RemovesUsedImages,
    MixesUpVlans,
    ForgetsNetworks,
    ListsNothing,
    LeavesVolumes,
    StopsNothing,
    StartsNothing,
    IsReadyAtOnce,
    HidesConsoles,
    AllCommandsSucceed,
    CountsNothing,
    TellsNothing,
    TakesForeignNames,
    BlamesTheNetwork,
}

#[tokio::test(start_paused = true)]
async fn each_flaw_breaks_the_case_that_is_about_it() {
    let expected = [
        (Flaw::ReadsImagesTwice, "an image is kept and read once"),
        (Flaw::TakesAnyImage, "a corrupt image leaves nothing"),
        (Flaw::TakesAnyImage, "a broken download leaves nothing"),
        (Flaw::RemovesUsedImages, "an image in use stays"),
        (Flaw::MixesUpVlans, "networks made at once are distinct"),
        (Flaw::ForgetsNetworks, "a network spans hosts and is found"),
        (Flaw::ListsNothing, "what is made is listed with its tag"),
        (Flaw::ListsNothing, "a volume made twice is one volume"),
        (Flaw::LeavesVolumes, "a volume made twice is one volume"),
        (Flaw::LeavesVolumes, "what is made is listed with its tag"),
        (Flaw::StopsNothing, "a machine goes through its life"),
        (Flaw::StopsNothing, "a guest that can shuts itself down"),
        (Flaw::StartsNothing, "a machine made twice is one machine"),
        (Flaw::StartsNothing, "calls dropped in the middle are repaired"),
        (Flaw::StartsNothing, "a machine boots from its disk"),
        (Flaw::StartsNothing, "a machine boots a kernel"),
        (Flaw::IsReadyAtOnce, "a guest that is never ready is told"),
        (Flaw::HidesConsoles, "the console holds the boot line"),
        (Flaw::AllCommandsSucceed, "a command gives status and output"),
        (Flaw::AllCommandsSucceed, "networks are apart"),
        (Flaw::CountsNothing, "statistics count"),
        (Flaw::TellsNothing, "events tell a machine's life"),
        (Flaw::TellsNothing, "a killed machine is noticed"),
        (Flaw::TellsNothing, "what others stop or remove is noticed"),
        (Flaw::StartsNothing, "many machines are asked for at once"),
        (Flaw::TakesForeignNames, "a foreign name is left alone"),
        (Flaw::TakesForeignNames, "a foreign id is left alone"),
        (Flaw::BlamesTheNetwork, "an unknown host is named"),
        (Flaw::BlamesTheNetwork, "what is missing is named"),
    ];
    for (flaw, name) in expected {
        let case = conformance::CASES.iter().find(|case| case.name == name).unwrap();
        assert!(case.run(&flawed(Flaw::None)).await.is_ok(), "{name} breaks without a flaw");
        assert!(case.run(&flawed(flaw)).await.is_err(), "{name} does not notice {flaw:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_site_that_cannot_keep_networks_apart_has_to_say_so() {
    let cloud = SimCloud::new();
    let flat = [1, 2].map(|number| Host { vlans: None, ..site::host(number) });
    let vim = Arc::new(SimVim::new(cloud.clone(), flat.to_vec()));
    // The cloud knows the hosts already, and they stay as they are.
    let silent = Rig { vim, ..rig::rig(&cloud) };
    let apart = conformance::CASES.iter().find(|case| case.name == "networks are apart").unwrap();
    assert!(apart.run(&silent).await.is_err());

    let honest = Rig { cannot: vec![Ability::Isolation], ..silent };
    assert_eq!(apart.run(&honest).await.unwrap(), Verdict::Skipped(Ability::Isolation));
}

fn flawed(flaw: Flaw) -> Rig {
    let cloud = SimCloud::new();
    cloud.script().boot_time(Duration::from_secs(5));
    let good = rig::rig(&cloud);
    Rig { vim: Arc::new(Flawed { inner: Arc::clone(&good.vim), flaw }), ..good }
}

#[derive(Debug)]
struct Flawed {
    inner: Arc<dyn Vim>,
    flaw: Flaw,
}

impl Flawed {
    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    fn blame<T>(&self, answer: Result<T>) -> Result<T> {
        match answer {
            Err(Error::UnknownHost(host) | Error::Missing { host, .. })
                if self.has(Flaw::BlamesTheNetwork) =>
            {
                Err(Error::Unreachable { host, reason: "the cable, surely".to_owned() })
            }
            other => other,
        }
    }
}

#[async_trait]
impl Vim for Flawed {
    async fn probe(&self) -> Result<Vec<HostReport>> {
        self.inner.probe().await
    }

    async fn ensure_image(
        &self,
        host: HostId,
        image: &ImageSpec,
        source: &dyn ImageSource,
    ) -> Result<()> {
        if self.has(Flaw::ReadsImagesTwice) {
            drop(source.open().await.map_err(Error::ImageSource)?);
        }
        let kept = self.inner.ensure_image(host, image, source).await;
        if self.has(Flaw::TakesAnyImage) { Ok(()) } else { self.blame(kept) }
    }

    async fn remove_image(&self, host: HostId, image: &ImageDigest) -> Result<bool> {
        let went = self.inner.remove_image(host, image).await?;
        Ok(went || self.has(Flaw::RemovesUsedImages))
    }

    async fn ensure_network(&self, hosts: &[HostId], network: &NetworkSpec) -> Result<Network> {
        let mut made = self.blame(self.inner.ensure_network(hosts, network).await)?;
        if self.has(Flaw::MixesUpVlans) {
            made.vlan = Some(1);
        }
        Ok(made)
    }

    async fn network(&self, network: NetworkId) -> Result<Option<Network>> {
        let found = self.inner.network(network).await?;
        Ok(found.filter(|_| !self.has(Flaw::ForgetsNetworks)))
    }

    async fn delete_network(&self, network: NetworkId) -> Result<()> {
        self.inner.delete_network(network).await
    }

    async fn ensure_volume(&self, host: HostId, volume: &VolumeSpec) -> Result<Volume> {
        self.blame(self.inner.ensure_volume(host, volume).await)
    }

    async fn delete_volume(&self, host: HostId, volume: VolumeId) -> Result<()> {
        if self.has(Flaw::LeavesVolumes) {
            return Ok(());
        }
        self.inner.delete_volume(host, volume).await
    }

    async fn ensure_vm(&self, host: HostId, vm: &VmSpec) -> Result<Vm> {
        match self.inner.ensure_vm(host, vm).await {
            Err(Error::NotOurs { .. }) if self.has(Flaw::TakesForeignNames) => Ok(Vm {
                id: vm.id,
                tag: vm.tag.clone(),
                name: vm.name.clone(),
                host,
                state: windlass_vim::VmState::Stopped,
                addresses: Vec::new(),
            }),
            other => self.blame(other),
        }
    }

    async fn start_vm(&self, host: HostId, vm: VmId) -> Result<()> {
        if self.has(Flaw::StartsNothing) {
            return Ok(());
        }
        self.blame(self.inner.start_vm(host, vm).await)
    }

    async fn stop_vm(&self, host: HostId, vm: VmId, grace: Duration) -> Result<()> {
        if self.has(Flaw::StopsNothing) {
            return Ok(());
        }
        self.inner.stop_vm(host, vm, grace).await
    }

    async fn delete_vm(&self, host: HostId, vm: VmId) -> Result<()> {
        self.inner.delete_vm(host, vm).await
    }

    async fn vm(&self, host: HostId, vm: VmId) -> Result<Option<Vm>> {
        self.inner.vm(host, vm).await
    }

    async fn await_ready(
        &self,
        host: HostId,
        vm: VmId,
        readiness: &Readiness,
        limit: Duration,
    ) -> Result<()> {
        if self.has(Flaw::IsReadyAtOnce) {
            return Ok(());
        }
        self.inner.await_ready(host, vm, readiness, limit).await
    }

    async fn console(&self, host: HostId, vm: VmId, max_bytes: u32) -> Result<String> {
        let console = self.inner.console(host, vm, max_bytes).await?;
        Ok(if self.has(Flaw::HidesConsoles) { String::new() } else { console })
    }

    async fn exec(
        &self,
        host: HostId,
        vm: VmId,
        argv: &[String],
        limit: Duration,
    ) -> Result<ExecOutput> {
        let mut ran = self.inner.exec(host, vm, argv, limit).await?;
        if self.has(Flaw::AllCommandsSucceed) {
            ran.status = 0;
        }
        Ok(ran)
    }

    async fn stats(&self, host: HostId, vm: VmId) -> Result<VmStats> {
        let counted = self.inner.stats(host, vm).await?;
        let stuck = VmStats { cpu_time_ns: 1, memory_mib: 1, ..VmStats::default() };
        Ok(if self.has(Flaw::CountsNothing) { stuck } else { counted })
    }

    async fn owned(&self) -> Result<Vec<Owned>> {
        if self.has(Flaw::ListsNothing) {
            return Ok(Vec::new());
        }
        self.inner.owned().await
    }

    fn events(&self) -> BoxStream<'static, Event> {
        if self.has(Flaw::TellsNothing) { stream::pending().boxed() } else { self.inner.events() }
    }
}
