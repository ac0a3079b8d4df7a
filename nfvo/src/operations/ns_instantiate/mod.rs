//! NS instantiate: networks first, then VNFs, each as soon as those that it depends on run.
//!
//! ```text
//!  ensure_network/lan ─┐
//!  ensure_network/wan ─┼─▶ instantiate_vnf/db ─▶ instantiate_vnf/web
//!  create_vnf_identifier/… ─┘
//! ```

mod design;
mod need;
mod plan;
mod subnets;

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use windlass_api::nslcm::InstantiateNsRequest;
use windlass_lcm::{Operation, Plan, Procedure, Progress, Step, StepError, step};
use windlass_model::VimId;
use windlass_model::ns::{InstantiatedNs, NsLink, NsVnf};

use super::outlook::made;
use super::steps::{
    create_vnf_identifier, ensure_network, forget_vnf_identifier, instantiate_vnf, release_vnf,
    remove_network,
};
use super::{Kind, before, decode, encode};
use crate::nfvo::Core;

pub(super) use design::{check, nsd_of};
#[cfg(test)]
pub(super) use {
    design::{Constituent, Design},
    plan::plan,
};

/// The step that makes a VNF's identifier; other operations look for what it made.
pub(super) const CREATE: &str = "create_vnf_identifier";

pub(super) const NS_INSTANTIATE: &[Step<Core>] = &[
    step!(ensure_network, undo = remove_network),
    step!(create_vnf_identifier, undo = forget_vnf_identifier),
    step!(instantiate_vnf, undo = release_vnf),
];

/// What the plan remembers beside its nodes: the service as it will be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Notes {
    /// The flavour.
    pub flavour: String,
    /// The instantiation level.
    pub level: Option<String>,
    /// The VIM that everything is in.
    pub vim: VimId,
    /// The virtual links.
    pub links: Vec<NsLink>,
    /// The places of the VNFs.
    pub places: Vec<String>,
}

/// The procedure.
pub(super) struct NsInstantiate;

#[async_trait]
impl Procedure<Core> for NsInstantiate {
    fn kind(&self) -> &'static str {
        Kind::Instantiate.name()
    }

    fn steps(&self) -> &'static [Step<Core>] {
        NS_INSTANTIATE
    }

    async fn plan(&self, core: &Arc<Core>, operation: &Operation) -> Result<Plan, StepError> {
        let ns = before(operation)?;
        let request: InstantiateNsRequest = decode("the request", &operation.params)?;
        let nsd = nsd_of(core, ns.nsd_info).await?;
        let design = design::design(core, &nsd, &request).await?;
        let vim = need::choose_vim(core, &design).await?;
        plan::plan(operation.id, &ns, &design, &vim)
    }

    fn reflect(&self, operation: &Operation, progress: &Progress) -> Result<Value, StepError> {
        let Some(plan) = &operation.plan else { return Ok(operation.before.clone()) };
        let mut ns = before(operation)?;
        let notes: Notes = decode("the plan's notes", &plan.notes)?;
        let left = |node: &str| progress.may_have_effect(node);
        let touched = plan.nodes.is_empty() || plan.nodes.iter().any(|node| left(&node.id));
        let vnf = |place: String| {
            let vnf = made(progress, &format!("{CREATE}/{place}"))?;
            Some(NsVnf { profile: place, vnf })
        };
        ns.instantiated = touched.then(|| InstantiatedNs {
            flavour: notes.flavour,
            level: notes.level,
            links: notes
                .links
                .into_iter()
                .filter(|link| left(&plan::network_node(&link.virtual_link)))
                .collect(),
            vnfs: notes.places.into_iter().filter_map(vnf).collect(),
        });
        encode(&ns)
    }
}
