//! Instantiate: networks, images, volumes, machines; then wait until every guest is ready
//! (SOL003 clause 5.4.4).

use std::sync::Arc;

use async_trait::async_trait;
use windlass_api::grant::GrantedLcmOperationType;
use windlass_api::vnflcm::InstantiateVnfRequest;
use windlass_lcm::{Operation, Plan, StepError};
use windlass_model::vnf::InstantiatedVnf;

use super::resize::{Resize, flavour, flavour_of};
use super::{INSTANTIATE, Planner, before, params};
use crate::Program;
use crate::plan::{links, sizing};

pub struct Instantiate;

#[async_trait]
impl Planner for Instantiate {
    fn kind(&self) -> &'static str {
        INSTANTIATE
    }

    async fn plan(&self, program: &Arc<Program>, operation: &Operation) -> Result<Plan, StepError> {
        let request: InstantiateVnfRequest = params(operation)?;
        let vnf = before(operation)?;
        let known = flavour_of(program, &vnf).await?;
        let flavour = flavour(&known, &request.flavour_id)?;
        let sizing = sizing::first(flavour, request.instantiation_level_id.as_deref())?;
        let start = InstantiatedVnf {
            flavour: request.flavour_id.clone(),
            started: true,
            external_links: links::external(&request.ext_virtual_links, None)?,
            ..InstantiatedVnf::default()
        };
        let resize = Resize {
            operation,
            kind: GrantedLcmOperationType::Instantiate,
            vnf: &vnf,
            known: &known,
            flavour,
            parameters: &request.additional_params,
        };
        resize.plan(program, start, &sizing).await
    }
}
