//! What every journal promises. Each story is told to the one in memory, and to the
//! store on either database.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;
use windlass_lcm::{
    Change, Journal, JournalError, Lease, MemoryJournal, Operation, Request, StepError,
    StepEventKind, Subject,
};
use windlass_model::{CancelMode, OperationEvent, OperationId, OperationState};
use windlass_store::Store;

use crate::nouns::{about, at, line, plan, vnf};
use crate::worlds::World;

macro_rules! told_to_all {
    ($($story:ident)*) => {
        mod memory {
            $(#[tokio::test] async fn $story() {
                super::$story(super::MemoryJournal::default()).await;
            })*
        }
        mod store {
            $(#[tokio::test] async fn $story() {
                super::$story(super::Store::in_memory().await.unwrap()).await;
            })*
        }

        #[tokio::test]
        async fn the_same_on_postgresql() {
            let Some(server) = windlass_test_postgres::Server::start() else { return };
            $($story(crate::worlds::on(&server).await).await;)*
        }
    };
}

told_to_all! {
    an_instance_has_one_operation_at_a_time
    an_operation_remembers_the_instance_as_it_was
    a_request_judged_on_an_old_instance_is_refused
    nobody_operates_on_what_is_not_there
    the_oldest_operation_is_claimed_first_and_only_once
    an_operation_whose_lease_ended_goes_to_another_worker
    a_restarted_worker_takes_its_work_up_again
    only_active_operations_of_known_kinds_are_claimed
    a_worker_that_lost_its_lease_writes_nothing_more
    the_log_comes_back_in_the_order_it_was_written
    a_transition_changes_the_instance_with_the_operation
    a_failed_operation_waits_and_may_be_retried
    a_failed_operation_may_be_given_up
    a_cancel_waits_for_the_worker_and_only_grows_firmer
    a_finished_operation_takes_no_request
}

const KIND: &str = "vnf-instantiate";

async fn claim(journal: &dyn Journal, worker: &str, now: DateTime<Utc>) -> Vec<(Lease, Operation)> {
    let until = now + chrono::TimeDelta::seconds(10);
    journal.claim(worker, &[KIND], &[], now, until, 8).await.unwrap()
}

/// An operation of a new instance, claimed by `worker`.
async fn begun<W: World>(world: &W, worker: &str) -> (Subject, Lease) {
    let subject = world.add(&vnf("web")).await;
    world.journal().create(about(&subject, KIND), at(1)).await.unwrap();
    let (lease, _) = claim(world.journal(), worker, at(2)).await.remove(0);
    (subject, lease)
}

async fn go(journal: &dyn Journal, lease: &Lease, event: OperationEvent) -> Operation {
    let state = journal.transition(lease, event, Change::default(), at(5)).await.unwrap();
    let operation = journal.operation(lease.operation).await.unwrap().unwrap();
    assert_eq!(operation.state, state);
    operation
}

async fn failed<W: World>(world: &W) -> (Subject, OperationId) {
    let (subject, lease) = begun(world, "one").await;
    let journal = world.journal();
    go(journal, &lease, OperationEvent::Planned).await;
    let error = Some(StepError::lasting(503, "the host is away"));
    let change = Change { error, ..Change::default() };
    journal.transition(&lease, OperationEvent::Failed, change, at(6)).await.unwrap();
    (subject, lease.operation)
}

async fn an_instance_has_one_operation_at_a_time<W: World>(world: W) {
    let (subject, lease) = begun(&world, "one").await;
    let journal = world.journal();
    let refused = journal.create(about(&subject, "vnf-heal"), at(3)).await;
    assert!(matches!(refused, Err(JournalError::Busy { running }) if running == lease.operation));

    go(journal, &lease, OperationEvent::Refused).await;
    journal.create(about(&subject, "vnf-heal"), at(6)).await.unwrap();
}

async fn an_operation_remembers_the_instance_as_it_was<W: World>(world: W) {
    let subject = world.add(&vnf("web")).await;
    let before = world.document(&subject).await;
    let new = about(&subject, KIND);
    let created = world.journal().create(new.clone(), at(1)).await.unwrap();
    assert_eq!(created.before, before);
    assert_eq!((created.state, created.started_at), (OperationState::Starting, at(1)));
    assert_eq!((created.kind, created.params), (new.kind, new.params));
    let read = world.journal().operation(new.id).await.unwrap().unwrap();
    assert_eq!(read.before, before);
}

async fn a_request_judged_on_an_old_instance_is_refused<W: World>(world: W) {
    let (subject, lease) = begun(&world, "one").await;
    let journal = world.journal();
    let change = Change { subject: Some(renamed(&world, &subject).await), ..Change::default() };
    journal.transition(&lease, OperationEvent::Refused, change, at(3)).await.unwrap();

    let mut judged = about(&subject, KIND);
    judged.generation = Some(1);
    let refused = journal.create(judged.clone(), at(4)).await;
    assert!(matches!(refused, Err(JournalError::Stale)));
    judged.generation = Some(2);
    journal.create(judged, at(4)).await.unwrap();
}

