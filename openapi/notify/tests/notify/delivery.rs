//! What subscribers hear, and when.

use chrono::TimeDelta;
use serde_json::json;
use windlass_api::api::Api;

use crate::receiver::{INSIDE, Receiver};
use crate::site::Site;

#[actix_web::test]
async fn everything_after_the_subscription_is_told_in_order() {
    let (mut site, receiver) = (Site::new().await, Receiver::new());
    site.creates(&["before"]).await;
    site.subscribe(&receiver).await;
    site.starts();
    site.creates(&["a", "b", "c"]).await;
    site.has_heard(&receiver, 3).await;
    assert_eq!(receiver.names(), ["a", "b", "c"]);
}

#[actix_web::test]
async fn a_filter_passes_over_what_is_not_wanted() {
    let (mut site, receiver) = (Site::new().await, Receiver::new());
    let wish = json!({ "callbackUri": receiver.uri(), "filter": "w" });
    let id = site.ask(wish).await.unwrap();
    site.starts();
    site.creates(&["web-1", "db", "web-2", "cache"]).await;
    let all = async || site.delivery(&id).await["backlog"] == 0;
    site.until(TimeDelta::zero(), "nothing waits", all).await;
    assert_eq!(receiver.names(), ["web-1", "web-2"]);
}

#[actix_web::test]
async fn what_does_not_arrive_is_tried_again_before_anything_that_follows() {
    let (mut site, receiver) = (Site::new().await, Receiver::new());
    site.subscribe(&receiver).await;
    receiver.answers([500, 503, 404]);
    site.creates(&["a", "b"]).await;
    site.starts();
    let heard = async || receiver.heard().len() == 2;
    site.until(TimeDelta::seconds(1), "both are heard", heard).await;
    assert_eq!(receiver.names(), ["a", "b"]);
    assert_eq!(receiver.refused(), 3);
}

#[actix_web::test]
async fn a_crash_after_the_delivery_tells_it_again_with_the_same_id() {
    let (mut site, receiver) = (Site::new().await, Receiver::new());
    let id = site.subscribe(&receiver).await;
    site.creates(&["a", "b"]).await;
    site.starts();
    site.has_heard(&receiver, 2).await;
    site.crashes().await;
    // The cursor as it is when the process dies before it is written.
    let subscriptions = site.store.subscriptions();
    let topic = windlass_store::Topic::VnfLcm;
    site.passes(TimeDelta::minutes(2));
    site.creates(&["c"]).await;
    let until = site.now() + TimeDelta::minutes(1);
    let claimed = subscriptions.claim("w", &[topic], &[], site.now(), until, 1).await.unwrap();
    subscriptions.advance(&claimed[0].0, 1, until).await.unwrap();
    assert_eq!(claimed[0].1.id.to_string(), id);

    site.passes(TimeDelta::minutes(2));
    site.starts();
    site.has_heard(&receiver, 4).await;
    assert_eq!(receiver.names(), ["a", "b", "b", "c"]);
    let heard = receiver.heard();
    assert_eq!(heard[1]["id"], heard[2]["id"], "a repetition can be told");
    assert_ne!(heard[0]["id"], heard[1]["id"]);
}

#[actix_web::test]
async fn who_is_dead_for_an_hour_is_parked_and_hears_everything_when_resumed() {
    let (mut site, dead, alive) = (Site::new().await, Receiver::new(), Receiver::new());
    let id = site.subscribe(&dead).await;
    site.subscribe(&alive).await;
    site.starts();
    dead.is(Some(502));
    let start = site.now();
    site.creates(&["a", "b"]).await;
    // Who listens does not wait for who does not: no time passes.
    site.has_heard(&alive, 2).await;

    let parked = async || site.delivery(&id).await["state"] == "PARKED";
    site.until(TimeDelta::seconds(10), "it is parked", parked).await;
    assert!(site.now() - start > TimeDelta::minutes(45), "it was given up too soon");
    assert!(site.now() - start < TimeDelta::hours(2), "it was tried for too long");
    let delivery = site.delivery(&id).await;
    assert_eq!((&delivery["backlog"], &delivery["attempts"]), (&json!(2), &json!(20)));
    assert!(delivery["lastError"].as_str().unwrap().contains("502"), "{delivery}");
    assert!(!delivery["lastError"].as_str().unwrap().contains(INSIDE), "{delivery}");

    dead.is(None);
    site.creates(&["c"]).await;
    site.has_heard(&alive, 3).await;
    assert_eq!(dead.heard().len(), 0, "a parked one is told nothing");
    site.client.subscription_resume(Api::VnfLcm, &id).await.unwrap();
    site.has_heard(&dead, 3).await;
    assert_eq!(dead.names(), ["a", "b", "c"]);
    let delivery = site.delivery(&id).await;
    assert_eq!(delivery["state"], "ACTIVE");
    assert!(delivery.get("parkedSince").is_none());
}

#[actix_web::test]
async fn nothing_is_told_after_the_subscription_has_ended() {
    let (mut site, receiver, other) = (Site::new().await, Receiver::new(), Receiver::new());
    let id = site.subscribe(&receiver).await;
    site.subscribe(&other).await;
    site.client.subscription_delete(Api::VnfLcm, &id).await.unwrap();
    site.starts();
    site.creates(&["a"]).await;
    site.has_heard(&other, 1).await;
    assert_eq!(receiver.names(), Vec::<String>::new());
}

#[actix_web::test]
async fn who_has_much_to_hear_makes_room_for_others() {
    let (mut site, one, other) = (Site::new().await, Receiver::new(), Receiver::new());
    site.subscribe(&one).await;
    site.subscribe(&other).await;
    let names: Vec<String> = (0..250).map(|number| number.to_string()).collect();
    site.creates(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    // By the time the first has had its turn, the other waits longer.
    site.passes(TimeDelta::seconds(1));
    site.starts_with_one_slot();
    let begun = async || !one.heard().is_empty() && !other.heard().is_empty();
    site.until(TimeDelta::zero(), "both have begun to hear", begun).await;
    assert!(one.heard().len() < 250 && other.heard().len() < 250, "one was told all, first");
    site.has_heard(&one, 250).await;
    site.has_heard(&other, 250).await;
    assert!(one.names() == names && other.names() == names, "the order is lost");
}

#[actix_web::test]
async fn what_nobody_can_read_is_lost_and_the_rest_is_told() {
    let (mut site, receiver) = (Site::new().await, Receiver::new());
    let id = site.ask(json!({ "callbackUri": receiver.uri() })).await.unwrap();
    site.creates(&["a", "illegible", "b"]).await;
    site.starts();
    site.has_heard(&receiver, 2).await;
    assert_eq!(receiver.names(), ["a", "b"]);
    let delivery = site.delivery(&id).await;
    assert_eq!((&delivery["eventsLost"], &delivery["attempts"]), (&json!(1), &json!(0)));
}

#[actix_web::test]
async fn what_fails_here_is_not_held_against_a_subscriber() {
    let (mut site, receiver) = (Site::new().await, Receiver::new());
    let id = site.subscribe(&receiver).await;
    site.creates(&["a", "unlucky"]).await;
    site.starts();
    site.has_heard(&receiver, 1).await;
    let heard = async || {
        let delivery = site.delivery(&id).await;
        assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("ACTIVE"), &json!(0)));
        receiver.heard().len() == 2
    };
    site.until(TimeDelta::seconds(10), "the store works again", heard).await;
}
