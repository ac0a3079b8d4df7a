//! What subscribers are owed, and who may serve them.

use serde_json::json;
use windlass_lcm::{Change, Journal, StepEventKind};
use windlass_model::package::{OnboardingState, OperationalState};
use windlass_model::{Clock, OperationEvent, OperationState, SubscriptionId, SystemClock};
use windlass_store::{
    CatalogChange, Event, Failure, Happened, NewSubscription, Store, StoreError, Subscribed,
    Subscription, SubscriptionLease, Topic,
};

use crate::nouns::{about, at, line, nsd, onboarded, package, plan, vnf};
use crate::worlds::subject;

crate::worlds::on_both! {
    nothing_is_written_down_while_nobody_listens
    a_subscriber_is_told_of_what_comes_after_it_in_the_order_of_the_commits
    a_write_that_fails_leaves_no_event
    every_state_of_an_operation_is_told_as_it_was_then
    of_a_package_only_its_onboarding_switching_and_deletion_are_told
    an_nsd_that_is_refused_is_told_with_the_reason
    the_same_wish_twice_is_one_subscription
    one_worker_at_a_time_serves_a_subscription_and_a_late_one_writes_nothing
    what_failed_is_put_off_then_parked_and_a_resume_starts_where_it_stopped
    who_fails_while_it_is_resumed_does_not_park_it_again
    whoever_was_given_back_first_is_taken_first
    an_event_that_nobody_can_read_is_lost_and_counted
    what_everybody_has_seen_is_forgotten_and_its_number_never_given_again
    too_many_events_are_dropped_and_who_missed_them_is_told_how_many
    old_events_are_dropped_too
}

const URI: &str = "http://osm.example/notify";

fn wish(topic: Topic, callback_uri: &str) -> NewSubscription {
    NewSubscription {
        id: SubscriptionId::new(),
        topic,
        callback_uri: callback_uri.to_owned(),
        document: json!({ "filter": null }),
        secret: None,
    }
}

async fn subscribe(store: &Store, topic: Topic) -> Subscription {
    match store.subscriptions().create(wish(topic, URI)).await.unwrap() {
        Subscribed::Created(subscription) => *subscription,
        Subscribed::Known(id) => panic!("{id} was there already"),
    }
}

async fn events(store: &Store, topic: Topic) -> Vec<Event> {
    store.events().list(topic, 0, 100).await.unwrap()
}

async fn claim(store: &Store, worker: &str, second: i64) -> Vec<(SubscriptionLease, Subscription)> {
    let until = at(second + 30);
    store.subscriptions().claim(worker, &Topic::ALL, &[], at(second), until, 8).await.unwrap()
}

async fn now(store: &Store, id: SubscriptionId) -> Subscription {
    store.subscriptions().get(Topic::VnfLcm, id).await.unwrap()
}

/// A subscription with `count` VNFs created since, served by `worker`.
async fn behind_by(store: &Store, count: usize, worker: &str) -> SubscriptionLease {
    subscribe(store, Topic::VnfLcm).await;
    for name in 0..count {
        store.vnf_instances().create(vnf(&name.to_string())).await.unwrap();
    }
    // The store's own clock made it; what the stories say of the time is later.
    claim(store, worker, 0).await.remove(0).0
}

async fn nothing_is_written_down_while_nobody_listens(store: Store) {
    subscribe(&store, Topic::NsLcm).await;
    store.vnf_instances().create(vnf("web")).await.unwrap();
    assert_eq!(events(&store, Topic::VnfLcm).await, []);
}

async fn a_subscriber_is_told_of_what_comes_after_it_in_the_order_of_the_commits(store: Store) {
    store.vnf_instances().create(vnf("before")).await.unwrap();
    let subscription = subscribe(&store, Topic::VnfLcm).await;
    let web = store.vnf_instances().create(vnf("web")).await.unwrap();
    store.vnf_instances().delete(web.document.id, web.generation).await.unwrap();

    let happened: Vec<Happened> =
        events(&store, Topic::VnfLcm).await.into_iter().map(|event| event.happened).collect();
    let web = web.document;
    assert_eq!(happened, [Happened::VnfCreated(web.clone()), Happened::VnfDeleted(web)]);
    assert_eq!(store.subscriptions().backlog(&subscription).await.unwrap(), 2);
}

async fn a_write_that_fails_leaves_no_event(store: Store) {
    subscribe(&store, Topic::VnfLcm).await;
    let web = store.vnf_instances().create(vnf("web")).await.unwrap().document;
    assert!(store.vnf_instances().create(web).await.is_err());
    assert_eq!(events(&store, Topic::VnfLcm).await.len(), 1);
}

