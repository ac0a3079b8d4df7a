//! The catalog under fire: many at once, cut off, out of room, and packages that mean harm.

use std::collections::HashMap;
use std::io::{Cursor, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::join_all;
use serde_json::Value;
use windlass_api::vnfpkgm::{PackageOnboardingState, PackageOperationalState, VnfPkgInfo};
use windlass_client::{Error, PackageKey};
use windlass_nfvo::Settings;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::env::Site;
use crate::example::{example, sha256, zipped};

const PING: &str = "9d3b7c12-54f8-4c55-8a0e-2b7d4e8f0a01";

/// The example, with a VNFD id of its own.
fn variant(number: usize) -> Vec<u8> {
    let mut files = example("ping-pong/ping");
    for content in files.values_mut() {
        if let Ok(text) = String::from_utf8(content.clone()) {
            *content = text.replace(PING, &vnfd(number)).into_bytes();
        }
    }
    zipped(&files)
}

fn vnfd(number: usize) -> String {
    format!("9d3b7c12-54f8-4c55-8a0e-{number:012x}")
}

/// Every blob, and everything on its way to become one.
fn stored(site: &Site) -> Vec<String> {
    fn walk(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if !path.ends_with("lock") {
                found.push(path.display().to_string());
            }
        }
    }
    let mut found = Vec::new();
    walk(&site.blobs, &mut found);
    found
}

fn failure(package: &VnfPkgInfo) -> String {
    assert_eq!(package.onboarding_state, PackageOnboardingState::Error);
    let problem = package.onboarding_failure_details.as_ref().unwrap();
    format!("{} {}", problem.status, problem.detail)
}

#[tokio::test]
async fn many_uploads_at_once_all_end_and_the_same_image_is_stored_once() {
    let site = Site::new().await;
    let packages = join_all((0..12).map(|number| site.onboard(variant(number)))).await;
    for package in &packages {
        assert_eq!(package.onboarding_state, PackageOnboardingState::Onboarded);
    }
    // Twelve packages, and the one image that they share.
    assert_eq!(stored(&site).len(), 13, "{:?}", stored(&site));
}

#[tokio::test]
async fn the_same_content_at_once_is_onboarded_once_and_refused_otherwise() {
    let site = Site::new().await;
    let content = zipped(&example("ping-pong/ping"));
    let packages = join_all((0..6).map(|_| site.onboard(content.clone()))).await;
    let (good, bad): (Vec<_>, Vec<_>) =
        packages.iter().partition(|one| one.onboarding_state == PackageOnboardingState::Onboarded);
    assert_eq!((good.len(), bad.len()), (1, 5));
    for package in bad {
        assert!(failure(package).contains("onboarded already"));
    }
    assert_eq!(stored(&site).len(), 2, "{:?}", stored(&site));
    let whole = site.client.package_content(PackageKey::Vnfd(PING)).await.unwrap();
    assert_eq!(whole.bytes().await.unwrap(), content, "nothing was swept that is used");
}

#[tokio::test]
async fn deletions_and_arrivals_at_once_leave_exactly_what_is_used() {
    let site = Site::new().await;
    let first = join_all((0..6).map(|number| site.onboard(variant(number)))).await;
    let delete = async |package: &VnfPkgInfo| {
        let id = &package.id;
        site.client.package_set_state(id, PackageOperationalState::Disabled).await.unwrap();
        site.client.package_delete(id).await.unwrap();
    };
    let reading = site.client.package_content(PackageKey::Id(&first[0].id)).await.unwrap();
    let arrive = join_all((6..12).map(|number| site.onboard(variant(number))));
    let (arrived, _gone) = tokio::join!(arrive, join_all(first.iter().map(delete)));
    let read = sha256(&reading.bytes().await.unwrap());
    assert_eq!(read, first[0].checksum.as_ref().unwrap().hash, "a reader reads to the end");
    for (number, package) in (6..).zip(&arrived) {
        assert_eq!(package.onboarding_state, PackageOnboardingState::Onboarded);
        let whole = site.client.package_content(PackageKey::Vnfd(&vnfd(number))).await.unwrap();
        assert_eq!(sha256(&whole.bytes().await.unwrap()), package.checksum.as_ref().unwrap().hash);
    }
    let last = site.onboard(variant(12)).await;
    delete(&last).await;
    assert_eq!(stored(&site).len(), 7, "six packages and their image: {:?}", stored(&site));
}

#[tokio::test]
async fn a_refused_package_leaves_nothing_behind() {
    let site = Site::new().await;
    let mut files = example("ping-pong/ping");
    files.insert("Files/extra".to_owned(), vec![1; 1 << 20]);
    let text = files.get_mut("Definitions/ping.vnfd.yaml").unwrap();
    text.extend(b"\nnot a template\n");
    let package = site.onboard(zipped(&files)).await;
    assert!(failure(&package).starts_with("422"), "{}", failure(&package));
    site.eventually_stores(0).await;
}

