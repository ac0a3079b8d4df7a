//! Operate: start or stop the machines of a VNF (SOL003 clause 5.4.10).

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;
use windlass_api::vnflcm::{OperateVnfRequest, StopType, VnfOperationalState};
use windlass_lcm::{Operation, Plan, StepError};
use windlass_model::vnf::{InstantiatedVnf, Vnfc};

use super::resize::{flavour, flavour_of};
use super::{DEFAULT_GRACE_S, OPERATE, Planner, params, running};
use crate::Program;
use crate::plan::nodes::MachineInput;
use crate::plan::{Notes, component};

pub struct Operate;

#[async_trait]
impl Planner for Operate {
    fn kind(&self) -> &'static str {
        OPERATE
    }

    async fn plan(&self, program: &Arc<Program>, operation: &Operation) -> Result<Plan, StepError> {
        let request: OperateVnfRequest = params(operation)?;
        let (vnf, now) = running(operation)?;
        let known = flavour_of(program, &vnf).await?;
        let flavour = flavour(&known, &now.flavour)?;
        let start = request.change_state_to == VnfOperationalState::Started;
        let meant = |vnfc: &&Vnfc| {
            request.vnfc_instance_id.is_empty() || request.vnfc_instance_id.contains(&vnfc.name)
        };
        let mut plan = Plan::default();
        for vnfc in now.vnfcs.iter().filter(meant) {
            let (name, machine) = (&vnfc.name, MachineInput::of(vnfc));
            if start {
                let about = format!("start {name}");
                let started = plan.add("start_vm", name, about, machine.value(), &[]);
                let ready = flavour.vdus.get(vnfc.vdu.as_str()).map(component::readiness);
                let input = MachineInput { ready, ..machine }.value();
                let about = format!("wait until {name} is ready");
                plan.add("await_ready", name, about, input, &[started]);
            } else {
                let input = MachineInput { grace_s: grace_s(&request), ..machine }.value();
                plan.add("stop_vm", name, format!("stop {name}"), input, &[]);
            }
        }
        let all = request.vnfc_instance_id.is_empty();
        let started = if all { start } else { now.started };
        let vims = now.vims.clone();
        let target = Some(InstantiatedVnf { started, ..now });
        plan.notes = json!(Notes { grant: None, vims, target });
        Ok(plan)
    }
}

fn grace_s(request: &OperateVnfRequest) -> u64 {
    match request.stop_type {
        Some(StopType::Graceful) => {
            request.graceful_stop_timeout.map_or(DEFAULT_GRACE_S, u64::from)
        }
        Some(StopType::Forceful) | None => 0,
    }
}
