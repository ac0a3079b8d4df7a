//! The search for a placement: best host first, and back when that leads nowhere.
//!
//! Items are placed one by one, those with the fewest hosts to go to first, then those with the
//! most rules, then the biggest; items that must stand together follow each other. For each the
//! hosts are tried from the best [`Choice`] on. When no host takes an item, the item before it
//! tries its next host, so that the search finds a plan wherever there is one, within
//! [`LOOKS_MAX`].

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::bond::{Bond, ELSEWHERE};
use super::ground::Ground;
use super::no_room::{DeadEnd, Refusal, RefusedHosts};
use super::room::{Amount, HostRoom, Need};
use super::{Ask, Item, Placement, Policy, Rule, RuleKind, Scope, Site, Spot};

/// How often the search may look at a host for an item, beyond the one look for each pair that it
/// always has. Eight NUMA nodes on four hosts and five items take 18,724 looks at the very most,
/// so small asks are always solved; a big one that has no plan is given up in well under a second.
pub(super) const LOOKS_MAX: usize = 1_000_000;

/// One way to place an item. The smallest is the best: first the fewest wishes broken, then the
/// emptiest host, then its emptiest NUMA node, and between equals the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Choice {
    wishes_broken: usize,
    fullness_permille: (u64, u64),
    host: usize,
    way: Option<usize>,
}

/// An item with what the search needs to know of it.
#[derive(Debug)]
struct Wanted<'a> {
    id: &'a str,
    item: &'a Item,
    need: Need,
    /// The rules that it is a member of, by index.
    bonds: Vec<usize>,
}

/// A search under way.
#[derive(Debug)]
pub(super) struct Search<'a> {
    ground: &'a Ground<'a>,
    /// The hosts that may be chosen, by index.
    field: Vec<usize>,
    rooms: Vec<HostRoom>,
    left_by_place: BTreeMap<Scope, Vec<Amount>>,
    bonds: Vec<Bond<'a>>,
    wanted: Vec<Wanted<'a>>,
    chosen: Vec<Choice>,
    looks_left: usize,
    furthest: Option<(usize, DeadEnd)>,
}

impl<'a> Search<'a> {
    /// A search among the hosts of `field`.
    pub(super) fn new(
        ask: &'a Ask,
        site: &'a Site,
        policy: Policy,
        ground: &'a Ground<'a>,
        field: Vec<usize>,
    ) -> Self {
        let rooms = ground.rooms(site, policy);
        let scopes = [Scope::Host, Scope::Zone, Scope::Vim];
        let left = scopes.map(|scope| (scope, ground.left_by_place(&rooms, scope)));
        let looks_left = LOOKS_MAX + ask.items.len() * field.len();
        let mut search = Self {
            ground,
            field,
            rooms,
            left_by_place: left.into_iter().collect(),
            bonds: ask.rules.iter().map(|rule| bond(rule, ask, site, ground)).collect(),
            wanted: ask.items.iter().map(|(id, item)| wanted(id, item, ask)).collect(),
            chosen: Vec::new(),
            looks_left,
            furthest: None,
        };
        search.sort();
        search
    }

    /// Runs the search.
    pub(super) fn run(mut self) -> Result<Placement, DeadEnd> {
        if self.descend() {
            return Ok(self.placement());
        }
        let searched_all = self.looks_left > 0;
        match self.furthest {
            Some((_, dead_end)) => Err(DeadEnd { searched_all, ..dead_end }),
            // An ask of nothing has the empty placement.
            None => Ok(Placement::new()),
        }
    }

    /// Places the next item and all after it; leaves everything as it was when it cannot.
    fn descend(&mut self) -> bool {
        if self.chosen.len() == self.wanted.len() {
            return true;
        }
        let mut choices = self.choices();
        if choices.is_empty() {
            self.note_dead_end();
        }
        while let Some(Reverse(choice)) = choices.pop() {
            self.take(choice);
            if self.descend() {
                return true;
            }
            self.give_back(choice);
            if self.looks_left == 0 {
                return false;
            }
        }
        false
    }

    fn choices(&mut self) -> BinaryHeap<Reverse<Choice>> {
        let wanted = &self.wanted[self.chosen.len()];
        self.looks_left = self.looks_left.saturating_sub(self.field.len());
        let open = self.field.iter().filter(|host| self.refusals(wanted, **host).is_empty());
        let ways = open.flat_map(|host| {
            let room = &self.rooms[*host];
            room.ways(&wanted.need).map(|way| Choice {
                wishes_broken: self.wishes_broken(wanted, *host),
                fullness_permille: room.fullness_permille(&wanted.need, way),
                host: *host,
                way,
            })
        });
        ways.map(Reverse).collect()
    }

    /// Why the host cannot take the item; nothing when it can.
    fn refusals(&self, wanted: &Wanted<'a>, host: usize) -> Vec<Refusal> {
        let mut reasons = Vec::new();
        self.ground.plots[host].refuse(wanted.item, &mut reasons);
        self.rooms[host].refuse(&wanted.need, &mut reasons);
        for bond in wanted.bonds.iter().map(|index| &self.bonds[*index]).filter(|b| b.rule.strict) {
            let Rule { kind, scope, .. } = *bond.rule;
            let place = self.ground.place(host, scope);
            if let Some(member) = bond.obstacle(place) {
                reasons.push(Refusal::Rule { kind, scope, member: member.to_owned() });
            }
            if let Some(members) = bond.too_many_for(|| self.left_by_place[&scope][place]) {
                reasons.push(Refusal::Group { scope, members });
            }
        }
        reasons
    }

    fn wishes_broken(&self, wanted: &Wanted<'a>, host: usize) -> usize {
        let wishes = wanted.bonds.iter().map(|index| &self.bonds[*index]);
        let broken = wishes.filter(|bond| {
            let place = self.ground.place(host, bond.rule.scope);
            !bond.rule.strict && bond.obstacle(place).is_some()
        });
        broken.count()
    }

