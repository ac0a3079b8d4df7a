//! Lists that are narrowed in the database.

use serde_json::json;
use windlass_lcm::Journal;
use windlass_model::ns::InstantiatedNs;
use windlass_model::vnf::{InstantiatedVnf, VnfInstance};
use windlass_model::{NsdInfoId, VnfInstanceId};
use windlass_store::{Narrowing, NsKey, OperationKey, Store, VnfKey, Wanted};

use crate::nouns::{about, at, ns, vnf};
use crate::worlds::subject;

crate::worlds::on_both! {
    vnfs_are_found_by_each_column_and_page_by_page
    a_change_of_an_instance_changes_where_it_is_found
    services_and_operations_are_found_by_their_columns
    a_name_of_any_length_is_taken_and_found
}

fn one_of<K>(key: K, texts: &[&str]) -> Narrowing<K> {
    Narrowing { key, wanted: Wanted::OneOf(texts.iter().map(ToString::to_string).collect()) }
}

fn none_of<K>(key: K, texts: &[&str]) -> Narrowing<K> {
    Narrowing { key, wanted: Wanted::NoneOf(texts.iter().map(ToString::to_string).collect()) }
}

async fn found(store: &Store, by: Vec<Narrowing<VnfKey>>) -> Vec<VnfInstanceId> {
    let found = store.vnf_instances().narrowed(by, None, 9).await.unwrap();
    found.into_iter().map(|stored| stored.document.id).collect()
}

async fn vnfs_are_found_by_each_column_and_page_by_page(store: Store) {
    let mut one = vnf("one");
    one.product.provider = "Acme".to_owned();
    one.metadata.insert("nsInstanceId".to_owned(), json!("shop"));
    let mut two = vnf("two");
    two.product.name = "firewall".to_owned();
    two.instantiated = Some(InstantiatedVnf::default());
    for vnf in [&one, &two] {
        store.vnf_instances().create(vnf.clone()).await.unwrap();
    }
    for (by, expected) in [
        (one_of(VnfKey::Name, &["one"]), vec![one.id]),
        (one_of(VnfKey::Provider, &["Acme", "Other"]), vec![one.id]),
        (one_of(VnfKey::Product, &["firewall"]), vec![two.id]),
        (one_of(VnfKey::State, &["INSTANTIATED"]), vec![two.id]),
        (one_of(VnfKey::Service, &["shop"]), vec![one.id]),
        (one_of(VnfKey::Vnfd, &[&one.product.vnfd_id, &two.product.vnfd_id]), vec![one.id, two.id]),
        (none_of(VnfKey::State, &["INSTANTIATED"]), vec![one.id]),
        (none_of(VnfKey::Name, &["nobody"]), vec![one.id, two.id]),
    ] {
        assert_eq!(found(&store, vec![by.clone()]).await, expected, "{by:?}");
    }
    let both = [one_of(VnfKey::Name, &["one"]), one_of(VnfKey::State, &["INSTANTIATED"])];
    assert_eq!(found(&store, both.into()).await, []);
    let first = store.vnf_instances().narrowed(Vec::new(), None, 1).await.unwrap();
    assert_eq!(first[0].document, one);
    let second = store.vnf_instances().narrowed(Vec::new(), Some(one.id), 1).await.unwrap();
    assert_eq!(second[0].document, two);
}

async fn a_change_of_an_instance_changes_where_it_is_found(store: Store) {
    let stored = store.vnf_instances().create(vnf("old")).await.unwrap();
    let id = stored.document.id;
    let renamed = VnfInstance { name: "new".to_owned(), ..stored.document };
    store.vnf_instances().update(renamed, stored.generation).await.unwrap();
    assert_eq!(found(&store, vec![one_of(VnfKey::Name, &["old"])]).await, []);
    assert_eq!(found(&store, vec![one_of(VnfKey::Name, &["new"])]).await, [id]);
}

async fn services_and_operations_are_found_by_their_columns(store: Store) {
    let (quiet, mut running) = (ns("quiet", NsdInfoId::new()), ns("running", NsdInfoId::new()));
    running.instantiated = Some(InstantiatedNs::default());
    for ns in [&quiet, &running] {
        store.ns_instances().create(ns.clone()).await.unwrap();
    }
    for (by, expected) in [
        (one_of(NsKey::Name, &["quiet"]), quiet.id),
        (one_of(NsKey::State, &["INSTANTIATED"]), running.id),
        (one_of(NsKey::NsdInfo, &[&running.nsd_info.to_string()]), running.id),
    ] {
        let found = store.ns_instances().narrowed(vec![by], None, 9).await.unwrap();
        assert_eq!(found.iter().map(|ns| ns.document.id).collect::<Vec<_>>(), [expected]);
    }

    let web = vnf("web");
    store.vnf_instances().create(web.clone()).await.unwrap();
    let operation = store.create(about(&subject(&web), "vnf-heal"), at(1)).await.unwrap();
    let mine = one_of(OperationKey::Subject, &[&web.id.to_string()]);
    let unfinished = none_of(OperationKey::State, &["COMPLETED", "FAILED", "ROLLED_BACK"]);
    let of = |kind: &'static str, by| {
        let store = store.clone();
        async move { store.operations().narrowed(kind, by, None, 9).await.unwrap() }
    };
    assert_eq!(of("vnf", vec![mine.clone(), unfinished]).await, [operation]);
    assert_eq!(of("vnf", vec![one_of(OperationKey::State, &["COMPLETED"])]).await, []);
    assert_eq!(of("ns", vec![mine]).await, []);
}

async fn a_name_of_any_length_is_taken_and_found(store: Store) {
    let mut ids = Vec::new();
    let names: [String; 3] = [
        (0..5000).map(|n| format!("{n:x}")).collect(),
        (0..5001).map(|n| format!("{n:x}")).collect(),
        "with\0zero".to_owned(),
    ];
    for name in &names {
        ids.push(store.vnf_instances().create(vnf(name)).await.unwrap().document.id);
    }
    // The two long ones share what the column keeps of them; whoever lists tells them apart.
    assert_eq!(found(&store, vec![one_of(VnfKey::Name, &[&names[0]])]).await, ids[..2]);
    assert_eq!(found(&store, vec![one_of(VnfKey::Name, &[&names[2]])]).await, ids[2..]);
    assert_eq!(found(&store, vec![none_of(VnfKey::Name, &[&names[0]])]).await, ids);
}
