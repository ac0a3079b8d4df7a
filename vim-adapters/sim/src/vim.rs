//! The adapter: each call is let in, does its work on the world at once, and is let out.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use windlass_model::{Accelerator, Host, HostId, ImageDigest, NetworkId, VmId, VolumeId};
use windlass_vim::{
    Error, Event, ExecOutput, HostFacts, HostReport, ImageSource, ImageSpec, Network, NetworkSpec,
    Owned, Readiness, Result, Vim, Vm, VmSpec, VmState, VmStats, Volume, VolumeSpec,
};

use crate::call::Call;
use crate::cloud::SimCloud;
use crate::history::Subject;
use crate::image;
use crate::machine::tail;
use crate::power::Happening;
use crate::script::Habit;
use crate::world::{NetworkWorld, World};

/// How much of its console an error shows.
const SHOWN_BYTES: u32 = 2048;

/// How often one who waits looks for what other processes did to a kept cloud.
const NEWS: Duration = Duration::from_millis(50);

/// Some hosts of a simulated cloud, as one VIM.
#[derive(Debug)]
pub struct SimVim {
    cloud: SimCloud,
    hosts: BTreeSet<HostId>,
    /// Ends the event streams when the adapter is dropped.
    alive: watch::Sender<()>,
}

impl SimVim {
    /// A VIM of these hosts, which the cloud takes in when it does not have them. A host without
    /// a capacity gets the cloud's usual one.
    #[must_use]
    pub fn new(cloud: SimCloud, hosts: Vec<Host>) -> Self {
        cloud.with(|world| hosts.iter().for_each(|host| world.adopt(host)));
        let hosts = hosts.into_iter().map(|host| host.id).collect();
        Self { cloud, hosts, alive: watch::Sender::new(()) }
    }

    /// The cloud behind it.
    #[must_use]
    pub fn cloud(&self) -> &SimCloud {
        &self.cloud
    }

    fn know(&self, hosts: &[HostId]) -> Result<()> {
        match hosts.iter().find(|host| !self.hosts.contains(host)) {
            Some(host) => Err(Error::UnknownHost(*host)),
            None => Ok(()),
        }
    }

    /// A call whose work is done at once.
    async fn call<T>(
        &self,
        call: Call,
        hosts: &[HostId],
        subject: Subject,
        work: impl FnOnce(&mut World) -> Result<T>,
    ) -> Result<T> {
        self.know(hosts)?;
        let ticket = self.cloud.begin(call, hosts, subject).await?;
        ticket.end(self.cloud.serve(hosts, work)).await
    }

    /// Crashes a machine that has the habit, unless it was stopped or started anew meanwhile.
    fn crash_later(&self, host: HostId, vm: VmId, since: Instant, after: Duration) {
        let cloud = self.cloud.clone();
        tokio::spawn(async move {
            sleep_until(since + after).await;
            cloud.with(|world| {
                let run = world.machine(host, vm).ok().and_then(|machine| machine.run);
                if run.is_some_and(|run| run.began(since)) {
                    world.happens(host, vm, Happening::Crash);
                }
            });
        });
    }

    async fn shut_down(&self, host: HostId, vm: VmId, grace: Duration) -> Result<()> {
        let (running, takes) = self.cloud.serve(&[host], |world| {
            let machine = world.machine(host, vm)?;
            let takes = machine.run.and_then(|run| run.shutdown).unwrap_or(Duration::MAX);
            Ok((machine.state() == VmState::Running, takes))
        })?;
        if running && !takes.min(grace).is_zero() {
            tokio::time::sleep(takes.min(grace)).await;
        }
        self.cloud.serve(&[host], |world| {
            world.machine(host, vm)?;
            world.happens(host, vm, Happening::Stop);
            Ok(())
        })
    }

    async fn wait_ready(
        &self,
        host: HostId,
        vm: VmId,
        readiness: &Readiness,
        limit: Duration,
    ) -> Result<()> {
        let deadline = Instant::now() + limit;
        loop {
            let now = Instant::now();
            let (state, ready, ready_at, changed, console) =
                self.cloud.serve(&[host], |world| {
                    world.all_answer(&[host])?;
                    let vm = world.machine(host, vm)?;
                    // Waiting begins under the lock, so that no change slips through.
                    let changed = std::sync::Arc::clone(&vm.changed).notified_owned();
                    let console = tail(&vm.console(now), SHOWN_BYTES).to_owned();
                    Ok((vm.state(), vm.is_ready(readiness, now), vm.ready_at(), changed, console))
                })?;
            if ready {
                return Ok(());
            }
            if matches!(state, VmState::Stopped | VmState::Crashed) {
                return Err(Error::Crashed { vm, console });
            }
            if now >= deadline {
                return Err(Error::NotReady { vm, limit, console });
            }
            let mut look_again = ready_at.filter(|at| *at > now).unwrap_or(deadline).min(deadline);
            if self.cloud.is_kept() {
                look_again = look_again.min(now + NEWS);
            }
            tokio::select! {
                () = changed => {}
                () = sleep_until(look_again) => {}
            }
        }
    }
}

