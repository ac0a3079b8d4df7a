//! Who gets which address on a virtual link.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use proptest::prelude::*;
use windlass_planner::addresses::{LinkAsk, PointAsk, Pool, allocate};

fn link(cidr: &str, points: &[(&str, u32, &[&str])]) -> LinkAsk {
    let points = points.iter().map(|(name, count, fixed)| {
        let fixed = fixed.iter().map(|address| address.parse().unwrap()).collect();
        (name.to_string(), PointAsk { count: *count, fixed })
    });
    LinkAsk {
        cidr: cidr.parse().unwrap(),
        gateway: None,
        pools: Vec::new(),
        points: points.collect(),
        existing: BTreeMap::new(),
    }
}

fn told(link: &LinkAsk) -> String {
    match allocate(link) {
        Ok(lists) => lists.iter().map(|(name, list)| format!("{name} {list:?}\n")).collect(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_instance_that_may_come_has_an_address_waiting() {
    let mut ask = link("10.0.0.0/24", &[("web/data", 3, &[]), ("db/data", 1, &["10.0.0.2"])]);
    ask.gateway = Some(Ipv4Addr::new(10, 0, 0, 1));
    insta::assert_snapshot!(told(&ask), @r"
    db/data [10.0.0.2]
    web/data [10.0.0.3, 10.0.0.4, 10.0.0.5]
    ");
}

#[test]
fn the_first_instances_get_the_fixed_addresses_and_the_others_get_any() {
    let mut ask = link("10.0.0.0/24", &[("lb/data", 3, &["10.0.0.200", "10.0.0.1"])]);
    ask.gateway = Some(Ipv4Addr::new(10, 0, 0, 1));
    ask.pools =
        vec![Pool { first: Ipv4Addr::new(10, 0, 0, 50), last: Ipv4Addr::new(10, 0, 0, 60) }];
    insta::assert_snapshot!(told(&ask), @"lb/data [10.0.0.200, 10.0.0.1, 10.0.0.50]");
}

#[test]
fn a_link_that_is_asked_again_keeps_what_it_gave() {
    let mut ask = link("10.0.0.0/28", &[("m/data", 2, &[])]);
    ask.existing = allocate(&ask).unwrap();
    ask.points.insert("a/data".into(), PointAsk { count: 1, fixed: Vec::new() });
    ask.points.insert("m/data".into(), PointAsk { count: 3, fixed: Vec::new() });
    insta::assert_snapshot!(told(&ask), @r"
    a/data [10.0.0.3]
    m/data [10.0.0.1, 10.0.0.2, 10.0.0.4]
    ");
}

#[test]
fn what_cannot_be_had_is_said() {
    let twice = link("10.0.0.0/24", &[("a/x", 1, &["10.0.0.9"]), ("b/x", 1, &["10.0.0.9"])]);
    insta::assert_snapshot!(told(&twice), @"b/x names the fixed address 10.0.0.9, which a/x has");
    let outside = link("10.0.0.0/24", &[("a/x", 1, &["10.0.1.9"])]);
    insta::assert_snapshot!(told(&outside), @"a/x names the fixed address 10.0.1.9, which is no host address of 10.0.0.0/24");
    let broadcast = link("10.0.0.0/24", &[("a/x", 1, &["10.0.0.255"])]);
    insta::assert_snapshot!(told(&broadcast), @"a/x names the fixed address 10.0.0.255, which is no host address of 10.0.0.0/24");
    let crowded = link("10.0.0.0/30", &[("a/x", 1, &[]), ("b/x", 2, &[])]);
    insta::assert_snapshot!(told(&crowded), @"b/x wants 2 addresses of 10.0.0.0/30 and the pools have 1 left");
}

#[test]
fn the_smallest_and_the_largest_subnets_have_hosts_too() {
    insta::assert_snapshot!(told(&link("10.0.0.4/31", &[("a/x", 2, &[])])), @"a/x [10.0.0.4, 10.0.0.5]");
    insta::assert_snapshot!(told(&link("10.0.0.4/32", &[("a/x", 1, &[])])), @"a/x [10.0.0.4]");
    insta::assert_snapshot!(told(&link("0.0.0.0/0", &[("a/x", 1, &["255.255.255.254"])])), @"a/x [255.255.255.254]");
}

proptest! {
    #[test]
    fn addresses_are_disjoint_inside_and_kept(
        prefix in 26u8..=30,
        first in proptest::collection::vec(0u32..5, 1..5),
        more in proptest::collection::vec(0u32..5, 0..4),
        fixed in 0u32..64,
        gateway in 0u32..64,
    ) {
        let mut ask = link(&format!("192.168.7.0/{prefix}"), &[]);
        ask.gateway = Some(Ipv4Addr::from(0xc0a8_0700 + gateway));
        for (index, count) in first.iter().enumerate() {
            ask.points.insert(format!("m{index}"), PointAsk { count: *count, fixed: Vec::new() });
        }
        ask.points.insert(
            "fixed".into(),
            PointAsk { count: 1, fixed: vec![Ipv4Addr::from(0xc0a8_0700 + fixed)] },
        );
        let Ok(before) = allocate(&ask) else { return Ok(()) };
        ask.existing = before.clone();
        for (index, count) in more.iter().enumerate() {
            ask.points.insert(format!("a{index}"), PointAsk { count: *count, fixed: Vec::new() });
        }
        let Ok(after) = allocate(&ask) else { return Ok(()) };
        prop_assert_eq!(&allocate(&ask), &Ok(after.clone()));
        for (name, list) in &before {
            prop_assert_eq!(&after[name], list);
        }
        let handed: Vec<Ipv4Addr> = after.values().flatten().copied().collect();
        let distinct: BTreeSet<Ipv4Addr> = handed.iter().copied().collect();
        prop_assert_eq!(handed.len(), distinct.len());
        for address in &handed {
            prop_assert!(ask.cidr.hosts().any(|host| host == *address));
            prop_assert!(Some(*address) != ask.gateway || fixed == gateway);
        }
        for (name, point) in &ask.points {
            prop_assert_eq!(after[name].len(), point.count as usize);
        }
    }

    #[test]
    fn it_is_full_only_when_it_is_full(prefix in 28u8..=30, counts in proptest::collection::vec(0u32..6, 1..5)) {
        let mut ask = link(&format!("192.168.7.0/{prefix}"), &[]);
        ask.gateway = ask.cidr.hosts().next();
        for (index, count) in counts.iter().enumerate() {
            ask.points.insert(format!("m{index}"), PointAsk { count: *count, fixed: Vec::new() });
        }
        let room = ask.cidr.hosts().count() - 1;
        prop_assert_eq!(allocate(&ask).is_ok(), counts.iter().sum::<u32>() as usize <= room);
    }
}
