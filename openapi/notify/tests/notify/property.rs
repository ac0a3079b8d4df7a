//! Whatever happens, and whoever fails: everything wanted is heard, first in its order.

use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::json;

use crate::receiver::Receiver;
use crate::site::Site;

#[derive(Debug, Clone)]
enum Turn {
    Creates { wanted: bool },
    Fails { receiver: usize, status: u16 },
    Crashes,
    Passes { seconds: i64 },
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        4 => any::<bool>().prop_map(|wanted| Turn::Creates { wanted }),
        2 => (0usize..2, prop::sample::select(vec![401u16, 404, 500, 503]))
            .prop_map(|(receiver, status)| Turn::Fails { receiver, status }),
        1 => Just(Turn::Crashes),
        2 => (0i64..40).prop_map(|seconds| Turn::Passes { seconds }),
    ]
}

async fn play(turns: Vec<Turn>) {
    let (mut site, receivers) = (Site::new().await, [Receiver::new(), Receiver::new()]);
    site.subscribe(&receivers[0]).await;
    let picky = json!({ "callbackUri": receivers[1].uri(), "filter": "w" });
    site.ask(picky).await.unwrap();
    site.starts();
    let mut names: Vec<String> = Vec::new();
    for turn in turns {
        match turn {
            Turn::Creates { wanted } => {
                let name = format!("{}-{}", if wanted { "w" } else { "x" }, names.len());
                site.creates(&[&name]).await;
                names.push(name);
            }
            Turn::Fails { receiver, status } => receivers[receiver].answers([status]),
            Turn::Crashes => {
                site.crashes().await;
                site.starts();
            }
            Turn::Passes { seconds } => {
                site.passes(TimeDelta::seconds(seconds));
                tokio::task::yield_now().await;
            }
        }
    }
    let wanted = names.iter().filter(|name| name.starts_with('w')).cloned().collect();
    for (receiver, expected) in receivers.iter().zip([names, wanted]) {
        let complete = async || firsts(receiver).len() == expected.len();
        site.until(TimeDelta::seconds(20), "everything is heard", complete).await;
        assert_eq!(firsts(receiver), expected);
    }
}

/// What a receiver heard, without repetitions.
fn firsts(receiver: &Receiver) -> Vec<String> {
    let mut firsts = Vec::new();
    for name in receiver.names() {
        if !firsts.contains(&name) {
            firsts.push(name);
        }
    }
    firsts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_subscriber_hears_everything_in_order(turns in prop::collection::vec(turn(), 1..30)) {
        actix_web::rt::System::new().block_on(play(turns));
    }
}
