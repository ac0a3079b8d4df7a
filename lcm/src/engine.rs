//! The engine: takes requests for operations and works on those that it can claim.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use futures::FutureExt;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::{Instrument, debug, error, info};
use windlass_model::{CancelMode, Clock, OperationEvent, OperationId, OperationState};

use crate::error::{JournalError, StepError};
use crate::journal::{Journal, Lease, NewOperation, Request};
use crate::measure::{self, InFlight};
use crate::operation::Operation;
use crate::origin::Origins;
use crate::plan::Plan;
use crate::procedure::Procedure;
use crate::progress::Progress;
use crate::proof::Injection;
use crate::pulse::Pulse;
use crate::rest::Rests;
use crate::run::{Run, patiently};
use crate::step::is_past_return;

/// How many operations are claimed in one write.
const CLAIM: usize = 128;

/// Bounds of an engine.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its name in leases; a process that comes after it with the same name inherits its work.
    pub worker: String,
    /// How long a lease lasts after its last renewal.
    pub lease: Duration,
    /// How often it looks for operations that it was not told of.
    pub poll: Duration,
    /// How many operations it works on at once: most of them wait for guests or for other programs.
    pub operations: usize,
    /// How many of them are planned at once.
    pub plans: usize,
    /// How many steps of one operation run at once.
    pub steps: usize,
    /// How often a step with a transient error is tried, the first time included.
    pub attempts: u32,
    /// The pause before the second attempt; it doubles with each one.
    pub pause: Duration,
    /// How long one attempt of a step may take, whatever its own limits say.
    pub step_limit: Duration,
    /// How long a graceful cancel waits for the steps that run.
    pub graceful_limit: Duration,
    /// A fault to inject, for proofs.
    pub injection: Option<Arc<Injection>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            worker: "windlass".to_owned(),
            lease: Duration::from_secs(15),
            poll: Duration::from_secs(1),
            operations: 10_000,
            plans: 128,
            steps: 16,
            attempts: 4,
            pause: Duration::from_millis(250),
            step_limit: Duration::from_mins(30),
            graceful_limit: Duration::from_mins(2),
            injection: None,
        }
    }
}

/// Runs the operations of one program's procedures.
pub struct Engine<C: Send + Sync + 'static> {
    program: Arc<C>,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    settings: Arc<Settings>,
    procedures: BTreeMap<&'static str, Arc<dyn Procedure<C>>>,
    running: Mutex<BTreeMap<OperationId, watch::Sender<Option<CancelMode>>>>,
    wake: Notify,
    origins: Origins,
    rests: Rests,
    /// Whose turn it is to plan.
    plans: Arc<Semaphore>,
    pulse: Pulse,
}

impl<C: Send + Sync + 'static> fmt::Debug for Engine<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl<C: Send + Sync + 'static> Engine<C> {
    /// An engine for these procedures. It works only while [`Engine::run`] does.
    #[must_use]
    pub fn new(
        program: Arc<C>,
        journal: Arc<dyn Journal>,
        clock: Arc<dyn Clock>,
        settings: Settings,
        procedures: Vec<Arc<dyn Procedure<C>>>,
    ) -> Self {
        let procedures = procedures.into_iter().map(|p| (p.kind(), p)).collect();
        let journal = match &settings.injection {
            Some(injection) => injection.over(journal),
            None => journal,
        };
        Self {
            program,
            journal,
            clock,
            plans: Arc::new(Semaphore::new(settings.plans)),
            settings: Arc::new(settings),
            procedures,
            running: Mutex::default(),
            wake: Notify::new(),
            origins: Origins::default(),
            rests: Rests::default(),
            pulse: Pulse::default(),
        }
    }

    /// Tells whether its loop turns.
    #[must_use]
    pub fn pulse(&self) -> Pulse {
        self.pulse.clone()
    }

    /// Takes a request; the operation exists durably when this returns.
    ///
    /// # Errors
    /// Those of [`Journal::create`].
    pub async fn submit(&self, new: NewOperation) -> Result<Operation, JournalError> {
        let id = new.id;
        self.origins.remember(id);
        let created = self.journal.create(new, self.clock.now()).await;
        let operation = created.inspect_err(|_| drop(self.origins.take(id)))?;
        info!(operation = %operation.id, kind = operation.kind, "accepted {}", operation.kind);
        self.wake.notify_one();
        Ok(operation)
    }

