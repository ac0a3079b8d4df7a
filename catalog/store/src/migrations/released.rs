//! What released versions wrote is read by this one: each story begins with the rows of a real
//! database of that version.

use std::sync::Arc;

use chrono::DateTime;
use windlass_lcm::{Journal, JournalError, Lease, Subject};
use windlass_model::{OperationState, SystemClock};
use windlass_test_postgres::Server;

use super::run_those;
use crate::connection;
use crate::dump::{Replacement, Snapshot};
use crate::lists::{Narrowing, NsKey, OperationKey, VnfKey, Wanted};
use crate::location::Location;
use crate::store::Store;

/// The only step of release 0.1.0.
const CATALOG: &str = "20260101000000";

/// A database as the release left it.
struct Released {
    nfvo: &'static str,
    vnfm: &'static str,
}

macro_rules! released {
    ($version:literal) => {
        Released {
            nfvo: include_str!(concat!("../../tests/store/released/", $version, "/nfvo.sql")),
            vnfm: include_str!(concat!("../../tests/store/released/", $version, "/vnfm.sql")),
        }
    };
}

fn write(location: &Location, rows: &str) {
    use diesel::connection::SimpleConnection;
    let mut connection = connection::writer(location).unwrap();
    let made = connection.alone(|connection| {
        run_those(connection, location, &[CATALOG.to_owned()])?;
        Ok(connection.batch_execute(rows)?)
    });
    made.unwrap();
}

async fn open(location: &Location) -> Store {
    Store::open(location.clone(), Arc::new(SystemClock)).await.unwrap()
}

fn only<K>(key: K, text: &str) -> Vec<Narrowing<K>> {
    vec![Narrowing { key, wanted: Wanted::OneOf(vec![text.to_owned()]) }]
}

async fn what_0_1_0_wrote_is_read(nfvo: Location, vnfm: Location) {
    let rows = released!("0.1.0");
    write(&nfvo, rows.nfvo);
    write(&vnfm, rows.vnfm);
    the_nfvo_reads_all_of_it(&open(&nfvo).await).await;
    the_vnfm_reads_all_of_it(&open(&vnfm).await).await;
}

async fn the_nfvo_reads_all_of_it(store: &Store) {
    let services = store.ns_instances();
    let all = services.list(None, 9).await.unwrap();
    let names: Vec<&str> = all.iter().map(|stored| stored.document.name.as_str()).collect();
    assert_eq!(names, ["first", "second"]);
    let up = services.narrowed(only(NsKey::State, "INSTANTIATED"), None, 9).await.unwrap();
    assert_eq!(up.len(), 1);
    let named = services.narrowed(only(NsKey::Name, "first"), None, 9).await.unwrap();
    assert_eq!((named.len(), &named[0].document), (1, &all[0].document));

    let packages = store.vnf_packages().list(None, 9).await.unwrap();
    let product = packages[0].document.product.clone().unwrap();
    let package = store.vnf_packages().of_vnfd(&product.vnfd_id).await.unwrap();
    assert_eq!(package.document.id, packages[0].document.id);
    assert!(package.document.onboarding.content.is_some());
    assert_eq!(store.nsds().list(None, 9).await.unwrap()[0].document.name, "ring");
    assert_eq!(store.vims().list(None, 9).await.unwrap()[0].document.hosts.len(), 2);
    assert_eq!(store.tokens().list(None, 9).await.unwrap(), ["alice"]);

    let operations = store.operations().list("ns", None, 9).await.unwrap();
    assert_eq!(operations.len(), 2);
    for operation in operations {
        assert!(!operation.plan.unwrap().nodes.is_empty());
        assert!(!store.log(operation.id).await.unwrap().is_empty());
    }
    let first = named[0].document.instantiated.as_ref();
    assert!(first.is_some(), "what an instance holds is read, too");
}

