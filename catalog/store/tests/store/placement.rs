//! Room on hosts: nobody takes it twice, and nobody keeps what he does not hold.

use std::collections::BTreeMap;

use serde_json::Value;
use windlass_model::{GrantId, HostId, OperationId, VnfInstanceId};
use windlass_store::{Allocation, GrantRecord, Reservation, Settled, Store, StoreError, Stored};

use crate::nouns::{at, room, vim};

crate::worlds::on_both! {
    of_two_placements_that_decide_at_once_one_decides_again
    an_operation_that_asks_twice_at_once_has_one_grant_and_the_room_once
    what_a_vnf_holds_replaces_what_was_reserved_for_it
    a_settlement_that_comes_late_leaves_the_next_operations_room
    only_what_changed_is_told
    a_host_goes_unless_somebody_has_room_on_it
}

fn allocation(vnf: VnfInstanceId, vnfc: &str, host: HostId) -> Allocation {
    Allocation { vnf, vnfc: vnfc.to_owned(), host, takes: room(2) }
}

fn grant(vnf: VnfInstanceId, operation: OperationId) -> GrantRecord {
    GrantRecord {
        id: GrantId::new(),
        vnf,
        operation,
        vnfd_id: "vnfd-firewall".to_owned(),
        request: Value::Null,
        grant: Value::Null,
        created_at: at(1),
    }
}

/// Gives a VNF room on hosts, decided on the room of this version.
async fn give(
    store: &Store,
    allocations: Vec<Allocation>,
    version: i64,
) -> Result<GrantRecord, StoreError> {
    let grant = grant(allocations[0].vnf, OperationId::new());
    store.grants().give(grant, Some(Reservation { allocations, version })).await
}

async fn version(store: &Store) -> i64 {
    store.allocations().room().await.unwrap().version
}

async fn of_two_placements_that_decide_at_once_one_decides_again(store: Store) {
    let host = HostId::new();
    let seen = version(&store).await;
    let ask = || give(&store, vec![allocation(VnfInstanceId::new(), "web-0", host)], seen);
    let (one, other) = tokio::join!(ask(), ask());
    let stale =
        |answer: &Result<GrantRecord, StoreError>| matches!(answer, Err(StoreError::Stale { .. }));
    assert!(stale(&one) != stale(&other), "{one:?} {other:?}");
    let now = store.allocations().room().await.unwrap();
    assert_eq!(now.allocations.len(), 1);
    assert_ne!(now.version, seen);
    assert_eq!(store.grants().list(None, 9).await.unwrap().len(), 1);
}

async fn an_operation_that_asks_twice_at_once_has_one_grant_and_the_room_once(store: Store) {
    let (vnf, operation) = (VnfInstanceId::new(), OperationId::new());
    let version = version(&store).await;
    let ask = |host, version| {
        let reservation =
            Reservation { allocations: vec![allocation(vnf, "web-0", host)], version };
        let (store, grant) = (store.clone(), grant(vnf, operation));
        async move { store.grants().give(grant, Some(reservation)).await.unwrap() }
    };
    let (one, other) = tokio::join!(ask(HostId::new(), version), ask(HostId::new(), version));
    assert_eq!(one, other);
    assert_eq!(ask(HostId::new(), version + 1).await, one);
    assert_eq!(store.allocations().of_vnf(vnf).await.unwrap().len(), 1);
}

async fn what_a_vnf_holds_replaces_what_was_reserved_for_it(store: Store) {
    let vnf = VnfInstanceId::new();
    let (other, host) = (allocation(VnfInstanceId::new(), "db-0", HostId::new()), HostId::new());
    store.allocations().settle(other.vnf, None, vec![other.clone()]).await.unwrap();
    let wanted = vec![allocation(vnf, "web-0", host), allocation(vnf, "web-1", host)];
    give(&store, wanted.clone(), version(&store).await).await.unwrap();
    assert_eq!(store.allocations().of_vnf(vnf).await.unwrap(), wanted);

    let settled = store.allocations().settle(vnf, None, wanted[..1].to_vec()).await.unwrap();
    assert_eq!(settled, Settled { version: version(&store).await, is_all: true });
    let mut left = store.allocations().room().await.unwrap().allocations;
    left.sort_by_key(|allocation| allocation.vnfc.clone());
    assert_eq!(left, [other, wanted[0].clone()]);
}

async fn a_settlement_that_comes_late_leaves_the_next_operations_room(store: Store) {
    let (vnf, host) = (VnfInstanceId::new(), HostId::new());
    let (first, second) = (OperationId::new(), OperationId::new());
    let old = allocation(vnf, "web-0", host);
    let new = allocation(vnf, "web-1", host);
    store.allocations().settle(vnf, None, vec![old.clone()]).await.unwrap();
    let version = version(&store).await;
    let reservation = Reservation { allocations: vec![new.clone()], version };
    store.grants().give(grant(vnf, second), Some(reservation)).await.unwrap();

    let late = store.allocations().settle(vnf, Some(first), vec![old.clone()]).await.unwrap();
    assert!(!late.is_all);
    assert_eq!(store.allocations().of_vnf(vnf).await.unwrap(), [old.clone(), new]);
    let own = store.allocations().settle(vnf, Some(second), vec![old.clone()]).await.unwrap();
    assert!(own.is_all);
    assert_eq!(store.allocations().of_vnf(vnf).await.unwrap(), [old]);
}

async fn only_what_changed_is_told(store: Store) {
    let [stays, changes, goes] = ["stays", "changes", "goes"].map(vim);
    for one in [&stays, &changes, &goes] {
        store.vims().create(one.clone()).await.unwrap();
    }
    let seen: BTreeMap<_, _> = [&stays, &changes, &goes].map(|vim| (vim.id, 1)).into();
    let version = version(&store).await;
    let told = store.allocations().changed(None, BTreeMap::new()).await.unwrap();
    assert_eq!((told.vims.len(), told.room.map(|room| room.version)), (3, Some(version)));
    let told = store.allocations().changed(Some(version), seen.clone()).await.unwrap();
    assert_eq!((told.vims.len(), told.gone.len(), told.room), (0, 0, None));

    let changed = store.vims().update(changes, 1).await.unwrap();
    store.vims().delete(goes.id, 1).await.unwrap();
    let told = store.allocations().changed(Some(version), seen).await.unwrap();
    assert_eq!((told.vims, told.gone), (vec![changed], vec![goes.id]));
}

async fn a_host_goes_unless_somebody_has_room_on_it(store: Store) {
    let site = store.vims().create(vim("edge")).await.unwrap();
    let host = site.document.hosts[0].id;
    let vnf = VnfInstanceId::new();
    store.allocations().settle(vnf, None, vec![allocation(vnf, "web-0", host)]).await.unwrap();
    let refused = store.vims().remove_host(site.clone(), host).await;
    assert!(matches!(refused, Err(StoreError::InUse { .. })), "{refused:?}");
    store.allocations().settle(vnf, None, Vec::new()).await.unwrap();

    let decided_on = version(&store).await;
    let Stored { document, .. } = store.vims().remove_host(site, host).await.unwrap();
    assert!(document.hosts.iter().all(|one| one.id != host));
    let late = give(&store, vec![allocation(vnf, "web-0", host)], decided_on).await;
    assert!(matches!(late, Err(StoreError::Stale { .. })), "{late:?}");
}
