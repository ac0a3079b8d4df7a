//! Stories of machines, whatever runs in them.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::join;
use futures::stream::BoxStream;
use tokio::time::{Instant, timeout};
use windlass_model::{HostId, ImageDigest, NetworkId, VmId, VolumeId};

use super::rig::BootKind;
use super::scene::{Scene, subnet};
use super::{Expect, Failure, refused, that};
use crate::{Error, Event, EventKind, OwnedKind, Readiness, VmState};

const AT_ONCE: Duration = Duration::ZERO;

pub(super) async fn a_probe_reports_every_host(scene: &Scene<'_>) -> Result<(), Failure> {
    let reports = scene.vim().probe().await.expecting("a probe answers")?;
    for host in &scene.rig.hosts {
        let Some(report) = reports.iter().find(|report| report.host == *host) else {
            return Err(Failure::new(format!("host {host} is not in the probe's answer")));
        };
        match &report.answer {
            Err(reason) => return Err(Failure::new(format!("host {host} is away: {reason}"))),
            Ok(facts) => {
                let has = &facts.capacity;
                let some = has.vcpus > 0 && has.memory_mib > 0 && has.storage_gib > 0;
                that(some, format!("a host has CPUs, memory and storage: {has:?}"))?;
            }
        }
    }
    Ok(())
}

pub(super) async fn an_unknown_host_is_named(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, nowhere) = (scene.vim(), HostId::new());
    let right = |error: &Error| matches!(error, Error::UnknownHost(host) if *host == nowhere);
    let what = "a call for a host that the VIM does not have is refused";

    let network = scene.network_spec(subnet(1));
    refused(vim.ensure_network(&[scene.here(), nowhere], &network).await, right, what)?;
    let disk = &scene.rig.images.disk;
    refused(vim.ensure_image(nowhere, &disk.spec, disk.source.as_ref()).await, right, what)?;
    refused(vim.start_vm(nowhere, VmId::new()).await, right, what)?;
    refused(vim.stop_vm(nowhere, VmId::new(), AT_ONCE).await, right, what)?;
    refused(vim.delete_vm(nowhere, VmId::new()).await, right, what)?;
    refused(vim.delete_volume(nowhere, VolumeId::new()).await, right, what)?;
    refused(vim.vm(nowhere, VmId::new()).await, right, what)
}

pub(super) async fn deleting_nothing_succeeds(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, host) = (scene.vim(), scene.here());
    let done = "what was never there is removed already";
    vim.delete_network(NetworkId::new()).await.expecting(done)?;
    vim.delete_volume(host, VolumeId::new()).await.expecting(done)?;
    vim.delete_vm(host, VmId::new()).await.expecting(done)?;
    let nobody: ImageDigest = "00".repeat(32).parse().map_err(|_bad| Failure::new("no digest"))?;
    let went = vim.remove_image(host, &nobody).await.expecting(done)?;
    that(!went, "an image that was never there did not go")
}

pub(super) async fn what_is_missing_is_named(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, host) = (scene.vim(), scene.here());
    let right = |error: &Error| matches!(error, Error::Missing { .. });

    let nobody = VmId::new();
    refused(vim.start_vm(host, nobody).await, right, "a machine that is not there cannot start")?;
    let found = vim.vm(host, nobody).await.expecting("a machine that is not there is no error")?;
    that(found.is_none(), "a machine that was never made is not there")?;

    let mut orphan = scene.volume_spec(host);
    if let Some(image) = &mut orphan.image {
        image.digest = "0f".repeat(32).parse().map_err(|_bad| Failure::new("no digest"))?;
    }
    let made = vim.ensure_volume(host, &orphan).await;
    refused(made, right, "a volume cannot build on an image that is not cached")?;

    let kind = scene.rig.guest.boots[0];
    let diskless = scene.vm_spec(host, kind, VolumeId::new(), &[]);
    let made = vim.ensure_vm(host, &diskless).await;
    refused(made, right, "a machine cannot have a volume that is not there")?;

    let volume = scene.volume(host).await?;
    let nowhere = scene.network_spec(subnet(1));
    let unplugged = scene.vm_spec(host, kind, volume.id, &[(&nowhere, 1)]);
    let made = vim.ensure_vm(host, &unplugged).await;
    refused(made, right, "a machine cannot have a network that is not there")
}

