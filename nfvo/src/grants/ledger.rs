//! The hosts and the room on them, as this process knows them.
//!
//! Every grant needs all of that, and little of it changes from one to the next. So it is kept, and
//! each grant asks the store only for what changed:
//!
//! ```text
//!  changed(version, generations) ─▶ nothing, nearly always   reserved ─┐ the next version: applied
//!                  └─ VIMs, or the whole room, read anew     settled ──┘ in place, nothing is read
//! ```
//! What another process wrote has a version that does not follow, and is read. The store has the last
//! word: it takes a reservation only under the version that it has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use windlass_model::{HostId, Vim, VimId, VnfInstanceId};
use windlass_planner::placement::Site;
use windlass_store::{Allocation, Changed, Store, Stored};

use super::rules::standing_name;
use crate::error::Result;
use crate::sites;

/// More news than this is not kept for whoever decides next; the room is read anew then.
const NEWS_MAX: usize = 1024;

/// What this process knows of the room. Whoever decides holds it meanwhile: of two that decided at
/// once, the store would send one back.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    known: tokio::sync::Mutex<Known>,
    news: Mutex<BTreeMap<i64, News>>,
}

/// What a VNF holds since a version.
#[derive(Debug)]
struct News {
    vnf: VnfInstanceId,
    holds: Vec<Allocation>,
}

/// The hosts and the room on them, of one moment.
#[derive(Debug, Default)]
pub(crate) struct Known {
    version: Option<i64>,
    generations: BTreeMap<VimId, i64>,
    site: Site,
    held: BTreeMap<VnfInstanceId, Vec<Allocation>>,
    on: BTreeMap<HostId, BTreeSet<VnfInstanceId>>,
}

impl Ledger {
    /// The hosts and their room as the store has them now.
    pub async fn look(&self, store: &Store) -> Result<tokio::sync::MutexGuard<'_, Known>> {
        let mut known = self.known.lock().await;
        self.hear(&mut known);
        let changed = store.allocations().changed(known.version, known.generations.clone()).await?;
        known.note(changed);
        Ok(known)
    }

    /// Takes down what a VNF holds since this version, for whoever decides next.
    pub fn settled(&self, version: i64, vnf: VnfInstanceId, holds: Vec<Allocation>) {
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        if news.len() == NEWS_MAX {
            news.clear();
        }
        news.insert(version, News { vnf, holds });
    }

    /// Applies the news that follow on what is known; older ones it contains already.
    fn hear(&self, known: &mut Known) {
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(version) = known.version
            && let Some(next) = news.remove(&(version + 1))
        {
            known.set(next.vnf, next.holds);
            known.version = Some(version + 1);
        }
        let known = known.version.unwrap_or_default();
        news.retain(|version, _| *version > known);
    }
}

impl Known {
    /// The version of the room, to reserve under.
    pub fn version(&self) -> i64 {
        self.version.unwrap_or_default()
    }

    /// The hosts, what is used on them, and what stands where.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// What a VNF holds, or has reserved.
    pub fn held_by(&self, vnf: VnfInstanceId) -> &[Allocation] {
        self.held.get(&vnf).map_or(&[], Vec::as_slice)
    }

    /// The VIMs that have one of these hosts.
    pub fn vims_of(&self, hosts: &BTreeSet<HostId>) -> impl Iterator<Item = &Vim> {
        let has = |vim: &&Vim| vim.hosts.iter().any(|host| hosts.contains(&host.id));
        self.site.vims.iter().filter(has)
    }

    /// Shows the site as it is without some of what a VNF holds.
    pub fn without<T>(&mut self, gone: &[Allocation], look: impl FnOnce(&Site) -> T) -> T {
        let hosts: BTreeSet<HostId> = gone.iter().map(|one| one.host).collect();
        for host in &hosts {
            self.count(*host, |one| !gone.contains(one));
        }
        let seen = look(&self.site);
        for host in hosts {
            self.count(host, |_| true);
        }
        seen
    }

    /// Takes down what was reserved under the version that is known.
    pub fn reserved(&mut self, vnf: VnfInstanceId, reserved: Vec<Allocation>) {
        let held = self.held_by(vnf).iter().cloned();
        self.set(vnf, held.chain(reserved).collect());
        self.version = self.version.map(|version| version + 1);
    }

    fn note(&mut self, changed: Changed) {
        for id in changed.gone {
            self.generations.remove(&id);
            self.site.vims.retain(|vim| vim.id != id);
        }
        for Stored { document, generation } in changed.vims {
            self.generations.insert(document.id, generation);
            match self.site.vims.binary_search_by_key(&document.id, |vim| vim.id) {
                Ok(place) => self.site.vims[place] = document,
                Err(place) => self.site.vims.insert(place, document),
            }
        }
        let Some(room) = changed.room else { return };
        self.held.clear();
        self.on.clear();
        self.site.standing.clear();
        self.site.used = sites::sum(&room.allocations);
        for one in room.allocations {
            self.stand(&one);
            self.held.entry(one.vnf).or_default().push(one);
        }
        self.version = Some(room.version);
    }

