//! One claimed operation, from its claim until it comes to rest.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use tracing::{info, warn};
use windlass_model::{CancelMode, Clock, OperationEvent, OperationState};

use crate::engine::{Settings, lease_delta};
use crate::error::{JournalError, StepError};
use crate::journal::{Change, Journal, Lease};
use crate::operation::Operation;
use crate::plan::{Graph, Plan};
use crate::procedure::Procedure;
use crate::progress::Progress;

mod walk;

use walk::{End, Walk, Way};

/// A worker's hold on one operation.
pub(crate) struct Run<C: Send + Sync + 'static> {
    pub program: Arc<C>,
    pub procedure: Arc<dyn Procedure<C>>,
    pub journal: Arc<dyn Journal>,
    pub clock: Arc<dyn Clock>,
    pub settings: Arc<Settings>,
    pub plans: Arc<Semaphore>,
    pub lease: Lease,
    pub operation: Arc<Operation>,
    pub cancel: watch::Receiver<Option<CancelMode>>,
}

impl<C: Send + Sync + 'static> Run<C> {
    /// Works until the operation is at rest, or the lease is lost.
    pub async fn drive(
        mut self,
        cancel: watch::Sender<Option<CancelMode>>,
    ) -> Result<OperationState, JournalError> {
        let keeper = keep(
            Arc::clone(&self.journal),
            self.lease.clone(),
            Arc::clone(&self.clock),
            self.settings.lease,
            cancel,
        );
        tokio::select! {
            biased;
            state = self.work() => state,
            lost = keeper => Err(lost),
        }
    }

    async fn work(&mut self) -> Result<OperationState, JournalError> {
        if self.operation.state == OperationState::Starting {
            self.start().await?;
        }
        match self.operation.state {
            OperationState::Processing => self.walk(Way::Forward).await,
            OperationState::RollingBack => self.walk(Way::Back).await,
            at_rest @ (OperationState::Starting
            | OperationState::Completed
            | OperationState::FailedTemp
            | OperationState::Failed
            | OperationState::RolledBack) => Ok(at_rest),
        }
    }

    async fn start(&mut self) -> Result<(), JournalError> {
        let mut cancel = self.cancel.clone();
        let planned = tokio::select! {
            // A cancel that is there already is heeded, however quickly the plan would be made.
            biased;
            _ = cancel.wait_for(Option::is_some) => None,
            plan = self.plan() => Some(plan),
        };
        let (event, change) = match planned {
            None => (
                OperationEvent::Cancelled,
                Change { error: Some(cancelled()), ..Change::default() },
            ),
            Some(Ok(plan)) => match self.check(&plan) {
                Ok(()) => {
                    (OperationEvent::Planned, Change { plan: Some(plan), ..Change::default() })
                }
                Err(error) => refused(error),
            },
            Some(Err(error)) => refused(error),
        };
        if event != OperationEvent::Planned {
            let before = self.operation.before.clone();
            self.conclude(OperationState::RolledBack, &before).await;
        }
        self.transition(event, change).await
    }

    /// Asks for the plan, again after a pause while whoever is needed for it does not answer.
    async fn plan(&self) -> Result<Plan, StepError> {
        let ask = async || {
            // The semaphore is never closed.
            let _turn = self.plans.acquire().await;
            self.procedure.plan(&self.program, &self.operation).await
        };
        let planned = patiently(&self.settings, StepError::is_transient, ask);
        let planned = AssertUnwindSafe(planned).catch_unwind().await;
        let broke_off = "the planning broke off; the log of the server says why";
        planned.unwrap_or_else(|_panic| Err(StepError::lasting(500, broke_off)))
    }

    /// A plan must be a graph without rings whose steps the table has.
    fn check(&self, plan: &Plan) -> Result<(), StepError> {
        let refuse = |error: crate::PlanError| StepError::lasting(500, error.to_string());
        Graph::of(plan).map_err(refuse)?;
        for node in &plan.nodes {
            if !self.procedure.steps().iter().any(|step| step.name == node.step) {
                let (node, step) = (node.id.clone(), node.step.clone());
                return Err(refuse(crate::PlanError::NoStep { node, step }));
            }
        }
        Ok(())
    }

    async fn walk(&mut self, way: Way) -> Result<OperationState, JournalError> {
        let nothing = Plan::default();
        let plan = self.operation.plan.as_ref().unwrap_or(&nothing);
        let graph = Graph::of(plan).map_err(|error| JournalError::Storage(error.into()))?;
        let log = self.journal.log(self.operation.id).await?;
        let progress = Progress::replay(plan, &log);
        let (end, progress) = Walk::new(self, way, plan, &graph, progress).run().await?;
        let (event, error) = match (end, way) {
            (End::Through, Way::Forward) => (OperationEvent::Done, None),
            // What led to the rollback stays to be seen.
            (End::Through, Way::Back) => (OperationEvent::Undone, self.operation.error.clone()),
            (End::Stopped(error), _) => (OperationEvent::Failed, Some(error)),
            (End::Cancelled, _) => (OperationEvent::Cancelled, Some(cancelled())),
        };
        self.settle(event, error, &progress).await
    }

    async fn settle(
        &mut self,
        event: OperationEvent,
        error: Option<StepError>,
        progress: &Progress,
    ) -> Result<OperationState, JournalError> {
        let (event, error, subject) = match self.procedure.reflect(&self.operation, progress) {
            Ok(subject) => (event, error, Some(subject)),
            Err(broken) => (OperationEvent::Failed, Some(broken), None),
        };
        let state = self.operation.state.after(event)?;
        if let (true, Some(subject)) = (state.is_final(), &subject) {
            self.conclude(state, subject).await;
        }
        self.transition(event, Change { plan: None, error, subject }).await?;
        Ok(self.operation.state)
    }

    async fn conclude(&self, state: OperationState, subject: &Value) {
        let tell = || self.procedure.conclude(&self.program, &self.operation, state, subject);
        if let Err(error) = patiently(&self.settings, StepError::is_transient, tell).await {
            warn!(operation = %self.operation.id, %error, "could not tell others of the end");
        }
    }

    async fn transition(
        &mut self,
        event: OperationEvent,
        change: Change,
    ) -> Result<(), JournalError> {
        let now = self.clock.now();
        let (plan, error) = (change.plan.clone(), change.error.clone());
        let state = self.journal.transition(&self.lease, event, change, now).await?;
        // What is in the journal is known here: reading it again would read the whole plan.
        let operation = Arc::make_mut(&mut self.operation);
        (operation.state, operation.state_since, operation.error) = (state, now, error);
        if plan.is_some() {
            operation.plan = plan;
        }
        let (id, kind) = (operation.id, &operation.kind);
        match &operation.error {
            Some(error) => {
                warn!(operation = %id, kind, %state, %error, "{kind} is {state}: {error}")
            }
            None => info!(operation = %id, kind, %state, "{kind} is {state}"),
        }
        Ok(())
    }
}

