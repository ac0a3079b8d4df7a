//! A cancel may come in every state and around every step, and takes effect within a bound.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use windlass_model::{CancelMode, OperationId, OperationState};

use crate::error::JournalError;
use crate::journal::Request;
use crate::proof::shift::{
    Shift, after, asked, at_rest, failure, first_run, in_time, last_way_back, nodes, to_rest,
};
use crate::proof::{Fault, Injection, Moment, Stage};

/// What a cancel may take beside the patience of a graceful one.
const MARGIN: Duration = Duration::from_secs(5);
const MODES: [CancelMode; 2] = [CancelMode::Graceful, CancelMode::Forceful];
/// No operation of a proof writes more.
const MOST_WRITES: usize = 1_000;

/// Cancels of both modes: before anybody works, around each step, around each undo, and at each
/// write of the log. Each takes effect within its bound. What it leaves is retried in one world and
/// rolled back in another: after a graceful cancel that comes before a step, and a forceful one
/// that comes after it, the operation is completed; after the others nothing is left of it.
///
/// A graceful cancel finds a step that never ends when it comes before the step's effect, and one
/// that just ends when it comes after.
///
/// # Panics
/// When one does not.
pub async fn every_cancel_holds<S: Stage>(new_stage: impl AsyncFn() -> S) {
    let nodes = nodes(&new_stage().await).await;
    let last = last_way_back(&new_stage, &nodes).await;
    for mode in MODES {
        before_any_work(&new_stage().await, mode).await;
        for node in &nodes {
            for moment in Moment::ALL {
                around_a_step(&new_stage().await, node, moment, mode).await;
            }
            if let Some(last) = &last {
                around_an_undo(&new_stage().await, node, last, mode).await;
            }
        }
    }
    at_each_write(&new_stage).await;
}

async fn before_any_work<S: Stage>(stage: &S, mode: CancelMode) {
    let id = asked(stage).await;
    stage.engine(None).cancel(id, mode).await.expect("STARTING can be cancelled");
    let asked_at = Instant::now();
    let state = to_rest(stage, None, id).await;
    assert_eq!(state, OperationState::RolledBack, "nothing was touched");
    assert!(asked_at.elapsed() <= MARGIN);
    stage.inspect(state).await;
    is_refused_at_rest(stage, id, mode).await;
}

/// In either mode in turn.
async fn at_each_write<S: Stage>(new_stage: &impl AsyncFn() -> S) {
    for (n, mode) in (1..MOST_WRITES).zip(MODES.into_iter().cycle()) {
        let stage = new_stage().await;
        let injection = Injection::on_write(n, Moment::Before, Fault::Hold);
        let id = asked(&stage).await;
        let shift = Shift::begin(stage.engine(Some(Arc::clone(&injection))));
        tokio::select! {
            () = injection.reached() => {}
            state = at_rest(&*shift.engine, id) => {
                assert_eq!(state, OperationState::Completed);
                return;
            }
        }
        let state = cancelled(&stage, &shift, &injection, id, mode, true).await;
        shift.end().await;
        go_on(&stage, id, state, Request::Retry).await;
    }
    panic!("it writes for ever");
}

async fn around_a_step<S: Stage>(stage: &S, node: &str, moment: Moment, mode: CancelMode) {
    let then = match (mode, moment) {
        (CancelMode::Graceful, Moment::Before) | (CancelMode::Forceful, Moment::After) => {
            Request::Retry
        }
        (CancelMode::Graceful, Moment::After) | (CancelMode::Forceful, Moment::Before) => {
            Request::Rollback
        }
    };
    let id = asked(stage).await;
    let injection = Injection::on_step(node, moment, Fault::Hold);
    let shift = Shift::begin(stage.engine(Some(Arc::clone(&injection))));
    in_time(node, injection.reached()).await;
    let ends = moment == Moment::After && mode == CancelMode::Graceful;
    let state = cancelled(stage, &shift, &injection, id, mode, ends).await;
    shift.end().await;
    go_on(stage, id, state, then).await;
}

async fn around_an_undo<S: Stage>(stage: &S, node: &str, last: &str, mode: CancelMode) {
    let then = match mode {
        CancelMode::Graceful => Request::Retry,
        CancelMode::Forceful => Request::Rollback,
    };
    let (id, _) = first_run(stage, &failure(last)).await;
    stage.engine(None).request(id, Request::Rollback).await.expect("it can be rolled back");
    let injection = Injection::on_undo(node, Moment::Before, Fault::Hold);
    let shift = Shift::begin(stage.engine(Some(Arc::clone(&injection))));
    tokio::select! {
        () = injection.reached() => {}
        // A step without undo has nothing to cancel.
        state = at_rest(&*shift.engine, id) => {
            assert_eq!(state, OperationState::RolledBack);
            return;
        }
    }
    let state = cancelled(stage, &shift, &injection, id, mode, false).await;
    assert_eq!(state, OperationState::FailedTemp, "a cancelled rollback waits");
    shift.end().await;
    go_on(stage, id, state, then).await;
}

/// Cancels while something is held, and measures how long that takes.
async fn cancelled<S: Stage>(
    stage: &S,
    shift: &Shift<S::Program>,
    injection: &Injection,
    id: OperationId,
    mode: CancelMode,
    let_go: bool,
) -> OperationState {
    let patience = match mode {
        CancelMode::Graceful => shift.engine.settings().graceful_limit,
        CancelMode::Forceful => Duration::ZERO,
    };
    let asked_at = Instant::now();
    shift.engine.cancel(id, mode).await.expect("what is active can be cancelled");
    if let_go {
        injection.let_go();
    }
    let state = at_rest(&*shift.engine, id).await;
    let took = asked_at.elapsed();
    assert!(took <= patience + MARGIN, "{mode:?} at {injection:?} took {took:?}");
    is_refused_at_rest(stage, id, mode).await;
    state
}

/// Whatever the cancel left, it leads to a good end.
async fn go_on<S: Stage>(stage: &S, id: OperationId, state: OperationState, then: Request) {
    let engine = stage.engine(None);
    let end = match state {
        OperationState::FailedTemp => {
            let back = engine.rolls_back(id).await.expect("the journal answers");
            let then = if back { then } else { Request::Retry };
            let wanted = match then {
                Request::Retry => OperationState::Completed,
                Request::Rollback => OperationState::RolledBack,
            };
            let end = after(stage, id, then, None).await;
            let error = engine.progress(id).await.expect("the journal answers").0.error;
            assert_eq!(end, wanted, "{then:?} after a cancel: {error:?}");
            end
        }
        // It came too late, or before anything was done.
        OperationState::Completed | OperationState::RolledBack => state,
        OperationState::Starting
        | OperationState::Processing
        | OperationState::RollingBack
        | OperationState::Failed => panic!("a cancel led to {state}"),
    };
    stage.inspect(end).await;
}

async fn is_refused_at_rest<S: Stage>(stage: &S, id: OperationId, mode: CancelMode) {
    let answer = stage.engine(None).cancel(id, mode).await;
    assert!(matches!(answer, Err(JournalError::Denied(_))), "{answer:?}");
}
