//! What a method returned survives, and many writers do not get in each other's way.

use std::sync::Arc;

use tokio::task::JoinSet;
use windlass_lcm::{Change, Journal, JournalError, StepEventKind};
use windlass_model::{OperationEvent, OperationState, SystemClock};
use windlass_store::{Location, Store, StoreError};
use windlass_test_postgres::Server;

use crate::nouns::{about, at, line, plan, vnf};
use crate::worlds::{self, subject};

async fn open(place: &Location) -> Store {
    Store::open(place.clone(), Arc::new(SystemClock)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_told_survives_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name| Location::from(folder.path().join(name));
    an_operation_goes_on_in_the_next_life_of_the_store(place("lives.db")).await;
    sixty_four_writers_share_one_database(place("writers.db")).await;
    a_refused_write_takes_no_other_with_it(place("refused.db")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_told_survives_on_postgresql() {
    let Some(server) = Server::start() else { return };
    an_operation_goes_on_in_the_next_life_of_the_store(worlds::place(&server)).await;
    sixty_four_writers_share_one_database(worlds::place(&server)).await;
    a_refused_write_takes_no_other_with_it(worlds::place(&server)).await;
}

async fn an_operation_goes_on_in_the_next_life_of_the_store(place: Location) {
    let web = vnf("web");
    let kinds = ["vnf-heal"];

    let store = open(&place).await;
    store.vnf_instances().create(web.clone()).await.unwrap();
    let id = store.create(about(&subject(&web), kinds[0]), at(1)).await.unwrap().id;
    drop(store);

    let store = open(&place).await;
    let (first, _) = store.claim("one", &kinds, &[], at(2), at(9), 1).await.unwrap().remove(0);
    let change = Change { plan: Some(plan()), ..Change::default() };
    store.transition(&first, OperationEvent::Planned, change, at(3)).await.unwrap();
    store.record(&first, vec![line("start_vm/web-0", 4, StepEventKind::Started)]).await.unwrap();
    drop(store);

    let store = open(&place).await;
    let (second, operation) =
        store.claim("two", &kinds, &[], at(10), at(19), 1).await.unwrap().remove(0);
    assert_eq!((operation.id, operation.state), (id, OperationState::Processing));
    assert_eq!(operation.plan, Some(plan()));
    assert_eq!(store.log(id).await.unwrap().len(), 1);
    let late = store.record(&first, vec![]).await;
    assert!(matches!(late, Err(JournalError::LeaseLost(_))));
    let mut healed = web.clone();
    healed.name = "healed".to_owned();
    let document = Some(serde_json::to_value(&healed).unwrap());
    let change = Change { subject: document, ..Change::default() };
    store.transition(&second, OperationEvent::Done, change, at(11)).await.unwrap();
    drop(store);

    let store = open(&place).await;
    let stored = store.vnf_instances().get(web.id).await.unwrap();
    assert_eq!((stored.document.name.as_str(), stored.generation), ("healed", 2));
    assert_eq!(store.operations().get(id).await.unwrap().state, OperationState::Completed);
}

async fn sixty_four_writers_share_one_database(place: Location) {
    // Two stores are two programs with one database: each has a writer of its own.
    let stores = [open(&place).await, open(&place).await];
    let mut writers = JoinSet::new();
    for number in 0..64 {
        let store = stores[number % 2].clone();
        writers.spawn(async move {
            let web = vnf(&format!("web-{number}"));
            store.vnf_instances().create(web.clone()).await?;
            for generation in 1..=10 {
                store.vnf_instances().update(web.clone(), generation).await?;
                store.vnf_instances().get(web.id).await?;
            }
            Ok::<_, StoreError>(web.id)
        });
    }
    while let Some(written) = writers.join_next().await {
        let id = written.unwrap().unwrap();
        assert_eq!(stores[0].vnf_instances().get(id).await.unwrap().generation, 11);
    }
}

async fn a_refused_write_takes_no_other_with_it(place: Location) {
    let store = open(&place).await;
    let web = vnf("web");
    store.vnf_instances().create(web.clone()).await.unwrap();
    let mut writers = JoinSet::new();
    for number in 0..64 {
        let (store, web) = (store.clone(), web.clone());
        writers.spawn(async move {
            if number % 2 == 0 {
                store.vnf_instances().create(web).await.is_err()
            } else {
                store.vnf_instances().create(vnf("another")).await.is_ok()
            }
        });
    }
    while let Some(as_expected) = writers.join_next().await {
        assert!(as_expected.unwrap());
    }
    assert_eq!(store.vnf_instances().list(None, 100).await.unwrap().len(), 33);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("windlass.db");
    std::fs::write(&path, "this is a letter to my aunt, and no database").unwrap();
    let refused = Store::open(&path, Arc::new(SystemClock)).await;
    assert!(matches!(refused, Err(StoreError::Open { .. })), "{refused:?}");
    let nowhere = Store::open(folder.path().join("no/such/folder.db"), Arc::new(SystemClock)).await;
    assert!(matches!(nowhere, Err(StoreError::Open { .. })));
}