async fn the_vnfm_reads_all_of_it(store: &Store) {
    let vnfs = store.vnf_instances();
    assert_eq!(vnfs.list(None, 9).await.unwrap().len(), 5);
    let up = vnfs.narrowed(only(VnfKey::State, "INSTANTIATED"), None, 9).await.unwrap();
    let mut names: Vec<String> = up.iter().map(|stored| stored.document.name.clone()).collect();
    names.sort();
    assert_eq!(names, ["first-one", "first-two", "second-one"]);
    let idle = vnfs.narrowed(only(VnfKey::Name, "idle"), None, 9).await.unwrap();
    assert!(idle[0].document.instantiated.is_none());
    let by_provider = vnfs.narrowed(only(VnfKey::Provider, "Windlass"), None, 9).await.unwrap();
    assert_eq!(by_provider.len(), 5);
    let by_product = vnfs.narrowed(only(VnfKey::Product, "node"), None, 9).await.unwrap();
    assert_eq!(by_product.len(), 5);
    let service = up[0].document.metadata["nsInstanceId"].as_str().unwrap().to_owned();
    let of_service = vnfs.narrowed(only(VnfKey::Service, &service), None, 9).await.unwrap();
    assert_eq!(of_service.len(), 2);

    let at_work = only(OperationKey::State, OperationState::Processing.name());
    let at_work = store.operations().narrowed("vnf", at_work, None, 9).await.unwrap();
    let [operation] = &at_work[..] else { panic!("{at_work:?}") };
    assert_eq!(store.log(operation.id).await.unwrap().len(), 22);
    assert!(operation.plan.as_ref().is_some_and(|plan| !plan.nodes.is_empty()));
    let subject = Subject { kind: "vnf".to_owned(), id: operation.subject.id };
    let of_vnf = store.operations().of_subject(&subject, None, 9).await.unwrap();
    assert_eq!(of_vnf.len(), 1);
}

async fn grants_and_room_are_read(nfvo: &Location) {
    let store = open(nfvo).await;
    let service = &store.ns_instances().list(None, 9).await.unwrap()[0].document;
    let mut told = Vec::new();
    for (grant, vnf) in [
        ("01a20a29-18fd-72f5-9fce-717b54b9e841", "01a20a29-18f0-7071-bd2b-dcc6294af99e"),
        ("01a20a29-1ad3-72af-a023-8a6d59429e55", "01a20a29-1a85-725c-b081-6437b74219a9"),
    ] {
        let grant = store.grants().get(grant.parse().unwrap()).await.unwrap();
        assert_eq!(grant.vnf.to_string(), vnf);
        told.push(store.allocations().of_vnf(grant.vnf).await.unwrap().len());
    }
    assert_eq!(told, [1, 2], "of {}, and of what came up", service.name);
}

/// A backup of that age goes through the same steps.
async fn a_dump_is_taken_in_by_another_database(from: &Location, to: &Location) {
    let mut lines = Vec::new();
    let mut snapshot = Snapshot::take(from).unwrap();
    snapshot.dump(&mut lines).unwrap();
    let taken = Replacement::begin(to, snapshot.schema(), &lines[..]).unwrap();
    taken.commit().unwrap();
    let mut again = Vec::new();
    Snapshot::take(to).unwrap().dump(&mut again).unwrap();
    let (lines, again) = (String::from_utf8(lines).unwrap(), String::from_utf8(again).unwrap());
    let known = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.contains("instantiate\"")).map(str::to_owned).collect()
    };
    // Only leases, and with them rows of operations, are not what they were.
    assert_eq!(known(&lines), known(&again));
}

