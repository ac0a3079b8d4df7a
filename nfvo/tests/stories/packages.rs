//! VNF packages: created, uploaded, read, changed, deleted.

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use windlass_api::vnfpkgm::{
    PackageOnboardingState, PackageOperationalState, PackageUsageState, VnfPkgInfoModifications,
};
use windlass_client::{ListOptions, PackageKey};
use windlass_nfvo::Settings;

use crate::env::Site;
use crate::example::{IMAGE, example, sha256, zipped};

const PING: &str = "9d3b7c12-54f8-4c55-8a0e-2b7d4e8f0a01";

#[tokio::test]
async fn a_package_is_uploaded_checked_and_read_back() {
    let site = Site::new().await;
    let content = zipped(&example("ping-pong/ping"));
    let package = site.onboard(content.clone()).await;
    assert_eq!(package.onboarding_failure_details, None);
    assert_eq!(package.onboarding_state, PackageOnboardingState::Onboarded);
    assert_eq!(package.operational_state, PackageOperationalState::Enabled);
    assert_eq!(package.usage_state, PackageUsageState::NotInUse);
    assert_eq!(package.vnfd_id.as_deref(), Some(PING));
    assert_eq!(package.checksum.as_ref().unwrap().hash, sha256(&content));
    let image = &package.software_images[0];
    assert_eq!(image.size, IMAGE.len() as u64);

    let by_vnfd = PackageKey::Vnfd(PING);
    assert_eq!(site.client.package_read(by_vnfd).await.unwrap().id, package.id);
    let path = image.image_path.as_deref().unwrap();
    let artifact = site.client.package_artifact(by_vnfd, path).await.unwrap();
    assert_eq!(artifact.bytes().await.unwrap(), IMAGE);
    let vnfd = site.client.package_vnfd(by_vnfd).await.unwrap();
    assert!(vnfd.media_type().unwrap().starts_with("text/plain"));
    assert!(String::from_utf8(vnfd.bytes().await.unwrap()).unwrap().contains(PING));
    let manifest = site.client.package_manifest(by_vnfd).await.unwrap();
    assert!(String::from_utf8(manifest.bytes().await.unwrap()).unwrap().contains("ping"));
    let whole = site.client.package_content(PackageKey::Id(&package.id)).await.unwrap();
    assert_eq!(whole.bytes().await.unwrap(), content);
}

