//! Operations of network services and of VNFs, seen alike.

use chrono::{DateTime, Utc};
use serde::Serialize;
use windlass_api::common::ProblemDetails;
use windlass_api::nslcm::{NsLcmOpOcc, NsLcmOperationState};
use windlass_api::vnflcm::{LcmOperationState, VnfLcmOpOcc};
use windlass_api::windlass::OperationProgress;
use windlass_client::{Error, ListOptions};

use super::context::Context;
use super::resolve::{Candidate, resolve};

/// An operation occurrence.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Operation {
    /// Of a VNF; the VNFM has it.
    Vnf(Box<VnfLcmOpOcc>),
    /// Of a network service; the NFVO has it.
    Ns(Box<NsLcmOpOcc>),
}

/// Whose operation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A VNF's.
    Vnf,
    /// A network service's.
    Ns,
}

impl Kind {
    /// The noun.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Vnf => "VNF",
            Self::Ns => "NS",
        }
    }

    /// The steps of an operation; nothing from a server that is not ours, and has none to show.
    pub async fn steps(
        self,
        context: &Context,
        id: &str,
    ) -> Result<Option<OperationProgress>, Error> {
        let steps = match self {
            Self::Vnf => context.vnfm.vnf_operation_steps(id).await,
            Self::Ns => context.nfvo.ns_operation_steps(id).await,
        };
        match steps {
            Err(error) if error.is_not_found() => Ok(None),
            steps => steps.map(Some),
        }
    }

    /// One operation of this kind.
    pub async fn read(self, context: &Context, id: &str) -> Result<Operation, Error> {
        match self {
            Self::Vnf => {
                let read = context.vnfm.vnf_operation_read(id).await;
                read.map(|operation| Operation::Vnf(Box::new(operation)))
            }
            Self::Ns => {
                let read = context.nfvo.ns_operation_read(id).await;
                read.map(|operation| Operation::Ns(Box::new(operation)))
            }
        }
    }
}

impl Operation {
    /// Whose it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Vnf(_) => Kind::Vnf,
            Self::Ns(_) => Kind::Ns,
        }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        match self {
            Self::Vnf(operation) => &operation.id,
            Self::Ns(operation) => &operation.id,
        }
    }

    /// What is being done, such as `INSTANTIATE`.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Vnf(operation) => operation.operation.as_str(),
            Self::Ns(operation) => operation.lcm_operation_type.as_str(),
        }
    }

    /// The VNF or service that it changes.
    pub fn instance(&self) -> &str {
        match self {
            Self::Vnf(operation) => &operation.vnf_instance_id,
            Self::Ns(operation) => &operation.ns_instance_id,
        }
    }

    /// The state, in the words of the standard.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Vnf(operation) => operation.operation_state.as_str(),
            Self::Ns(operation) => operation.operation_state.as_str(),
        }
    }

    /// When it was asked for.
    pub fn started(&self) -> DateTime<Utc> {
        match self {
            Self::Vnf(operation) => operation.start_time,
            Self::Ns(operation) => operation.start_time,
        }
    }

    /// Since when it is in its state.
    pub fn entered(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Vnf(operation) => Some(operation.state_entered_time),
            Self::Ns(operation) => operation.state_entered_time,
        }
    }

    /// Why it failed.
    pub fn error(&self) -> Option<&ProblemDetails> {
        match self {
            Self::Vnf(operation) => operation.error.as_ref(),
            Self::Ns(operation) => operation.error.as_ref(),
        }
    }

    /// Whether it was asked to stop and has not stopped yet.
    pub fn is_cancel_pending(&self) -> bool {
        match self {
            Self::Vnf(operation) => operation.is_cancel_pending,
            Self::Ns(operation) => operation.is_cancel_pending,
        }
    }

    /// Whether nothing will happen until somebody asks.
    pub fn is_settled(&self) -> bool {
        match self {
            Self::Vnf(operation) => operation.operation_state.is_settled(),
            Self::Ns(operation) => operation.operation_state.is_settled(),
        }
    }

    /// Whether it did what was asked.
    pub fn is_completed(&self) -> bool {
        match self {
            Self::Vnf(operation) => operation.operation_state == LcmOperationState::Completed,
            Self::Ns(operation) => operation.operation_state == NsLcmOperationState::Completed,
        }
    }

    /// What may be asked of it now: the tasks that the server links to.
    pub fn tasks(&self) -> Vec<&'static str> {
        let links = match self {
            Self::Vnf(operation) => operation.links.as_ref().map(|links| {
                [
                    links.retry.is_some(),
                    links.rollback.is_some(),
                    links.fail.is_some(),
                    links.cancel.is_some(),
                ]
            }),
            Self::Ns(operation) => {
                let links = &operation.links;
                Some([
                    links.retry.is_some(),
                    links.rollback.is_some(),
                    links.fail.is_some(),
                    links.cancel.is_some(),
                ])
            }
        };
        let named =
            ["retry", "rollback", "fail", "cancel"].into_iter().zip(links.unwrap_or_default());
        named.filter(|(_, is_linked)| *is_linked).map(|(task, _)| task).collect()
    }
}

/// Every operation of both kinds, the latest first.
pub async fn list(context: &Context) -> Result<Vec<Operation>, Error> {
    let options = ListOptions::default();
    let of_vnfs = known(context.vnfm.vnf_operation_list(&options).await)?;
    let of_services = known(context.nfvo.ns_operation_list(&options).await)?;
    let of_vnfs = of_vnfs.into_iter().map(|operation| Operation::Vnf(Box::new(operation)));
    let of_services = of_services.into_iter().map(|operation| Operation::Ns(Box::new(operation)));
    let mut operations: Vec<Operation> = of_vnfs.chain(of_services).collect();
    operations.sort_by_key(|operation| std::cmp::Reverse(operation.started()));
    Ok(operations)
}

/// A server without this API, such as an NFVO alone, has no operations of this kind.
fn known<T>(listed: Result<Vec<T>, Error>) -> Result<Vec<T>, Error> {
    match listed {
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        listed => listed,
    }
}

/// The operation that somebody means, by its id or a piece of it.
pub async fn find(context: &Context, wanted: &str) -> anyhow::Result<Operation> {
    let operations = list(context).await?;
    let candidate = |operation: &Operation| {
        let about =
            format!("{} of {} {}", operation.verb(), operation.kind().noun(), operation.instance());
        Candidate::new(operation.id(), [about])
    };
    let id = resolve("operation", wanted, operations.iter().map(candidate).collect())?;
    let found = operations.iter().find(|operation| operation.id() == id);
    let kind = found.map_or(Kind::Vnf, Operation::kind);
    // A list leaves things out that are worth showing.
    Ok(kind.read(context, &id).await?)
}