/// The server that made the dump held a lease, and may still believe in it.
async fn what_was_at_work_is_free_for_whoever_comes_first(store: &Store) {
    let kinds = ["vnf-instantiate"];
    let long_ago = DateTime::UNIX_EPOCH;
    let mut taken = store.claim("another", &kinds, &[], long_ago, long_ago, 9).await.unwrap();
    let (lease, operation) = taken.remove(0);
    assert!(taken.is_empty());
    let old = Lease { worker: "vnfm".to_owned(), epoch: 1, ..lease.clone() };
    let refused = store.renew(&old, long_ago).await;
    assert!(matches!(refused, Err(JournalError::LeaseLost(_))), "{refused:?}");
    assert_eq!(operation.state, OperationState::Processing);
    // Claimed once, and put into another database twice, since the server that made it had it.
    assert_eq!(lease.epoch, 4);
}

#[tokio::test]
async fn a_database_of_0_1_0_goes_on_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| Location::from(folder.path().join(name));
    what_0_1_0_wrote_is_read(place("nfvo.db"), place("vnfm.db")).await;
    grants_and_room_are_read(&place("nfvo.db")).await;
    a_dump_is_taken_in_by_another_database(&place("nfvo.db"), &place("other.db")).await;
    the_nfvo_reads_all_of_it(&open(&place("other.db")).await).await;
}

#[tokio::test]
async fn a_database_of_0_1_0_goes_on_in_postgresql_and_in_files_again() {
    let Some(server) = Server::start() else { return };
    let url = server.database();
    let place = |schema: &str| Location::postgres(&url, schema).unwrap();
    what_0_1_0_wrote_is_read(place("nfvo"), place("vnfm")).await;
    grants_and_room_are_read(&place("nfvo")).await;
    let folder = tempfile::tempdir().unwrap();
    let file = Location::from(folder.path().join("vnfm.db"));
    a_dump_is_taken_in_by_another_database(&place("vnfm"), &file).await;
    the_vnfm_reads_all_of_it(&open(&file).await).await;
    a_dump_is_taken_in_by_another_database(&file, &place("nfvo")).await;
    let store = open(&place("nfvo")).await;
    the_vnfm_reads_all_of_it(&store).await;
    what_was_at_work_is_free_for_whoever_comes_first(&store).await;
}

#[tokio::test]
async fn a_dump_of_an_older_schema_goes_through_the_steps_since() {
    let folder = tempfile::tempdir().unwrap();
    let place = Location::from(folder.path().join("vnfm.db"));
    let schema =
        crate::dump::Schema { windlass: "0.1.0".to_owned(), migrations: vec![CATALOG.to_owned()] };
    let lines = [
        r#"{"table":"vim","columns":[["id","text"],["name","text"],["document","text"],["generation","bigInt"]]}"#,
        r#"["01a20a29-14c9-7182-8b71-69a6f1b6b060","lab","{\"id\":\"01a20a29-14c9-7182-8b71-69a6f1b6b060\",\"name\":\"lab\",\"kind\":\"WINDLASS.SIM.V_1\",\"hosts\":[]}",1]"#,
    ]
    .join("\n");
    Replacement::begin(&place, &schema, lines.as_bytes()).unwrap().commit().unwrap();
    let store = open(&place).await;
    assert_eq!(store.vims().list(None, 9).await.unwrap()[0].document.name, "lab");
    assert!(store.vnf_instances().list(None, 9).await.unwrap().is_empty());

    let newer = crate::dump::Schema {
        windlass: "7.0.0".to_owned(),
        migrations: vec!["29990101000000".to_owned()],
    };
    let refused = Replacement::begin(&place, &newer, lines.as_bytes()).unwrap_err().to_string();
    assert!(refused.contains("7.0.0"), "{refused}");
    for broken in ["[1]".to_owned(), format!("{lines}\n[\"too\",\"few\"]"), "nonsense".to_owned()] {
        let refused = Replacement::begin(&place, &schema, broken.as_bytes()).unwrap_err();
        assert!(refused.to_string().contains("line "), "{refused}");
    }
    // Neither refusal, nor one that is not committed, changes anything.
    drop(Replacement::begin(&place, &schema, &b""[..]).unwrap());
    assert_eq!(store.vims().list(None, 9).await.unwrap().len(), 1);
}
