//! Stories of callers that vanish in the middle of a call.

use std::time::Duration;

use tokio::time::timeout;

use super::scene::{Scene, subnet};
use super::{Expect, Failure, that};
use crate::{OwnedKind, VmState};

/// How long each call runs before its caller vanishes. Zero still begins it.
const MOMENTS: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_millis(3),
    Duration::from_millis(20),
    Duration::from_millis(120),
];

pub(super) async fn calls_are_repaired(scene: &Scene<'_>) -> Result<(), Failure> {
    for moment in MOMENTS {
        interrupted_at(scene, moment).await?;
    }
    Ok(())
}

/// Makes a machine run, each call dropped at `moment` and then repeated in full.
async fn interrupted_at(scene: &Scene<'_>, moment: Duration) -> Result<(), Failure> {
    let (vim, host) = (scene.vim(), scene.here());
    let says = |what: &str| format!("{what} after it was dropped at {moment:?} and repeated");

    // A dropped call's answer, or that it ran into its end, tells nothing.
    for image in scene.rig.images.all() {
        vim.remove_image(host, &image.spec.digest).await.expecting("an image can be removed")?;
        let again = || vim.ensure_image(host, &image.spec, image.source.as_ref());
        let _ = timeout(moment, again()).await;
        again().await.expecting(&says("an image is kept"))?;
    }

    let network = scene.network_spec(subnet(1));
    let hosts = [host, scene.there()];
    let _ = timeout(moment, vim.ensure_network(&hosts, &network)).await;
    let made = vim.ensure_network(&hosts, &network).await.expecting(&says("a network is made"))?;
    that(made.hosts.len() == 2, says("a network is on both hosts"))?;

    let volume = scene.volume_spec(host);
    let _ = timeout(moment, vim.ensure_volume(host, &volume)).await;
    vim.ensure_volume(host, &volume).await.expecting(&says("a volume is made"))?;

    let spec = scene.vm_spec(host, scene.rig.guest.boots[0], volume.id, &[(&network, 1)]);
    let vm = spec.id;
    let _ = timeout(moment, vim.ensure_vm(host, &spec)).await;
    vim.ensure_vm(host, &spec).await.expecting(&says("a machine is defined"))?;

    let _ = timeout(moment, vim.start_vm(host, vm)).await;
    vim.start_vm(host, vm).await.expecting(&says("a machine starts"))?;
    that(scene.state(host, vm).await? == VmState::Running, says("a machine runs"))?;

    let _ = timeout(moment, vim.stop_vm(host, vm, Duration::ZERO)).await;
    vim.stop_vm(host, vm, Duration::ZERO).await.expecting(&says("a machine stops"))?;
    that(scene.state(host, vm).await? == VmState::Stopped, says("a machine is stopped"))?;

    let _ = timeout(moment, vim.delete_vm(host, vm)).await;
    vim.delete_vm(host, vm).await.expecting(&says("a machine is removed"))?;
    let _ = timeout(moment, vim.delete_volume(host, volume.id)).await;
    vim.delete_volume(host, volume.id).await.expecting(&says("a volume is removed"))?;
    let _ = timeout(moment, vim.delete_network(network.id)).await;
    vim.delete_network(network.id).await.expecting(&says("a network is removed"))?;

    let left: Vec<OwnedKind> = scene.owned().await?.iter().map(|thing| thing.kind).collect();
    that(left.is_empty(), says(&format!("nothing is left, not {left:?},")))
}
