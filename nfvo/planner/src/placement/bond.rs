//! A rule at work: which of its members stand where, and which are still to come.

use std::collections::{BTreeMap, BTreeSet};

use super::room::Amount;
use super::{Rule, RuleKind};

/// Where a member stands that is on a host which the site does not list: with nobody.
pub(super) const ELSEWHERE: usize = usize::MAX;

/// A rule, with its members as far as they have a place.
#[derive(Debug)]
pub(super) struct Bond<'a> {
    pub(super) rule: &'a Rule,
    /// The members by place, where a place is a host, a zone or a VIM, as the rule says.
    standing: BTreeMap<usize, Vec<&'a str>>,
    /// The asked members that have no place yet, and what they need together.
    coming: BTreeSet<&'a str>,
    coming_need: Amount,
}

impl<'a> Bond<'a> {
    pub(super) fn new(rule: &'a Rule) -> Self {
        Self {
            rule,
            standing: BTreeMap::new(),
            coming: BTreeSet::new(),
            coming_need: Amount::default(),
        }
    }

    /// Tells of a member that stands already.
    pub(super) fn stands(&mut self, member: &'a str, place: usize) {
        self.standing.entry(place).or_default().push(member);
    }

    /// Tells of a member that is still to be placed.
    pub(super) fn comes(&mut self, member: &'a str, need: Amount) {
        self.coming.insert(member);
        self.coming_need = self.coming_need.plus(need);
    }

    /// A coming member takes its place.
    pub(super) fn settle(&mut self, member: &'a str, need: Amount, place: usize) {
        self.coming.remove(member);
        self.coming_need = self.coming_need.minus(need);
        self.stands(member, place);
    }

    /// The opposite of [`settle`](Self::settle), for the member that settled last.
    pub(super) fn unsettle(&mut self, member: &'a str, need: Amount, place: usize) {
        if let Some(members) = self.standing.get_mut(&place) {
            members.retain(|other| *other != member);
            if members.is_empty() {
                self.standing.remove(&place);
            }
        }
        self.comes(member, need);
    }

    /// The member that would make a further one at `place` break the rule.
    pub(super) fn obstacle(&self, place: usize) -> Option<&'a str> {
        let members = match self.rule.kind {
            RuleKind::AntiAffinity => self.standing.get(&place),
            RuleKind::Affinity => {
                self.standing.iter().find(|(other, _)| **other != place).map(|(_, names)| names)
            }
        };
        members.and_then(|names| names.first().copied())
    }

    /// The members that must all go where the first of them goes, when that is `left` and too
    /// small for them.
    pub(super) fn too_many_for(&self, left: impl FnOnce() -> Amount) -> Option<Vec<String>> {
        let together = self.rule.kind == RuleKind::Affinity;
        let crowd = together && self.coming.len() > 1 && !left().holds(self.coming_need);
        crowd.then(|| self.coming.iter().map(ToString::to_string).collect())
    }
}