async fn nobody_operates_on_what_is_not_there<W: World>(world: W) {
    let journal = world.journal();
    for kind in ["vnf", "ns", "toaster"] {
        let nobody = Subject { kind: kind.to_owned(), id: Uuid::from_u128(7) };
        let refused = journal.create(about(&nobody, KIND), at(1)).await;
        assert!(matches!(refused, Err(JournalError::NoSubject { .. })), "{kind}: {refused:?}");
    }
    let id = OperationId::new();
    assert!(journal.operation(id).await.unwrap().is_none());
    assert!(matches!(journal.log(id).await, Err(JournalError::NoOperation(_))));
    let refused = journal.request(id, Request::Retry, at(1)).await;
    assert!(matches!(refused, Err(JournalError::NoOperation(_))));
    let nothing = Lease { operation: id, worker: "one".to_owned(), epoch: 1 };
    let refused = journal.renew(&nothing, at(1)).await;
    assert!(matches!(refused, Err(JournalError::NoOperation(_))));
}

async fn the_oldest_operation_is_claimed_first_and_only_once<W: World>(world: W) {
    let journal = world.journal();
    let mut ids = Vec::new();
    for age in [3, 1, 2] {
        let subject = world.add(&vnf("web")).await;
        ids.push(journal.create(about(&subject, KIND), at(age)).await.unwrap().id);
    }
    let first = journal.claim("one", &[KIND], &[], at(4), at(14), 2).await.unwrap();
    assert_eq!(first.iter().map(|(_, o)| o.id).collect::<Vec<_>>(), [ids[1], ids[2]]);
    let rest = journal.claim("two", &[KIND], &[], at(4), at(14), 2).await.unwrap();
    assert_eq!(rest.iter().map(|(_, o)| o.id).collect::<Vec<_>>(), [ids[0]]);
    assert!(claim(journal, "three", at(4)).await.is_empty());
}

async fn an_operation_whose_lease_ended_goes_to_another_worker<W: World>(world: W) {
    let (_, lease) = begun(&world, "one").await;
    let journal = world.journal();
    assert!(claim(journal, "two", at(12)).await.is_empty(), "the lease still lasts");
    assert_eq!(journal.renew(&lease, at(20)).await.unwrap(), None);
    assert!(claim(journal, "two", at(20)).await.is_empty(), "it was renewed");
    let (second, _) = claim(journal, "two", at(21)).await.remove(0);
    assert_eq!((second.operation, second.epoch), (lease.operation, lease.epoch + 1));
}

async fn a_restarted_worker_takes_its_work_up_again<W: World>(world: W) {
    let (_, lease) = begun(&world, "one").await;
    let journal = world.journal();
    let held = journal.claim("one", &[KIND], &[lease.operation], at(3), at(13), 8).await.unwrap();
    assert!(held.is_empty(), "what a worker holds it does not claim again");
    let (again, _) = claim(journal, "one", at(3)).await.remove(0);
    assert_eq!(again.epoch, lease.epoch + 1);
}

async fn only_active_operations_of_known_kinds_are_claimed<W: World>(world: W) {
    let journal = world.journal();
    failed(&world).await;
    let subject = world.add(&vnf("web")).await;
    journal.create(about(&subject, "ns-instantiate"), at(1)).await.unwrap();
    assert!(claim(journal, "one", at(50)).await.is_empty());
    assert!(journal.claim("one", &[], &[], at(50), at(60), 8).await.unwrap().is_empty());
}

async fn a_worker_that_lost_its_lease_writes_nothing_more<W: World>(world: W) {
    let (subject, old) = begun(&world, "one").await;
    let journal = world.journal();
    let document = renamed(&world, &subject).await;
    let (new, _) = claim(journal, "two", at(30)).await.remove(0);

    let lost = journal.record(&old, vec![line("a", 31, StepEventKind::Started)]).await;
    assert!(matches!(lost, Err(JournalError::LeaseLost(_))));
    let change = Change { subject: Some(document), ..Change::default() };
    let lost = journal.transition(&old, OperationEvent::Planned, change, at(31)).await;
    assert!(matches!(lost, Err(JournalError::LeaseLost(_))));
    assert!(matches!(journal.renew(&old, at(99)).await, Err(JournalError::LeaseLost(_))));

    assert!(journal.log(new.operation).await.unwrap().is_empty());
    assert_eq!(world.document(&subject).await["name"], json!("web"));
    go(journal, &new, OperationEvent::Planned).await;
}

