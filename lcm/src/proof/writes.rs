//! The process may die before and after each write of its log.
//!
//! The request itself is one write of a process that never works, so that every proof starts from
//! a death right after it.

use std::sync::Arc;

use windlass_model::OperationState;

use crate::journal::Request;
use crate::proof::shift::{after, failure, first_run, last_way_back, nodes};
use crate::proof::{Fault, Injection, Moment, Stage};

/// No operation of a proof writes more.
const MOST_WRITES: usize = 1_000;

/// Whatever write is the last of a process, the next process brings the operation to its end:
/// on the way forward, and on the way back.
///
/// # Panics
/// When it does not.
pub async fn every_write_may_be_the_last<S: Stage>(new_stage: impl AsyncFn() -> S) {
    let forward = async |injection: &Arc<Injection>| {
        let stage = new_stage().await;
        let (_, end) = first_run(&stage, injection).await;
        assert_eq!(end, OperationState::Completed, "{injection:?}");
        stage.inspect(end).await;
    };
    for moment in Moment::ALL {
        die_at_each_write(moment, &forward).await;
    }

    let nodes = nodes(&new_stage().await).await;
    let Some(last) = last_way_back(&new_stage, &nodes).await else { return };
    let back = async |injection: &Arc<Injection>| {
        let stage = new_stage().await;
        let (id, _) = first_run(&stage, &failure(&last)).await;
        let end = after(&stage, id, Request::Rollback, Some(injection)).await;
        assert_eq!(end, OperationState::RolledBack, "{injection:?}");
        stage.inspect(end).await;
    };
    // After one write is before the next but for the undos between, which the other proofs kill.
    die_at_each_write(Moment::After, &back).await;
}

/// How many writes there are shows when the fault finds none any more.
async fn die_at_each_write(moment: Moment, life: &impl AsyncFn(&Arc<Injection>)) {
    for n in 1..=MOST_WRITES {
        let injection = Injection::on_write(n, moment, Fault::Crash);
        life(&injection).await;
        if !injection.is_spent() {
            assert!(n > 2, "an operation is claimed, and comes to rest");
            return;
        }
    }
    panic!("it writes for ever");
}
