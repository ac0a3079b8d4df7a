//! What the client does with the answers of a real server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops where it is")]

mod server;

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{TryStreamExt, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use windlass_api::common::{CancelModeType, ProblemDetails};
use windlass_api::vnflcm::{HealVnfRequest, InstantiationState};
use windlass_api::vnfpkgm::PackageOperationalState;
use windlass_client::{Client, Error, ListOptions, PackageKey, Token, Upload};

use server::{Server, answer, client, install_cryptography, json};

fn vnf(id: &str) -> Value {
    json!({
        "id": id,
        "vnfdId": "vnfd-1",
        "vnfProvider": "Acme",
        "vnfProductName": "Router",
        "vnfSoftwareVersion": "1.0",
        "vnfdVersion": "1.0",
        "instantiationState": "NOT_INSTANTIATED",
        "_links": { "self": { "href": "/" } },
    })
}

#[tokio::test]
async fn a_resource_is_read_with_the_version_of_its_api() {
    let server = Server::answering(vec![json("200 OK", &vnf("vnf-1"))]).await;
    let vnf = server.client().vnf_read("vnf-1").await.unwrap();
    assert_eq!(vnf.instantiation_state, InstantiationState::NotInstantiated);
    let request = &server.requests()[0];
    assert_eq!(request.line, "GET /vnflcm/v2/vnf_instances/vnf-1");
    assert_eq!(request.headers["version"], "2.3.0");
    assert!(!request.headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_task_gives_the_operation_to_follow() {
    let location = ("location", "{url}/vnflcm/v2/vnf_lcm_op_occs/op-7");
    let server = Server::answering(vec![
        answer("202 Accepted", &[location], ""),
        answer("202 Accepted", &[], ""),
        answer("204 No Content", &[], ""),
    ])
    .await;
    let client = server.client();
    let request = HealVnfRequest { cause: Some("it is gone".into()), ..Default::default() };
    assert_eq!(client.vnf_heal("vnf-1", &request).await.unwrap(), "op-7");
    assert_eq!(server.requests()[0].body, r#"{"cause":"it is gone"}"#);
    let error = client.vnf_heal("vnf-1", &request).await.unwrap_err();
    assert!(error.to_string().contains("does not say which operation"), "{error}");
    client.vnf_operation_cancel("op-7", CancelModeType::Graceful).await.unwrap();
    assert_eq!(server.requests()[2].line, "POST /vnflcm/v2/vnf_lcm_op_occs/op-7/cancel");
}

#[tokio::test]
async fn a_list_is_followed_to_its_end_with_its_filter() {
    let page =
        |id: &str, link: &str| answer("200 OK", &[("link", link)], &json!([vnf(id)]).to_string());
    let server = Server::answering(vec![
        page("a", "</vnflcm/v2/vnf_instances?nextpage_opaque_marker=m161>; rel=\"next\""),
        page("b", "<{url}/vnflcm/v2/vnf_instances?nextpage_opaque_marker=m162>; rel=\"next\""),
        page("c", "</vnflcm/v2/vnf_instances>; rel=\"first\""),
    ])
    .await;
    let options = ListOptions::all_fields().filtered("(eq,vnfProvider,'A, B')");
    let vnfs = server.client().vnf_list(&options).await.unwrap();
    assert_eq!(vnfs.iter().map(|vnf| vnf.id.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    let first = &server.requests()[0].line;
    assert!(
        first.ends_with("?filter=%28eq%2CvnfProvider%2C%27A%2C+B%27%29&all_fields="),
        "{first}"
    );
    assert!(server.requests()[2].line.ends_with("marker=m162"));
}

#[tokio::test]
async fn the_next_page_is_not_read_from_another_server() {
    let link = ("link", "<http://192.0.2.1/vnf_instances>; rel=\"next\"");
    let server = Server::answering(vec![answer("200 OK", &[link], "[]")]).await;
    let error = server.client().vnf_list(&ListOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("another server"), "{error}");
}

#[tokio::test]
async fn a_refusal_is_shown_as_the_server_says_it() {
    let problem = ProblemDetails::new(0, "operation op-1 is running").with_title("Conflict");
    let body = serde_json::to_string(&problem).unwrap();
    let media_type = ("content-type", ProblemDetails::MEDIA_TYPE);
    let server = Server::answering(vec![answer("409 Conflict", &[media_type], &body)]).await;
    let error = server.client().vnf_delete("vnf-1").await.unwrap_err();
    assert!(error.is_conflict());
    assert_eq!(error.to_string(), "Conflict: operation op-1 is running");
}

#[tokio::test]
async fn something_that_is_not_the_api_is_told_apart() {
    let server = Server::answering(vec![
        answer("502 Bad Gateway", &[("content-type", "text/html")], "<h1>Bad\n  gateway</h1>"),
        answer("302 Found", &[("location", "http://192.0.2.1/")], ""),
        answer("200 OK", &[], "{}"),
    ])
    .await;
    let client = server.client();
    let mut messages = Vec::new();
    for _ in 0..3 {
        let error = client.ns_read("ns-1").await.unwrap_err();
        assert!(matches!(error, Error::Unexpected { .. }), "{error:?}");
        messages.push(error.to_string());
    }
    assert_eq!(messages[0], "unexpected answer with status 502: <h1>Bad gateway</h1>");
    assert_eq!(messages[1], "unexpected answer with status 302: it redirects to http://192.0.2.1/");
    assert!(messages[2].contains("missing field `id`"), "{}", messages[2]);
}

#[tokio::test]
async fn a_get_gives_a_server_time_to_come_back_and_a_post_does_not() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(&format!("http://{}", listener.local_addr().unwrap()));
    drop(listener);
    let all_back_offs = Duration::from_millis(100 + 200 + 400);

    let start = Instant::now();
    let error = client.vnf_heal("vnf-1", &HealVnfRequest::default()).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("Connection refused"), "{error}");
    assert!(start.elapsed() < all_back_offs);

    let start = Instant::now();
    let error = client.vnf_read("vnf-1").await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(start.elapsed() >= all_back_offs);
}

#[tokio::test]
async fn a_get_is_repeated_when_the_connection_breaks_off_and_a_post_is_not() {
    let server = Server::answering(vec![String::new(), json("200 OK", &vnf("vnf-1"))]).await;
    assert_eq!(server.client().vnf_read("vnf-1").await.unwrap().id, "vnf-1");
    assert_eq!(server.requests().len(), 2);

    let server = Server::answering(vec![String::new(), String::new()]).await;
    let lost = server.client().vnf_heal("vnf-1", &HealVnfRequest::default()).await;
    assert!(matches!(lost, Err(Error::Unreachable { .. })), "{lost:?}");
    assert_eq!(server.requests().len(), 1, "the server may have done it");
}

#[tokio::test]
async fn who_would_rather_wait_says_so_in_whole_seconds() {
    let unread = || answer("404 Not Found", &[], "");
    let server = Server::answering(vec![unread(), unread()]).await;
    for limit_ms in [2_000, 900] {
        let limit = Duration::from_millis(limit_ms);
        server.client().vnf_operation_await("op-1", limit).await.unwrap_err();
    }
    let asked = server.requests();
    assert_eq!(asked[0].headers.get("prefer").map(String::as_str), Some("wait=2"));
    assert_eq!(asked[1].headers.get("prefer"), None);
}

#[tokio::test]
async fn a_package_is_streamed_up_and_down() {
    let zip = ("content-type", "application/zip");
    let server = Server::answering(vec![
        answer("202 Accepted", &[], ""),
        answer("202 Accepted", &[], ""),
        answer(
            "200 OK",
            &[("content-type", "application/json")],
            r#"{"operationalState":"ENABLED"}"#,
        ),
        answer("200 OK", &[zip], "image"),
    ])
    .await;
    let client = server.client();
    let pieces =
        || stream::iter(["PK", "content"].map(|piece| std::io::Result::Ok(Bytes::from(piece))));
    client.package_upload("p", Upload::stream(pieces(), Some(9))).await.unwrap();
    client.package_upload("p", Upload::stream(pieces(), None)).await.unwrap();
    client.package_set_state("p", PackageOperationalState::Enabled).await.unwrap();
    let key = PackageKey::Vnfd("vnfd 1");
    let image = client.package_artifact(key, "files/image 1.qcow2").await.unwrap();
    assert_eq!((image.media_type(), image.length()), (Some("application/zip"), Some(5)));
    let content: Vec<Bytes> = image.stream().try_collect().await.unwrap();
    assert_eq!(content.concat(), b"image");

    let requests = server.requests();
    assert_eq!(requests[0].line, "PUT /vnfpkgm/v2/vnf_packages/p/package_content");
    assert_eq!(requests[0].headers["content-length"], "9");
    assert_eq!((requests[0].body.as_str(), requests[1].body.as_str()), ("PKcontent", "PKcontent"));
    assert_eq!(requests[2].headers["content-type"], "application/merge-patch+json");
    let artifact = "/vnfpkgm/v2/onboarded_vnf_packages/vnfd%201/artifacts/files/image%201.qcow2";
    assert_eq!(requests[3].line, format!("GET {artifact}"));
}

#[tokio::test]
async fn a_grant_that_takes_its_time_is_waited_for() {
    let grant = json!({
        "id": "g-1",
        "vnfInstanceId": "vnf-1",
        "vnfLcmOpOccId": "op-1",
        "_links": {
            "self": { "href": "/grant/v1/grants/g-1" },
            "vnfLcmOpOcc": { "href": "/" },
            "vnfInstance": { "href": "/" },
        },
    });
    let server = Server::answering(vec![
        answer("202 Accepted", &[("location", "/grant/v1/grants/g-1")], ""),
        answer("202 Accepted", &[], ""),
        json("200 OK", &grant),
    ])
    .await;
    let request = serde_json::from_value(json!({
        "vnfInstanceId": "vnf-1",
        "vnfLcmOpOccId": "op-1",
        "vnfdId": "vnfd-1",
        "operation": "TERMINATE",
        "isAutomaticInvocation": false,
        "_links": { "vnfLcmOpOcc": { "href": "/" }, "vnfInstance": { "href": "/" } },
    }));
    let grant = server.client().grant_request(&request.unwrap()).await.unwrap();
    assert_eq!(grant.id, "g-1");
    assert_eq!(server.requests()[2].line, "GET /grant/v1/grants/g-1");
}

#[tokio::test]
async fn a_name_is_one_segment_whatever_it_holds() {
    let server = Server::answering(vec![json("200 OK", &vnf("x"))]).await;
    let client = server.client();
    client.vnf_read("../a?b#c").await.unwrap();
    assert_eq!(server.requests()[0].line, "GET /vnflcm/v2/vnf_instances/..%2Fa%3Fb%23c");
    for name in ["", ".", ".."] {
        assert!(matches!(client.vnf_delete(name).await, Err(Error::Invalid(_))), "{name}");
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_token_is_sent_and_never_shown_and_never_in_clear_to_others() {
    install_cryptography();
    let token = Token::new("s3cret");
    let server = Server::answering(vec![json("200 OK", &vnf("x"))]).await;
    let client = Client::new(&server.url, Some(&token), None).unwrap();
    client.vnf_read("x").await.unwrap();
    assert_eq!(server.requests()[0].headers["authorization"], "Bearer s3cret");
    assert!(!format!("{token:?} {client:?}").contains("s3cret"));
    let refused = Client::new("http://192.0.2.1", Some(&token), None).unwrap_err();
    assert!(refused.to_string().contains("without TLS"), "{refused}");
}

#[test]
fn what_is_no_server_is_refused_at_once() {
    install_cryptography();
    for url in ["localhost:9890", "ftp://localhost", "http://localhost/?x=1", ""] {
        assert!(Client::new(url, None, None).is_err(), "{url}");
    }
    let client = Client::new("http://localhost:1/mano/", None, None).unwrap();
    assert_eq!(client.base_url(), "http://localhost:1/mano");
}
