//! Stories of what a script can make go wrong.

use std::time::Duration;

use futures::{FutureExt as _, StreamExt as _};
use tokio::time::Instant;
use windlass_vim::{Error, EventKind, Readiness, Vim as _, VmState};
use windlass_vim_sim::{Call, Habit, SimCloud, Subject, no_room, refused, unreachable};

use crate::site::{Owned, site};

const LIMIT: Duration = Duration::from_secs(60);
const NOW: Duration = Duration::ZERO;

#[tokio::test(start_paused = true)]
async fn the_second_start_on_a_host_fails_and_no_other() {
    let cloud = SimCloud::new();
    let (vim, hosts) = site(&cloud, 2);
    let owned = Owned::new();
    cloud.faults().when(Call::StartVm).on_host(hosts[0]).nth(2).fail_with(no_room);
    for (number, host) in [(1, hosts[0]), (2, hosts[1])] {
        owned.run(&vim, host, &owned.vm(number, &[])).await;
    }
    let vm = owned.vm(1, &[]).id;
    vim.stop_vm(hosts[0], vm, NOW).await.unwrap();

    let second = vim.start_vm(hosts[0], vm).await;
    assert!(matches!(second, Err(Error::NoRoom { .. })), "{second:?}");
    assert_eq!(vim.vm(hosts[0], vm).await.unwrap().unwrap().state, VmState::Stopped);
    vim.start_vm(hosts[0], vm).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_fault_about_one_machine_leaves_the_others() {
    let cloud = SimCloud::new();
    let (vim, hosts) = site(&cloud, 1);
    let owned = Owned::new();
    let (bad, good) = (owned.vm(1, &[]), owned.vm(2, &[]));
    for number in [1, 2] {
        vim.ensure_volume(hosts[0], &owned.volume(number)).await.unwrap();
    }
    cloud.faults().when(Call::EnsureVm).about(bad.id).fail_with(refused);
    for _ in 0..3 {
        assert!(vim.ensure_vm(hosts[0], &bad).await.is_err());
    }
    vim.ensure_vm(hosts[0], &good).await.unwrap();
    cloud.faults().clear();
    vim.ensure_vm(hosts[0], &bad).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_hides_work_that_was_done() {
    let cloud = SimCloud::new();
    let (vim, hosts) = site(&cloud, 1);
    let volume = Owned::new().volume(1);
    cloud.faults().when(Call::EnsureVolume).times(1).lose_answer(unreachable);

    let lost = vim.ensure_volume(hosts[0], &volume).await;
    assert!(lost.is_err_and(|error| error.is_transient()));
    assert_eq!(vim.owned().await.unwrap().len(), 1);
    vim.ensure_volume(hosts[0], &volume).await.unwrap();
    assert_eq!(vim.owned().await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_hanging_call_waits_for_its_release() {
    let cloud = SimCloud::new();
    let (vim, hosts) = site(&cloud, 1);
    let volume = Owned::new().volume(1);
    let gate = cloud.faults().when(Call::EnsureVolume).nth(1).hang();

    let call = vim.ensure_volume(hosts[0], &volume);
    let test = async {
        gate.reached().await;
        assert!(vim.owned().await.unwrap().is_empty(), "a call that hangs has done nothing");
        gate.release();
    };
    let (made, ()) = futures::join!(call, test);
    made.unwrap();
    assert_eq!(vim.owned().await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn scripted_calls_take_their_time() {
    let cloud = SimCloud::new();
    let (vim, hosts) = site(&cloud, 1);
    cloud.script().takes(Call::EnsureVolume, Duration::from_secs(7));
    let begun = Instant::now();
    vim.ensure_volume(hosts[0], &Owned::new().volume(1)).await.unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_guest_is_ready_after_its_boot_time_and_not_before() {
    let cloud = SimCloud::new();
    let (vim, hosts) = site(&cloud, 1);
    cloud.script().boot_time(Duration::from_secs(30));
    let owned = Owned::new();
    let vm = owned.vm(1, &[]);
    owned.run(&vim, hosts[0], &vm).await;

    let begun = Instant::now();
    vim.await_ready(hosts[0], vm.id, &Readiness::GuestAgent, LIMIT).await.unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(30));
    let console = vim.console(hosts[0], vm.id, 4096).await.unwrap();
    assert!(console.ends_with("WINDLASS-GUEST READY vm-1\n"), "{console}");
}

#[tokio::test(start_paused = true)]
async fn a_guest_with_a_bad_habit_keeps_to_it() {
    let cloud = SimCloud::new();
    let (vim, hosts) = site(&cloud, 1);
    let crash = Duration::from_secs(5);
    cloud.script().boot_time(Duration::from_secs(10)).shutdown_time(Duration::from_secs(2));
    cloud.script().habit("vm-1", Habit::NeverReady).habit("vm-2", Habit::CrashesAfter(crash));
    cloud.script().habit("vm-3", Habit::IgnoresShutdown);
    let owned = Owned::new();
    let [never, crashes, deaf] = [1, 2, 3].map(|number| owned.vm(number, &[]));
    for vm in [&never, &crashes, &deaf] {
        owned.run(&vim, hosts[0], vm).await;
    }
    let ready = |vm| vim.await_ready(hosts[0], vm, &Readiness::GuestAgent, LIMIT);

    let begun = Instant::now();
    assert!(matches!(ready(crashes.id).await, Err(Error::Crashed { .. })));
    assert_eq!(begun.elapsed(), crash);
    assert!(matches!(ready(never.id).await, Err(Error::NotReady { .. })));
    ready(deaf.id).await.unwrap();
    let begun = Instant::now();
    vim.stop_vm(hosts[0], deaf.id, Duration::from_secs(20)).await.unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(20));

    cloud.script().good_habits("vm-2");
    vim.start_vm(hosts[0], crashes.id).await.unwrap();
    ready(crashes.id).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_down_answers_nothing_and_loses_nothing() {
    let cloud = SimCloud::new();
    let (vim, hosts) = site(&cloud, 2);
    let owned = Owned::new();
    let vm = owned.vm(1, &[]);
    owned.run(&vim, hosts[0], &vm).await;
    let mut events = vim.events();

    cloud.host_down(hosts[0]);
    assert!(matches!(vim.vm(hosts[0], vm.id).await, Err(Error::Unreachable { .. })));
    assert!(vim.owned().await.unwrap().is_empty());
    let down = |report: &windlass_vim::HostReport| report.answer.is_err();
    assert_eq!(vim.probe().await.unwrap().iter().filter(|report| down(report)).count(), 1);

    cloud.host_up(hosts[0]);
    assert_eq!(vim.vm(hosts[0], vm.id).await.unwrap().unwrap().state, VmState::Running);
    assert_eq!(events.next().await.unwrap().kind, EventKind::HostLost);
    assert_eq!(events.next().await.unwrap().kind, EventKind::HostBack);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_lost_its_power_comes_back_with_its_machines_off() {
    let cloud = SimCloud::new();
    let (vim, hosts) = site(&cloud, 1);
    let owned = Owned::new();
    let vm = owned.vm(1, &[]);
    owned.run(&vim, hosts[0], &vm).await;
    cloud.host_power_loss(hosts[0]);
    cloud.host_up(hosts[0]);
    assert_eq!(vim.vm(hosts[0], vm.id).await.unwrap().unwrap().state, VmState::Stopped);
}

#[tokio::test(start_paused = true)]
async fn machines_can_vanish_and_the_adapter_tells() {
    let cloud = SimCloud::new();
    let (vim, hosts) = site(&cloud, 1);
    let owned = Owned::new();
    let vm = owned.vm(1, &[]);
    owned.run(&vim, hosts[0], &vm).await;
    let mut events = vim.events();
    assert!(cloud.delete_behind(vm.id));
    assert_eq!(vim.vm(hosts[0], vm.id).await.unwrap(), None);
    assert_eq!(events.next().await.unwrap().kind, EventKind::Stopped(vm.id));
    assert_eq!(events.next().await.unwrap().kind, EventKind::Removed(vm.id));
}

#[tokio::test(start_paused = true)]
async fn events_end_with_their_adapter() {
    let (vim, _hosts) = site(&SimCloud::new(), 1);
    let mut events = vim.events();
    assert!(events.next().now_or_never().is_none());
    drop(vim);
    assert_eq!(events.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn the_history_tells_every_call_in_its_order() {
    let cloud = SimCloud::new();
    let (vim, hosts) = site(&cloud, 1);
    let owned = Owned::new();
    owned.run(&vim, hosts[0], &owned.vm(1, &[])).await;
    let calls: Vec<_> = cloud.history().into_iter().map(|e| (e.call, e.host, e.subject)).collect();
    let here = Some(hosts[0]);
    assert_eq!(
        calls,
        [
            (Call::EnsureVolume, here, Subject::Volume(owned.volume(1).id)),
            (Call::EnsureVm, here, Subject::Vm(owned.vm(1, &[]).id)),
            (Call::StartVm, here, Subject::Vm(owned.vm(1, &[]).id)),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn chance_strikes_the_same_calls_for_the_same_seed() {
    async fn struck(seed: u64) -> Vec<bool> {
        let cloud = SimCloud::new();
        let (vim, hosts) = site(&cloud, 1);
        let owned = Owned::new();
        cloud.faults().by_chance(0.3, seed);
        let mut struck = Vec::new();
        for number in 0..50 {
            struck.push(vim.ensure_volume(hosts[0], &owned.volume(number)).await.is_err());
        }
        struck
    }
    let first = struck(1).await;
    assert!(first.contains(&true) && first.contains(&false));
    assert_eq!(first, struck(1).await);
    assert_ne!(first, struck(2).await);
}
