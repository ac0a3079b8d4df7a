//! Who is taken for a subscriber.

use serde_json::json;
use windlass_api::api::Api;
use windlass_client::Reach;

use crate::receiver::{INSIDE, Receiver};
use crate::site::Site;

#[actix_web::test]
async fn a_receiver_that_fails_its_test_is_refused_and_what_it_said_is_not_repeated() {
    let (site, receiver) = (Site::new().await, Receiver::new());
    receiver.is(Some(200));
    let refusal = site.ask(json!({ "callbackUri": receiver.uri() })).await.unwrap_err();
    assert_eq!(refusal.status(), Some(422));
    assert!(refusal.to_string().contains("status 200, not 204"), "{refusal}");
    assert!(!refusal.to_string().contains(INSIDE), "{refusal}");

    // The port of somebody who has gone.
    let gone = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let uri = format!("http://{gone}/notify");
    let refusal = site.ask(json!({ "callbackUri": uri })).await.unwrap_err();
    assert_eq!(refusal.status(), Some(422));
    assert!(refusal.to_string().contains("does not answer"), "{refusal}");
}

#[actix_web::test]
async fn addresses_that_nobody_should_be_led_to_are_refused() {
    let site = Site::reaching(Reach::Network).await;
    for uri in ["http://169.254.169.254/", "http://127.0.0.1:1/", "http://localhost:1/", "osm"] {
        let refusal = site.ask(json!({ "callbackUri": uri })).await.unwrap_err();
        assert_eq!(refusal.status(), Some(422), "{uri}: {refusal}");
    }
}

#[actix_web::test]
async fn a_wish_that_cannot_be_followed_is_refused() {
    let (site, receiver) = (Site::new().await, Receiver::new());
    let uri = receiver.uri();
    let certificate = json!({ "authType": ["TLS_CERT"] });
    let in_clear = json!({ "authType": ["BASIC"],
        "paramsBasic": { "userName": "osm", "password": "hush" } });
    for request in [
        json!({ "callbackUri": uri, "filter": 7 }),
        json!({ "callbackUri": uri, "authentication": certificate }),
        json!({ "callbackUri": "http://osm.example/", "authentication": in_clear }),
    ] {
        let refusal = site.ask(request).await.unwrap_err();
        assert_eq!(refusal.status(), Some(422), "{refusal}");
    }
}

#[actix_web::test]
async fn credentials_are_not_sent_in_clear_to_another_machine_whatever_its_name() {
    let site = Site::new().await;
    let basic = json!({ "authType": ["BASIC"],
        "paramsBasic": { "userName": "osm", "password": "hush" } });
    for host in ["127.evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"]
    {
        let uri = format!("http://{host}/notify?key=secret");
        let request = json!({ "callbackUri": uri, "authentication": basic });
        let refusal = site.ask(request).await.unwrap_err();
        assert!(refusal.to_string().contains("without TLS"), "{refusal}");
        assert!(!refusal.to_string().contains("secret"), "{refusal}");
    }
}

#[actix_web::test]
async fn a_subscription_is_shown_found_again_and_ended() {
    let (site, receiver) = (Site::new().await, Receiver::new());
    let wish = json!({ "callbackUri": receiver.uri(), "filter": "w" });
    let id = site.ask(wish.clone()).await.unwrap();
    let shown = site.client.subscription_read(Api::VnfLcm, &id).await.unwrap();
    assert_eq!(shown.filter, Some(json!("w")));
    assert_eq!(shown.links.this.href, format!("/vnflcm/v2/subscriptions/{id}"));
    let all = site.client.subscription_list(Api::VnfLcm, &Default::default()).await.unwrap();
    assert_eq!(all, [shown]);

    // The same wish leads to the subscription that there is.
    let again = site.ask(wish).await.unwrap_err();
    assert_eq!(again.status(), Some(303));
    assert!(again.to_string().contains(&id), "{again}");

    site.client.subscription_delete(Api::VnfLcm, &id).await.unwrap();
    let gone = site.client.subscription_read(Api::VnfLcm, &id).await.unwrap_err();
    assert!(gone.is_not_found());
}
