//! Proofs for step tables: each step may fail, may repeat, and the process may die around it.
//!
//! A proof runs an operation once to learn its nodes, and then once more for each node with one
//! [`Injection`]. What must hold afterwards is said by the [`Stage`] of the program under proof.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use windlass_model::{OperationId, OperationState};

use crate::engine::Engine;
use crate::journal::Request;

/// What is done to a node, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Its step fails before it has done anything.
    FailBefore,
    /// Its step fails although it has done everything.
    FailAfter,
    /// Its step runs twice.
    Repeat,
    /// The process dies before the step runs, with the start logged.
    CrashBefore,
    /// The process dies after the step ran, with the end not logged.
    CrashAfter,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 5] =
        [Self::FailBefore, Self::FailAfter, Self::Repeat, Self::CrashBefore, Self::CrashAfter];
}

/// A fault that waits for its node to come by.
#[derive(Debug)]
pub struct Injection {
    node: String,
    undo: bool,
    fault: Fault,
    spent: AtomicBool,
}

/// When an injection is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Before,
    After,
}

/// What an injection says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    GoOn,
    Fail,
    Again,
    Crash,
}

impl Injection {
    /// A fault for the step of `node`.
    #[must_use]
    pub fn on_step(node: &str, fault: Fault) -> Arc<Self> {
        Self::new(node, false, fault)
    }

    /// A fault for the undo of `node`.
    #[must_use]
    pub fn on_undo(node: &str, fault: Fault) -> Arc<Self> {
        Self::new(node, true, fault)
    }

    fn new(node: &str, undo: bool, fault: Fault) -> Arc<Self> {
        Arc::new(Self { node: node.to_owned(), undo, fault, spent: AtomicBool::new(false) })
    }

    /// True once the fault has struck; a proof whose fault never struck proves nothing.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.spent.load(Ordering::SeqCst)
    }

    pub(crate) fn verdict(&self, node: &str, undo: bool, moment: Moment) -> Verdict {
        let verdict = match (self.fault, moment) {
            (Fault::FailBefore, Moment::Before) | (Fault::FailAfter, Moment::After) => {
                Verdict::Fail
            }
            (Fault::Repeat, Moment::After) => Verdict::Again,
            (Fault::CrashBefore, Moment::Before) | (Fault::CrashAfter, Moment::After) => {
                Verdict::Crash
            }
            (
                Fault::FailBefore
                | Fault::FailAfter
                | Fault::Repeat
                | Fault::CrashBefore
                | Fault::CrashAfter,
                Moment::Before | Moment::After,
            ) => return Verdict::GoOn,
        };
        let struck = node == self.node && undo == self.undo;
        if struck && !self.spent.swap(true, Ordering::SeqCst) { verdict } else { Verdict::GoOn }
    }
}

/// A fresh world in which one operation can be asked for.
#[async_trait]
pub trait Stage: Send + Sync {
    /// The program that runs the operation.
    type Program: Send + Sync + 'static;

    /// An engine over this world's journal; a second one takes over what a first one left.
    fn engine(&self, injection: Option<Arc<Injection>>) -> Arc<Engine<Self::Program>>;

    /// Asks for the operation.
    async fn ask(&self, engine: &Engine<Self::Program>) -> OperationId;

    /// Panics unless everything is as it should be after the operation came to `state`:
    /// what COMPLETED promises, or nothing left after ROLLED_BACK.
    async fn inspect(&self, state: OperationState);
}

/// Proves a table: for every node of the plan that `new_stage` leads to and every [`Fault`], the
/// operation ends as it should and [`Stage::inspect`] agrees. A failed step is rolled back in one
/// world and retried in another.
///
/// # Panics
/// When the table does not hold.
pub async fn every_step_holds<S: Stage>(new_stage: impl AsyncFn() -> S) {
    for node in nodes(&new_stage().await).await {
        for fault in Fault::ALL {
            let stage = new_stage().await;
            let injection = Injection::on_step(&node, fault);
            let (id, state) = first_run(&stage, &injection).await;
            assert!(injection.is_spent(), "{fault:?} never struck {node}");
            let waits = state == OperationState::FailedTemp;
            let end = if waits { ask_and_wait(&stage, id, Request::Retry).await } else { state };
            assert_eq!(end, OperationState::Completed, "after {fault:?} of {node}");
            stage.inspect(end).await;
            if waits {
                roll_back_instead(&new_stage().await, &node, fault).await;
            }
        }
    }
}

