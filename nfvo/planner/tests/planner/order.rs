//! Who starts after whom.

use std::collections::BTreeSet;

use proptest::prelude::*;
use windlass_planner::order::{NoOrder, Wait, start_order, stop_order};

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

fn waits(pairs: &[(&str, &str)]) -> Vec<Wait> {
    pairs
        .iter()
        .map(|(who, whom)| Wait { who: who.to_string(), for_whom: whom.to_string() })
        .collect()
}

#[test]
fn a_service_starts_from_its_database_and_stops_from_its_front() {
    let names = names(&["web", "app", "cache", "database", "monitor"]);
    let waits = waits(&[("web", "app"), ("app", "database"), ("app", "cache"), ("web", "cache")]);
    let start = start_order(&names, &waits).unwrap();
    assert_eq!(start, [vec!["cache", "database", "monitor"], vec!["app"], vec!["web"]]);
    let stop = stop_order(&names, &waits).unwrap();
    assert_eq!(stop, [vec!["web"], vec!["app"], vec!["cache", "database", "monitor"]]);
}

#[test]
fn a_ring_is_named() {
    let names = names(&["a", "b", "c", "d"]);
    let ring = waits(&[("d", "b"), ("b", "c"), ("c", "a"), ("a", "b")]);
    let error = start_order(&names, &ring).unwrap_err();
    assert_eq!(error.to_string(), "a waits for itself: a → b → c → a");
    let alone = start_order(&names, &waits(&[("c", "c")])).unwrap_err();
    assert_eq!(alone.to_string(), "c waits for itself: c → c");
}

#[test]
fn a_stranger_is_named() {
    let error = stop_order(&names(&["a"]), &waits(&[("a", "b")])).unwrap_err();
    assert_eq!(error.to_string(), "a waits for b, and b is not part of the service");
}

proptest! {
    #[test]
    fn everybody_starts_after_those_waited_for_or_a_real_ring_is_told(
        pairs in proptest::collection::vec((0usize..7, 0usize..7), 0..12)
    ) {
        let all = ["a", "b", "c", "d", "e", "f", "g"];
        let pairs: Vec<(&str, &str)> = pairs.into_iter().map(|(i, j)| (all[i], all[j])).collect();
        match start_order(&names(&all), &waits(&pairs)) {
            Ok(layers) => {
                let layer = |name: &str| layers.iter().position(|l| l.iter().any(|n| n == name));
                prop_assert_eq!(layers.iter().map(Vec::len).sum::<usize>(), all.len());
                for (who, whom) in &pairs {
                    prop_assert!(layer(who) > layer(whom));
                }
                // Nobody waits longer than needed: whoever is not in the first layer waits for
                // somebody in the layer before.
                for (index, names) in layers.iter().enumerate().skip(1) {
                    for name in names {
                        let before = |(who, whom): &(&str, &str)| who == name && layer(whom) == Some(index - 1);
                        prop_assert!(pairs.iter().any(before));
                    }
                }
            }
            Err(NoOrder::Ring(ring)) => {
                for (index, who) in ring.iter().enumerate() {
                    let whom = &ring[(index + 1) % ring.len()];
                    prop_assert!(pairs.contains(&(who.as_str(), whom.as_str())));
                }
            }
            Err(NoOrder::Unknown { .. }) => prop_assert!(false, "everybody is known"),
        }
    }
}