    /// Lets a failed operation go on, or go back.
    ///
    /// # Errors
    /// Those of [`Journal::request`]; Denied as well when the operation cannot be rolled
    /// back any more.
    pub async fn request(
        &self,
        id: OperationId,
        request: Request,
    ) -> Result<Operation, JournalError> {
        if request == Request::Rollback && !self.rolls_back(id).await? {
            let (state, event) = (self.known(id).await?.state, OperationEvent::Rollback);
            return Err(windlass_model::Denied { state, event }.into());
        }
        self.origins.remember(id);
        let operation = self.journal.request(id, request, self.clock.now()).await?;
        self.wake.notify_one();
        Ok(operation)
    }

    /// Asks an active operation to stop.
    ///
    /// # Errors
    /// Those of [`Journal::cancel`].
    pub async fn cancel(
        &self,
        id: OperationId,
        mode: CancelMode,
    ) -> Result<Operation, JournalError> {
        let operation = self.journal.cancel(id, mode, self.clock.now()).await?;
        if let Some(sender) = self.lock_running().get(&id) {
            sender.send_replace(operation.cancel);
        }
        self.wake.notify_one();
        Ok(operation)
    }

    /// Gives a failed operation up: what it has done stays, and the subject shows it.
    ///
    /// # Errors
    /// Those of [`Journal::give_up`].
    pub async fn fail(&self, id: OperationId) -> Result<Operation, JournalError> {
        let (operation, progress) = self.progress(id).await?;
        operation.state.after(OperationEvent::Fail)?;
        let procedure = self.procedure(&operation);
        let subject = match &procedure {
            Some(procedure) => procedure
                .reflect(&operation, &progress)
                .map_err(|error| JournalError::Storage(error.into()))?,
            None => operation.before.clone(),
        };
        let failed = self.journal.give_up(id, subject.clone(), self.clock.now()).await?;
        measure::ended(&failed.kind, failed.state);
        if let Some(procedure) = procedure {
            let state = OperationState::Failed;
            let tell = || procedure.conclude(&self.program, &failed, state, &subject);
            let told = patiently(&self.settings, StepError::is_transient, tell).await;
            if let Err(error) = told {
                error!(operation = %id, %error, "the failed operation could not be concluded");
            }
        }
        Ok(failed)
    }

    /// An operation and where each of its nodes stands.
    ///
    /// # Errors
    /// [`JournalError::NoOperation`], or a failing store.
    pub async fn progress(&self, id: OperationId) -> Result<(Operation, Progress), JournalError> {
        let operation = self.known(id).await?;
        let log = self.journal.log(id).await?;
        let nothing = Plan::default();
        let progress = Progress::replay(operation.plan.as_ref().unwrap_or(&nothing), &log);
        Ok((operation, progress))
    }

    /// Waits until an operation that is worked on here is at rest, or put down; at most this long.
    ///
    /// # Errors
    /// [`JournalError::NoOperation`], or a failing store.
    pub async fn rested(&self, id: OperationId, limit: Duration) -> Result<(), JournalError> {
        // Whoever waits before the look cannot miss what happens after it.
        let mut rest = self.rests.wait_for(id);
        let state = self.journal.state(id).await?.ok_or(JournalError::NoOperation(id))?;
        if state.is_active() {
            let _late = tokio::time::timeout(limit, rest.told()).await;
        }
        Ok(())
    }

