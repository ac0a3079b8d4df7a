//! Operate: start or stop the machines of a VNF (SOL003 clause 5.4.10).

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;
use windlass_api::vnflcm::{OperateVnfRequest, StopType, VnfOperationalState};
use windlass_lcm::{Operation, Plan, StepError};
use windlass_model::VmId;
use windlass_model::vnf::{InstantiatedVnf, Vnfc};
use windlass_vim::VmState;

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
            // A machine that is as it shall be is left alone, also by a rollback.
            let state = state(program, &now, vnfc).await;
            if start {
                let mut started = Vec::new();
                if state != Some(VmState::Running) {
                    let about = format!("start {name}");
                    started.push(plan.add("start_vm", name, about, machine.value(), &[]));
                }
                let ready = flavour.vdus.get(vnfc.vdu.as_str()).map(component::readiness);
                let input = MachineInput { ready, ..machine }.value();
                let about = format!("wait until {name} is ready");
                plan.add("await_ready", name, about, input, &started);
            } else if !matches!(state, Some(VmState::Stopped | VmState::Crashed)) {
                let input = MachineInput { grace_s: grace_s(&request), ..machine }.value();
                plan.add("stop_vm", name, format!("stop {name}"), input, &[]);
            }
        }
        let all = request.vnfc_instance_id.is_empty();
        let started = if all { start } else { now.started };
        let vims = now.vims.clone();
        let stopped = stopped(&now, &request, start);
        let target = Some(InstantiatedVnf { started, stopped, ..now });
        plan.notes = json!(Notes { grant: None, vims, target });
        Ok(plan)
    }
}

/// The machines that stand still on purpose, though the VNF is STARTED.
fn stopped(now: &InstantiatedVnf, request: &OperateVnfRequest, start: bool) -> BTreeSet<VmId> {
    let named = &request.vnfc_instance_id;
    let stands = |vnfc: &&Vnfc| {
        if named.contains(&vnfc.name) { !start } else { now.stopped.contains(&vnfc.vm) }
    };
    let vnfcs = now.vnfcs.iter().filter(|_| !named.is_empty()).filter(stands);
    vnfcs.map(|vnfc| vnfc.vm).collect()
}

/// Whether a component's machine runs; `None` when that cannot be said.
async fn state(program: &Program, now: &InstantiatedVnf, vnfc: &Vnfc) -> Option<VmState> {
    let vim = now.vims.iter().find(|vim| vim.id == vnfc.vim)?;
    let vm = program.connector.connect(vim).vm(vnfc.host, vnfc.vm).await;
    Some(vm.ok()??.state)
}

fn grace_s(request: &OperateVnfRequest) -> u64 {
    match request.stop_type {
        Some(StopType::Graceful) => {
            request.graceful_stop_timeout.map_or(DEFAULT_GRACE_S, u64::from)
        }
        Some(StopType::Forceful) | None => 0,
    }
}
