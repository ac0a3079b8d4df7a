//! Operations of network services: a file or folder each, opening with its table of steps.
//!
//! | operation | procedure | on the wire |
//! |---|---|---|
//! | [`ns_instantiate`] | `ns-instantiate` | INSTANTIATE |
//! | [`ns_terminate`] | `ns-terminate` | TERMINATE |
//! | [`ns_scale`] | `ns-scale` | SCALE |
//! | [`ns_heal`] | `ns-heal` | HEAL |

mod changes;
mod ns_heal;
mod ns_instantiate;
mod ns_scale;
mod ns_terminate;
mod outlook;
mod place;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod proofs;
mod request;
mod steps;
pub(crate) mod tasks;

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use windlass_api::nslcm::NsLcmOperationType;
use windlass_lcm::{Operation, Procedure, StepError, Subject};
use windlass_model::NsInstanceId;
use windlass_model::ns::NsInstance;

use crate::nfvo::Core;

pub(crate) use changes::changes;
pub(crate) use outlook::{outlook, unfinished};
pub(crate) use place::profile_of;
pub(crate) use request::{heal, instantiate, scale, terminate};

/// The operations that a service knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Its networks and VNFs are made.
    Instantiate,
    /// They go.
    Terminate,
    /// Its VNFs grow or shrink.
    Scale,
    /// Its VNFs are made whole.
    Heal,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Instantiate, Self::Terminate, Self::Scale, Self::Heal];

    /// The procedure's name in the journal.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instantiate => "ns-instantiate",
            Self::Terminate => "ns-terminate",
            Self::Scale => "ns-scale",
            Self::Heal => "ns-heal",
        }
    }

    /// The kind of an operation of the journal.
    pub fn of(operation: &Operation) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == operation.kind)
    }

    /// SOL005's word for it.
    pub const fn on_wire(self) -> NsLcmOperationType {
        match self {
            Self::Instantiate => NsLcmOperationType::Instantiate,
            Self::Terminate => NsLcmOperationType::Terminate,
            Self::Scale => NsLcmOperationType::Scale,
            Self::Heal => NsLcmOperationType::Heal,
        }
    }

    /// Whether its effect can be taken back.
    pub const fn may_roll_back(self) -> bool {
        match self {
            Self::Instantiate | Self::Scale => true,
            Self::Terminate | Self::Heal => false,
        }
    }
}

/// What the engine runs.
pub(crate) fn procedures() -> Vec<Arc<dyn Procedure<Core>>> {
    vec![
        Arc::new(ns_instantiate::NsInstantiate),
        Arc::new(ns_terminate::NsTerminate),
        Arc::new(ns_scale::NsScale),
        Arc::new(ns_heal::NsHeal),
    ]
}

/// A service as the journal names it.
pub(crate) fn subject(ns: NsInstanceId) -> Subject {
    Subject { kind: "ns".to_owned(), id: ns.0 }
}

/// The service as it was before an operation.
fn before(operation: &Operation) -> Result<NsInstance, StepError> {
    decode("the service as it was", &operation.before)
}

/// A document of the journal as the type that it was.
fn decode<T: DeserializeOwned>(what: &str, document: &Value) -> Result<T, StepError> {
    T::deserialize(document)
        .map_err(|error| StepError::lasting(500, format!("{what} cannot be read: {error}")))
}

/// A document for the journal.
fn encode(document: &impl Serialize) -> Result<Value, StepError> {
    serde_json::to_value(document)
        .map_err(|error| StepError::lasting(500, format!("cannot be written down: {error}")))
}