    /// Works until `stop` says true, then abandons what it holds; the log knows how far that is.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut runs = JoinSet::new();
        while !*stop.borrow() {
            if self.claim_into(&mut runs).await {
                continue;
            }
            tokio::select! {
                biased;
                () = self.wake.notified() => {}
                () = tokio::time::sleep(self.settings.poll) => {}
                Some(_) = runs.join_next(), if !runs.is_empty() => {}
                changed = stop.changed() => if changed.is_err() { break },
            }
        }
    }

    /// Claims what is free; true when there may be more of it.
    async fn claim_into(self: &Arc<Self>, runs: &mut JoinSet<()>) -> bool {
        let held: Vec<OperationId> = self.lock_running().keys().copied().collect();
        let room = self.settings.operations.saturating_sub(held.len()).min(CLAIM);
        if room == 0 {
            self.pulse.beat();
            return false;
        }
        let kinds: Vec<&str> = self.procedures.keys().copied().collect();
        let now = self.clock.now();
        let until = now + lease_delta(self.settings.lease);
        let worker = &self.settings.worker;
        match self.journal.claim(worker, &kinds, &held, now, until, room).await {
            Ok(claimed) => {
                self.pulse.beat();
                let is_all = claimed.len() < room;
                for (lease, operation) in claimed {
                    self.start(runs, lease, operation);
                }
                !is_all
            }
            Err(error) => {
                error!(error = &error as &dyn std::error::Error, "could not claim work");
                false
            }
        }
    }

    fn start(self: &Arc<Self>, runs: &mut JoinSet<()>, lease: Lease, operation: Operation) {
        let Some(procedure) = self.procedure(&operation) else { return };
        let (sender, cancel) = watch::channel(operation.cancel);
        self.lock_running().insert(operation.id, sender.clone());
        let run = Run {
            program: Arc::clone(&self.program),
            procedure,
            journal: Arc::clone(&self.journal),
            clock: Arc::clone(&self.clock),
            settings: Arc::clone(&self.settings),
            plans: Arc::clone(&self.plans),
            lease,
            operation: Arc::new(operation),
            cancel,
        };
        let engine = Arc::clone(self);
        let origin = self.origins.take(run.operation.id);
        let span = measure::operation_span(&run.operation, origin.as_ref());
        let work = async move {
            let (id, kind) = (run.operation.id, run.operation.kind.clone());
            let (_counted, begun) = (InFlight::claimed(&run.operation), Instant::now());
            // What broke off is let go like everything else, so that it can be claimed again.
            let failed = match AssertUnwindSafe(run.drive(sender)).catch_unwind().await {
                Ok(Ok(state)) => {
                    measure::rested(&kind, state, begun.elapsed());
                    debug!(operation = %id, %state, "operation {id} is {state}");
                    false
                }
                Ok(Err(error)) => {
                    if matches!(error, JournalError::LeaseLost(_)) {
                        measure::lease_lost();
                    }
                    error!(operation = %id, error = &error as &dyn std::error::Error,
                        "operation {id} was put down");
                    true
                }
                Err(_panic) => {
                    error!(operation = %id, "the work on operation {id} broke off");
                    true
                }
            };
            if failed {
                // A store that fails at once must not be asked in a tight circle.
                tokio::time::sleep(engine.settings.poll).await;
            }
            engine.lock_running().remove(&id);
            engine.rests.tell(id);
        };
        runs.spawn(work.instrument(span));
    }

    /// False when the procedure says so, or when a step that cannot be undone has begun.
    ///
    /// # Errors
    /// [`JournalError::NoOperation`], or a failing store.
    pub async fn rolls_back(&self, id: OperationId) -> Result<bool, JournalError> {
        let (operation, progress) = self.progress(id).await?;
        let Some(procedure) = self.procedure(&operation) else { return Ok(false) };
        let plan = operation.plan.as_ref();
        let past = plan.is_some_and(|plan| is_past_return(procedure.steps(), plan, &progress));
        Ok(procedure.may_roll_back() && !past)
    }

    /// Its bounds.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// True when operations of this kind have steps at all.
    pub(crate) fn has_steps(&self, kind: &str) -> bool {
        self.procedures.get(kind).is_some_and(|procedure| !procedure.steps().is_empty())
    }

    async fn known(&self, id: OperationId) -> Result<Operation, JournalError> {
        self.journal.operation(id).await?.ok_or(JournalError::NoOperation(id))
    }

    fn procedure(&self, operation: &Operation) -> Option<Arc<dyn Procedure<C>>> {
        self.procedures.get(operation.kind.as_str()).cloned()
    }

    fn lock_running(
        &self,
    ) -> std::sync::MutexGuard<'_, BTreeMap<OperationId, watch::Sender<Option<CancelMode>>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn lease_delta(lease: Duration) -> TimeDelta {
    TimeDelta::from_std(lease).unwrap_or(TimeDelta::MAX)
}