#[tokio::test]
async fn hostile_archives_are_refused_with_what_and_what_to_do() {
    let site = Site::new().await;
    let archive = |name: &str, content: &[u8]| {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
        zip.finish().unwrap().into_inner()
    };
    let bomb = archive("Files/disk.raw", &vec![0; 300 << 20]);
    assert!(bomb.len() < 1 << 20);
    let mut linked = ZipWriter::new(Cursor::new(Vec::new()));
    linked.add_symlink("Files/disk", "/etc/shadow", SimpleFileOptions::default()).unwrap();
    let cases = [
        (bomb, "unpacks to 314572800"),
        (archive("../../etc/cron.d/x", b"x"), "without `..`"),
        (linked.finish().unwrap().into_inner(), "put the file itself there"),
        (b"no archive".to_vec(), "not a zip archive"),
    ];
    for (content, told) in cases {
        let failure = failure(&site.onboard(content).await);
        assert!(failure.starts_with("422") && failure.contains(told), "{told}: {failure}");
    }
    site.eventually_stores(0).await;
}

#[tokio::test]
async fn artifacts_are_read_from_any_place_and_what_has_not_changed_is_not_sent_again() {
    let site = Site::new().await;
    let mut files = example("ping-pong/ping");
    let script: Vec<u8> = (0..600_000u32).map(|i| i.to_le_bytes()[1]).collect();
    files.insert("Scripts/big.bin".to_owned(), script.clone());
    let id = site.onboard(zipped(&files)).await.id;
    let base = format!("{}/vnfpkgm/v2/vnf_packages/{id}", site.base);
    let image = files.keys().find(|path| path.starts_with("Files/images/")).unwrap().clone();
    for (path, content) in [("Scripts/big.bin", &script), (image.as_str(), &files[&image])] {
        let url = format!("{base}/artifacts/{path}");
        let ask = async |headers: &[(&str, &str)]| {
            let request = site.http.get(&url);
            let add = |request: reqwest::RequestBuilder, (name, value): &(&str, &str)| {
                request.header(*name, *value)
            };
            headers.iter().fold(request, add).send().await.unwrap()
        };
        let whole = ask(&[]).await;
        assert_eq!(whole.status(), 200);
        assert_eq!(whole.headers()["accept-ranges"], "bytes");
        let tag = whole.headers()["etag"].to_str().unwrap().to_owned();
        assert_eq!(tag, format!("\"{}\"", sha256(content)));
        let rest = ask(&[("Range", "bytes=7-"), ("If-Range", &tag)]).await;
        assert_eq!(rest.status(), 206);
        assert_eq!(rest.bytes().await.unwrap(), content[7..]);
        let other = ask(&[("Range", "bytes=7-"), ("If-Range", "\"another\"")]).await;
        assert_eq!(other.status(), 200, "a part of another file is of no use");
        assert_eq!(ask(&[("If-None-Match", &tag)]).await.status(), 304);
        let outside = ask(&[("Range", "bytes=9999999-")]).await;
        assert_eq!(outside.status(), 416);
        assert_eq!(outside.headers()["content-range"], format!("bytes */{}", content.len()));
    }
}

#[tokio::test]
async fn an_upload_of_another_live_process_is_left_alone_and_that_of_a_dead_one_is_ended() {
    use windlass_model::package::OnboardingState;
    use windlass_store::Arrival;
    let site = Site::new().await;
    let now = chrono::DateTime::<chrono::Utc>::from(
        std::fs::metadata(&site.blobs).unwrap().modified().unwrap(),
    );
    let uploading = async |worker: &str, seen_at| {
        let id = site.client.package_create(&Default::default()).await.unwrap().id;
        let mut stored = site.store.vnf_packages().get(id.parse().unwrap()).await.unwrap();
        stored.document.onboarding.state = OnboardingState::Uploading;
        let arrival = Arrival { id: uuid::Uuid::now_v7(), worker: worker.to_owned(), seen_at };
        stored.document.onboarding.arrival = Some(arrival);
        site.store.vnf_packages().update(stored.document, stored.generation).await.unwrap();
        id
    };
    let alive = uploading("another", now).await;
    let silent = uploading("another", now - chrono::TimeDelta::minutes(5)).await;
    let earlier_life = uploading("nfvo", now).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let worker = site.nfvo.start(stopped);
    for dead in [silent, earlier_life] {
        let told = failure(&site.package_at_rest(&dead).await);
        assert!(told.contains("restarted") && told.contains("again"), "{told}");
    }
    let left = site.client.package_read(PackageKey::Id(&alive)).await.unwrap();
    assert_eq!(left.onboarding_state, PackageOnboardingState::Uploading);
    stop.send_replace(true);
    worker.await.unwrap();
}