pub(super) async fn a_machine_made_twice_is_one(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, host) = (scene.vim(), scene.here());
    let network = scene.network(&[host]).await?;
    let volume = scene.volume(host).await?;
    let spec = scene.vm_spec(host, scene.rig.guest.boots[0], volume.id, &[(&network, 1)]);

    let (one, two) = join(vim.ensure_vm(host, &spec), vim.ensure_vm(host, &spec)).await;
    one.expecting("a machine can be defined")?;
    two.expecting("a machine can be defined by two callers at once")?;
    let found = vim.ensure_vm(host, &spec).await.expecting("a machine is found again")?;
    that(found.id == spec.id && found.name == spec.name, "it is found by its id and name")?;
    that(found.state == VmState::Stopped, "a machine that was only defined does not run")?;
    that(found.tag == spec.tag && found.host == host, "it says whose it is and where")?;

    vim.start_vm(host, spec.id).await.expecting("a defined machine starts")?;
    let running = vim.ensure_vm(host, &spec).await.expecting("a running machine is found too")?;
    that(running.state == VmState::Running, "defining a machine again leaves it running")?;

    let listed = scene.owned().await?;
    let listed = listed.iter().filter(|thing| thing.kind == OwnedKind::Vm).count();
    that(listed == 1, format!("a machine made often is listed once, not {listed} times"))
}

pub(super) async fn what_is_made_is_listed(scene: &Scene<'_>) -> Result<(), Failure> {
    let hosts = [scene.here(), scene.there()];
    let network = scene.network(&hosts).await?;
    let mut wanted = BTreeSet::new();
    for (number, host) in hosts.into_iter().enumerate() {
        let vm = scene.machine(host, &[(&network, number + 1)]).await?;
        wanted.insert((host, OwnedKind::Vm, vm.id.to_string(), "vm"));
        wanted.insert((host, OwnedKind::Network, network.id.to_string(), "net"));
    }

    let listed = scene.owned().await?;
    for (host, kind, id, name) in &wanted {
        let here = |thing: &&crate::Owned| thing.host == *host && thing.kind == *kind;
        let found = listed.iter().filter(here).find(|thing| thing.id == *id);
        let tag = found.map(|thing| &thing.tag);
        that(tag == Some(&scene.tag(name)), format!("a {kind:?} is listed with its tag: {tag:?}"))?;
    }
    for host in hosts {
        let disk = |thing: &crate::Owned| {
            thing.host == host && thing.kind == OwnedKind::Volume && thing.tag == scene.tag("disk")
        };
        that(listed.iter().any(disk), format!("the volume on host {host} is listed with its tag"))?;
    }
    Ok(())
}

pub(super) async fn a_machine_goes_through_its_life(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, host) = (scene.vim(), scene.here());
    let network = scene.network(&[host]).await?;
    let vm = scene.machine(host, &[(&network, 1)]).await?.id;

    for life in ["first", "second"] {
        vim.start_vm(host, vm).await.expecting(&format!("its {life} start works"))?;
        vim.start_vm(host, vm).await.expecting("starting a running machine succeeds")?;
        that(scene.state(host, vm).await? == VmState::Running, "a started machine runs")?;
        if life == "first" {
            scene.ready(host, vm).await?;
            scene.ready(host, vm).await?;
        }
        vim.stop_vm(host, vm, AT_ONCE).await.expecting("a running machine stops")?;
        vim.stop_vm(host, vm, AT_ONCE).await.expecting("stopping a stopped machine succeeds")?;
        that(scene.state(host, vm).await? == VmState::Stopped, "a stopped machine is stopped")?;
    }

    let waited = vim.await_ready(host, vm, &Readiness::Running, Duration::from_secs(2)).await;
    let right = |error: &Error| matches!(error, Error::NotReady { .. } | Error::Crashed { .. });
    refused(waited, right, "a stopped machine does not become ready")?;

    vim.start_vm(host, vm).await.expecting("a machine starts again")?;
    vim.delete_vm(host, vm).await.expecting("a running machine can be removed")?;
    vim.delete_vm(host, vm).await.expecting("removing it again succeeds")?;
    let gone = vim.vm(host, vm).await.expecting("a removed machine can be asked for")?;
    that(gone.is_none(), "a removed machine is not there")?;
    let listed = scene.owned().await?;
    let disk =
        |thing: &crate::Owned| thing.kind == OwnedKind::Volume && thing.tag == scene.tag("disk");
    that(listed.iter().any(disk), "a removed machine leaves its volumes")
}

