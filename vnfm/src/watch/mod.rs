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
//! conditional all the same, so that two that think they watch do no harm: alarms, on the VNF being
//! as it was when its machines were looked at.
//!
//! **Architecture invariant:** what is wrong, what becomes of alarms and when to heal are decided by
//! pure functions; nothing here touches a machine. Healing is an ordinary operation.

mod busy;
mod compare;
mod duty;
mod healing;
mod index;
mod judge;
mod look;
mod round;
mod sites;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};
use tracing::{info, warn};
use windlass_lcm::{Engine, JournalError};
use windlass_model::{Clock, VnfInstanceId};
use windlass_store::{Store, StoreError, Stored};
use windlass_vim::{Connector, Event, EventKind};

pub use healing::PROPERTY as AUTOHEAL;

use busy::{Busy, FIRST as BUSY};
use duty::{Duty, RENEWAL};
use index::Index;
use look::Look;
use sites::{HOLD, Sites};

/// Events come in bursts: one look is enough for what happens within this time.
const SETTLE: Duration = Duration::from_millis(500);
/// Time between two rounds over all VNFs, unless a round takes so long that it would be more than
/// one part in [`ROUND_SHARE`] of the time.
const ROUND: Duration = Duration::from_secs(30);
const ROUND_SHARE: u32 = 20;
/// How soon a round begins when something happened to a machine that nobody knew of.
const STRANGER: Duration = Duration::from_secs(5);
/// VNFs that are looked at in one turn, and those of them at the same time.
const TURN: usize = 64;
const LOOKS_AT_ONCE: usize = 8;
/// VNFs whose operations may begin before the watch takes note; beyond, the next round finds them.
const INBOX: usize = 1024;

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
    duty: Duty,
    inbox: mpsc::Receiver<VnfInstanceId>,
    sites: Sites,
    index: Index,
    busy: Busy,
    due: BTreeMap<VnfInstanceId, Instant>,
    next_round: Instant,
}

impl<C: Send + Sync + 'static> fmt::Debug for Watch<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("duty", &self.duty).finish_non_exhaustive()
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
        let duty = Duty { store: store.clone(), clock: Arc::clone(&clock), holder };
        let watch = Self {
            store,
            engine,
            clock,
            duty,
            inbox,
            sites: Sites::new(connector),
            index: Index::default(),
            busy: Busy::default(),
            due: BTreeMap::new(),
            next_round: Instant::now(),
        };
        (watch, notice)
    }

    /// Watches until `stop` says true, whenever the duty is this process's.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut was_on_duty = false;
        while !*stop.borrow() {
            let on_duty = self.duty.take().await;
            if on_duty && !was_on_duty {
                info!(holder = self.duty.holder, "watching the VNFs");
                // Whoever begins to watch does not know what happened before.
                self.next_round = Instant::now();
            }
            if !on_duty {
                self.due.clear();
                self.busy = Busy::default();
            }
            was_on_duty = on_duty;
            if self.turn(on_duty, &mut stop).await.is_break() {
                break;
            }
        }
        if was_on_duty {
            self.duty.leave().await;
        }
    }

    /// Listens and looks until the duty has to be renewed.
    async fn turn(
        &mut self,
        on_duty: bool,
        stop: &mut watch::Receiver<bool>,
    ) -> std::ops::ControlFlow<()> {
        let until = Instant::now() + RENEWAL;
        self.sites.ask_again();
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
            if on_duty && !self.work_on_duty().await {
                // Should the duty be free again at once, what was dropped has to be found again.
                self.next_round = Instant::now();
                break;
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
            EventKind::HostBack => {
                self.sites.came_back(event.host);
                (Duration::ZERO, self.index.on_host(event.host))
            }
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

    /// Works, and keeps the duty meanwhile; false when another process has it. What was begun then
    /// is left to that one.
    async fn work_on_duty(&mut self) -> bool {
        let duty = self.duty.clone();
        tokio::select! {
            () = self.work() => true,
            () = duty.keep() => false,
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
        let vnfs = self.leave_alone(due.into_iter().map(|(_, vnf)| vnf).collect()).await?;
        for vnf in &vnfs {
            self.due.remove(vnf);
            self.get_to_know(*vnf).await;
        }
        let look = Look {
            store: &self.store,
            engine: &self.engine,
            sites: &self.sites,
            now: self.clock.now(),
        };
        let looks: Vec<_> = vnfs.into_iter().map(|vnf| look.at(vnf)).collect();
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

    /// Leaves the busy VNFs of these alone: an operation stops machines on purpose, so nothing is
    /// judged until it is over. Returns those of the others whose turn it is.
    async fn leave_alone(
        &mut self,
        due: Vec<VnfInstanceId>,
    ) -> Result<Vec<VnfInstanceId>, StoreError> {
        let unfinished = self.store.operations().unfinished("vnf").await?;
        let mut turn = Vec::new();
        for vnf in due {
            if let Some(running) = unfinished.get(&vnf.0) {
                look::unblock(&self.engine, running).await;
                self.due.insert(vnf, Instant::now() + self.busy.again(vnf));
            } else if turn.len() < TURN {
                self.busy.rests(vnf);
                turn.push(vnf);
            }
        }
        Ok(turn)
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
}
