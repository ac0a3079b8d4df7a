//! Stories of what others do on the hosts.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use tokio::time::{sleep, timeout};
use windlass_model::VmId;

use super::machines::told;
use super::rig::Intruder;
use super::scene::Scene;
use super::{Expect, Failure, refused, that};
use crate::{Error, Event, EventKind, VmSpec, VmState};

const NOTICED: Duration = Duration::from_secs(30);

pub(super) async fn a_killed_machine_is_noticed(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, host) = (scene.vim(), scene.here());
    let vm = scene.guest(host, &[]).await?.id;
    let mut events = vim.events();
    intruder(scene)?.kill(host, vm).await;

    let told = async {
        while let Some(event) = events.next().await {
            if event.kind == EventKind::Crashed(vm) || event.kind == EventKind::Stopped(vm) {
                return true;
            }
        }
        false
    };
    let told = timeout(NOTICED, told).await.unwrap_or(false);
    that(told, "an event tells that a machine was killed")?;
    let dead = || async {
        let state = scene.state(host, vm).await?;
        Ok::<_, Failure>(matches!(state, VmState::Crashed | VmState::Stopped))
    };
    that(until(dead).await?, "a killed machine does not count as running")?;

    let guest = &scene.rig.guest;
    let waited = vim.await_ready(host, vm, &guest.readiness, Duration::from_secs(5)).await;
    let right = |error: &Error| matches!(error, Error::Crashed { vm: told, .. } if *told == vm);
    refused(waited, right, "waiting for a killed machine tells that it stopped")?;

    vim.start_vm(host, vm).await.expecting("a killed machine starts again")?;
    scene.ready(host, vm).await
}

pub(super) async fn others_are_noticed(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, host, intruder) = (scene.vim(), scene.here(), intruder(scene)?);
    let vm = scene.machine(host, &[]).await?.id;
    vim.start_vm(host, vm).await.expecting("a defined machine starts")?;
    let mut events = vim.events();

    intruder.cut_off(host, vm).await;
    told(&mut events, &Event { host, kind: EventKind::Stopped(vm) }).await?;
    let state = scene.state(host, vm).await?;
    that(state == VmState::Stopped, "a machine that others cut off is stopped, not crashed")?;

    intruder.take_away(host, vm).await;
    told(&mut events, &Event { host, kind: EventKind::Removed(vm) }).await?;
    let found = vim.vm(host, vm).await.expecting("a machine can be asked for")?;
    that(found.is_none(), "a machine that others removed is not there")
}

pub(super) async fn a_foreign_name_is_left_alone(scene: &Scene<'_>) -> Result<(), Failure> {
    let host = scene.here();
    let volume = scene.volume(host).await?;
    let spec = scene.vm_spec(host, scene.rig.guest.boots[0], volume.id, &[]);
    beside_foreign(scene, VmId::new(), &spec.name, &spec).await
}

pub(super) async fn a_foreign_id_is_left_alone(scene: &Scene<'_>) -> Result<(), Failure> {
    let host = scene.here();
    let volume = scene.volume(host).await?;
    let mut spec = scene.vm_spec(host, scene.rig.guest.boots[0], volume.id, &[]);
    // The id is the foreigner's, so it is not noted as ours to remove at the end.
    spec.id = VmId::new();
    beside_foreign(scene, spec.id, "conform-foreign", &spec).await
}

/// Makes a foreign machine, checks that it keeps us out, and removes it again.
async fn beside_foreign(
    scene: &Scene<'_>,
    foreign: VmId,
    name: &str,
    spec: &VmSpec,
) -> Result<(), Failure> {
    let (host, intruder) = (scene.here(), intruder(scene)?);
    intruder.make(host, foreign, name).await;
    let told = keeps_out(scene, foreign, spec).await;
    let untouched = intruder.has(host, foreign, name).await;
    if untouched {
        intruder.remove(host, foreign, name).await;
    }
    told.and(that(untouched, "a foreign machine is still there after all attempts"))
}

async fn keeps_out(scene: &Scene<'_>, foreign: VmId, spec: &VmSpec) -> Result<(), Failure> {
    let (vim, host) = (scene.vim(), scene.here());
    let right = |error: &Error| matches!(error, Error::NotOurs { .. });
    let made = vim.ensure_vm(host, spec).await;
    refused(made, right, "a machine whose name or id somebody else holds is refused")?;
    refused(vim.start_vm(host, foreign).await, right, "a foreign machine is not started")?;
    let stopped = vim.stop_vm(host, foreign, Duration::ZERO).await;
    refused(stopped, right, "a foreign machine is not stopped")?;
    refused(vim.delete_vm(host, foreign).await, right, "a foreign machine is not removed")?;
    let listed = scene.vim().owned().await.expecting("what is ours can be listed")?;
    let foreign = foreign.to_string();
    that(listed.iter().all(|thing| thing.id != foreign), "a foreign machine is not ours")
}

fn intruder<'a>(scene: &Scene<'a>) -> Result<&'a Arc<dyn Intruder>, Failure> {
    scene.rig.intruder.as_ref().ok_or_else(|| Failure::new("the rig has no intruder"))
}

/// Asks again until the answer is yes, for as long as something may take to be noticed.
async fn until<F>(mut asked: impl FnMut() -> F) -> Result<bool, Failure>
where
    F: Future<Output = Result<bool, Failure>>,
{
    const PAUSE: Duration = Duration::from_millis(250);
    let tries = NOTICED.as_millis() / PAUSE.as_millis();
    for _ in 0..tries {
        if asked().await? {
            return Ok(true);
        }
        sleep(PAUSE).await;
    }
    Ok(false)
}
