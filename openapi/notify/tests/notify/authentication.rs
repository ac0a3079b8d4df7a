//! How receivers know who notifies them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::receiver::{INSIDE, Receiver};
use crate::site::Site;

fn basic() -> Value {
    json!({ "authType": ["BASIC"], "paramsBasic": { "userName": "osm", "password": "hush" } })
}

fn tokens(receiver: &Receiver) -> Value {
    json!({ "authType": ["OAUTH2_CLIENT_CREDENTIALS"], "paramsOauth2ClientCredentials": {
        "clientId": "osm", "clientPassword": "hush",
        "tokenEndpoint": receiver.token_endpoint() } })
}

fn wish(receiver: &Receiver, authentication: &Value) -> Value {
    json!({ "callbackUri": receiver.uri(), "authentication": authentication })
}

#[actix_web::test]
async fn a_password_is_sent_kept_sealed_and_shown_to_nobody() {
    let (mut site, receiver) = (Site::new().await, Receiver::new());
    receiver.wants("Basic b3NtOmh1c2g=");
    let open = site.ask(json!({ "callbackUri": receiver.uri() })).await.unwrap_err();
    assert!(open.to_string().contains("401"), "{open}");

    let id = site.ask(wish(&receiver, &basic())).await.unwrap();
    site.starts();
    site.creates(&["a"]).await;
    site.has_heard(&receiver, 1).await;

    let topic = windlass_store::Topic::VnfLcm;
    let kept = site.store.subscriptions().get(topic, id.parse().unwrap()).await.unwrap();
    assert!(!format!("{kept:?}").contains("hush"));
    let api = windlass_api::api::Api::VnfLcm;
    let shown = site.client.subscription_read(api, &id).await.unwrap();
    assert!(!serde_json::to_string(&shown).unwrap().contains("hush"));
}

#[actix_web::test]
async fn a_token_is_used_until_it_is_too_old() {
    let (mut site, receiver) = (Site::new().await, Receiver::new());
    site.ask(wish(&receiver, &tokens(&receiver))).await.unwrap();
    site.starts();
    site.creates(&["a", "b"]).await;
    site.has_heard(&receiver, 2).await;
    let used = receiver.tokens();
    site.creates(&["c"]).await;
    site.has_heard(&receiver, 3).await;
    assert_eq!(receiver.tokens(), used, "a token that is good is replaced");

    site.passes(TimeDelta::seconds(61));
    site.creates(&["d"]).await;
    site.has_heard(&receiver, 4).await;
    assert_eq!(receiver.tokens(), used + 1);
    assert_eq!(receiver.refused(), 0, "an old token was sent");
}

#[actix_web::test]
async fn a_token_that_is_taken_back_is_replaced_at_once() {
    let (mut site, receiver) = (Site::new().await, Receiver::new());
    site.ask(wish(&receiver, &tokens(&receiver))).await.unwrap();
    site.starts();
    site.creates(&["a"]).await;
    site.has_heard(&receiver, 1).await;
    receiver.wants("Bearer nobody-has-this");
    site.creates(&["b"]).await;
    // No time passes, so it was not put off.
    site.has_heard(&receiver, 2).await;
    assert_eq!(receiver.names(), ["a", "b"]);
}

#[actix_web::test]
async fn a_client_that_its_token_endpoint_does_not_know_is_refused() {
    let (site, receiver) = (Site::new().await, Receiver::new());
    let mut authentication = tokens(&receiver);
    authentication["paramsOauth2ClientCredentials"]["clientPassword"] = json!("wrong");
    let refusal = site.ask(wish(&receiver, &authentication)).await.unwrap_err();
    assert_eq!(refusal.status(), Some(422));
    assert!(refusal.to_string().contains("/token answers with status 401"), "{refusal}");
    assert!(!refusal.to_string().contains(INSIDE), "{refusal}");
}

#[actix_web::test]
async fn a_server_with_another_key_leaves_a_subscription_to_those_who_have_its_own() {
    let (mut site, receiver, open) = (Site::new().await, Receiver::new(), Receiver::new());
    let id = site.ask(wish(&receiver, &basic())).await.unwrap();
    site.subscribe(&open).await;
    site.starts_with_another_key();
    for (count, name) in ["a", "b", "c"].into_iter().enumerate() {
        site.creates(&[name]).await;
        site.has_heard(&open, count + 1).await;
        site.passes(TimeDelta::minutes(10));
    }
    let delivery = site.delivery(&id).await;
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("ACTIVE"), &json!(0)));
    assert_eq!(delivery.get("lastError"), None);

    site.crashes().await;
    site.starts();
    site.has_heard(&receiver, 3).await;
    assert_eq!(receiver.names(), ["a", "b", "c"]);
}