async fn the_log_comes_back_in_the_order_it_was_written<W: World>(world: W) {
    let (_, lease) = begun(&world, "one").await;
    let journal = world.journal();
    let done = StepEventKind::Done { output: json!({"vm": 1}) };
    let lines = vec![
        line("b", 9, StepEventKind::Started),
        line("a", 3, StepEventKind::Started),
        line("a", 3, done),
        line("b", 1, StepEventKind::Failed { error: StepError::transient(503, "away") }),
    ];
    journal.record(&lease, lines[..3].to_vec()).await.unwrap();
    journal.record(&lease, vec![]).await.unwrap();
    journal.record(&lease, lines[3..].to_vec()).await.unwrap();
    assert_eq!(journal.log(lease.operation).await.unwrap(), lines);
}

async fn a_transition_changes_the_instance_with_the_operation<W: World>(world: W) {
    let (subject, lease) = begun(&world, "one").await;
    let journal = world.journal();
    let change = Change { plan: Some(plan()), ..Change::default() };
    journal.transition(&lease, OperationEvent::Planned, change, at(5)).await.unwrap();
    let planned = journal.operation(lease.operation).await.unwrap().unwrap();
    assert_eq!(planned.plan, Some(plan()));

    let document = renamed(&world, &subject).await;
    let change = Change { subject: Some(document.clone()), ..Change::default() };
    journal.transition(&lease, OperationEvent::Done, change, at(6)).await.unwrap();
    let done = journal.operation(lease.operation).await.unwrap().unwrap();
    assert_eq!((done.state, done.state_since), (OperationState::Completed, at(6)));
    assert_eq!(done.plan, Some(plan()), "the plan stays");
    assert_eq!(world.document(&subject).await, document);
    let after = journal.renew(&lease, at(99)).await;
    assert!(matches!(after, Err(JournalError::LeaseLost(_))), "the lease ended with the work");
}

async fn a_failed_operation_waits_and_may_be_retried<W: World>(world: W) {
    let (subject, id) = failed(&world).await;
    let journal = world.journal();
    let waiting = journal.operation(id).await.unwrap().unwrap();
    assert_eq!(waiting.state, OperationState::FailedTemp);
    assert_eq!(waiting.error.unwrap().status, 503);
    assert!(claim(journal, "one", at(50)).await.is_empty());
    let refused = journal.create(about(&subject, KIND), at(51)).await;
    assert!(matches!(refused, Err(JournalError::Busy { .. })));

    journal.request(id, Request::Retry, at(52)).await.unwrap();
    let (lease, operation) = claim(journal, "two", at(53)).await.remove(0);
    assert_eq!(operation.state, OperationState::Processing);
    let done = go(journal, &lease, OperationEvent::Done).await;
    assert_eq!(done.error, None, "what went well in the end has no error");
}

async fn a_failed_operation_may_be_given_up<W: World>(world: W) {
    let (subject, id) = failed(&world).await;
    let journal = world.journal();
    let document = renamed(&world, &subject).await;
    let given_up = journal.give_up(id, document.clone(), at(60)).await.unwrap();
    assert_eq!(given_up.state, OperationState::Failed);
    assert_eq!(world.document(&subject).await, document);
    journal.create(about(&subject, KIND), at(61)).await.unwrap();
}

async fn a_cancel_waits_for_the_worker_and_only_grows_firmer<W: World>(world: W) {
    let (_, lease) = begun(&world, "one").await;
    let journal = world.journal();
    let id = lease.operation;
    for (asked, stands) in [
        (CancelMode::Graceful, CancelMode::Graceful),
        (CancelMode::Forceful, CancelMode::Forceful),
        (CancelMode::Graceful, CancelMode::Forceful),
    ] {
        let operation = journal.cancel(id, asked, at(3)).await.unwrap();
        assert_eq!(operation.cancel, Some(stands));
        assert_eq!(journal.renew(&lease, at(20)).await.unwrap(), Some(stands));
    }
    let end = go(journal, &lease, OperationEvent::Cancelled).await;
    assert_eq!((end.state, end.cancel), (OperationState::RolledBack, None));
}

async fn a_finished_operation_takes_no_request<W: World>(world: W) {
    let (subject, lease) = begun(&world, "one").await;
    let journal = world.journal();
    go(journal, &lease, OperationEvent::Planned).await;
    go(journal, &lease, OperationEvent::Done).await;
    let id = lease.operation;
    for request in [Request::Retry, Request::Rollback] {
        let refused = journal.request(id, request, at(9)).await;
        assert!(matches!(refused, Err(JournalError::Denied(_))));
    }
    let refused = journal.cancel(id, CancelMode::Graceful, at(9)).await;
    assert!(matches!(refused, Err(JournalError::Denied(_))));
    let refused = journal.give_up(id, renamed(&world, &subject).await, at(9)).await;
    assert!(matches!(refused, Err(JournalError::Denied(_))));
    assert_eq!(world.document(&subject).await["name"], json!("web"));
}

async fn renamed<W: World>(world: &W, subject: &Subject) -> Value {
    let mut document = world.document(subject).await;
    document["name"] = json!("renamed");
    document
}
