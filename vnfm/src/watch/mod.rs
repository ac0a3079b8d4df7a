//! Watching: what happens to machines behind the VNFM's back becomes alarms, and is healed where
//! the descriptor says so.
//!
//! ```text
//!  events of VIMs ──┐
//!  new operations ──┼─▶ due ─▶ look: VNF, hosts ─▶ judge ─▶ compare with alarms ─▶ write ─▶ heal
//!  a round over all ┘      ▲                      (pure)        (pure)                   │
//!                          └────────── busy, silent hosts, pauses between heals ◀────────┘
//! ```
//! Events get lost, so they only say where to look: what is true is asked of the hosts each time. A
//! round over all VNFs finds what no event told. A VNF with an unfinished operation is left alone,
//! and looked at as soon as that is over.
//!
//! Of several processes on one database one watches ([`windlass_store::Duties`]). What it writes is
//! conditional all the same, so that two that think they watch do no harm.
//!
//! **Architecture invariant:** what is wrong, what becomes of alarms and when to heal are decided by
//! pure functions; nothing here touches a machine. Healing is an ordinary operation.

mod compare;
mod healing;
mod index;
mod judge;
mod look;
mod sites;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt as _;
use futures::stream;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};
use tracing::{info, warn};
use windlass_lcm::{Engine, JournalError};
use windlass_model::vnf::{InstantiatedVnf, VnfInstance};
use windlass_model::{Clock, VnfInstanceId};
use windlass_store::{Store, StoreError, Stored};
use windlass_vim::{Connector, Event, EventKind};

pub use healing::PROPERTY as AUTOHEAL;

use compare::compare;
use index::Index;
use judge::{Judgement, judge};
use look::Look;
use sites::{HOLD, Sites};

/// Events come in bursts: one look is enough for what happens within this time.
const SETTLE: Duration = Duration::from_millis(500);
/// How soon a VNF is looked at again whose operation is unfinished.
const BUSY: Duration = Duration::from_secs(1);
/// Time between two rounds over all VNFs, unless a round takes so long that it would be more than
/// one part in [`ROUND_SHARE`] of the time.
const ROUND: Duration = Duration::from_secs(30);
const ROUND_SHARE: u32 = 20;
/// How soon a round begins when something happened to a machine that nobody knew of.
const STRANGER: Duration = Duration::from_secs(5);
/// How long the duty to watch is taken for, and how often it is renewed.
const DUTY: TimeDelta = TimeDelta::seconds(15);
const RENEWAL: Duration = Duration::from_secs(5);
/// The name of that duty.
const WATCH: &str = "vnfm-watch";
/// VNFs that are read at once in a round.
const CHUNK: usize = 200;
/// VNFs that are looked at in one turn, and those of them at the same time.
const TURN: usize = 64;
const LOOKS_AT_ONCE: usize = 8;
/// VNFs whose operations may begin before the watch takes note; beyond, the next round finds them.
const INBOX: usize = 1024;
/// How long a cleared alarm is kept.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Why a look could not be had. The next one may be.
#[derive(Debug, thiserror::Error)]
enum WatchError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Tells the watch that an operation of a VNF begins.
pub type Notice = mpsc::Sender<VnfInstanceId>;

/// Watches all VNFs.
pub struct Watch<C: Send + Sync + 'static> {
    store: Store,
    engine: Arc<Engine<C>>,
    clock: Arc<dyn Clock>,
    holder: String,
    inbox: mpsc::Receiver<VnfInstanceId>,
    sites: Sites,
    index: Index,
    due: BTreeMap<VnfInstanceId, Instant>,
    next_round: Instant,
}

impl<C: Send + Sync + 'static> fmt::Debug for Watch<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("holder", &self.holder).finish_non_exhaustive()
    }
}

