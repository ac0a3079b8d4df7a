//! Packages, descriptors and sites: what is unique, and what must stay while it is needed.

use serde_json::Value;
use windlass_model::package::UsageState;
use windlass_model::{GrantId, OperationId, VnfInstanceId};
use windlass_store::{Allocation, GrantRecord, Store, StoreError};

use crate::nouns::{at, ns, nsd, onboarded, package, room, vim, vnf};

crate::worlds::on_both! {
    a_vnfd_is_onboarded_once
    a_package_stays_while_an_instance_is_made_of_it
    a_package_stays_while_a_vnf_of_another_vnfm_holds_room
    a_descriptor_stays_while_a_service_is_made_of_it
    the_name_of_a_site_is_its_own
}

async fn a_vnfd_is_onboarded_once(store: Store) {
    let (first, second) = (package(), package());
    store.vnf_packages().create(first.clone()).await.unwrap();
    store.vnf_packages().create(second.clone()).await.unwrap();
    let nothing = store.vnf_packages().of_vnfd("vnfd-firewall").await;
    assert!(matches!(nothing, Err(StoreError::NotFound { .. })));

    let first = onboarded(first, "vnfd-firewall");
    store.vnf_packages().update(first.clone(), 1).await.unwrap();
    let twice = store.vnf_packages().update(onboarded(second.clone(), "vnfd-firewall"), 1).await;
    assert!(matches!(twice, Err(StoreError::Taken { name, .. }) if name == "vnfd-firewall"));
    let found = store.vnf_packages().of_vnfd("vnfd-firewall").await.unwrap();
    assert_eq!((found.document, found.generation), (first, 2));
    let other = store.vnf_packages().get(second.id).await.unwrap();
    assert_eq!((other.document, other.generation), (second, 1), "the refused write left nothing");
}

async fn a_package_stays_while_an_instance_is_made_of_it(store: Store) {
    let used = onboarded(package(), "vnfd-firewall");
    store.vnf_packages().create(used.clone()).await.unwrap();
    let web = vnf("web");
    store.vnf_instances().create(web.clone()).await.unwrap();
    let usage = store.vnf_packages().usage(vec![used.id]).await.unwrap();
    assert_eq!(usage[&used.id], UsageState::InUse);
    let refused = store.vnf_packages().delete(used.id, 1).await;
    assert!(matches!(refused, Err(StoreError::InUse { .. })));

    store.vnf_instances().delete(web.id, 1).await.unwrap();
    let usage = store.vnf_packages().usage(vec![used.id]).await.unwrap();
    assert_eq!(usage[&used.id], UsageState::NotInUse);
    store.vnf_packages().delete(used.id, 1).await.unwrap();
}

async fn a_package_stays_while_a_vnf_of_another_vnfm_holds_room(store: Store) {
    let used = onboarded(package(), "vnfd-firewall");
    store.vnf_packages().create(used.clone()).await.unwrap();
    let site = vim("edge");
    store.vims().create(site.clone()).await.unwrap();
    let grant = GrantRecord {
        id: GrantId::new(),
        vnf: VnfInstanceId::new(),
        operation: OperationId::new(),
        vnfd_id: "vnfd-firewall".to_owned(),
        request: Value::Null,
        grant: Value::Null,
        created_at: at(1),
    };
    store.grants().give(grant.clone(), None).await.unwrap();
    let takes = room(1);
    let (vnf, host) = (grant.vnf, site.hosts[0].id);
    let holds = Allocation { vnf, vnfc: "web-0".to_owned(), host, takes };
    store.allocations().settle(vnf, None, vec![holds]).await.unwrap();

    let refused = store.vnf_packages().delete(used.id, 1).await;
    assert!(matches!(refused, Err(StoreError::InUse { .. })));
    let refused = store.vims().delete(site.id, 1).await;
    assert!(matches!(refused, Err(StoreError::InUse { .. })));
    store.allocations().settle(vnf, None, vec![]).await.unwrap();
    store.vnf_packages().delete(used.id, 1).await.unwrap();
    store.vims().delete(site.id, 1).await.unwrap();

    assert_eq!(store.grants().get(grant.id).await.unwrap(), grant);
    assert_eq!(store.grants().of_operation(grant.operation).await.unwrap(), Some(grant.clone()));
    assert_eq!(store.grants().list(None, 9).await.unwrap(), [grant]);
}

async fn a_descriptor_stays_while_a_service_is_made_of_it(store: Store) {
    let mut record = nsd();
    record.nsd_id = Some("nsd-edge".to_owned());
    store.nsds().create(record.clone()).await.unwrap();
    assert_eq!(store.nsds().of_nsd("nsd-edge").await.unwrap().document, record);
    let edge = ns("edge", record.id);
    store.ns_instances().create(edge.clone()).await.unwrap();
    let usage = store.nsds().usage(vec![record.id]).await.unwrap();
    assert_eq!(usage[&record.id], UsageState::InUse);
    let refused = store.nsds().delete(record.id, 1).await;
    assert!(matches!(refused, Err(StoreError::InUse { .. })));
    store.ns_instances().delete(edge.id, 1).await.unwrap();
    store.nsds().delete(record.id, 1).await.unwrap();
}

async fn the_name_of_a_site_is_its_own(store: Store) {
    let (edge, core) = (vim("edge"), vim("core"));
    store.vims().create(edge.clone()).await.unwrap();
    store.vims().create(core.clone()).await.unwrap();
    let twice = store.vims().create(vim("edge")).await;
    assert!(matches!(twice, Err(StoreError::Taken { .. })));
    let renamed = windlass_model::Vim { name: "edge".to_owned(), ..core };
    let twice = store.vims().update(renamed, 1).await;
    assert!(matches!(twice, Err(StoreError::Taken { .. })));
    assert_eq!(store.vims().named("edge").await.unwrap().document, edge);
}