/// The next event. In a kept cloud others make news as well, which somebody has to look for.
async fn next(told: &mut Receiver<Event>, cloud: &SimCloud) -> Result<Event, RecvError> {
    while cloud.is_kept() {
        match timeout(NEWS, told.recv()).await {
            Ok(next) => return next,
            Err(_elapsed) => cloud.with(|_world| ()),
        }
    }
    told.recv().await
}

#[async_trait]
impl Vim for SimVim {
    async fn probe(&self) -> Result<Vec<HostReport>> {
        let ticket = self.cloud.begin(Call::Probe, &[], Subject::Site).await?;
        let reports = self.cloud.with(|world| {
            let report = |&host: &HostId| {
                let answer = world.all_answer(&[host]).and_then(|()| {
                    let software = concat!("windlass-vim-sim ", env!("CARGO_PKG_VERSION"));
                    Ok(HostFacts {
                        capacity: world.host(host)?.capacity.clone(),
                        accelerator: Accelerator::Tcg,
                        software: software.to_owned(),
                    })
                });
                HostReport { host, answer: answer.map_err(|error| error.to_string()) }
            };
            self.hosts.iter().map(report).collect()
        });
        ticket.end(Ok(reports)).await
    }

    async fn ensure_image(
        &self,
        host: HostId,
        image: &ImageSpec,
        source: &dyn ImageSource,
    ) -> Result<()> {
        self.know(&[host])?;
        let subject = Subject::Image(image.digest.clone());
        let ticket = self.cloud.begin(Call::EnsureImage, &[host], subject).await?;
        let turn = self.cloud.turn(host, &image.digest);
        let _reading = turn.lock().await;
        if self.cloud.serve(&[host], |world| world.has_image(host, &image.digest))? {
            return ticket.end(Ok(())).await;
        }
        let verify = self.cloud.here(|world| world.verify_images);
        image::read(image, source, verify).await?;
        let keep = |world: &mut World| world.keep_image(host, &image.digest);
        ticket.end(self.cloud.serve(&[host], keep)).await
    }

    async fn remove_image(&self, host: HostId, image: &ImageDigest) -> Result<bool> {
        let subject = Subject::Image(image.clone());
        self.call(Call::RemoveImage, &[host], subject, |world| world.remove_image(host, image))
            .await
    }

    async fn ensure_network(&self, hosts: &[HostId], network: &NetworkSpec) -> Result<Network> {
        let subject = Subject::Network(network.id);
        let work = |world: &mut World| world.ensure_network(hosts, network);
        self.call(Call::EnsureNetwork, hosts, subject, work).await
    }

    async fn network(&self, network: NetworkId) -> Result<Option<Network>> {
        let work = |world: &mut World| Ok(world.networks.get(&network).map(NetworkWorld::view));
        self.call(Call::Network, &[], Subject::Network(network), work).await
    }

    async fn delete_network(&self, network: NetworkId) -> Result<()> {
        let hosts: Vec<HostId> = self.cloud.with(|world| {
            let there = world.networks.get(&network).map(|network| network.hosts.iter().copied());
            there.map(Iterator::collect).unwrap_or_default()
        });
        let work = |world: &mut World| world.delete_network(network);
        self.call(Call::DeleteNetwork, &hosts, Subject::Network(network), work).await
    }

    async fn ensure_volume(&self, host: HostId, volume: &VolumeSpec) -> Result<Volume> {
        let subject = Subject::Volume(volume.id);
        let work = |world: &mut World| world.ensure_volume(host, volume);
        self.call(Call::EnsureVolume, &[host], subject, work).await
    }

    async fn delete_volume(&self, host: HostId, volume: VolumeId) -> Result<()> {
        let subject = Subject::Volume(volume);
        let work = |world: &mut World| world.delete_volume(host, volume);
        self.call(Call::DeleteVolume, &[host], subject, work).await
    }

