//! Each step may fail, may repeat, and the process may die around it.

use windlass_model::OperationState;

use crate::journal::Request;
use crate::proof::shift::{after, first_run, nodes};
use crate::proof::{Fault, Injection, Moment, Stage};

/// What can happen to a step, or to an undo.
pub(super) const FAULTS: [(Moment, Fault); 5] = [
    (Moment::Before, Fault::Fail),
    (Moment::After, Fault::Fail),
    (Moment::After, Fault::Repeat),
    (Moment::Before, Fault::Crash),
    (Moment::After, Fault::Crash),
];

/// For every node of the plan and every fault the operation ends as it should. A failed step is
/// retried in one world and rolled back in another, where the error stays visible.
///
/// # Panics
/// When the table does not hold.
pub async fn every_step_holds<S: Stage>(new_stage: impl AsyncFn() -> S) {
    for node in nodes(&new_stage().await).await {
        for (moment, fault) in FAULTS {
            let stage = new_stage().await;
            let injection = Injection::on_step(&node, moment, fault);
            let (id, state) = first_run(&stage, &injection).await;
            assert!(injection.is_spent(), "{fault:?} {moment:?} never struck {node}");
            let waits = state == OperationState::FailedTemp;
            let end = if waits { after(&stage, id, Request::Retry, None).await } else { state };
            assert_eq!(end, OperationState::Completed, "after {fault:?} {moment:?} {node}");
            stage.inspect(end).await;
            if waits {
                roll_back_instead(&new_stage().await, &node, moment).await;
            }
        }
    }
}

async fn roll_back_instead<S: Stage>(stage: &S, node: &str, moment: Moment) {
    let (id, state) = first_run(stage, &Injection::on_step(node, moment, Fault::Fail)).await;
    assert_eq!(state, OperationState::FailedTemp);
    let engine = stage.engine(None);
    if !engine.rolls_back(id).await.expect("the journal answers") {
        return;
    }
    let end = after(stage, id, Request::Rollback, None).await;
    assert_eq!(end, OperationState::RolledBack, "rollback after a failure of {node}");
    let error = engine.progress(id).await.expect("the journal answers").0.error;
    assert!(error.is_some(), "nobody sees any more why {node} failed");
    stage.inspect(end).await;
}
