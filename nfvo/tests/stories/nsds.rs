//! NS descriptors, and the identifiers of services that are made of them.

use windlass_api::nsd::{NsdOnboardingState, NsdUsageState};
use windlass_api::nslcm::{CreateNsRequest, InstantiateNsRequest};
use windlass_api::vnflcm::InstantiationState;
use windlass_client::PackageKey;

use crate::env::Site;
use crate::example::{example, zipped};

const PING_PONG: &str = "c7a2d7de-1f2a-4f0c-b1de-6d9a4f3b2001";

async fn with_ping_pong() -> Site {
    let site = Site::new().await;
    for part in ["ping-pong/ping", "ping-pong/pong"] {
        let package = site.onboard(zipped(&example(part))).await;
        assert_eq!(package.onboarding_failure_details, None, "{part}");
    }
    site
}

fn service(name: &str) -> CreateNsRequest {
    let (nsd_id, ns_name) = (PING_PONG.to_owned(), name.to_owned());
    CreateNsRequest { nsd_id, ns_name, ns_description: "two that play".to_owned() }
}

#[tokio::test]
async fn an_nsd_whose_vnfds_are_missing_names_them() {
    let site = Site::new().await;
    let nsd = site.onboard_nsd(zipped(&example("ping-pong/nsd"))).await;
    assert_eq!(nsd.nsd_onboarding_state, NsdOnboardingState::Error);
    let told = nsd.onboarding_failure_details.unwrap().detail;
    let package = site.onboard(zipped(&example("ping-pong/ping"))).await;
    assert!(told.contains(package.vnfd_id.as_deref().unwrap()), "{told}");
}

#[tokio::test]
async fn an_nsd_names_its_packages_and_can_be_read_back() {
    let site = with_ping_pong().await;
    let nsd = site.onboard_nsd(zipped(&example("ping-pong/nsd"))).await;
    assert_eq!(nsd.onboarding_failure_details, None);
    assert_eq!(nsd.nsd_onboarding_state, NsdOnboardingState::Onboarded);
    assert_eq!(nsd.nsd_id.as_deref(), Some(PING_PONG));
    assert_eq!(nsd.vnf_pkg_ids.len(), 2);
    for id in &nsd.vnf_pkg_ids {
        site.client.package_read(PackageKey::Id(id)).await.unwrap();
    }
    // It is spread over files, so it comes as a zip, and to nobody who wants a text.
    let path = format!("/nsd/v2/ns_descriptors/{}/nsd", nsd.id);
    let descriptor = site.get(&path).await;
    assert_eq!(descriptor.headers()["content-type"], "application/zip");
    let request = site.http.get(format!("{}{path}", site.base)).header("Accept", "text/plain");
    assert_eq!(request.send().await.unwrap().status(), 406);
}

#[tokio::test]
async fn an_nsd_is_in_use_while_a_service_of_it_exists() {
    let site = with_ping_pong().await;
    let nsd = site.onboard_nsd(zipped(&example("ping-pong/nsd"))).await;
    let ns = site.client.ns_create(&service("match")).await.unwrap();
    assert_eq!(ns.ns_state, InstantiationState::NotInstantiated);
    assert_eq!(ns.nsd_info_id, nsd.id);
    assert_eq!(site.client.nsd_read(&nsd.id).await.unwrap().nsd_usage_state, NsdUsageState::InUse);
    site.client.ns_delete(&ns.id).await.unwrap();
    let usage = site.client.nsd_read(&nsd.id).await.unwrap().nsd_usage_state;
    assert_eq!(usage, NsdUsageState::NotInUse);
}

#[tokio::test]
async fn what_cannot_be_instantiated_is_refused_before_an_operation_is_made_of_it() {
    let site = with_ping_pong().await;
    site.onboard_nsd(zipped(&example("ping-pong/nsd"))).await;
    let ns = site.client.ns_create(&service("match")).await.unwrap();
    let ask = async |flavour: &str| {
        let ns_flavour_id = flavour.to_owned();
        let request = InstantiateNsRequest { ns_flavour_id, ..InstantiateNsRequest::default() };
        site.client.ns_instantiate(&ns.id, &request).await
    };
    let refused = ask("gigantic").await.unwrap_err();
    assert_eq!(refused.status(), Some(422));
    assert!(refused.to_string().contains("default"), "{refused}");
    let first = ask("default").await.unwrap();
    let second = ask("default").await.unwrap_err();
    assert_eq!(second.status(), Some(409));
    assert!(second.to_string().contains(&first), "{second}");
    let stranger = CreateNsRequest { nsd_id: "none".to_owned(), ..service("match") };
    assert_eq!(site.client.ns_create(&stranger).await.unwrap_err().status(), Some(422));
}

#[tokio::test]
async fn a_service_that_fits_nowhere_rolls_back_with_the_planners_words() {
    let site = with_ping_pong().await;
    site.onboard_nsd(zipped(&example("ping-pong/nsd"))).await;
    // The two must not share a host, and there is only one.
    site.vim("lab", &["alone"]).await;
    let ns = site.client.ns_create(&service("match")).await.unwrap();
    let request =
        InstantiateNsRequest { ns_flavour_id: "default".to_owned(), ..Default::default() };
    let id = site.client.ns_instantiate(&ns.id, &request).await.unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let worker = site.nfvo.start(stopped);
    let operation = loop {
        let operation = site.client.ns_operation_read(&id).await.unwrap();
        if operation.operation_state.is_settled() {
            break operation;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    stop.send_replace(true);
    worker.await.unwrap();
    assert_eq!(operation.operation_state.as_str(), "ROLLED_BACK");
    let error = operation.error.unwrap();
    assert_eq!(error.status, 507);
    assert!(error.detail.contains("anti-affinity"), "{}", error.detail);
}
