//! What holds for every ask and every site.
//!
//! The judge in this file reads the ask and the site as they are and shares nothing with the
//! planner, so that an error in one of them shows.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::Index;
use windlass_model::{Capacity, Host, HostState, NumaNode, Vim};
use windlass_planner::placement::{
    Ask, Item, Placement, Policy, Rule, RuleKind, Scope, Site, Spot, place,
};

use crate::scene::{capacity, host, host_id, vim, vim_id};

const ITEMS: [&str; 5] = ["i0", "i1", "i2", "i3", "i4"];
const STANDING: [&str; 2] = ["s0", "s1"];

fn some_host() -> impl Strategy<Value = Host> {
    let node = (0u32..4, 0u64..4, 0u64..3);
    let nodes = prop_oneof![Just(vec![]), vec(node, 1..=2)];
    (0u32..8, 0u64..6, 0u64..6, nodes, 0usize..2, 0u8..12).prop_map(
        |(vcpus, memory, storage, nodes, zone, luck)| {
            let numa = nodes.into_iter().zip(0..).map(|((vcpus, memory, pages), id)| NumaNode {
                id,
                vcpus,
                memory_mib: memory * 2,
                hugepages: [(1024, pages)].into(),
            });
            let capacity =
                Capacity { numa: numa.collect(), ..capacity(vcpus, memory * 2, storage) };
            let mut host = host("", ["east", "west"][zone], capacity);
            host.drained = luck == 0;
            host.state = if luck == 1 { HostState::Unreachable } else { HostState::Reachable };
            host
        },
    )
}

fn some_site(hosts_max: usize) -> impl Strategy<Value = Site> {
    let used = vec((0u32..3, 0u64..3), hosts_max);
    let standing = vec(proptest::option::of(any::<Index>()), STANDING.len());
    (vec((some_host(), 0usize..2), 1..=hosts_max), used, standing).prop_map(
        |(hosts, used, standing)| {
            let mut vims = vec![vim("v0", Vec::new()), vim("v1", Vec::new())];
            let count = hosts.len();
            for (index, (mut host, home)) in hosts.into_iter().enumerate() {
                host.name = format!("h{index}");
                host.id = host_id(&host.name);
                vims[home].hosts.push(host);
            }
            let id = |index: usize| host_id(&format!("h{index}"));
            let used = used.into_iter().enumerate();
            let standing = STANDING.iter().zip(standing);
            Site {
                vims,
                used: used.map(|(i, (cpus, memory))| (id(i), capacity(cpus, memory, 0))).collect(),
                standing: standing
                    .filter_map(|(name, at)| Some((name.to_string(), id(at?.index(count)))))
                    .collect(),
            }
        },
    )
}

fn some_item() -> impl Strategy<Value = Item> {
    let limits = (0u8..8, 0u8..8, 0u8..8, 0u8..8);
    (0u32..4, 0u64..4, 0u64..3, 0u8..4, limits).prop_map(
        |(vcpus, memory, storage, special, (vim, zone, host, away))| Item {
            takes: capacity(vcpus, memory, storage),
            hugepage_kib: (special == 0).then_some(1024),
            numa: special == 1,
            allowed_vims: (vim == 0).then(|| [vim_id("v0")].into()),
            allowed_zones: (zone == 0).then(|| ["east".to_owned()].into()),
            allowed_hosts: (host == 0).then(|| [host_id("h0"), host_id("h2")].into()),
            forbidden_hosts: if away == 0 { [host_id("h1")].into() } else { BTreeSet::new() },
        },
    )
}

fn some_rule() -> impl Strategy<Value = Rule> {
    let members = btree_set(0usize..ITEMS.len() + STANDING.len(), 1..4);
    (any::<bool>(), 0usize..3, members, 0u8..4).prop_map(|(together, scope, members, strict)| {
        Rule {
            kind: if together { RuleKind::Affinity } else { RuleKind::AntiAffinity },
            scope: [Scope::Host, Scope::Zone, Scope::Vim][scope],
            members: members
                .into_iter()
                .map(|index| ITEMS.iter().chain(&STANDING).nth(index).unwrap().to_string())
                .collect(),
            strict: strict > 0,
        }
    })
}

fn some_ask() -> impl Strategy<Value = Ask> {
    (vec(some_item(), 0..=ITEMS.len()), vec(some_rule(), 0..4), 0u8..4).prop_map(
        |(items, rules, same_vim)| Ask {
            items: ITEMS.iter().map(ToString::to_string).zip(items).collect(),
            rules,
            same_vim: same_vim == 0,
        },
    )
}

