//! Heal: replace components, with the addresses that they had (SOL003 clause 5.4.9).
//!
//! Without names it replaces those that do not run. A component whose host does not answer is made
//! again elsewhere; what is left of it there shows up in the audit when the host is back.

use std::sync::Arc;

use async_trait::async_trait;
use windlass_api::grant::GrantedLcmOperationType;
use windlass_api::vnflcm::HealVnfRequest;
use windlass_lcm::{Operation, Plan, StepError};
use windlass_model::vnf::{InstantiatedVnf, Vnfc};
use windlass_vim::VmState;

use super::resize::{Resize, flavour, flavour_of};
use super::{HEAL, Planner, params, running};
use crate::Program;
use crate::error::step_error;
use crate::plan::PlanError;
use crate::plan::sizing::{NewVnfc, Sizing};

pub struct Heal;

#[async_trait]
impl Planner for Heal {
    fn kind(&self) -> &'static str {
        HEAL
    }

    async fn plan(&self, program: &Arc<Program>, operation: &Operation) -> Result<Plan, StepError> {
        let request: HealVnfRequest = params(operation)?;
        let (vnf, now) = running(operation)?;
        let known = flavour_of(program, &vnf).await?;
        let flavour = flavour(&known, &now.flavour)?;
        let sick = if request.vnfc_instance_id.is_empty() {
            not_running(program, &now).await?
        } else {
            named(&now, &request.vnfc_instance_id)?
        };
        let new = |vnfc: &Vnfc| NewVnfc { name: vnfc.name.clone(), vdu: vnfc.vdu.clone() };
        let sizing = Sizing {
            scale_levels: now.scale_levels.clone(),
            add: sick.iter().map(new).collect(),
            remove: sick,
        };
        let resize = Resize {
            operation,
            kind: GrantedLcmOperationType::Heal,
            vnf: &vnf,
            known: &known,
            flavour,
            parameters: &request.additional_params,
        };
        resize.plan(program, now, &sizing).await
    }
}

fn named(now: &InstantiatedVnf, names: &[String]) -> Result<Vec<Vnfc>, StepError> {
    let find = |name: &String| {
        let found = now.vnfcs.iter().find(|vnfc| vnfc.name == *name);
        found.cloned().ok_or_else(|| PlanError::UnknownVnfc(name.clone()).into())
    };
    names.iter().map(find).collect()
}

async fn not_running(program: &Program, now: &InstantiatedVnf) -> Result<Vec<Vnfc>, StepError> {
    let mut sick = Vec::new();
    for vnfc in &now.vnfcs {
        let Some(vim) = now.vims.iter().find(|vim| vim.id == vnfc.vim) else { continue };
        match program.connector.connect(vim).vm(vnfc.host, vnfc.vm).await {
            Ok(Some(vm)) if matches!(vm.state, VmState::Running | VmState::Paused) => {}
            Ok(_) | Err(windlass_vim::Error::Unreachable { .. }) => sick.push(vnfc.clone()),
            Err(error) => return Err(step_error(&error)),
        }
    }
    Ok(sick)
}