async fn every_state_of_an_operation_is_told_as_it_was_then(store: Store) {
    subscribe(&store, Topic::VnfLcm).await;
    let web = vnf("web");
    store.vnf_instances().create(web.clone()).await.unwrap();
    store.create(about(&subject(&web), "vnf-instantiate"), at(1)).await.unwrap();
    let (lease, _) =
        store.claim("w", &["vnf-instantiate"], &[], at(2), at(9), 1).await.unwrap().remove(0);
    let change = Change { plan: Some(plan()), ..Change::default() };
    store.transition(&lease, OperationEvent::Planned, change, at(3)).await.unwrap();
    store.record(&lease, vec![line("start_vm/web-0", 4, StepEventKind::Started)]).await.unwrap();
    store.transition(&lease, OperationEvent::Failed, Change::default(), at(5)).await.unwrap();

    let mut told = Vec::new();
    for event in events(&store, Topic::VnfLcm).await {
        let Happened::OperationMoved(moved) = &event.happened else { continue };
        let (operation, log) = store.events().operation(&event, moved).await.unwrap().unwrap();
        told.push((operation.state, operation.state_since, log.len()));
    }
    let wanted = [
        (OperationState::Starting, at(1), 0),
        (OperationState::Processing, at(3), 0),
        (OperationState::FailedTemp, at(5), 1),
    ];
    assert_eq!(told, wanted);
}

async fn of_a_package_only_its_onboarding_switching_and_deletion_are_told(store: Store) {
    subscribe(&store, Topic::VnfPkgm).await;
    let packages = store.vnf_packages();
    let mut now = packages.create(package()).await.unwrap();
    now.document.onboarding.state = OnboardingState::Processing;
    now = packages.update(now.document, now.generation).await.unwrap();
    now = packages.update(onboarded(now.document, "vnfd-a"), now.generation).await.unwrap();
    now = packages.update(now.document, now.generation).await.unwrap();
    now.document.onboarding.operational = OperationalState::Enabled;
    now = packages.update(now.document, now.generation).await.unwrap();
    packages.delete(now.document.id, now.generation).await.unwrap();
    let nameless = packages.create(package()).await.unwrap();
    packages.delete(nameless.document.id, nameless.generation).await.unwrap();

    let told = events(&store, Topic::VnfPkgm).await;
    let changes: Vec<CatalogChange> =
        told.into_iter().map(|event| change(event.happened)).collect();
    let wanted =
        [CatalogChange::Onboarded, CatalogChange::OperationalState, CatalogChange::Deleted];
    assert_eq!(changes, wanted);
}

fn change(happened: Happened) -> CatalogChange {
    match happened {
        Happened::Package(event) => event.change,
        Happened::Nsd(event) => event.change,
        other @ (Happened::OperationMoved(_)
        | Happened::VnfCreated(_)
        | Happened::VnfDeleted(_)
        | Happened::NsCreated(_)
        | Happened::NsDeleted(_)) => panic!("{other:?} is not about the catalog"),
    }
}

async fn an_nsd_that_is_refused_is_told_with_the_reason(store: Store) {
    subscribe(&store, Topic::Nsd).await;
    let mut now = store.nsds().create(nsd()).await.unwrap();
    now.document.onboarding.state = OnboardingState::Error;
    now.document.onboarding.error = Some(json!({ "status": 422 }));
    store.nsds().update(now.document, now.generation).await.unwrap();
    let told = events(&store, Topic::Nsd).await.remove(0);
    let error = Some(json!({ "status": 422 }));
    assert_eq!(change(told.happened), CatalogChange::Refused { error });
}

async fn the_same_wish_twice_is_one_subscription(store: Store) {
    let first = subscribe(&store, Topic::VnfLcm).await;
    let again = store.subscriptions().create(wish(Topic::VnfLcm, URI)).await.unwrap();
    assert_eq!(again, Subscribed::Known(first.id));
    let elsewhere = wish(Topic::VnfLcm, "http://osm.example/other");
    assert!(matches!(
        store.subscriptions().create(elsewhere).await.unwrap(),
        Subscribed::Created(_)
    ));
    let missing = store.subscriptions().get(Topic::NsLcm, first.id).await;
    assert!(matches!(missing, Err(StoreError::NotFound { .. })), "another topic shows it");
}

async fn one_worker_at_a_time_serves_a_subscription_and_a_late_one_writes_nothing(store: Store) {
    let late = behind_by(&store, 2, "one").await;
    assert!(claim(&store, "two", 20).await.is_empty(), "it is held until 30");
    let (taken, _) = claim(&store, "two", 31).await.remove(0);
    let stale = store.subscriptions().advance(&late, 1, at(200)).await;
    assert!(matches!(stale, Err(StoreError::Stale { .. })));
    store.subscriptions().advance(&taken, 1, at(200)).await.unwrap();
    assert_eq!(now(&store, taken.subscription).await.cursor, 1);
    assert!(claim(&store, "three", 150).await.is_empty(), "it is held until 200");
    store.subscriptions().release(&taken, at(140)).await.unwrap();
    assert_eq!(claim(&store, "three", 150).await.len(), 1);
}

