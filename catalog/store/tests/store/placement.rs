//! Room on hosts: nobody takes it twice, and nobody keeps what he does not hold.

use windlass_model::{HostId, OperationId, VnfInstanceId};
use windlass_store::{Allocation, Store, StoreError};

use crate::nouns::room;

crate::worlds::on_both! {
    of_two_placements_that_decide_at_once_one_decides_again
    a_repeated_reservation_replaces_the_first
    a_failed_heal_gives_back_only_what_it_reserved
    what_a_vnf_holds_replaces_what_was_reserved_for_it
}

fn allocation(vnf: VnfInstanceId, vnfc: &str, host: HostId) -> Allocation {
    Allocation { vnf, vnfc: vnfc.to_owned(), host, takes: room(2) }
}

async fn of_two_placements_that_decide_at_once_one_decides_again(store: Store) {
    let host = HostId::new();
    let seen = store.allocations().room().await.unwrap();
    let ask = || {
        let (vnf, version) = (VnfInstanceId::new(), seen.version);
        let wanted = vec![allocation(vnf, "web-0", host)];
        let store = store.clone();
        async move { store.allocations().reserve(OperationId::new(), wanted, version).await }
    };
    let (one, other) = tokio::join!(ask(), ask());
    let stale = |answer: &Result<(), StoreError>| matches!(answer, Err(StoreError::Stale { .. }));
    assert!(stale(&one) != stale(&other), "{one:?} {other:?}");
    let now = store.allocations().room().await.unwrap();
    assert_eq!(now.allocations.len(), 1);
    assert_ne!(now.version, seen.version);
}

async fn a_repeated_reservation_replaces_the_first(store: Store) {
    let (vnf, operation) = (VnfInstanceId::new(), OperationId::new());
    for host in [HostId::new(), HostId::new()] {
        let version = store.allocations().room().await.unwrap().version;
        let wanted = vec![allocation(vnf, "web-0", host)];
        store.allocations().reserve(operation, wanted.clone(), version).await.unwrap();
        assert_eq!(store.allocations().room().await.unwrap().allocations, wanted);
    }
    store.allocations().release(operation).await.unwrap();
    store.allocations().release(operation).await.unwrap();
    assert!(store.allocations().room().await.unwrap().allocations.is_empty());
}

async fn a_failed_heal_gives_back_only_what_it_reserved(store: Store) {
    let (vnf, operation) = (VnfInstanceId::new(), OperationId::new());
    let (here, there) = (HostId::new(), HostId::new());
    let held = allocation(vnf, "web-0", here);
    store.allocations().settle(vnf, vec![held.clone()]).await.unwrap();

    let version = store.allocations().room().await.unwrap().version;
    let wanted = vec![held.clone(), allocation(vnf, "web-0", there)];
    store.allocations().reserve(operation, wanted, version).await.unwrap();
    assert_eq!(store.allocations().room().await.unwrap().allocations.len(), 2);
    store.allocations().release(operation).await.unwrap();
    assert_eq!(store.allocations().room().await.unwrap().allocations, [held]);
}

async fn what_a_vnf_holds_replaces_what_was_reserved_for_it(store: Store) {
    let (vnf, operation) = (VnfInstanceId::new(), OperationId::new());
    let (other, host) = (allocation(VnfInstanceId::new(), "db-0", HostId::new()), HostId::new());
    store.allocations().settle(other.vnf, vec![other.clone()]).await.unwrap();
    let version = store.allocations().room().await.unwrap().version;
    let wanted = vec![allocation(vnf, "web-0", host), allocation(vnf, "web-1", host)];
    store.allocations().reserve(operation, wanted.clone(), version).await.unwrap();

    store.allocations().settle(vnf, wanted[..1].to_vec()).await.unwrap();
    store.allocations().release(operation).await.unwrap();
    let mut left = store.allocations().room().await.unwrap().allocations;
    left.sort_by_key(|allocation| allocation.vnfc.clone());
    assert_eq!(left, [other, wanted[0].clone()]);
}
