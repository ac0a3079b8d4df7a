//! Stories of what runs in machines.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use windlass_model::{HostId, VmId};

use super::scene::{Scene, subnet};
use super::{Expect, Failure, refused, that};
use crate::{Error, Readiness, VmSpec};

/// How much later than its limit a call may come back on a busy machine.
const SLACK: Duration = Duration::from_secs(15);

pub(super) async fn the_console_holds_the_boot_line(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, host) = (scene.vim(), scene.here());
    let vm = scene.guest(host, &[]).await?.id;
    let line = &scene.rig.guest.boot_line;

    let shown = Readiness::Console(line.clone());
    let seen = vim.await_ready(host, vm, &shown, scene.rig.guest.boot_limit).await;
    seen.expecting("text that is on the console already counts")?;
    let console = vim.console(host, vm, 1 << 16).await.expecting("a console can be read")?;
    that(console.contains(line), format!("the console holds {line:?}, but ends with:\n{console}"))?;
    let tail = vim.console(host, vm, 8).await.expecting("the console's tail can be read")?;
    // A cut character may be shown as a replacement, which is three bytes long.
    that(tail.chars().count() <= 8, format!("the tail is as short as asked, not {tail:?}"))
}

pub(super) async fn never_ready_is_told(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, host) = (scene.vim(), scene.here());
    let vm = scene.guest(host, &[]).await?.id;
    let never = Readiness::Console("a line that no guest ever writes".to_owned());
    let limit = Duration::from_secs(2);

    let begun = Instant::now();
    let waited = vim.await_ready(host, vm, &never, limit).await;
    let took = begun.elapsed();
    that(took >= limit, format!("it waits for its limit, not only {took:?}"))?;
    that(took < limit + SLACK, format!("it gives up at its limit, not after {took:?}"))?;
    let line = &scene.rig.guest.boot_line;
    let right = |error: &Error| {
        matches!(error, Error::NotReady { vm: told, console, .. }
            if *told == vm && console.contains(line))
    };
    refused(waited, right, "a guest that is never ready is told, with its console")
}

pub(super) async fn statistics_count(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, host) = (scene.vim(), scene.here());
    let vm = scene.guest(host, &[]).await?.id;

    let first = vim.stats(host, vm).await.expecting("a running machine has statistics")?;
    that(first.cpu_time_ns > 0 && first.memory_mib > 0, format!("it uses something: {first:?}"))?;
    for _ in 0..60 {
        let later = vim.stats(host, vm).await.expecting("statistics can be asked for again")?;
        that(later.cpu_time_ns >= first.cpu_time_ns, "CPU time never runs backwards")?;
        if later.cpu_time_ns > first.cpu_time_ns {
            return Ok(());
        }
        sleep(Duration::from_millis(500)).await;
    }
    Err(Failure::new("it was expected that a running machine's CPU time grows"))
}

pub(super) async fn a_command_gives_its_output(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, host) = (scene.vim(), scene.here());
    let vm = scene.guest(host, &[]).await?.id;
    agent(scene, host, vm).await?;

    let echo = scene.exec(host, vm, &["echo", "two", "words"]).await?;
    let right = echo.status == 0 && echo.stdout.trim_end() == "two words";
    that(right, format!("echo prints and succeeds: {echo:?}"))?;
    let fails = scene.exec(host, vm, &["false"]).await?;
    that(fails.status == 1, format!("false ends with status 1: {fails:?}"))?;

    vim.stop_vm(host, vm, Duration::ZERO).await.expecting("a running machine stops")?;
    let argv = ["true".to_owned()];
    let ran = vim.exec(host, vm, &argv, Duration::from_secs(5)).await;
    let right = |error: &Error| matches!(error, Error::NoAgent { .. });
    refused(ran, right, "the agent of a stopped machine does not answer")
}

pub(super) async fn machines_on_one_network_talk(scene: &Scene<'_>) -> Result<(), Failure> {
    let (here, there) = (scene.here(), scene.there());
    let network = scene.network(&[here, there]).await?;
    let near = scene.guest(here, &[(&network, 1)]).await?;
    let far = scene.guest(there, &[(&network, 2)]).await?;
    agent(scene, here, near.id).await?;
    agent(scene, there, far.id).await?;
    that(pings(scene, here, &near, &far).await?, "a machine reaches its neighbour's host")?;
    that(pings(scene, there, &far, &near).await?, "and the neighbour reaches it")
}

pub(super) async fn networks_are_apart(scene: &Scene<'_>) -> Result<(), Failure> {
    let (here, there) = (scene.here(), scene.there());
    // The same subnet on both, so that nothing but the networks keeps the machines apart.
    let (one, other) = (scene.network_spec(subnet(1)), scene.network_spec(subnet(1)));
    for network in [&one, &other] {
        let made = scene.vim().ensure_network(&[here, there], network).await;
        made.expecting("networks may have the same subnet")?;
    }
    let left = scene.guest(here, &[(&one, 1)]).await?;
    let twin = scene.guest(there, &[(&one, 2)]).await?;
    let right = scene.guest(there, &[(&other, 3)]).await?;
    for (host, vm) in [(here, &left), (there, &twin), (there, &right)] {
        agent(scene, host, vm.id).await?;
    }
    that(pings(scene, here, &left, &twin).await?, "a machine reaches one on its own network")?;
    let crossed = pings(scene, here, &left, &right).await?;
    that(!crossed, "a machine does not reach one on another network")
}

/// Waits for the agent, which may come up after the guest says that it is ready.
async fn agent(scene: &Scene<'_>, host: HostId, vm: VmId) -> Result<(), Failure> {
    let limit = scene.rig.guest.boot_limit;
    let up = scene.vim().await_ready(host, vm, &Readiness::GuestAgent, limit).await;
    up.expecting("the guest's agent answers")
}

async fn pings(
    scene: &Scene<'_>,
    host: HostId,
    from: &VmSpec,
    to: &VmSpec,
) -> Result<bool, Failure> {
    let Some((address, _)) = to.nics[0].address else {
        return Err(Failure::new("the machine to be pinged has no address"));
    };
    let address = address.to_string();
    let ping = scene.exec(host, from.id, &["ping", "-c", "3", "-W", "5", &address]).await?;
    Ok(ping.status == 0)
}