#[tokio::test]
async fn a_small_package_is_onboarded_when_its_upload_is_answered() {
    let site = Site::new().await;
    let files: HashMap<String, Vec<u8>> = (0..28)
        .map(|n| {
            (
                format!("Files/kubernetes/{n}.yaml"),
                format!("kind: ConfigMap\nn: {n}\n").into_bytes(),
            )
        })
        .collect();
    let mut took = Vec::new();
    for number in 0..10 {
        let mut package = example("ping-pong/ping");
        package.extend(files.clone());
        for content in package.values_mut() {
            if let Ok(text) = String::from_utf8(content.clone()) {
                *content = text.replace(PING, &vnfd(number)).into_bytes();
            }
        }
        let content = Bytes::from(zipped(&package));
        let id = site.client.package_create(&Default::default()).await.unwrap().id;
        let start = Instant::now();
        site.client.package_upload(&id, content.into()).await.unwrap();
        let onboarded = site.package_at_rest(&id).await;
        took.push(start.elapsed());
        assert_eq!(onboarded.onboarding_state, PackageOnboardingState::Onboarded);
    }
    took.sort();
    println!("from upload to ONBOARDED: median {:?}, worst {:?}", took[5], took[9]);
    assert!(took[0] < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn a_full_disk_is_told_and_the_next_upload_succeeds_once_there_is_room() {
    let Some(disk) = SmallDisk::mounted("4m") else {
        return println!("not run: mounting a file system needs root");
    };
    let site = Site::over(disk.path.clone(), Settings::default()).await;
    let ballast = disk.path.join("ballast.lock");
    std::fs::write(&ballast, vec![1; 3 << 20]).unwrap();
    let mut files = example("ping-pong/ping");
    let noise = (0..1u32 << 19).map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes());
    files.insert("Files/noise".to_owned(), noise.flatten().collect());
    let content = Bytes::from(zipped(&files));
    let id = site.client.package_create(&Default::default()).await.unwrap().id;
    let refused = site.client.package_upload(&id, content.clone().into()).await.unwrap_err();
    let Error::Problem(problem) = &refused else { panic!("{refused:?}") };
    assert_eq!(problem.status, 507);
    assert!(problem.detail.contains("make room"), "{}", problem.detail);
    let told = failure(&site.client.package_read(PackageKey::Id(&id)).await.unwrap());
    assert!(told.starts_with("507"), "{told}");
    assert_eq!(stored(&site), [ballast.display().to_string()]);

    std::fs::remove_file(&ballast).unwrap();
    site.client.package_upload(&id, content.into()).await.unwrap();
    let package = site.package_at_rest(&id).await;
    assert_eq!(package.onboarding_state, PackageOnboardingState::Onboarded);
    drop(site);
}

/// A file system in memory that is soon full. It is unmounted with the value, also on panic.
struct SmallDisk {
    path: std::path::PathBuf,
    folder: Option<tempfile::TempDir>,
}

impl SmallDisk {
    fn mounted(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disk");
        std::fs::create_dir(&path).unwrap();
        let options = format!("size={size}");
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "windlass-test"]).arg(&path);
        let done = mount.output().is_ok_and(|output| output.status.success());
        done.then_some(Self { path, folder: Some(folder) })
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a file may still be open in a thread that ends soon.
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.path).status();
        drop(self.folder.take());
    }
}

#[tokio::test]
async fn a_wrong_fetch_request_is_refused_at_once() {
    let site = Site::new().await;
    let id = site.client.package_create(&Default::default()).await.unwrap().id;
    let url = format!("{}/vnfpkgm/v2/vnf_packages/{id}/package_content/upload_from_uri", site.base);
    let cases = [
        (
            422,
            serde_json::json!({ "addressInformation": "http://169.254.169.254/x" }),
            "link-local",
        ),
        (422, serde_json::json!({ "addressInformation": "http://127.0.0.1:1/x" }), "this machine"),
        (422, serde_json::json!({ "addressInformation": "file:///etc/passwd" }), "neither http"),
        (
            400,
            serde_json::json!({ "addressInformation": "http://a/", "userName": "a" }),
            "password",
        ),
        (
            400,
            serde_json::json!({
                "addressInformation": "http://a/",
                "authType": "OAUTH2_CLIENT_CREDENTIALS",
            }),
            "paramsOauth2ClientCredentials",
        ),
        (400, serde_json::json!({}), "addressInformation"),
    ];
    for (status, body, told) in cases {
        let response = site.http.post(&url).json(&body).send().await.unwrap();
        assert_eq!(response.status(), status, "{body}");
        let problem: Value = response.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().contains(told), "{problem}");
    }
    let state = site.client.package_read(PackageKey::Id(&id)).await.unwrap().onboarding_state;
    assert_eq!(state, PackageOnboardingState::Created);
}