impl<C: Send + Sync + 'static> Watch<C> {
    /// A watch over the VNFs of a store, and where it is told of operations; `holder` names this
    /// process among those that share the store.
    pub fn new(
        store: Store,
        engine: Arc<Engine<C>>,
        clock: Arc<dyn Clock>,
        connector: Arc<dyn Connector>,
        holder: String,
    ) -> (Self, Notice) {
        let (notice, inbox) = mpsc::channel(INBOX);
        let watch = Self {
            store,
            engine,
            clock,
            holder,
            inbox,
            sites: Sites::new(connector),
            index: Index::default(),
            due: BTreeMap::new(),
            next_round: Instant::now(),
        };
        (watch, notice)
    }

    /// Watches until `stop` says true, whenever the duty is this process's.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut was_on_duty = false;
        while !*stop.borrow() {
            let on_duty = self.takes_duty().await;
            if on_duty && !was_on_duty {
                info!(holder = self.holder, "watching the VNFs");
                // Whoever begins to watch does not know what happened before.
                self.next_round = Instant::now();
            }
            if !on_duty {
                self.due.clear();
            }
            was_on_duty = on_duty;
            if self.turn(on_duty, &mut stop).await.is_break() {
                break;
            }
        }
        if was_on_duty && let Err(error) = self.store.duties().leave(WATCH, &self.holder).await {
            warn!(%error, "the duty to watch could not be left: {error}");
        }
    }

    async fn takes_duty(&self) -> bool {
        let now = self.clock.now();
        let taken = self.store.duties().take(WATCH, &self.holder, now, now + DUTY).await;
        taken.unwrap_or_else(|error| {
            warn!(%error, "the duty to watch could not be taken: {error}");
            false
        })
    }

    /// Listens and looks until the duty has to be renewed.
    async fn turn(
        &mut self,
        on_duty: bool,
        stop: &mut watch::Receiver<bool>,
    ) -> std::ops::ControlFlow<()> {
        let until = Instant::now() + RENEWAL;
        while Instant::now() < until {
            let work = if on_duty { self.next_work() } else { until };
            tokio::select! {
                changed = stop.changed() => {
                    if changed.is_err() || *stop.borrow() {
                        return std::ops::ControlFlow::Break(());
                    }
                }
                Some(vnf) = self.inbox.recv() => self.look_at(vnf, SETTLE),
                Some(event) = self.sites.next() => self.hear(&event),
                () = sleep_until(work.min(until)) => {}
            }
            if on_duty {
                self.work().await;
            }
        }
        std::ops::ControlFlow::Continue(())
    }

    fn next_work(&self) -> Instant {
        self.due.values().copied().chain([self.next_round]).min().unwrap_or(self.next_round)
    }

    /// Has a VNF looked at after a while, or sooner if it is due already.
    fn look_at(&mut self, vnf: VnfInstanceId, after: Duration) {
        let at = Instant::now() + after;
        let due = self.due.entry(vnf).or_insert(at);
        *due = at.min(*due);
    }

    fn hear(&mut self, event: &Event) {
        let (after, vnfs) = match event.kind {
            EventKind::HostLost => {
                self.sites.fell_silent(event.host);
                (HOLD, self.index.on_host(event.host))
            }
            EventKind::HostBack => (Duration::ZERO, self.index.on_host(event.host)),
            EventKind::Started(vm) => (SETTLE, self.index.with_vm(vm)),
            EventKind::Stopped(vm)
            | EventKind::Crashed(vm)
            | EventKind::Paused(vm)
            | EventKind::Removed(vm) => {
                let known = self.index.with_vm(vm);
                if known.is_empty() {
                    self.next_round = self.next_round.min(Instant::now() + STRANGER);
                }
                (SETTLE, known)
            }
        };
        for vnf in vnfs {
            self.look_at(vnf, after);
        }
    }

    async fn work(&mut self) {
        let now = Instant::now();
        if self.next_round <= now {
            if let Err(error) = self.round().await {
                warn!(%error, "a round over all VNFs failed: {error}");
            }
            self.next_round = Instant::now() + ROUND.max(now.elapsed() * ROUND_SHARE);
        }
        if let Err(error) = self.looks(now).await {
            warn!(%error, "VNFs that are due could not be looked at: {error}");
            self.next_round = Instant::now() + BUSY;
        }
    }

    /// Looks at the VNFs that are due, those first that have been due for longest.
    async fn looks(&mut self, now: Instant) -> Result<(), StoreError> {
        let mut due: Vec<(Instant, VnfInstanceId)> =
            self.due.iter().filter(|(_, at)| **at <= now).map(|(vnf, at)| (*at, *vnf)).collect();
        if due.is_empty() {
            return Ok(());
        }
        due.sort_unstable();
        due.truncate(TURN);
        for (_, vnf) in &due {
            self.due.remove(vnf);
            self.get_to_know(*vnf).await;
        }
        let unfinished = self.store.operations().unfinished("vnf").await?;
        let look = Look {
            store: &self.store,
            engine: &self.engine,
            sites: &self.sites,
            now: self.clock.now(),
        };
        let looks: Vec<_> =
            due.into_iter().map(|(_, vnf)| look.decide(vnf, unfinished.get(&vnf.0))).collect();
        let looked: Vec<_> = stream::iter(looks).buffer_unordered(LOOKS_AT_ONCE).collect().await;
        for (vnf, again) in looked {
            match again {
                Ok(Some(at)) => self.look_at(vnf, at.saturating_duration_since(Instant::now())),
                Ok(None) => {}
                Err(error) => {
                    warn!(%vnf, %error, "could not look at VNF {vnf}: {error}");
                    self.look_at(vnf, ROUND);
                }
            }
        }
        Ok(())
    }

    /// Listens to the hosts of a VNF before it is looked at, so that nothing slips through between.
    async fn get_to_know(&mut self, vnf: VnfInstanceId) {
        // One that is gone, or cannot be read, is told by the look.
        if let Ok(Stored { document, .. }) = self.store.vnf_instances().get(vnf).await {
            if let Some(instantiated) = &document.instantiated {
                self.sites.listen(instantiated);
            }
            self.index.add(&document);
        }
    }

    /// Goes over all VNFs: whatever is not as its alarms say is looked at closely.
    async fn round(&mut self) -> Result<(), StoreError> {
        let active = self.store.alarms().active().await?;
        let unfinished = self.store.operations().unfinished("vnf").await?;
        let now = self.clock.now();
        // These may be about VNFs that are no more, or wait for the next attempt to heal.
        for stored in &active {
            self.look_at(stored.document.vnf, Duration::ZERO);
        }
        for vnf in unfinished.keys() {
            self.look_at(VnfInstanceId(*vnf), BUSY);
        }
        let mut index = Index::default();
        let mut after = None;
        loop {
            let chunk = self.store.vnf_instances().list(after, CHUNK).await?;
            let Some(last) = chunk.last() else { break };
            after = Some(last.document.id);
            let vnfs: Vec<VnfInstance> = chunk.into_iter().map(|stored| stored.document).collect();
            vnfs.iter().for_each(|vnf| index.add(vnf));
            for vnf in self.suspects(&vnfs, now).await {
                self.look_at(vnf, Duration::ZERO);
            }
        }
        self.sites.keep(&index.hosts());
        self.index = index;
        self.forget_old(now).await
    }

    /// The VNFs of these with which something is wrong, or of which nobody can say.
    async fn suspects(&mut self, vnfs: &[VnfInstance], now: DateTime<Utc>) -> Vec<VnfInstanceId> {
        let instantiated: Vec<(VnfInstanceId, &InstantiatedVnf)> =
            vnfs.iter().filter_map(|vnf| Some((vnf.id, vnf.instantiated.as_ref()?))).collect();
        for (_, vnf) in &instantiated {
            self.sites.listen(vnf);
        }
        let seen =
            self.sites.look(&instantiated.iter().map(|(_, vnf)| *vnf).collect::<Vec<_>>()).await;
        let suspicious = |judgement: &Judgement, id| {
            !judgement.undecided.is_empty() || !compare(id, judgement, &[], now).is_empty()
        };
        let judged = instantiated.into_iter().map(|(id, vnf)| (id, judge(vnf, &seen)));
        judged.filter(|(id, judgement)| suspicious(judgement, *id)).map(|(id, _)| id).collect()
    }

    /// Removes the oldest alarms when they have been over for long.
    async fn forget_old(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        for Stored { document, generation } in self.store.alarms().list(None, CHUNK).await? {
            if document.cleared_at.is_some_and(|at| at + KEPT < now) {
                self.store.alarms().delete(document.id, generation).await?;
            }
        }
        Ok(())
    }
}
