//! Several processes on one PostgreSQL server, and a server that goes away.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use windlass_lcm::{Journal, JournalError, StepEventKind};
use windlass_model::{Clock, OperationEvent, SystemClock};
use windlass_store::{Location, Store, StoreError, TokenHash};
use windlass_test_postgres::Server;

use crate::nouns::{about, line, vnf};
use crate::worlds::{on, place, subject};

const KINDS: [&str; 1] = ["vnf-heal"];

async fn open(place: &Location) -> Store {
    Store::open(place.clone(), Arc::new(SystemClock)).await.unwrap()
}

#[test]
fn what_a_killed_process_held_goes_to_another_and_its_late_writes_are_refused() {
    let Some(server) = Server::start() else { return };
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let place = place(&server);
    let now = SystemClock.now();
    let soon = now + TimeDelta::seconds(15);
    let web = vnf("web");

    let first = runtime();
    let (lost, late) = first.block_on(async {
        let store = open(&place).await;
        store.vnf_instances().create(web.clone()).await.unwrap();
        store.create(about(&subject(&web), KINDS[0]), now).await.unwrap();
        let (lease, _) = store.claim("one", &KINDS, &[], now, soon, 8).await.unwrap().remove(0);
        (lease, store)
    });
    first.shutdown_background();

    runtime().block_on(async {
        let store = open(&place).await;
        let early = store.claim("two", &KINDS, &[], now, soon, 8).await.unwrap();
        assert!(early.is_empty(), "the lease still holds: {early:?}");
        let later = soon + TimeDelta::seconds(1);
        let until = later + TimeDelta::seconds(15);
        let (lease, _) = store.claim("two", &KINDS, &[], later, until, 8).await.unwrap().remove(0);
        assert_eq!(lease.epoch, lost.epoch + 1);
        // The first process was not dead but slow: its store still works, its lease does not.
        let event = line("start_vm/web-0", 4, StepEventKind::Started);
        let refused = late.record(&lost, vec![event.clone()]).await;
        assert!(matches!(refused, Err(JournalError::LeaseLost(_))), "{refused:?}");
        let change = windlass_lcm::Change::default();
        let refused = late.transition(&lost, OperationEvent::Cancelled, change, later).await;
        assert!(matches!(refused, Err(JournalError::LeaseLost(_))), "{refused:?}");
        store.record(&lease, vec![event]).await.unwrap();
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_processes_may_start_at_once_and_programs_keep_apart() {
    let Some(server) = Server::start() else { return };
    let url = server.database();
    let starts = (0..8).map(|number| {
        let program = if number % 2 == 0 { "nfvo" } else { "vnfm" };
        let place = Location::postgres(&url, program).unwrap();
        tokio::spawn(async move { open(&place).await })
    });
    let stores = futures_join(starts).await;
    let web = vnf("web");
    stores[0].vnf_instances().create(web.clone()).await.unwrap();
    stores[2].vnf_instances().get(web.id).await.unwrap();
    let elsewhere = stores[1].vnf_instances().get(web.id).await;
    assert!(matches!(elsewhere, Err(StoreError::NotFound { .. })), "{elsewhere:?}");
}

async fn futures_join<T>(tasks: impl Iterator<Item = tokio::task::JoinHandle<T>>) -> Vec<T> {
    let mut results = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_crashed_is_there_again_without_a_restart_of_windlass() {
    let Some(mut server) = Server::start() else { return };
    let store = on(&server).await;
    let (before, meanwhile, after) = (vnf("before"), vnf("meanwhile"), vnf("after"));
    store.vnf_instances().create(before.clone()).await.unwrap();

    server.crash();
    let told = store.vnf_instances().create(meanwhile.clone()).await;
    assert!(matches!(told, Err(StoreError::NotDurable(_))), "{told:?}");

    server.resume().unwrap();
    store.vnf_instances().create(after.clone()).await.unwrap();
    store.vnf_instances().get(before.id).await.unwrap();
    let never = store.vnf_instances().get(meanwhile.id).await;
    assert!(matches!(never, Err(StoreError::NotFound { .. })), "{never:?}");

    // A write that comes while the server starts waits for it.
    server.stop();
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { store.vnf_instances().create(vnf("patient")).await }
    });
    server.resume().unwrap();
    waiting.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_that_hangs_in_a_write_does_not_stop_the_others_for_ever() {
    let Some(server) = Server::start() else { return };
    let url = server.database();
    let place = Location::postgres(&url, "nfvo").unwrap();
    let store = open(&place).await;
    // What a stopped process leaves: a transaction that holds the lock, and nobody who ends it.
    let hung = "SET search_path = nfvo; SET idle_in_transaction_session_timeout = '2s'; BEGIN; \
                SELECT pg_advisory_xact_lock(\
                hashtext('windlass'), hashtext(current_setting('search_path')));\n\\! sleep 6\nSELECT 1;\n";
    let (held, holds) = tokio::sync::oneshot::channel();
    let stopped = std::thread::scope(|scope| {
        let holder = scope.spawn(|| {
            held.send(()).unwrap();
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| server.execute(&url, hung)))
        });
        let writer = scope.spawn(|| {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                holds.await.unwrap();
                tokio::time::timeout(
                    Duration::from_secs(30),
                    store.vnf_instances().create(vnf("web")),
                )
                .await
            })
        });
        writer.join().unwrap().unwrap().unwrap();
        holder.join().unwrap()
    });
    assert!(stopped.is_err(), "the server ended the session that hung");
}

#[tokio::test]
async fn names_come_in_the_order_of_their_bytes() {
    let Some(server) = Server::start() else { return };
    let store = on(&server).await;
    for (number, name) in [(1, "b"), (2, "a-c"), (3, "ab"), (4, "B")] {
        store.tokens().add(name, TokenHash([number; 32])).await.unwrap();
    }
    assert_eq!(store.tokens().list(None, 9).await.unwrap(), ["B", "a-c", "ab", "b"]);
    assert_eq!(store.tokens().list(Some("a-c"), 9).await.unwrap(), ["ab", "b"]);
}

#[tokio::test]
async fn who_is_away_is_named_without_a_password() {
    let nowhere = "postgresql://windlass:s3cret@127.0.0.1:1/mano?connect_timeout=1";
    let place = Location::postgres(nowhere, "nfvo").unwrap();
    let refused = Store::open(place, Arc::new(SystemClock)).await.unwrap_err();
    for told in [refused.to_string(), format!("{refused:?}")] {
        assert!(told.contains("127.0.0.1") && !told.contains("s3cret"), "{told}");
    }
}