/// Hosts that are nearly as large together as the items, so that the first way seldom works.
fn tight_fit() -> impl Strategy<Value = (Site, Ask)> {
    let hosts = vec((4u32..12, 0usize..2), 2..=4);
    let items = vec(1u32..7, ITEMS.len());
    (hosts, items, vec(some_rule(), 0..2)).prop_map(|(hosts, items, rules)| {
        let hosts = hosts.into_iter().enumerate().map(|(index, (vcpus, zone))| {
            host(&format!("h{index}"), ["east", "west"][zone], capacity(vcpus, 64, 64))
        });
        let hosts: Vec<Host> = hosts.collect();
        let used = hosts.iter().map(|host| (host.id, Capacity::default())).collect();
        let items = items.into_iter().map(|vcpus| crate::scene::item(vcpus, 1));
        let items = ITEMS.iter().map(ToString::to_string).zip(items).collect();
        let site = Site { vims: vec![vim("v0", hosts)], used, standing: BTreeMap::new() };
        (site, Ask { items, rules, same_vim: false })
    })
}

fn some_policy() -> impl Strategy<Value = Policy> {
    let percent = prop_oneof![Just(100), Just(150)];
    (percent, 0u64..2).prop_map(|(vcpu_overcommit_percent, memory_reserve_mib)| Policy {
        vcpu_overcommit_percent,
        memory_reserve_mib,
    })
}

/// The case that the judge sits over.
struct Judge<'a> {
    ask: &'a Ask,
    site: &'a Site,
    policy: Policy,
}

