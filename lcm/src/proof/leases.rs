//! A lease may be lost while the step still runs.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use windlass_model::OperationState;

use crate::proof::shift::{Shift, asked, in_time, nodes, to_rest};
use crate::proof::{Fault, Injection, Moment, Stage};

/// A process stands still around each step, as one does whose machine is suspended. Another one
/// takes the operation over and completes it. Then the first one goes on where it stood: what it
/// does once more changes nothing, and nothing that it writes is taken.
///
/// # Panics
/// When the late one wins.
pub async fn every_late_write_is_refused<S: Stage>(new_stage: impl AsyncFn() -> S) {
    for node in nodes(&new_stage().await).await {
        for moment in Moment::ALL {
            let stage = new_stage().await;
            let id = asked(&stage).await;
            let injection = Injection::on_step(&node, moment, Fault::Suspend);
            let first = Shift::begin(stage.engine(Some(Arc::clone(&injection))));
            in_time(&node, injection.reached()).await;

            let end = to_rest(&stage, None, id).await;
            let error = stage.engine(None).progress(id).await.expect("it is there").0.error;
            assert_eq!(end, OperationState::Completed, "{moment:?} {node}: {error:?}");
            stage.inspect(end).await;

            injection.let_go();
            let refused = async {
                while injection.late.refused.load(Ordering::SeqCst) == 0 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            in_time("the late write comes", refused).await;
            assert_eq!(injection.late.accepted.load(Ordering::SeqCst), 0, "{moment:?} {node}");
            first.end().await;
            stage.inspect(end).await;
        }
    }
}
