//! Each undo may fail, may be done twice, and the process may die around it.

use windlass_model::OperationState;

use crate::journal::Request;
use crate::proof::shift::{after, failure, first_run, last_way_back, nodes};
use crate::proof::steps::FAULTS;
use crate::proof::{Injection, Stage};

/// The operation fails as late as it can still be rolled back, and each undo on the way back meets
/// every fault. A table without a way back has nothing to prove here.
///
/// # Panics
/// When an undo does not hold.
pub async fn every_undo_holds<S: Stage>(new_stage: impl AsyncFn() -> S) {
    let nodes = nodes(&new_stage().await).await;
    let Some(last) = last_way_back(&new_stage, &nodes).await else { return };
    for node in &nodes {
        for (moment, fault) in FAULTS {
            let stage = new_stage().await;
            let (id, state) = first_run(&stage, &failure(&last)).await;
            assert_eq!(state, OperationState::FailedTemp);
            let injection = Injection::on_undo(node, moment, fault);
            let mut end = after(&stage, id, Request::Rollback, Some(&injection)).await;
            if end == OperationState::FailedTemp {
                end = after(&stage, id, Request::Rollback, None).await;
            }
            let met = format!("{fault:?} {moment:?} the undo of {node}");
            assert_eq!(end, OperationState::RolledBack, "{met}");
            stage.inspect(end).await;
        }
    }
}