/// Does `work`, and does it again after a pause that doubles while its error is transient.
pub(crate) async fn patiently<T, E, F>(
    settings: &Settings,
    is_transient: impl Fn(&E) -> bool,
    mut work: impl FnMut() -> F,
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let mut pause = settings.pause;
    for _ in 1..settings.attempts {
        match work().await {
            Err(error) if is_transient(&error) => tokio::time::sleep(pause).await,
            result => return result,
        }
        pause = pause.saturating_mul(2);
    }
    work().await
}

fn refused(error: StepError) -> (OperationEvent, Change) {
    (OperationEvent::Refused, Change { error: Some(error), ..Change::default() })
}

fn cancelled() -> StepError {
    StepError::lasting(409, "the operation was cancelled on request")
}

/// Renews the lease for as long as it is polled; returns only when the lease is lost.
async fn keep(
    journal: Arc<dyn Journal>,
    lease: Lease,
    clock: Arc<dyn Clock>,
    length: Duration,
    cancel: watch::Sender<Option<CancelMode>>,
) -> JournalError {
    let mut good_until = clock.now() + lease_delta(length);
    loop {
        tokio::time::sleep(length / 5).await;
        let until = clock.now() + lease_delta(length);
        match journal.renew(&lease, until).await {
            Ok(waiting) => {
                good_until = until;
                cancel.send_if_modified(|seen| {
                    let news = *seen != waiting && waiting.is_some();
                    if news {
                        *seen = waiting;
                    }
                    news
                });
            }
            // A store that does not answer for a moment costs nothing while the lease lasts.
            Err(JournalError::Storage(_)) if clock.now() < good_until => {}
            Err(lost) => return lost,
        }
    }
}
