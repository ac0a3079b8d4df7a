//! Stories of rough times: hosts that hang, machines that are moved, and looks that come too late.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::sleep;
use windlass_lcm::Request;
use windlass_model::alarm::{Alarm, Fault, Healing, Part, Place, Severity};
use windlass_model::{AlarmId, VimId, VnfInstanceId};
use windlass_vim_sim::Call;

use super::stage::Stage;

const SOON: Duration = Duration::from_secs(2);
const A_ROUND: Duration = Duration::from_secs(40);
const LONG: Duration = Duration::from_mins(5);

async fn settle() {
    sleep(Duration::from_secs(3)).await;
}

#[tokio::test(start_paused = true)]
async fn a_host_that_hangs_keeps_nobody_from_watching_the_others() {
    let stage = Stage::new(false).await;
    stage.crowd(300, stage.hosts[1]).await;
    let _gate = stage.cloud.faults().when(Call::Vm).on_host(stage.hosts[1]).hang();
    let (first, second) = (stage.watch("one"), stage.watch("two"));
    for _ in 0..120 {
        sleep(Duration::from_secs(1)).await;
        assert!(!stage.is_unwatched().await, "the duty lapsed while its holder was at work");
    }
    assert!(stage.cloud.crash(stage.vms[0]));
    let known = async || stage.faults().await.contains(&Fault::VmCrashed);
    for _ in 0..10 {
        sleep(Duration::from_secs(1)).await;
    }
    assert!(known().await, "{:?}", stage.faults().await);
    first.end().await;
    second.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_look_during_which_the_machine_was_replaced_says_nothing_of_the_old_one() {
    let stage = Stage::new(true).await;
    let watching = stage.watch("one");
    settle().await;
    let gate = stage.cloud.faults().when(Call::Vm).about(stage.vms[0]).times(1).hang();
    assert!(stage.cloud.power_off(stage.vms[1]));
    sleep(Duration::from_secs(1)).await;
    stage.replace_first().await;
    gate.release();
    stage.until(&[Fault::VmStopped], Duration::from_secs(3)).await;
    stage.until(&[], Duration::from_secs(10)).await;
    let faults: Vec<Fault> = stage.alarms().await.iter().map(|alarm| alarm.fault).collect();
    assert_eq!(faults, [Fault::VmStopped], "and nobody missed the machine that was replaced");
    watching.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_host_that_came_back_has_the_whole_time_again_although_its_vnf_was_busy() {
    let stage = Stage::new(false).await;
    stage.break_heals(true);
    let watching = stage.watch("one");
    settle().await;
    let operation = stage.heal_by_hand().await;
    settle().await;
    stage.cloud.host_down(stage.hosts[1]);
    sleep(Duration::from_secs(2)).await;
    stage.cloud.host_up(stage.hosts[1]);
    sleep(Duration::from_secs(10)).await;

    stage.cloud.host_down(stage.hosts[1]);
    stage.engine.request(operation, Request::Rollback).await.unwrap();
    sleep(Duration::from_secs(7)).await;
    stage.cloud.host_up(stage.hosts[1]);
    sleep(LONG).await;
    assert_eq!(stage.alarms().await, [], "it was away for seconds, twice");
    watching.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_was_moved_by_hand_is_not_made_a_second_time() {
    let stage = Stage::new(true).await;
    let watching = stage.watch("one");
    settle().await;
    assert!(stage.cloud.delete_behind(stage.vms[0]));
    stage.run_behind(stage.hosts[1], stage.vms[0]).await;
    stage.until(&[Fault::VmRemoved], SOON).await;
    sleep(LONG).await;
    assert_eq!(stage.operations().await, []);
    let told = stage.alarms().await.remove(0).healing.held_back.unwrap();
    assert!(told.contains(&stage.hosts[1].to_string()), "{told}");

    assert!(stage.cloud.delete_behind(stage.vms[0]));
    stage.until(&[], A_ROUND).await;
    assert_eq!(stage.alarms().await.remove(0).healing.held_back, None, "it was gone, and is back");
    watching.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_missing_machine_is_not_made_again_while_a_host_that_may_have_it_is_silent() {
    let stage = Stage::new(true).await;
    let watching = stage.watch("one");
    settle().await;
    stage.cloud.host_down(stage.hosts[1]);
    assert!(stage.cloud.delete_behind(stage.vms[0]));
    sleep(LONG).await;
    assert!(stage.faults().await.contains(&Fault::VmRemoved));
    assert_eq!(stage.operations().await, []);
    stage.cloud.host_up(stage.hosts[1]);
    stage.until(&[], A_ROUND).await;
    assert_eq!(stage.operations().await.len(), 1);
    watching.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_alarm_that_was_over_long_ago_is_forgotten_however_many_are_older() {
    let stage = Stage::new(false).await;
    let days = |days| stage.now() - TimeDelta::days(days);
    let alarm = |cleared: i64| Alarm {
        id: AlarmId::new(),
        vnf: VnfInstanceId::new(),
        part: Part::Host(stage.hosts[0]),
        place: Place { vim: VimId::new(), host: stage.hosts[0], vm: None },
        fault: Fault::HostUnreachable,
        severity: Severity::Major,
        raised_at: days(40),
        changed_at: None,
        cleared_at: Some(days(cleared)),
        acknowledged_at: None,
        caused_by: None,
        causes: Vec::new(),
        healing: Healing::default(),
    };
    for _ in 0..450 {
        stage.store.alarms().create(alarm(29)).await.unwrap();
    }
    let old = stage.store.alarms().create(alarm(31)).await.unwrap().document.id;
    let watching = stage.watch("one");
    settle().await;
    assert!(stage.store.alarms().get(old).await.is_err());
    assert_eq!(stage.store.alarms().list(None, 1000).await.unwrap().len(), 450);
    watching.end().await;
}
