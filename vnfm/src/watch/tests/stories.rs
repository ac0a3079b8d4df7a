//! Stories: machines and hosts fail, and the watch notices, tells, and heals.

use std::time::Duration;

use tokio::time::sleep;
use windlass_lcm::{Operation, Request};
use windlass_model::OperationState;
use windlass_model::alarm::{Fault, Severity};

use super::stage::Stage;

/// What is told by an event is known within this time.
const SOON: Duration = Duration::from_secs(2);
/// What no event tells is found by the next round.
const A_ROUND: Duration = Duration::from_secs(40);
/// Long enough for a thing to happen that must not.
const LONG: Duration = Duration::from_mins(5);

/// Lets the watch begin, and get to know what there is.
async fn settle() {
    sleep(Duration::from_secs(3)).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_a_machine_is_known_soon_and_over_when_it_runs_again() {
    let stage = Stage::new(false).await;
    let watching = stage.watch("one");
    settle().await;
    stage.until(&[], SOON).await;

    assert!(stage.cloud.crash(stage.vms[0]));
    stage.until(&[Fault::VmCrashed], SOON).await;
    assert_eq!(stage.alarms().await[0].severity, Severity::Major, "the other one serves");
    assert!(stage.cloud.power_off(stage.vms[1]));
    stage.until(&[Fault::VmCrashed, Fault::VmStopped], SOON).await;
    let severities = stage.alarms().await.into_iter().map(|alarm| alarm.severity);
    assert!(severities.into_iter().all(|severity| severity == Severity::Critical));

    stage.heal_by_hand().await;
    stage.until(&[Fault::VmStopped], Duration::from_secs(10)).await;
    let mut alarms = stage.alarms().await;
    assert_eq!(alarms.remove(1).severity, Severity::Major, "one serves again");
    assert!(alarms.remove(0).cleared_at.is_some());

    assert!(stage.cloud.delete_behind(stage.vms[1]));
    stage.until(&[Fault::VmRemoved], SOON).await;
    sleep(LONG).await;
    assert_eq!(stage.operations().await.len(), 1, "it does not heal unasked");
    watching.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_happened_while_nobody_watched_is_found_at_the_start() {
    let stage = Stage::new(false).await;
    assert!(stage.cloud.crash(stage.vms[0]));
    let first = stage.watch("one");
    stage.until(&[Fault::VmCrashed], SOON).await;
    first.end().await;

    stage.heal_by_hand().await;
    assert!(stage.cloud.delete_behind(stage.vms[1]));
    let second = stage.watch("two");
    stage.until(&[Fault::VmRemoved], Duration::from_secs(10)).await;
    assert_eq!(stage.alarms().await.len(), 2);
    second.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_gone_for_a_moment_raises_nothing_and_one_that_stays_away_does() {
    let stage = Stage::new(true).await;
    let watching = stage.watch("one");
    settle().await;
    stage.cloud.host_down(stage.hosts[0]);
    sleep(Duration::from_secs(5)).await;
    stage.cloud.host_up(stage.hosts[0]);
    sleep(LONG).await;
    assert!(stage.alarms().await.is_empty());

    stage.cloud.host_down(stage.hosts[0]);
    let lost = [Fault::HostUnreachable, Fault::VmUnknown];
    let took = stage.until(&lost, Duration::from_secs(15)).await;
    assert!(took >= Duration::from_secs(10), "it was held back, but for {took:?} only");
    sleep(LONG).await;
    assert!(stage.operations().await.is_empty(), "a machine that may run is not made again");
    stage.cloud.host_up(stage.hosts[0]);
    stage.until(&[], SOON).await;

    stage.cloud.host_power_loss(stage.hosts[0]);
    stage.until(&lost, Duration::from_secs(15)).await;
    stage.cloud.host_up(stage.hosts[0]);
    stage.until(&[Fault::VmStopped], SOON).await;
    stage.until(&[], Duration::from_secs(10)).await;
    assert_eq!(stage.operations().await.len(), 1, "the machine that was off for sure was healed");
    watching.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_vnf_heals_by_itself_where_it_may_and_the_alarm_tells_how() {
    let stage = Stage::new(true).await;
    let watching = stage.watch("one");
    settle().await;
    assert!(stage.cloud.crash(stage.vms[0]));
    stage.until(&[Fault::VmCrashed], SOON).await;
    stage.until(&[], Duration::from_secs(10)).await;

    let operations = stage.operations().await;
    assert_eq!(operations.len(), 1);
    assert!(operations[0].automatic);
    let alarm = stage.alarms().await.remove(0);
    let cause = operations[0].params["cause"].as_str().unwrap();
    assert!(cause.contains("VM_CRASHED") && cause.contains(&alarm.id.to_string()), "{cause}");
    assert_eq!(alarm.healing.attempts.len(), 1);
    assert_eq!(alarm.healing.attempts[0].operation, operations[0].id);
    assert_eq!(alarm.healing.attempts[0].outcome.as_deref(), Some("COMPLETED"));
    watching.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_crashes_again_and_again_is_healed_five_times_and_then_left() {
    let stage = Stage::new(true).await;
    let watching = stage.watch("one");
    settle().await;
    for _ in 0..40 {
        let _down = stage.cloud.crash(stage.vms[0]);
        sleep(Duration::from_secs(60)).await;
    }
    let given_up = stage.alarms().await.pop().unwrap();
    assert!(given_up.is_active() && given_up.healing.given_up, "{given_up:?}");
    assert_eq!(stage.operations().await.len(), 5);
    sleep(Duration::from_mins(70)).await;
    assert_eq!(stage.operations().await.len(), 5, "what was given up stays so");

    stage.heal_by_hand().await;
    stage.until(&[], A_ROUND).await;
    assert!(stage.cloud.crash(stage.vms[0]));
    stage.until(&[Fault::VmCrashed], SOON).await;
    stage.until(&[], Duration::from_secs(10)).await;
    assert_eq!(stage.operations().await.len(), 7, "after somebody cared it heals again");
    watching.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_heal_that_fails_is_given_up_tried_again_and_told_each_time() {
    let stage = Stage::new(true).await;
    stage.break_heals(true);
    let watching = stage.watch("one");
    settle().await;
    assert!(stage.cloud.crash(stage.vms[0]));
    sleep(Duration::from_secs(50)).await;
    let operations = stage.operations().await;
    assert_eq!(operations.len(), 2, "the second after a pause");
    let failed = |operation: &Operation| operation.state == OperationState::Failed;
    assert!(operations.iter().all(failed), "{operations:?}");

    stage.break_heals(false);
    stage.until(&[], Duration::from_mins(3)).await;
    let outcomes: Vec<String> = stage.alarms().await[0]
        .healing
        .attempts
        .iter()
        .map(|attempt| attempt.outcome.clone().unwrap())
        .collect();
    assert_eq!(outcomes.len(), 3);
    assert!(outcomes[0].contains("FAILED") && outcomes[0].contains("no room"), "{outcomes:?}");
    assert_eq!(outcomes[2], "COMPLETED");
    watching.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_operation_is_not_disturbed_and_the_vnf_is_looked_at_when_it_rests() {
    let stage = Stage::new(true).await;
    stage.break_heals(true);
    let watching = stage.watch("one");
    settle().await;
    // It stops half way, and waits for somebody to decide; that is not for the watch to do.
    let operation = stage.heal_by_hand().await;
    assert!(stage.cloud.crash(stage.vms[0]));
    sleep(LONG).await;
    assert!(stage.alarms().await.is_empty());
    assert_eq!(stage.operations().await[0].state, OperationState::FailedTemp);

    stage.engine.request(operation, Request::Rollback).await.unwrap();
    stage.break_heals(false);
    stage.until(&[Fault::VmCrashed], Duration::from_secs(5)).await;
    stage.until(&[], Duration::from_secs(10)).await;
    assert_eq!(stage.operations().await.len(), 2);
    watching.end().await;
}

#[tokio::test(start_paused = true)]
async fn of_two_processes_one_watches_and_the_other_takes_over() {
    let stage = Stage::new(true).await;
    let first = stage.watch("one");
    settle().await;
    let second = stage.watch("two");
    assert!(stage.cloud.crash(stage.vms[0]));
    stage.until(&[Fault::VmCrashed], SOON).await;
    stage.until(&[], Duration::from_secs(10)).await;
    assert_eq!((stage.alarms().await.len(), stage.operations().await.len()), (1, 1));

    first.end().await;
    sleep(Duration::from_secs(10)).await;
    assert!(stage.cloud.crash(stage.vms[1]));
    stage.until(&[Fault::VmCrashed], SOON).await;
    stage.until(&[], Duration::from_secs(10)).await;
    assert_eq!((stage.alarms().await.len(), stage.operations().await.len()), (2, 2));
    second.end().await;
}
