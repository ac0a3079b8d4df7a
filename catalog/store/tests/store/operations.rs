//! Reading operations.

use windlass_lcm::Journal;
use windlass_model::{NsdInfoId, OperationId};
use windlass_store::{Store, StoreError};

use crate::nouns::{about, at, ns, vnf};
use crate::worlds::subject;

crate::worlds::on_both! {
    operations_are_listed_newest_first_and_page_by_page
}

async fn operations_are_listed_newest_first_and_page_by_page(store: Store) {
    let mut made = Vec::new();
    // Two share a moment: the id decides, and no page loses or repeats one.
    for age in [1, 2, 2, 3] {
        let web = vnf("web");
        store.vnf_instances().create(web.clone()).await.unwrap();
        made.push(store.create(about(&subject(&web), "vnf-heal"), at(age)).await.unwrap());
    }
    let edge = ns("edge", NsdInfoId::new());
    store.ns_instances().create(edge.clone()).await.unwrap();
    let subject = windlass_lcm::Subject { kind: "ns".to_owned(), id: edge.id.0 };
    let of_ns = store.create(about(&subject, "ns-heal"), at(2)).await.unwrap();

    made.sort_by_key(|operation| (operation.started_at, operation.id));
    made.reverse();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.operations().list("vnf", after, 1).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.started_at, last.id));
        seen.extend(page);
    }
    assert_eq!(seen, made);
    assert_eq!(
        store.operations().of_subject(&subject, None, 9).await.unwrap(),
        std::slice::from_ref(&of_ns)
    );
    assert_eq!(store.operations().get(of_ns.id).await.unwrap(), of_ns);
    let nothing = store.operations().get(OperationId::new()).await;
    assert!(matches!(nothing, Err(StoreError::NotFound { .. })));
}