async fn what_failed_is_put_off_then_parked_and_a_resume_starts_where_it_stopped(store: Store) {
    let lease = behind_by(&store, 1, "one").await;
    let failure = |attempts, next_attempt| Failure {
        attempts,
        error: "connection refused".to_owned(),
        next_attempt,
    };
    let later = Some(at(1_000));
    store.subscriptions().put_off(&lease, failure(1, later), at(10)).await.unwrap();
    assert!(claim(&store, "one", 999).await.is_empty());
    let (lease, seen) = claim(&store, "one", 1_000).await.remove(0);
    assert_eq!((seen.attempts, seen.error.as_deref()), (1, Some("connection refused")));

    store.subscriptions().put_off(&lease, failure(2, None), at(1_001)).await.unwrap();
    assert!(claim(&store, "one", 9_000).await.is_empty());
    assert_eq!(now(&store, lease.subscription).await.parked_since, Some(at(1_001)));

    let resumed = store.subscriptions().resume(Topic::VnfLcm, lease.subscription).await.unwrap();
    assert_eq!((resumed.parked_since, resumed.cursor, resumed.attempts), (None, 0, 0));
    assert_eq!(claim(&store, "one", 9_000).await.len(), 1);
}

async fn who_fails_while_it_is_resumed_does_not_park_it_again(store: Store) {
    let late = behind_by(&store, 1, "one").await;
    store.subscriptions().resume(Topic::VnfLcm, late.subscription).await.unwrap();
    let failure = Failure { attempts: 20, error: "timed out".to_owned(), next_attempt: None };
    let parked = store.subscriptions().put_off(&late, failure, at(10)).await;
    assert!(matches!(parked, Err(StoreError::Stale { .. })));
    assert_eq!(now(&store, late.subscription).await.parked_since, None);
    // The store's own clock resumed it.
    let now = SystemClock.now();
    let until = now + chrono::TimeDelta::minutes(1);
    let taken = store.subscriptions().claim("two", &Topic::ALL, &[], now, until, 1).await.unwrap();
    assert_eq!(taken.len(), 1, "it waits for whoever failed");
}

async fn whoever_was_given_back_first_is_taken_first(store: Store) {
    subscribe(&store, Topic::VnfLcm).await;
    store.subscriptions().create(wish(Topic::VnfLcm, "http://osm.example/other")).await.unwrap();
    store.vnf_instances().create(vnf("web")).await.unwrap();
    let [(first, _), (second, _)] = claim(&store, "one", 0).await.try_into().unwrap();
    store.subscriptions().release(&second, at(10)).await.unwrap();
    store.subscriptions().release(&first, at(11)).await.unwrap();
    for wanted in [second.subscription, first.subscription] {
        let (now, until) = (at(20), at(50));
        let taken =
            store.subscriptions().claim("one", &Topic::ALL, &[], now, until, 1).await.unwrap();
        assert_eq!(taken[0].0.subscription, wanted);
        store.subscriptions().release(&taken[0].0, at(20)).await.unwrap();
    }
}

async fn an_event_that_nobody_can_read_is_lost_and_counted(store: Store) {
    let lease = behind_by(&store, 2, "one").await;
    let behind = store.subscriptions().lose_next(&lease, Topic::VnfLcm, 0, at(9)).await.unwrap();
    let seen = now(&store, lease.subscription).await;
    assert_eq!((behind, seen.cursor, seen.lost), (1, 1, 1));
    store.subscriptions().lose_next(&lease, Topic::VnfLcm, 1, at(9)).await.unwrap();
    // There is no third one.
    store.subscriptions().lose_next(&lease, Topic::VnfLcm, 2, at(9)).await.unwrap();
    let seen = now(&store, lease.subscription).await;
    assert_eq!((seen.cursor, seen.lost), (2, 2));
}

async fn what_everybody_has_seen_is_forgotten_and_its_number_never_given_again(store: Store) {
    let lease = behind_by(&store, 2, "one").await;
    store.subscriptions().advance(&lease, 2, at(9)).await.unwrap();
    store.subscriptions().prune(&Topic::ALL, at(-1_000_000_000), 100).await.unwrap();
    assert_eq!(events(&store, Topic::VnfLcm).await, []);
    store.vnf_instances().create(vnf("next")).await.unwrap();
    assert_eq!(events(&store, Topic::VnfLcm).await[0].sequence, 3);
}

async fn too_many_events_are_dropped_and_who_missed_them_is_told_how_many(store: Store) {
    let lease = behind_by(&store, 5, "one").await;
    store.subscriptions().prune(&Topic::ALL, at(-1_000_000_000), 2).await.unwrap();
    let left: Vec<i64> = events(&store, Topic::VnfLcm).await.iter().map(|e| e.sequence).collect();
    assert_eq!(left, [4, 5]);
    let missed = now(&store, lease.subscription).await;
    assert_eq!((missed.cursor, missed.lost), (3, 3));
    let set_back = store.subscriptions().advance(&lease, 1, at(9)).await;
    assert!(matches!(set_back, Err(StoreError::Stale { .. })), "the cursor goes back");
}

async fn old_events_are_dropped_too(store: Store) {
    behind_by(&store, 3, "one").await;
    store.subscriptions().prune(&Topic::ALL, at(0), 100).await.unwrap();
    assert_eq!(events(&store, Topic::VnfLcm).await, []);
}