/// Proves the undos of a table: the operation fails at `last`, is rolled back, and each undo on
/// the way meets every [`Fault`].
///
/// # Panics
/// When an undo does not hold.
pub async fn every_undo_holds<S: Stage>(new_stage: impl AsyncFn() -> S, last: &str) {
    for node in nodes(&new_stage().await).await {
        for fault in Fault::ALL {
            let stage = new_stage().await;
            let (id, state) = first_run(&stage, &Injection::on_step(last, Fault::FailAfter)).await;
            assert_eq!(state, OperationState::FailedTemp);
            let injection = Injection::on_undo(&node, fault);
            let mut end = work(&stage, Some(&injection), id, Some(Request::Rollback)).await;
            if end == OperationState::FailedTemp {
                end = ask_and_wait(&stage, id, Request::Rollback).await;
            }
            assert_eq!(end, OperationState::RolledBack, "{fault:?} of the undo of {node}");
            stage.inspect(end).await;
        }
    }
}

async fn roll_back_instead<S: Stage>(stage: &S, node: &str, fault: Fault) {
    let (id, state) = first_run(stage, &Injection::on_step(node, fault)).await;
    assert_eq!(state, OperationState::FailedTemp);
    if !stage.engine(None).rolls_back(id).await.expect("the journal answers") {
        return;
    }
    let end = ask_and_wait(stage, id, Request::Rollback).await;
    assert_eq!(end, OperationState::RolledBack, "rollback after {fault:?} of {node}");
    stage.inspect(end).await;
}

async fn nodes<S: Stage>(stage: &S) -> Vec<String> {
    let engine = stage.engine(None);
    let id = stage.ask(&engine).await;
    let end = work(stage, None, id, None).await;
    assert_eq!(end, OperationState::Completed, "without any fault");
    stage.inspect(end).await;
    let plan = engine.progress(id).await.expect("the journal answers").0.plan.unwrap_or_default();
    assert!(!plan.nodes.is_empty(), "a plan without nodes proves nothing");
    plan.nodes.into_iter().map(|node| node.id).collect()
}

async fn first_run<S: Stage>(
    stage: &S,
    injection: &Arc<Injection>,
) -> (OperationId, OperationState) {
    let id = stage.ask(&*stage.engine(None)).await;
    (id, work(stage, Some(injection), id, None).await)
}

async fn ask_and_wait<S: Stage>(stage: &S, id: OperationId, request: Request) -> OperationState {
    work(stage, None, id, Some(request)).await
}

/// Runs an engine until the operation is at rest; starts another one when an injected crash
/// stopped the first, as an operator's service manager would.
async fn work<S: Stage>(
    stage: &S,
    injection: Option<&Arc<Injection>>,
    id: OperationId,
    request: Option<Request>,
) -> OperationState {
    let engine = stage.engine(injection.cloned());
    if let Some(request) = request {
        engine.request(id, request).await.expect("the request is possible");
    }
    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(Arc::clone(&engine).run(stopped));
    let state = tokio::time::timeout(Duration::from_mins(5), at_rest(&engine, id)).await;
    stop.send_replace(true);
    worker.await.expect("the engine ends in good order");
    state.unwrap_or_else(|_| panic!("{id} did not come to rest"))
}

async fn at_rest<C: Send + Sync + 'static>(engine: &Engine<C>, id: OperationId) -> OperationState {
    loop {
        let state = engine.progress(id).await.expect("the journal answers").0.state;
        if !state.is_active() {
            return state;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