pub(super) async fn a_guest_shuts_down(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, host) = (scene.vim(), scene.here());
    let vm = scene.guest(host, &[]).await?.id;
    let grace = scene.rig.guest.boot_limit + Duration::from_secs(60);
    let asked = Instant::now();
    vim.stop_vm(host, vm, grace).await.expecting("a guest stops when it is asked to")?;
    that(asked.elapsed() < grace, "a guest that shuts itself down needs less than its grace")?;
    that(scene.state(host, vm).await? == VmState::Stopped, "a guest that shut down is stopped")
}

pub(super) async fn a_machine_boots_from_disk(scene: &Scene<'_>) -> Result<(), Failure> {
    boots(scene, BootKind::Disk).await
}

pub(super) async fn a_machine_boots_a_kernel(scene: &Scene<'_>) -> Result<(), Failure> {
    boots(scene, BootKind::Kernel).await
}

async fn boots(scene: &Scene<'_>, kind: BootKind) -> Result<(), Failure> {
    let host = scene.there();
    let vm = scene.machine_of(host, kind, &[]).await?.id;
    scene.vim().start_vm(host, vm).await.expecting("a defined machine starts")?;
    scene.ready(host, vm).await
}

pub(super) async fn many_are_asked_for_at_once(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, host) = (scene.vim(), scene.here());
    let (runs, stands) = (scene.machine(host, &[]).await?.id, scene.machine(host, &[]).await?.id);
    vim.start_vm(host, runs).await.expecting("a defined machine starts")?;
    let asked = [runs, stands, VmId::new()];
    let told = vim.vm_states(host, &asked).await.expecting("machines can be asked for at once")?;
    let expected = [(runs, VmState::Running), (stands, VmState::Stopped)];
    that(
        told == expected.into(),
        format!("each is told as it is and who is not there is not: {told:?}"),
    )?;
    let elsewhere =
        vim.vm_states(scene.there(), &asked).await.expecting("so they can elsewhere")?;
    that(elsewhere.is_empty(), "a machine is told on its host alone")
}

pub(super) async fn events_tell_a_life(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, host) = (scene.vim(), scene.here());
    let mut events = vim.events();
    let vm = scene.machine(host, &[]).await?.id;
    vim.start_vm(host, vm).await.expecting("a defined machine starts")?;
    vim.stop_vm(host, vm, AT_ONCE).await.expecting("a running machine stops")?;
    vim.delete_vm(host, vm).await.expecting("a machine can be removed")?;

    for wanted in [EventKind::Started(vm), EventKind::Stopped(vm), EventKind::Removed(vm)] {
        told(&mut events, &Event { host, kind: wanted }).await?;
    }
    Ok(())
}

/// Holds when an event comes in time.
pub(super) async fn told(
    events: &mut BoxStream<'static, Event>,
    wanted: &Event,
) -> Result<(), Failure> {
    let came = async {
        while let Some(event) = events.next().await {
            if event == *wanted {
                return true;
            }
        }
        false
    };
    let came = timeout(Duration::from_secs(30), came).await.unwrap_or(false);
    that(came, format!("an event tells {:?} in its turn", wanted.kind))
}
