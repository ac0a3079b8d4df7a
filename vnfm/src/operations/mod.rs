//! The operations of a VNF, a file each. Every one opens with its table of steps.

mod heal;
mod instantiate;
mod modify;
mod operate;
mod resize;
mod scale;
mod terminate;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use windlass_lcm::{Operation, Plan, Procedure, Progress, Step, StepError};
use windlass_model::vnf::{InstantiatedVnf, VnfInstance};
use windlass_model::{OperationId, OperationState};

use crate::Program;
use crate::plan::Notes;
use crate::plan::notes::reflect;
use crate::steps::STEPS;

/// The kind of the procedure that instantiates.
pub const INSTANTIATE: &str = "vnf-instantiate";
/// The kind of the procedure that scales by steps.
pub const SCALE: &str = "vnf-scale";
/// The kind of the procedure that scales to a level.
pub const SCALE_TO_LEVEL: &str = "vnf-scale-to-level";
/// The kind of the procedure that heals.
pub const HEAL: &str = "vnf-heal";
/// The kind of the procedure that starts and stops.
pub const OPERATE: &str = "vnf-operate";
/// The kind of the procedure that terminates.
pub const TERMINATE: &str = "vnf-terminate";
/// The kind of the procedure that changes information.
pub const MODIFY_INFO: &str = "vnf-modify-info";

/// Seconds that guests have to shut down when nobody says otherwise.
pub const DEFAULT_GRACE_S: u64 = 30;

/// All procedures of the VNFM.
#[must_use]
pub fn procedures() -> Vec<Arc<dyn Procedure<Program>>> {
    vec![
        Arc::new(Lifecycle(instantiate::Instantiate)),
        Arc::new(Lifecycle(scale::ByStep)),
        Arc::new(Lifecycle(scale::ToLevel)),
        Arc::new(Lifecycle(heal::Heal)),
        Arc::new(Lifecycle(operate::Operate)),
        Arc::new(Lifecycle(terminate::Terminate)),
        Arc::new(modify::ModifyInfo),
    ]
}

/// The request of an operation.
fn params<T: DeserializeOwned>(operation: &Operation) -> Result<T, StepError> {
    T::deserialize(&operation.params)
        .map_err(|error| StepError::lasting(500, format!("the request cannot be read: {error}")))
}

/// The VNF as it was before an operation.
fn before(operation: &Operation) -> Result<VnfInstance, StepError> {
    VnfInstance::deserialize(&operation.before)
        .map_err(|error| StepError::lasting(500, format!("the VNF cannot be read: {error}")))
}

/// The VNF before an operation that needs it to be INSTANTIATED.
fn running(operation: &Operation) -> Result<(VnfInstance, InstantiatedVnf), StepError> {
    let vnf = before(operation)?;
    let gone = || StepError::lasting(409, "the VNF is not instantiated");
    let instantiated = vnf.instantiated.clone().ok_or_else(gone)?;
    Ok((vnf, instantiated))
}

/// The parameters of a request as text, for boot data.
fn texts(parameters: &serde_json::Map<String, Value>) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    parameters.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

/// The VNF after what an operation has done so far.
fn reflected(operation: &Operation, progress: &Progress) -> Result<Value, StepError> {
    let notes = Notes::of(operation)?;
    let nodes = operation.plan.as_ref().map_or(0, |plan| plan.nodes.len());
    let done = operation.plan.is_some() && progress.done() == nodes;
    document(&reflect(&before(operation)?, &notes, progress, done))
}

fn document(vnf: &VnfInstance) -> Result<Value, StepError> {
    serde_json::to_value(vnf).map_err(|error| StepError::lasting(500, error.to_string()))
}

/// Tells the NFVO what the VNF holds after an operation.
async fn settle(
    program: &Program,
    operation: OperationId,
    subject: &Value,
) -> Result<(), StepError> {
    let vnf = VnfInstance::deserialize(subject)
        .map_err(|error| StepError::lasting(500, error.to_string()))?;
    let holds = vnf.instantiated.map(|instantiated| instantiated.vnfcs).unwrap_or_default();
    program.nfvo.settle(vnf.id, Some(operation), &holds).await
}

/// What the operations that make or remove components have of their own: a name and a plan.
/// Steps, effect and farewell are the same for all ([`Lifecycle`]).
#[async_trait]
trait Planner: Send + Sync + 'static {
    /// Its name in the journal.
    fn kind(&self) -> &'static str;

    /// Decides what is to be done.
    async fn plan(&self, program: &Arc<Program>, operation: &Operation) -> Result<Plan, StepError>;
}

/// The procedure of an operation that makes or removes components.
struct Lifecycle<P>(P);

#[async_trait]
impl<P: Planner> Procedure<Program> for Lifecycle<P> {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }

    fn steps(&self) -> &'static [Step<Program>] {
        STEPS
    }

    async fn plan(&self, program: &Arc<Program>, operation: &Operation) -> Result<Plan, StepError> {
        self.0.plan(program, operation).await
    }

    fn reflect(&self, operation: &Operation, progress: &Progress) -> Result<Value, StepError> {
        reflected(operation, progress)
    }

    async fn conclude(
        &self,
        program: &Arc<Program>,
        operation: &Operation,
        _state: OperationState,
        subject: &Value,
    ) -> Result<(), StepError> {
        settle(program, operation.id, subject).await
    }
}