#[tokio::test]
async fn a_part_of_a_package_is_read_by_its_range() {
    let site = Site::new().await;
    let content = zipped(&example("ping-pong/ping"));
    let id = site.onboard(content.clone()).await.id;
    let url = format!("{}/vnfpkgm/v2/vnf_packages/{id}/package_content", site.base);
    let ask = async |range: &str| site.http.get(&url).header("Range", range).send().await.unwrap();

    let part = ask("bytes=10-19").await;
    assert_eq!(part.status(), 206);
    let length = content.len();
    assert_eq!(part.headers()["content-range"], format!("bytes 10-19/{length}"));
    assert_eq!(part.bytes().await.unwrap(), &content[10..20]);
    let outside = ask(&format!("bytes={length}-")).await;
    assert_eq!(outside.status(), 416);
    assert_eq!(outside.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn every_error_of_a_descriptor_is_told_with_its_place_and_a_better_one_may_follow() {
    let site = Site::new().await;
    let mut files = example("ping-pong/ping");
    let vnfd = files.get_mut("Definitions/ping.vnfd.yaml").unwrap();
    let broken = String::from_utf8(vnfd.clone()).unwrap();
    *vnfd = broken.replace("vnic_type: normal", "vnic_type: abnormal").into_bytes();
    let package = site.onboard(zipped(&files)).await;
    assert_eq!(package.onboarding_state, PackageOnboardingState::Error);
    let problem = package.onboarding_failure_details.unwrap();
    assert_eq!(problem.status, 422);
    let finding = problem.extensions["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["message"].as_str().unwrap().contains("abnormal"))
        .unwrap();
    assert_eq!(finding["file"], "Definitions/ping.vnfd.yaml");
    assert!(finding["line"].as_u64().unwrap() > 0 && finding["column"].as_u64().unwrap() > 0);

    let better = Bytes::from(zipped(&example("ping-pong/ping")));
    site.client.package_upload(&package.id, better.into()).await.unwrap();
    let package = site.package_at_rest(&package.id).await;
    assert_eq!(package.onboarding_state, PackageOnboardingState::Onboarded);
    assert_eq!(package.onboarding_failure_details, None);
}

#[tokio::test]
async fn a_second_package_of_the_same_vnfd_is_refused_with_a_clear_text() {
    let site = Site::new().await;
    let content = zipped(&example("ping-pong/ping"));
    site.onboard(content.clone()).await;
    let second = site.onboard(content).await;
    assert_eq!(second.onboarding_state, PackageOnboardingState::Error);
    let told = second.onboarding_failure_details.unwrap().detail;
    assert!(told.contains(PING) && told.contains("onboarded already"), "{told}");
}

#[tokio::test]
async fn an_upload_that_breaks_off_can_be_repeated() {
    let site = Site::new().await;
    let id = site.client.package_create(&Default::default()).await.unwrap().id;
    let server = site.base.strip_prefix("http://").unwrap();
    let mut connection = tokio::net::TcpStream::connect(server).await.unwrap();
    let half = format!(
        "PUT /vnfpkgm/v2/vnf_packages/{id}/package_content HTTP/1.1\r\nHost: {server}\r\n\
         Content-Type: application/zip\r\nContent-Length: 1000\r\n\r\nPK"
    );
    connection.write_all(half.as_bytes()).await.unwrap();
    let state =
        async || site.client.package_read(PackageKey::Id(&id)).await.unwrap().onboarding_state;
    while state().await != PackageOnboardingState::Uploading {
        tokio::task::yield_now().await;
    }
    drop(connection);
    assert_eq!(site.package_at_rest(&id).await.onboarding_state, PackageOnboardingState::Error);

    let whole = Bytes::from(zipped(&example("ping-pong/ping")));
    site.client.package_upload(&id, whole.into()).await.unwrap();
    let package = site.package_at_rest(&id).await;
    assert_eq!(package.onboarding_state, PackageOnboardingState::Onboarded);
}

#[tokio::test]
async fn an_upload_that_a_crash_cut_off_can_be_repeated_after_the_restart() {
    use windlass_model::package::OnboardingState;
    let site = Site::new().await;
    let id = site.client.package_create(&Default::default()).await.unwrap().id;
    let mut stored = site.store.vnf_packages().get(id.parse().unwrap()).await.unwrap();
    stored.document.onboarding.state = OnboardingState::Uploading;
    site.store.vnf_packages().update(stored.document, stored.generation).await.unwrap();

    let (stop, stopped) = tokio::sync::watch::channel(false);
    let worker = site.nfvo.start(stopped);
    let package = site.package_at_rest(&id).await;
    assert_eq!(package.onboarding_state, PackageOnboardingState::Error);
    stop.send_replace(true);
    worker.await.unwrap();
}

#[tokio::test]
async fn an_enabled_package_stays_and_a_disabled_one_goes_with_its_content() {
    let site = Site::new().await;
    let id = site.onboard(zipped(&example("ping-pong/ping"))).await.id;
    let refused = site.client.package_delete(&id).await.unwrap_err();
    assert_eq!(refused.status(), Some(409));
    site.client.package_set_state(&id, PackageOperationalState::Disabled).await.unwrap();
    let again = site.client.package_set_state(&id, PackageOperationalState::Disabled).await;
    assert_eq!(again.unwrap_err().status(), Some(409));
    site.client.package_delete(&id).await.unwrap();
    let gone = site.client.package_read(PackageKey::Id(&id)).await.unwrap_err();
    assert!(gone.is_not_found());
}

#[tokio::test]
async fn a_change_of_a_form_that_is_gone_is_refused() {
    let site = Site::new().await;
    let id = site.client.package_create(&Default::default()).await.unwrap().id;
    let path = format!("/vnfpkgm/v2/vnf_packages/{id}");
    let etag = site.get(&path).await.headers()["etag"].clone();
    let change = async |color: Value| {
        let body = json!({ "userDefinedData": { "color": color, "size": 1 } });
        let request = site.http.patch(format!("{}{path}", site.base)).header("If-Match", &etag);
        request.header("Content-Type", "application/merge-patch+json").json(&body).send().await
    };
    assert_eq!(change(json!("red")).await.unwrap().status(), 200);
    assert_eq!(change(json!("blue")).await.unwrap().status(), 412);

    let remove = VnfPkgInfoModifications {
        user_defined_data: serde_json::from_value(json!({ "color": null })).unwrap(),
        ..Default::default()
    };
    site.client.package_modify(&id, &remove).await.unwrap();
    let package = site.client.package_read(PackageKey::Id(&id)).await.unwrap();
    assert_eq!(Value::Object(package.user_defined_data), json!({ "size": 1 }));
}

#[tokio::test]
async fn a_list_is_filtered_selected_and_paged() {
    let site = Site::new().await;
    for _ in 0..205 {
        site.client.package_create(&Default::default()).await.unwrap();
    }
    let onboarded = site.onboard(zipped(&example("ping-pong/ping"))).await;
    assert_eq!(site.client.package_list(&ListOptions::default()).await.unwrap().len(), 206);
    let first = site.get("/vnfpkgm/v2/vnf_packages").await;
    assert!(first.headers().contains_key("link"));
    assert_eq!(first.json::<Vec<Value>>().await.unwrap().len(), 200);

    let named = ListOptions::default().filtered("(eq,vnfProductName,ping)");
    let found = site.client.package_list(&named).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, onboarded.id);
    assert!(found[0].software_images.is_empty(), "they are left out unless they are asked for");
    let wrong = site.get("/vnfpkgm/v2/vnf_packages?filter=(is,id,3)").await;
    assert_eq!(wrong.status(), 400);
}

#[tokio::test]
async fn what_cannot_be_understood_is_told_as_a_problem() {
    let limit = Settings { package_limit_bytes: 100, ..Settings::default() };
    let site = Site::with(limit).await;
    let id = site.client.package_create(&Default::default()).await.unwrap().id;
    let packages = format!("{}/vnfpkgm/v2/vnf_packages", site.base);
    let content = format!("{packages}/{id}/package_content");
    let (http, json) = (&site.http, "application/json");
    let requests = [
        (404, http.get(format!("{packages}/nobody"))),
        (404, http.get(format!("{}/vnfpkgm/v2/nowhere", site.base))),
        (405, http.put(&packages)),
        (406, http.get(&packages).header("Version", "1.0.0")),
        (400, http.post(&packages).header("Content-Type", json).body("{")),
        (415, http.post(&packages).header("Content-Type", "text/plain").body("{}")),
        (415, http.put(&content).header("Content-Type", "text/html").body("<p>")),
        (413, http.put(&content).header("Content-Type", "application/zip").body(vec![0; 101])),
        (409, http.get(&content)),
    ];
    for (status, request) in requests {
        let response = request.send().await.unwrap();
        let url = response.url().clone();
        assert_eq!(response.status(), status, "{url}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{url}");
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["status"], status, "{url}");
        assert!(!problem["detail"].as_str().unwrap().is_empty(), "{url}");
    }
    let versions = site.get("/vnfpkgm/v2/api_versions").await;
    assert_eq!(versions.headers()["version"], "2.4.0");
}
