//! Modify the information of a VNF: an operation without steps (SOL003 clause 5.4.3, PATCH).

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value};
use windlass_api::merge_patch;
use windlass_api::vnflcm::VnfInfoModificationRequest;
use windlass_lcm::{Operation, Plan, Procedure, Progress, Step, StepError};
use windlass_model::vnf::VnfInstance;

use super::{MODIFY_INFO, before, document, params};
use crate::Program;

pub struct ModifyInfo;

#[async_trait]
impl Procedure<Program> for ModifyInfo {
    fn kind(&self) -> &'static str {
        MODIFY_INFO
    }

    fn steps(&self) -> &'static [Step<Program>] {
        &[]
    }

    async fn plan(
        &self,
        _program: &Arc<Program>,
        _operation: &Operation,
    ) -> Result<Plan, StepError> {
        Ok(Plan::default())
    }

    fn reflect(&self, operation: &Operation, _progress: &Progress) -> Result<Value, StepError> {
        document(&modified(before(operation)?, &params(operation)?))
    }
}

fn modified(mut vnf: VnfInstance, change: &VnfInfoModificationRequest) -> VnfInstance {
    if let Some(name) = &change.vnf_instance_name {
        vnf.name.clone_from(name);
    }
    if let Some(description) = &change.vnf_instance_description {
        vnf.description.clone_from(description);
    }
    patch(&mut vnf.configurable_properties, &change.vnf_configurable_properties);
    patch(&mut vnf.metadata, &change.metadata);
    patch(&mut vnf.extensions, &change.extensions);
    vnf
}

fn patch(target: &mut std::collections::BTreeMap<String, Value>, change: &Map<String, Value>) {
    let mut members: Map<String, Value> = std::mem::take(target).into_iter().collect();
    merge_patch::apply_members(&mut members, change);
    target.extend(members);
}
