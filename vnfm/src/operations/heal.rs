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
        let sizing = sizing(program, &now, &request.vnfc_instance_id).await?;
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

/// How a component is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    /// It runs.
    Well,
    /// It does not run.
    Sick,
    /// Its host does not answer.
    Lost,
}

/// The components that are named, else those that do not run, are made again; what stands on a
/// host that does not answer is left behind there.
async fn sizing(
    program: &Program,
    now: &InstantiatedVnf,
    names: &[String],
) -> Result<Sizing, StepError> {
    let mut sizing = Sizing { scale_levels: now.scale_levels.clone(), ..Sizing::default() };
    for vnfc in asked(now, names)? {
        let health = health(program, now, &vnfc).await?;
        if health == Health::Well && names.is_empty() {
            continue;
        }
        if health == Health::Lost {
            sizing.lost.insert(vnfc.host);
        }
        sizing.add.push(NewVnfc { name: vnfc.name.clone(), vdu: vnfc.vdu.clone() });
        sizing.remove.push(vnfc);
    }
    Ok(sizing)
}

fn asked(now: &InstantiatedVnf, names: &[String]) -> Result<Vec<Vnfc>, StepError> {
    if names.is_empty() {
        return Ok(now.vnfcs.clone());
    }
    let find = |name: &String| {
        let found = now.vnfcs.iter().find(|vnfc| vnfc.name == *name);
        found.cloned().ok_or_else(|| PlanError::UnknownVnfc(name.clone()).into())
    };
    names.iter().map(find).collect()
}

async fn health(
    program: &Program,
    now: &InstantiatedVnf,
    vnfc: &Vnfc,
) -> Result<Health, StepError> {
    let vim = now.vims.iter().find(|vim| vim.id == vnfc.vim);
    let vim = vim.ok_or_else(|| {
        StepError::lasting(500, format!("nobody told of the VIM {} of {}", vnfc.vim, vnfc.name))
    })?;
    match program.connector.connect(vim).vm(vnfc.host, vnfc.vm).await {
        Ok(Some(vm)) if matches!(vm.state, VmState::Running | VmState::Paused) => Ok(Health::Well),
        Ok(_) => Ok(Health::Sick),
        Err(windlass_vim::Error::Unreachable { .. }) => Ok(Health::Lost),
        Err(error) => Err(step_error(&error)),
    }
}