    async fn ensure_vm(&self, host: HostId, vm: &VmSpec) -> Result<Vm> {
        let work = |world: &mut World| world.ensure_vm(host, vm);
        self.call(Call::EnsureVm, &[host], Subject::Vm(vm.id), work).await
    }

    async fn start_vm(&self, host: HostId, vm: VmId) -> Result<()> {
        self.call(Call::StartVm, &[host], Subject::Vm(vm), |world| {
            world.machine(host, vm)?;
            let started = world.happens(host, vm, Happening::Start);
            let machine = world.machine(host, vm)?;
            if let (true, Some(run)) = (started, machine.run)
                && let Some(Habit::CrashesAfter(after)) = world.script.habit_of(&machine.spec)
            {
                self.crash_later(host, vm, run.since(), after);
            }
            Ok(())
        })
        .await
    }

    async fn stop_vm(&self, host: HostId, vm: VmId, grace: Duration) -> Result<()> {
        self.know(&[host])?;
        let ticket = self.cloud.begin(Call::StopVm, &[host], Subject::Vm(vm)).await?;
        ticket.end(self.shut_down(host, vm, grace).await).await
    }

    async fn delete_vm(&self, host: HostId, vm: VmId) -> Result<()> {
        let work = |world: &mut World| world.delete_vm(host, vm);
        self.call(Call::DeleteVm, &[host], Subject::Vm(vm), work).await
    }

    async fn vm(&self, host: HostId, vm: VmId) -> Result<Option<Vm>> {
        self.call(Call::Vm, &[host], Subject::Vm(vm), |world| {
            let machine = world.host(host)?.machines.get(&vm);
            Ok(machine.map(|machine| machine.view(host, Instant::now())))
        })
        .await
    }

    async fn await_ready(
        &self,
        host: HostId,
        vm: VmId,
        readiness: &Readiness,
        limit: Duration,
    ) -> Result<()> {
        self.know(&[host])?;
        let ticket = self.cloud.begin(Call::AwaitReady, &[host], Subject::Vm(vm)).await?;
        ticket.end(self.wait_ready(host, vm, readiness, limit).await).await
    }

    async fn console(&self, host: HostId, vm: VmId, max_bytes: u32) -> Result<String> {
        self.call(Call::Console, &[host], Subject::Vm(vm), |world| {
            let console = world.machine(host, vm)?.console(Instant::now());
            Ok(tail(&console, max_bytes).to_owned())
        })
        .await
    }

    async fn exec(
        &self,
        host: HostId,
        vm: VmId,
        argv: &[String],
        limit: Duration,
    ) -> Result<ExecOutput> {
        let here = [host];
        let no_agent = |reason: String| Error::NoAgent { vm, reason };
        let work = |world: &mut World| {
            let (machine, now) = (world.machine(host, vm)?, Instant::now());
            if machine.is_up(now) {
                Ok(world.run(machine, host, argv, now))
            } else {
                Err(no_agent(format!("the guest is not up; its machine is {:?}", machine.state())))
            }
        };
        let run = self.call(Call::Exec, &here, Subject::Vm(vm), work);
        match timeout(limit, run).await {
            Ok(ran) => ran,
            Err(_elapsed) => Err(no_agent(format!("the command did not end within {limit:?}"))),
        }
    }

    async fn stats(&self, host: HostId, vm: VmId) -> Result<VmStats> {
        let work = |world: &mut World| Ok(world.machine(host, vm)?.stats(Instant::now()));
        self.call(Call::Stats, &[host], Subject::Vm(vm), work).await
    }

    async fn owned(&self) -> Result<Vec<Owned>> {
        let ours = |world: &mut World| Ok(world.owned(self.hosts.iter().copied()));
        self.call(Call::Owned, &[], Subject::Site, ours).await
    }

    fn events(&self) -> BoxStream<'static, Event> {
        let told = self.cloud.with(|world| world.listen());
        let hosts = self.hosts.clone();
        let mut alive = self.alive.subscribe();
        let listening = (told, self.cloud.clone());
        let all = stream::unfold(listening, |(mut told, cloud)| async move {
            loop {
                match next(&mut told, &cloud).await {
                    Ok(event) => return Some((event, (told, cloud))),
                    Err(RecvError::Closed) => return None,
                    Err(RecvError::Lagged(missed)) => {
                        tracing::warn!(
                            missed,
                            "a listener was too slow and missed {missed} events"
                        );
                    }
                }
            }
        });
        all.filter(move |event| std::future::ready(hosts.contains(&event.host)))
            // `changed` ends with an error when the adapter, which never sends, is gone.
            .take_until(async move { alive.changed().await.is_err() })
            .boxed()
    }
}
