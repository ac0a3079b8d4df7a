//! Placements and refusals as an operator meets them.

use std::collections::BTreeMap;
use std::time::Instant;

use insta::assert_snapshot;
use windlass_model::{HostState, VimId};
use windlass_planner::placement::RuleKind::{Affinity, AntiAffinity};
use windlass_planner::placement::{Ask, Item, Policy, Scope, Site, place, total_usage, usage};

use crate::scene::{ask, capacity, host, host_id, item, numa_host, rule, site, told, vim, vim_id};

fn two_zones() -> Site {
    site(vec![vim(
        "edge",
        vec![
            host("alpha", "north", capacity(8, 16_384, 100)),
            host("beta", "north", capacity(8, 16_384, 100)),
            host("gamma", "south", capacity(8, 16_384, 100)),
        ],
    )])
}

#[test]
fn items_spread_over_the_hosts_and_replicas_over_the_zones() {
    let items = [
        ("cache-0", item(1, 1024)),
        ("db-0", item(4, 8192)),
        ("db-1", item(4, 8192)),
        ("web-0", item(2, 2048)),
        ("web-1", item(2, 2048)),
    ];
    let ask = ask(
        &items,
        vec![
            rule(AntiAffinity, Scope::Zone, &["db-0", "db-1"]),
            rule(AntiAffinity, Scope::Host, &["web-0", "web-1"]),
            rule(Affinity, Scope::Host, &["cache-0", "db-0"]),
        ],
    );
    assert_snapshot!(told(&ask, &two_zones()), @r"
    cache-0 -> edge/alpha zone north
    db-0 -> edge/alpha zone north
    db-1 -> edge/gamma zone south
    web-0 -> edge/beta zone north
    web-1 -> edge/gamma zone south
    ");
}

#[test]
fn a_replica_that_is_added_keeps_away_from_those_that_stand() {
    let mut site = two_zones();
    site.standing =
        BTreeMap::from([("web-0".into(), host_id("alpha")), ("web-1".into(), host_id("gamma"))]);
    let ask = ask(
        &[("web-2", item(1, 512))],
        vec![rule(AntiAffinity, Scope::Host, &["web-0", "web-1", "web-2"])],
    );
    assert_snapshot!(told(&ask, &site), @"web-2 -> edge/beta zone north");
}

#[test]
fn an_item_that_moves_is_not_in_its_own_way() {
    let mut site = two_zones();
    site.standing.insert("web-0".into(), host_id("alpha"));
    let moving = Item {
        forbidden_hosts: [host_id("alpha")].into(),
        allowed_zones: Some(["north".into()].into()),
        ..item(1, 512)
    };
    let ask = ask(&[("web-0", moving)], vec![rule(Affinity, Scope::Host, &["web-0"])]);
    assert_snapshot!(told(&ask, &site), @"web-0 -> edge/beta zone north");
}

#[test]
fn bound_items_get_a_numa_node_each() {
    let site = site(vec![vim("core", vec![numa_host("big", "z", 8, 16_384, 2048)])]);
    let fast = Item { hugepage_kib: Some(2048), numa: true, ..item(6, 4096) };
    let ask = ask(&[("upf-0", fast.clone()), ("upf-1", fast), ("web-0", item(2, 1024))], vec![]);
    assert_snapshot!(told(&ask, &site), @r"
    upf-0 -> core/big zone z node 0
    upf-1 -> core/big zone z node 1
    web-0 -> core/big zone z
    ");
}

/// Even filling would put one large item on each host, and then one small item has no room.
#[test]
fn what_fits_in_one_way_only_is_placed_in_that_way() {
    let hosts = vec![
        host("alpha", "z", capacity(10, 16_384, 100)),
        host("beta", "z", capacity(8, 16_384, 100)),
    ];
    let items =
        [("a", item(5, 512)), ("b", item(5, 512)), ("c", item(4, 512)), ("d", item(4, 512))];
    assert_snapshot!(told(&ask(&items, vec![]), &site(vec![vim("edge", hosts)])), @r"
    a -> edge/alpha zone z
    b -> edge/alpha zone z
    c -> edge/beta zone z
    d -> edge/beta zone z
    ");
}

#[test]
fn a_wish_gives_way_to_necessity_and_to_nothing_else() {
    let mut apart = rule(AntiAffinity, Scope::Host, &["web-0", "web-1", "web-2", "web-3"]);
    apart.strict = false;
    let items = ["web-0", "web-1", "web-2", "web-3"].map(|id| (id, item(1, 512)));
    let mut site = two_zones();
    site.used.insert(host_id("gamma"), capacity(6, 1024, 0));
    assert_snapshot!(told(&ask(&items, vec![apart]), &site), @r"
    web-0 -> edge/alpha zone north
    web-1 -> edge/beta zone north
    web-2 -> edge/gamma zone south
    web-3 -> edge/alpha zone north
    ");
}

#[test]
fn what_must_share_a_vim_goes_where_all_of_it_fits() {
    let many = (0..3).map(|i| host(&format!("small-{i}"), "z", capacity(4, 8192, 100))).collect();
    let few = vec![host("large", "z", capacity(6, 65_536, 100))];
    let site = site(vec![vim("many", many), vim("few", few)]);
    let items = [("db-0", item(3, 16_384)), ("web-0", item(2, 1024))];
    let together = Ask { same_vim: true, ..ask(&items, vec![]) };
    assert_snapshot!(told(&together, &site), @r"
    db-0 -> few/large zone z
    web-0 -> few/large zone z
    ");

    let too_much = [("db-0", item(3, 16_384)), ("web-0", item(4, 1024))];
    let together = Ask { same_vim: true, ..ask(&too_much, vec![]) };
    assert_snapshot!(told(&together, &site), @r"
    no host has room for db-0 in VIM many
      many/small-0, many/small-1, many/small-2: 8192 MiB of memory short (16384 wanted, 8192 free)
    no host has room for db-0 in VIM few, with web-0 on few/large
      few/large: 1 vCPU short (3 wanted, 2 free)
    ");
}

#[test]
fn a_refusal_names_every_host_and_what_is_wrong_with_it() {
    let mut hosts = vec![
        host("alpha", "north", capacity(8, 16_384, 100)),
        host("beta", "north", capacity(8, 16_384, 100)),
        host("gamma", "south", capacity(8, 16_384, 100)),
        host("delta", "south", capacity(3, 1024, 0)),
        host("omega", "south", capacity(8, 16_384, 100)),
        numa_host("numa", "south", 8, 16_384, 100),
    ];
    hosts[0].drained = true;
    hosts[1].state = HostState::Unreachable;
    hosts[1].problem = Some("connection refused".into());
    let mut site = site(vec![vim("edge", hosts)]);
    site.standing.insert("web-0".into(), host_id("gamma"));
    let fast = Item {
        hugepage_kib: Some(2048),
        forbidden_hosts: [host_id("omega")].into(),
        ..item(4, 4096)
    };
    let ask = ask(&[("web-1", fast)], vec![rule(AntiAffinity, Scope::Host, &["web-0", "web-1"])]);
    assert_snapshot!(told(&ask, &site), @r"
    no host has room for web-1
      alpha: drained; tells of no NUMA nodes
      beta: unreachable (connection refused); tells of no NUMA nodes
      delta: 1 vCPU short (4 wanted, 3 free); 3072 MiB of memory short (4096 wanted, 1024 free); 1 GiB of storage short (1 wanted, 0 free); tells of no NUMA nodes
      gamma: tells of no NUMA nodes; anti-affinity with web-0
      numa: no NUMA node has 2048 huge pages of 2048 KiB free (the most are 100)
      omega: forbidden; tells of no NUMA nodes
    ");
}

#[test]
fn a_refusal_tells_of_what_the_ask_itself_has_placed() {
    let items = ["web-0", "web-1", "web-2", "web-3"].map(|id| (id, item(1, 512)));
    let apart = rule(AntiAffinity, Scope::Host, &["web-0", "web-1", "web-2", "web-3"]);
    assert_snapshot!(told(&ask(&items, vec![apart]), &two_zones()), @r"
    no host has room for web-3, with web-0 on alpha, web-1 on beta, web-2 on gamma
      alpha: anti-affinity with web-0
      beta: anti-affinity with web-1
      gamma: anti-affinity with web-2
    ");
}

#[test]
fn a_group_that_fits_nowhere_is_named() {
    let items = ["a", "b", "c"].map(|id| (id, item(3, 512)));
    let ask = ask(&items, vec![rule(Affinity, Scope::Host, &["a", "b", "c"])]);
    assert_snapshot!(told(&ask, &two_zones()), @r"
    no host has room for a
      alpha, beta, gamma: no room for all that must stand together: a, b, c
    ");
}

#[test]
fn an_item_may_be_held_to_vims_zones_and_hosts() {
    let nowhere = Item {
        allowed_vims: Some([VimId::default()].into()),
        allowed_zones: Some(["south".into()].into()),
        allowed_hosts: Some([host_id("alpha"), host_id("gamma")].into()),
        ..item(1, 512)
    };
    assert_snapshot!(told(&ask(&[("web-0", nowhere.clone())], vec![]), &two_zones()), @r"
    no host has room for web-0
      alpha: not in an allowed VIM; zone north is not allowed
      beta: not in an allowed VIM; zone north is not allowed; not an allowed host
      gamma: not in an allowed VIM
    ");
    let here = Item { allowed_vims: Some([vim_id("edge")].into()), ..nowhere };
    assert_snapshot!(told(&ask(&[("web-0", here)], vec![]), &two_zones()), @"web-0 -> edge/gamma zone south");
}

#[test]
fn a_companion_on_a_host_that_is_not_there_cannot_be_joined() {
    let mut site = two_zones();
    site.standing.insert("db-0".into(), host_id("gone"));
    let joined =
        ask(&[("db-1", item(1, 512))], vec![rule(Affinity, Scope::Zone, &["db-0", "db-1"])]);
    assert_snapshot!(told(&joined, &site), @r"
    no host has room for db-1
      alpha, beta, gamma: affinity with db-0 by zone
    ");
}

#[test]
fn where_nothing_is_asked_nothing_is_placed_and_where_there_is_no_host_it_is_said() {
    assert_snapshot!(told(&Ask::default(), &Site::default()), @"");
    let one = ask(&[("web-0", item(1, 512))], vec![]);
    assert_snapshot!(told(&Ask { same_vim: true, ..one }, &Site::default()), @r"
    no host has room for web-0
      there is no host at all
    ");
}

#[test]
fn the_policy_says_how_full_a_host_may_get() {
    let site = site(vec![vim("edge", vec![host("alpha", "z", capacity(2, 4096, 100))])]);
    let ask = ask(&[("a", item(4, 1024)), ("b", item(4, 1024))], vec![]);
    let shared = Policy { vcpu_overcommit_percent: 400, memory_reserve_mib: 2048 };
    assert!(place(&ask, &site, shared).is_ok());
    let kept = Policy { memory_reserve_mib: 2049, ..shared };
    assert!(place(&ask, &site, kept).unwrap_err().to_string().contains("1 MiB of memory short"));
    assert!(place(&ask, &site, Policy::default()).unwrap_err().to_string().contains("vCPUs short"));
}

#[test]
fn what_was_placed_is_used_the_next_time() {
    let fast = Item { hugepage_kib: Some(2048), ..item(2, 2048) };
    let mut site = site(vec![vim("core", vec![numa_host("big", "z", 8, 16_384, 1024)])]);
    let mut standing: Vec<Option<u32>> = Vec::new();
    // 1,024 pages of 2 MiB are one such item on each of the two nodes.
    for _ in 0..2 {
        let one = ask(&[("upf", fast.clone())], vec![]);
        standing.push(place(&one, &site, Policy::default()).unwrap()["upf"].numa_node);
        let used = usage(standing.iter().map(|node| (&fast, *node)));
        site.used.insert(host_id("big"), used);
    }
    assert_eq!(standing, [Some(0), Some(1)]);
    assert_snapshot!(told(&ask(&[("upf", fast)], vec![]), &site), @r"
    no host has room for upf
      big: no NUMA node has 1024 huge pages of 2048 KiB free (the most are 0)
    ");
}

#[test]
fn usages_add_up_node_by_node() {
    let fast = Item { hugepage_kib: Some(2048), ..item(2, 2048) };
    let bound = Item { numa: true, ..item(1, 512) };
    let all = [(&fast, Some(1)), (&bound, Some(1)), (&bound, Some(0)), (&bound, None)];
    let one_by_one = all.map(|one| usage([one]));
    let total = total_usage(&one_by_one);
    assert_eq!(total, usage(all));
    assert_eq!((total.vcpus, total.memory_mib, total.storage_gib), (5, 3584, 4));
    let nodes: Vec<_> = total.numa.iter().map(|n| (n.id, n.vcpus, n.memory_mib)).collect();
    assert_eq!(nodes, [(0, 1, 512), (1, 3, 2560)]);
    assert_eq!(total.numa[1].hugepages, BTreeMap::from([(2048, 1024)]));
}

/// 1,024 hosts in 8 zones and 60 items, of which every ten keep apart.
fn large() -> (Ask, Site) {
    let hosts = (0..1024).map(|i| {
        host(&format!("host-{i:04}"), &format!("zone-{}", i % 8), capacity(64, 262_144, 4096))
    });
    let ids: Vec<String> = (0..60).map(|i| format!("vnfc-{i:02}")).collect();
    let items: Vec<(&str, Item)> =
        ids.iter().zip(0..).map(|(id, i)| (id.as_str(), item(1 + i % 8, 2048))).collect();
    let rules = ids.chunks(10).map(|ids| {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        rule(AntiAffinity, Scope::Host, &ids)
    });
    (ask(&items, rules.collect()), site(vec![vim("core", hosts.collect())]))
}

#[test]
fn a_thousand_hosts_are_soon_looked_through() {
    let (ask, site) = large();
    let started = Instant::now();
    let placement = place(&ask, &site, Policy::default()).unwrap();
    let took_ms = started.elapsed().as_millis();
    assert_eq!(placement.len(), 60);
    println!("placed 60 items on 1,024 hosts in {took_ms} ms");
    // An optimised build takes about ten milliseconds. This bound holds for a debug build on a
    // busy machine too, and finds a search that goes through far more than it has to.
    assert!(took_ms < 5000, "{took_ms} ms");
}

/// 64 hosts take one item each, and 65 are asked: to be sure of it, every arrangement of items on
/// hosts would have to be tried.
#[test]
fn a_large_ask_without_a_plan_is_given_up_in_time() {
    let hosts = (0..64).map(|i| host(&format!("host-{i:02}"), "z", capacity(4, 8192, 100)));
    let site = site(vec![vim("core", hosts.collect())]);
    let items = (0..65).map(|i| (format!("vnfc-{i:02}"), item(3, 1024))).collect();
    let ask = Ask { items, ..Ask::default() };
    assert_snapshot!(told(&ask, &site), @r"
    no host has room for vnfc-64, with vnfc-00 on host-00, vnfc-01 on host-01, vnfc-02 on host-02, vnfc-03 on host-03, vnfc-04 on host-04, vnfc-05 on host-05 and 58 more
      host-00, host-01, host-02, host-03, host-04, host-05 and 58 more: 2 vCPUs short (3 wanted, 1 free)
      (the search reached its bound; a plan may exist)
    ");
}