    /// What a VNF holds from now on, in place of what it held; the last word on a place counts.
    fn set(&mut self, vnf: VnfInstanceId, holds: Vec<Allocation>) {
        let places = holds.into_iter().map(|one| ((one.vnfc.clone(), one.host), one));
        let holds: Vec<Allocation> = places.collect::<BTreeMap<_, _>>().into_values().collect();
        let before = self.held.remove(&vnf).unwrap_or_default();
        let hosts: BTreeSet<HostId> = before.iter().chain(&holds).map(|one| one.host).collect();
        for one in before {
            self.site.standing.remove(&standing_name(vnf, &one.vnfc));
            if let Some(vnfs) = self.on.get_mut(&one.host) {
                vnfs.remove(&vnf);
            }
        }
        holds.iter().for_each(|one| self.stand(one));
        if !holds.is_empty() {
            self.held.insert(vnf, holds);
        }
        for host in hosts {
            self.count(host, |_| true);
        }
    }

    fn stand(&mut self, one: &Allocation) {
        self.site.standing.insert(standing_name(one.vnf, &one.vnfc), one.host);
        self.on.entry(one.host).or_default().insert(one.vnf);
    }

    /// Adds up what counts of that which is on a host.
    fn count(&mut self, host: HostId, counts: impl Fn(&Allocation) -> bool) {
        let vnfs = self.on.get(&host).into_iter().flatten();
        let all = vnfs.filter_map(|vnf| self.held.get(vnf)).flatten();
        let used = sites::sum(all.filter(|one| one.host == host && counts(one)));
        self.site.used.remove(&host);
        self.site.used.extend(used);
    }
}

#[cfg(test)]
mod tests {
    use windlass_model::Capacity;

    use super::*;

    fn allocation(vnf: VnfInstanceId, vnfc: &str, host: HostId, vcpus: u32) -> Allocation {
        let takes = Capacity { vcpus, memory_mib: 64, ..Capacity::default() };
        Allocation { vnf, vnfc: vnfc.to_owned(), host, takes }
    }

    /// What is known without asking again, and what somebody knows who reads all of it.
    async fn assert_same(ledger: &Ledger, store: &Store) {
        let fresh = Ledger::default();
        let fresh = fresh.look(store).await.unwrap();
        let mut known = ledger.known.lock().await;
        ledger.hear(&mut known);
        assert_eq!(known.version, fresh.version);
        assert_eq!(known.site, fresh.site);
        assert_eq!(known.on.values().flatten().count(), fresh.on.values().flatten().count());
        let held = |known: &Known| {
            let mut all: Vec<_> = known.held.values().flatten().cloned().collect();
            all.sort_by_key(|one| (one.vnf, one.vnfc.clone(), one.host));
            all
        };
        assert_eq!(held(&known), held(&fresh));
    }

    async fn settle(ledger: &Ledger, store: &Store, vnf: VnfInstanceId, holds: Vec<Allocation>) {
        let settled = store.allocations().settle(vnf, None, holds.clone()).await.unwrap();
        ledger.settled(settled.version, vnf, holds);
    }

    #[tokio::test]
    async fn what_this_process_settles_is_known_without_reading() {
        let (store, ledger) = (Store::in_memory().await.unwrap(), Ledger::default());
        let (here, there) = (HostId::new(), HostId::new());
        let [one, other] = [VnfInstanceId::new(), VnfInstanceId::new()];
        drop(ledger.look(&store).await.unwrap());
        let both = vec![allocation(one, "a", here, 1), allocation(one, "b", there, 2)];
        settle(&ledger, &store, one, both).await;
        settle(&ledger, &store, other, vec![allocation(other, "a", here, 4)]).await;
        assert_same(&ledger, &store).await;
        settle(&ledger, &store, one, vec![allocation(one, "b", here, 2)]).await;
        assert_same(&ledger, &store).await;
        settle(&ledger, &store, one, Vec::new()).await;
        settle(&ledger, &store, other, Vec::new()).await;
        assert_same(&ledger, &store).await;
    }

    #[tokio::test]
    async fn what_another_process_settles_is_noticed_and_read() {
        let (store, ledger) = (Store::in_memory().await.unwrap(), Ledger::default());
        let (host, [one, other]) = (HostId::new(), [VnfInstanceId::new(), VnfInstanceId::new()]);
        drop(ledger.look(&store).await.unwrap());
        store
            .allocations()
            .settle(other, None, vec![allocation(other, "a", host, 4)])
            .await
            .unwrap();
        settle(&ledger, &store, one, vec![allocation(one, "a", host, 1)]).await;
        assert_eq!(ledger.look(&store).await.unwrap().site.used[&host].vcpus, 5);
        assert_same(&ledger, &store).await;
    }

    #[tokio::test]
    async fn a_component_that_is_made_again_leaves_its_room_while_one_looks() {
        let (store, ledger) = (Store::in_memory().await.unwrap(), Ledger::default());
        let (host, vnf) = (HostId::new(), VnfInstanceId::new());
        let holds = vec![allocation(vnf, "a", host, 1), allocation(vnf, "b", host, 2)];
        settle(&ledger, &store, vnf, holds.clone()).await;
        let mut known = ledger.look(&store).await.unwrap();
        assert_eq!(known.without(&holds[1..], |site| site.used[&host].vcpus), 1);
        assert_eq!(known.site.used[&host].vcpus, 3);
    }
}
