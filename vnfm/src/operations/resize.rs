//! What instantiate, scale and heal share: ask for a grant, then build the plan.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use windlass_api::grant::GrantedLcmOperationType;
use windlass_descriptors::vnfd::Flavour;
use windlass_lcm::{Operation, Plan, StepError};
use windlass_model::NetworkId;
use windlass_model::vnf::{InstantiatedVnf, VnfInstance};
use windlass_vim::Network;

use super::{DEFAULT_GRACE_S, texts};
use crate::Program;
use crate::error::{VnfmError, step_error};
use crate::nfvo::KnownVnfd;
use crate::plan::build::Build;
use crate::plan::sizing::Sizing;
use crate::plan::{PlanError, grant};

/// A VNF that is about to change its size.
pub struct Resize<'a> {
    pub operation: &'a Operation,
    pub kind: GrantedLcmOperationType,
    pub vnf: &'a VnfInstance,
    pub known: &'a KnownVnfd,
    pub flavour: &'a Flavour,
    pub parameters: &'a Map<String, Value>,
}

impl Resize<'_> {
    /// Asks for the grant and builds the plan that brings `start` to `sizing`.
    pub async fn plan(
        &self,
        program: &Program,
        start: InstantiatedVnf,
        sizing: &Sizing,
    ) -> Result<Plan, StepError> {
        let request = grant::request(self.vnf, self.operation, self.kind, self.flavour, sizing);
        let granted = grant::read(&program.nfvo.grant(&request).await?)?;
        let (start, outside) = resolve_links(program, start, &granted.vims).await?;
        let build = Build {
            operation: self.operation.id,
            vnf: self.vnf,
            flavour: self.flavour,
            granted: &granted,
            outside: &outside,
            images: &self.known.images(),
            parameters: &texts(self.parameters),
            grace_s: DEFAULT_GRACE_S,
        };
        Ok(build.plan(start, sizing)?)
    }
}

/// Learns from their VIMs what the networks behind the external links are.
async fn resolve_links(
    program: &Program,
    mut vnf: InstantiatedVnf,
    vims: &[windlass_model::Vim],
) -> Result<(InstantiatedVnf, BTreeMap<NetworkId, Network>), StepError> {
    let mut networks = BTreeMap::new();
    for link in &mut vnf.external_links {
        let known = vims.iter().chain(&vnf.vims).find(|vim| vim.id == link.vim);
        let unknown = || StepError::from(PlanError::UnknownLink(link.id.clone()));
        let vim = program.connector.connect(known.ok_or_else(unknown)?);
        let network = vim.network(link.network).await.map_err(|error| step_error(&error))?;
        let network = network.ok_or_else(unknown)?;
        link.cidr = Some(network.spec.cidr);
        link.gateway = network.spec.gateway;
        link.mtu = network.spec.mtu;
        networks.insert(link.network, network);
    }
    Ok((vnf, networks))
}

/// The VNFD of a VNF that exists, and the flavour that it runs.
pub async fn flavour_of(program: &Program, vnf: &VnfInstance) -> Result<KnownVnfd, StepError> {
    Ok(program.nfvo.vnfd(&vnf.product.vnfd_id).await?)
}

/// The flavour of this id.
pub fn flavour<'a>(known: &'a KnownVnfd, id: &str) -> Result<&'a Flavour, StepError> {
    known.vnfd.flavour(id).map_err(|error| VnfmError::from(PlanError::from(error)).into())
}