impl Judge<'_> {
    /// Asks the planner, and fails when its answer is wrong.
    fn tries(&self) -> Result<(), TestCaseError> {
        match place(self.ask, self.site, self.policy) {
            Ok(placement) => {
                prop_assert!(placement.keys().eq(self.ask.items.keys()));
                prop_assert!(self.accepts(&placement), "{placement:#?}");
            }
            Err(no_room) => {
                let mut found = BTreeMap::new();
                prop_assert!(!self.finds_one(&mut found), "{no_room}\nbut {found:#?}");
                for dead_end in &no_room.dead_ends {
                    prop_assert!(dead_end.searched_all);
                    prop_assert!(self.ask.items.contains_key(&dead_end.item));
                    prop_assert!(dead_end.refused.iter().all(|host| !host.reasons.is_empty()));
                }
            }
        }
        Ok(())
    }

    /// True when nothing is wrong with the placement, which may be of some items only.
    fn accepts(&self, placement: &Placement) -> bool {
        let vims: BTreeSet<_> = placement.values().map(|spot| spot.vim).collect();
        placement.iter().all(|(id, spot)| self.may_be(&self.ask.items[id], spot))
            && self.hosts().all(|(_, host)| self.holds(host, placement))
            && self.ask.rules.iter().all(|rule| !rule.strict || self.is_kept(rule, placement))
            && (!self.ask.same_vim || vims.len() < 2)
    }

    fn hosts(&self) -> impl Iterator<Item = (&Vim, &Host)> {
        self.site.vims.iter().flat_map(|vim| vim.hosts.iter().map(move |host| (vim, host)))
    }

    fn may_be(&self, item: &Item, spot: &Spot) -> bool {
        let (vim, host) = self.hosts().find(|(_, host)| host.id == spot.host).unwrap();
        vim.id == spot.vim
            && host.zone == spot.zone
            && !host.drained
            && host.state == HostState::Reachable
            && item.allowed_vims.as_ref().is_none_or(|all| all.contains(&vim.id))
            && item.allowed_zones.as_ref().is_none_or(|all| all.contains(&host.zone))
            && item.allowed_hosts.as_ref().is_none_or(|all| all.contains(&host.id))
            && !item.forbidden_hosts.contains(&host.id)
            && spot.numa_node.is_some() == (item.numa || item.hugepage_kib.is_some())
    }

    fn holds(&self, host: &Host, placement: &Placement) -> bool {
        let here: Vec<(&Item, Option<u32>)> = placement
            .iter()
            .filter(|(_, spot)| spot.host == host.id)
            .map(|(id, spot)| (&self.ask.items[id], spot.numa_node))
            .collect();
        let used = &self.site.used[&host.id];
        let sum = |part: fn(&Item) -> u64| here.iter().map(|(item, _)| part(item)).sum::<u64>();
        let percent = u64::from(self.policy.vcpu_overcommit_percent);
        let cpus = |count: u32| u64::from(count) * percent / 100;
        let vcpus = sum(|item| item.takes.vcpus.into()) + u64::from(used.vcpus);
        let memory = sum(|item| item.takes.memory_mib) + used.memory_mib;
        let has = &host.capacity;
        // A host may be too full already; then the ask may add nothing to what is too much.
        let fits = |asked: u64, used: u64, total: u64| asked == used || asked <= total;
        fits(vcpus, used.vcpus.into(), cpus(has.vcpus))
            && fits(memory, used.memory_mib, has.memory_mib.saturating_sub(self.policy.memory_reserve_mib))
            && sum(|item| item.takes.storage_gib) <= has.storage_gib
            && here.iter().all(|(_, node)| node.is_none_or(|id| has.numa.iter().any(|n| n.id == id)))
            && has.numa.iter().all(|node| {
                let bound = || here.iter().filter(|(_, at)| *at == Some(node.id)).map(|(item, _)| item);
                bound().map(|item| u64::from(item.takes.vcpus)).sum::<u64>() <= cpus(node.vcpus)
                    && bound().map(|item| item.takes.memory_mib).sum::<u64>() <= node.memory_mib
                    // The pages are of one MiB.
                    && bound().filter(|i| i.hugepage_kib.is_some()).map(|i| i.takes.memory_mib).sum::<u64>()
                        <= node.hugepages[&1024]
            })
    }

    /// True when every pair of which at least one is asked keeps the rule.
    fn is_kept(&self, rule: &Rule, placement: &Placement) -> bool {
        let of_asked = |id: &String| placement.get(id).map(|spot| spot.host);
        let of_standing = |id: &String| {
            self.site.standing.get(id).filter(|_| !self.ask.items.contains_key(id)).copied()
        };
        rule.members.iter().all(|one| {
            rule.members.iter().filter(|other| *other != one).all(|other| {
                let Some(first) = of_asked(one) else { return true };
                let Some(second) = of_asked(other).or_else(|| of_standing(other)) else {
                    return true;
                };
                let same = self.place(first, rule.scope) == self.place(second, rule.scope);
                same == (rule.kind == RuleKind::Affinity)
            })
        })
    }

    fn place(&self, id: windlass_model::HostId, scope: Scope) -> String {
        let (vim, host) = self.hosts().find(|(_, host)| host.id == id).unwrap();
        match scope {
            Scope::Host => host.name.clone(),
            Scope::Zone => format!("{}/{}", vim.name, host.zone),
            Scope::Vim => vim.name.clone(),
        }
    }

    /// Tries everything: true when there is a placement of all items.
    fn finds_one(&self, so_far: &mut Placement) -> bool {
        let Some((id, item)) = self.ask.items.iter().find(|(id, _)| !so_far.contains_key(*id))
        else {
            return true;
        };
        let bound = item.numa || item.hugepage_kib.is_some();
        let spots: Vec<Spot> = self
            .hosts()
            .flat_map(|(vim, host)| {
                let nodes = host.capacity.numa.iter().map(|node| Some(node.id));
                let nodes: Vec<Option<u32>> = if bound { nodes.collect() } else { vec![None] };
                let spot = |numa_node| Spot {
                    vim: vim.id,
                    host: host.id,
                    zone: host.zone.clone(),
                    numa_node,
                };
                nodes.into_iter().map(spot).collect::<Vec<_>>()
            })
            .collect();
        for spot in spots {
            so_far.insert(id.clone(), spot);
            if self.accepts(so_far) && self.finds_one(so_far) {
                return true;
            }
            so_far.remove(id);
        }
        false
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_plan_is_found_exactly_when_there_is_one(
        site in some_site(4), ask in some_ask(), policy in some_policy()
    ) {
        Judge { ask: &ask, site: &site, policy }.tries()?;
    }

    #[test]
    fn a_tight_fit_is_found_too((site, ask) in tight_fit()) {
        Judge { ask: &ask, site: &site, policy: Policy::default() }.tries()?;
    }

    #[test]
    fn the_same_ask_has_the_same_answer_however_the_site_is_listed(
        mut site in some_site(8), mut ask in some_ask(), policy in some_policy()
    ) {
        let first = place(&ask, &site, policy);
        prop_assert_eq!(&place(&ask, &site, policy), &first);
        site.vims.reverse();
        for vim in &mut site.vims {
            vim.hosts.reverse();
        }
        prop_assert_eq!(place(&ask, &site, policy).ok(), first.clone().ok());
        ask.rules.reverse();
        prop_assert_eq!(place(&ask, &site, policy).is_ok(), first.is_ok());
    }
}
