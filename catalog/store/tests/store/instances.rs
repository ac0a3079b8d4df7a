//! Instances: conditional writes, and what an operation forbids.

use windlass_lcm::{Change, Journal};
use windlass_model::{NsdInfoId, OperationEvent, VnfInstanceId};
use windlass_store::{Store, StoreError};

use crate::nouns::{about, at, ns, vnf};
use crate::worlds::subject;

crate::worlds::on_both! {
    an_instance_comes_back_as_it_was_put
    of_two_who_change_an_instance_the_second_is_told
    an_instance_is_neither_changed_nor_deleted_under_an_operation
    a_long_list_is_read_page_by_page
}

async fn an_instance_comes_back_as_it_was_put(store: Store) {
    let web = vnf("web");
    let created = store.vnf_instances().create(web.clone()).await.unwrap();
    assert_eq!(created.generation, 1);
    assert_eq!(store.vnf_instances().get(web.id).await.unwrap(), created);
    let again = store.vnf_instances().create(web).await;
    assert!(matches!(again, Err(StoreError::Taken { .. })));
    let nobody = store.vnf_instances().get(VnfInstanceId::new()).await;
    assert!(matches!(nobody, Err(StoreError::NotFound { .. })));
}

async fn of_two_who_change_an_instance_the_second_is_told(store: Store) {
    let edge = ns("edge", NsdInfoId::new());
    store.ns_instances().create(edge.clone()).await.unwrap();
    let mut mine = edge.clone();
    mine.name = "mine".to_owned();
    let mut theirs = edge.clone();
    theirs.name = "theirs".to_owned();

    let written = store.ns_instances().update(mine, 1).await.unwrap();
    assert_eq!(written.generation, 2);
    let late = store.ns_instances().update(theirs, 1).await;
    assert!(matches!(late, Err(StoreError::Stale { .. })));
    let late = store.ns_instances().delete(edge.id, 1).await;
    assert!(matches!(late, Err(StoreError::Stale { .. })));
    assert_eq!(store.ns_instances().get(edge.id).await.unwrap().document.name, "mine");
    store.ns_instances().delete(edge.id, 2).await.unwrap();
    let gone = store.ns_instances().delete(edge.id, 2).await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })));
}

async fn an_instance_is_neither_changed_nor_deleted_under_an_operation(store: Store) {
    let web = vnf("web");
    store.vnf_instances().create(web.clone()).await.unwrap();
    let operation = store.create(about(&subject(&web), "vnf-heal"), at(1)).await.unwrap();

    let busy = store.vnf_instances().update_idle(web.clone(), 1).await;
    assert!(matches!(busy, Err(StoreError::Busy { running }) if running == operation.id));
    let busy = store.vnf_instances().delete(web.id, 1).await;
    assert!(matches!(busy, Err(StoreError::Busy { .. })));

    let (lease, _) =
        store.claim("one", &["vnf-heal"], &[], at(2), at(9), 1).await.unwrap().remove(0);
    let refused = OperationEvent::Refused;
    store.transition(&lease, refused, Change::default(), at(3)).await.unwrap();
    store.vnf_instances().update_idle(web.clone(), 1).await.unwrap();
    store.vnf_instances().delete(web.id, 2).await.unwrap();
}

async fn a_long_list_is_read_page_by_page(store: Store) {
    for number in 0..5 {
        store.vnf_instances().create(vnf(&format!("web-{number}"))).await.unwrap();
    }
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = store.vnf_instances().list(after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 2);
        after = Some(last.document.id);
        names.extend(page.into_iter().map(|stored| stored.document.name));
    }
    names.sort();
    assert_eq!(names, ["web-0", "web-1", "web-2", "web-3", "web-4"]);
}