    fn take(&mut self, choice: Choice) {
        let Wanted { id, need, bonds, .. } = &self.wanted[self.chosen.len()];
        self.rooms[choice.host].take(need, choice.way);
        for (scope, left) in &mut self.left_by_place {
            let place = self.ground.place(choice.host, *scope);
            left[place] = left[place].minus(need.amount);
        }
        for index in bonds {
            let bond = &mut self.bonds[*index];
            bond.settle(id, need.amount, self.ground.place(choice.host, bond.rule.scope));
        }
        self.chosen.push(choice);
    }

    fn give_back(&mut self, choice: Choice) {
        self.chosen.pop();
        let Wanted { id, need, bonds, .. } = &self.wanted[self.chosen.len()];
        self.rooms[choice.host].give_back(need, choice.way);
        for (scope, left) in &mut self.left_by_place {
            let place = self.ground.place(choice.host, *scope);
            left[place] = left[place].plus(need.amount);
        }
        for index in bonds {
            let bond = &mut self.bonds[*index];
            bond.unsettle(id, need.amount, self.ground.place(choice.host, bond.rule.scope));
        }
    }

    /// Remembers why the next item finds no host, when no item further on did so before.
    fn note_dead_end(&mut self) {
        let depth = self.chosen.len();
        if self.furthest.as_ref().is_some_and(|(furthest, _)| *furthest >= depth) {
            return;
        }
        let wanted = &self.wanted[depth];
        let mut refused: Vec<RefusedHosts> = Vec::new();
        let mut known: BTreeMap<Vec<Refusal>, usize> = BTreeMap::new();
        for host in &self.field {
            let reasons: Vec<Refusal> = self.refusals(wanted, *host);
            let group = *known.entry(reasons.clone()).or_insert(refused.len());
            if group == refused.len() {
                refused.push(RefusedHosts { hosts: Vec::new(), reasons });
            }
            refused[group].hosts.push(self.ground.name(*host));
        }
        let pairs = self.wanted.iter().zip(&self.chosen);
        let placed =
            pairs.map(|(other, choice)| (other.id.to_owned(), self.ground.name(choice.host)));
        let dead_end = DeadEnd {
            item: wanted.id.to_owned(),
            vim: None,
            placed: placed.collect(),
            refused,
            searched_all: true,
        };
        self.furthest = Some((depth, dead_end));
    }

    fn placement(&self) -> Placement {
        let spot = |choice: &Choice| {
            let plot = &self.ground.plots[choice.host];
            Spot {
                vim: plot.vim.id,
                host: plot.host.id,
                zone: plot.host.zone.clone(),
                numa_node: choice.way.map(|index| self.rooms[choice.host].node_id(index)),
            }
        };
        let pairs = self.wanted.iter().zip(&self.chosen);
        pairs.map(|(wanted, choice)| (wanted.id.to_owned(), spot(choice))).collect()
    }

    /// Puts the items into the order in which they are placed.
    fn sort(&mut self) {
        let mut wanted = std::mem::take(&mut self.wanted);
        // With two hosts for every item there is, an item is as free as can be: no need to count on.
        let hosts_max = 2 * wanted.len();
        wanted.sort_by_cached_key(|wanted| {
            let hosts = self.field.iter();
            let open = hosts.filter(|host| self.refusals(wanted, **host).is_empty());
            let open = open.take(hosts_max).count();
            let strict = wanted.bonds.iter().filter(|index| self.bonds[**index].rule.strict);
            let Amount { vcpus, memory_mib, .. } = wanted.need.amount;
            // Twice the hosts matter, one more or less does not: then size decides.
            let freedom = open.checked_ilog2().map_or(0, |bits| bits + 1);
            (freedom, Reverse((strict.count(), vcpus, memory_mib)), wanted.id)
        });
        self.wanted = self.together(wanted);
    }

    /// The same items, each followed by those that must stand with it.
    fn together(&self, sorted: Vec<Wanted<'a>>) -> Vec<Wanted<'a>> {
        let ids: Vec<&str> = sorted.iter().map(|wanted| wanted.id).collect();
        let mut group_of: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, wanted) in sorted.iter().enumerate() {
            let group = *group_of.entry(wanted.id).or_insert(index);
            let rules = wanted.bonds.iter().map(|bond| self.bonds[*bond].rule);
            for rule in rules.filter(|r| r.strict && r.kind == RuleKind::Affinity) {
                for member in ids.iter().filter(|id| rule.members.contains(**id)) {
                    group_of.entry(member).or_insert(group);
                }
            }
        }
        let mut sorted = sorted;
        sorted.sort_by_key(|wanted| group_of.get(wanted.id).copied());
        sorted
    }
}

fn wanted<'a>(id: &'a str, item: &'a Item, ask: &'a Ask) -> Wanted<'a> {
    let rules = ask.rules.iter().enumerate();
    let bonds = rules.filter(|(_, rule)| rule.members.contains(id)).map(|(index, _)| index);
    Wanted { id, item, need: Need::of(item), bonds: bonds.collect() }
}

fn bond<'a>(rule: &'a Rule, ask: &'a Ask, site: &'a Site, ground: &Ground<'a>) -> Bond<'a> {
    let mut bond = Bond::new(rule);
    for member in &rule.members {
        if let Some(item) = ask.items.get(member) {
            bond.comes(member, Need::of(item).amount);
        } else if let Some(host) = site.standing.get(member) {
            let index = ground.index_of(*host);
            let place = index.map_or(ELSEWHERE, |index| ground.place(index, rule.scope));
            bond.stands(member, place);
        }
    }
    bond
}
