//! Engines at work, for as long as a proof needs them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use windlass_model::{OperationId, OperationState};

use crate::engine::Engine;
use crate::journal::Request;
use crate::proof::{Injection, Moment, Stage};

/// The pause between a proof's first two looks; it doubles until the longest.
const FIRST_LOOK: Duration = Duration::from_millis(2);
const LONGEST_LOOK: Duration = Duration::from_secs(1);
/// How long anything may take.
const LIMIT: Duration = Duration::from_mins(20);

/// An engine at work; it is gone, as a killed process is, when this is dropped.
pub(super) struct Shift<C: Send + Sync + 'static> {
    pub engine: Arc<Engine<C>>,
    task: JoinHandle<()>,
    _stop: watch::Sender<bool>,
}

impl<C: Send + Sync + 'static> Shift<C> {
    pub fn begin(engine: Arc<Engine<C>>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(Arc::clone(&engine).run(stopped));
        Self { engine, task, _stop: stop }
    }

    /// Ends the work at once, and waits until it has.
    pub async fn end(mut self) {
        self.task.abort();
        let ended = (&mut self.task).await;
        assert!(!ended.is_err_and(|error| error.is_panic()), "the engine broke off");
    }
}

impl<C: Send + Sync + 'static> Drop for Shift<C> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Asks for the operation, of an engine that then dies.
pub(super) async fn asked<S: Stage>(stage: &S) -> OperationId {
    stage.ask(&*stage.engine(None)).await
}

/// Asks for the operation, and brings it to rest with one fault on the way.
pub(super) async fn first_run<S: Stage>(
    stage: &S,
    injection: &Arc<Injection>,
) -> (OperationId, OperationState) {
    let id = asked(stage).await;
    (id, to_rest(stage, Some(injection), id).await)
}

/// Asks something of the operation, and brings it to rest.
pub(super) async fn after<S: Stage>(
    stage: &S,
    id: OperationId,
    request: Request,
    injection: Option<&Arc<Injection>>,
) -> OperationState {
    stage.engine(None).request(id, request).await.expect("the request is possible");
    to_rest(stage, injection, id).await
}

/// Works until the operation is at rest. Where the fault kills the process another one follows, as
/// an operator's service manager would see to.
pub(super) async fn to_rest<S: Stage>(
    stage: &S,
    injection: Option<&Arc<Injection>>,
    id: OperationId,
) -> OperationState {
    let mut shift = Shift::begin(stage.engine(injection.cloned()));
    let observer = stage.engine(None);
    let mut alive = injection;
    let mut look = FIRST_LOOK;
    let work = async {
        loop {
            if alive.is_some_and(|injection| injection.is_dead()) {
                alive = None;
                let heir = Shift::begin(stage.engine(None));
                std::mem::replace(&mut shift, heir).end().await;
            }
            let state = state_of(&observer, id).await;
            if !state.is_active() {
                return state;
            }
            tokio::time::sleep(look).await;
            look = longer(look);
        }
    };
    let state = in_time("it comes to rest", work).await;
    shift.end().await;
    state
}

/// Waits until the operation is at rest, by somebody else's work.
pub(super) async fn at_rest<C: Send + Sync + 'static>(
    engine: &Engine<C>,
    id: OperationId,
) -> OperationState {
    let mut look = FIRST_LOOK;
    let rest = async {
        loop {
            let state = state_of(engine, id).await;
            if !state.is_active() {
                return state;
            }
            tokio::time::sleep(look).await;
            look = longer(look);
        }
    };
    in_time("it comes to rest", rest).await
}

fn longer(look: Duration) -> Duration {
    LONGEST_LOOK.min(look.saturating_mul(2))
}

pub(super) async fn in_time<T>(what: &str, wait: impl Future<Output = T>) -> T {
    let Ok(answer) = tokio::time::timeout(LIMIT, wait).await else {
        panic!("{what}: not within {LIMIT:?}")
    };
    answer
}

async fn state_of<C: Send + Sync + 'static>(engine: &Engine<C>, id: OperationId) -> OperationState {
    engine.progress(id).await.expect("the journal answers").0.state
}

/// The nodes of the plan that a stage leads to; the operation is COMPLETED then.
pub(super) async fn nodes<S: Stage>(stage: &S) -> Vec<String> {
    let id = asked(stage).await;
    let end = to_rest(stage, None, id).await;
    let engine = stage.engine(None);
    let (operation, _) = engine.progress(id).await.expect("the journal answers");
    let why = operation.error;
    assert_eq!(end, OperationState::Completed, "without any fault: {why:?}");
    stage.inspect(end).await;
    let nodes = operation.plan.unwrap_or_default().nodes;
    assert!(
        !nodes.is_empty() || !engine.has_steps(&operation.kind),
        "a plan without nodes proves nothing for a table with steps"
    );
    nodes.into_iter().map(|node| node.id).collect()
}

/// The last node at which the operation can fail and still be rolled back.
pub(super) async fn last_way_back<S: Stage>(
    new_stage: &impl AsyncFn() -> S,
    nodes: &[String],
) -> Option<String> {
    for node in nodes.iter().rev() {
        let stage = new_stage().await;
        let (id, state) = first_run(&stage, &failure(node)).await;
        assert_eq!(state, OperationState::FailedTemp, "after a failure of {node}");
        if stage.engine(None).rolls_back(id).await.expect("the journal answers") {
            return Some(node.clone());
        }
    }
    None
}

/// A step that fails although it has done everything.
pub(super) fn failure(node: &str) -> Arc<Injection> {
    Injection::on_step(node, Moment::After, super::Fault::Fail)
}
