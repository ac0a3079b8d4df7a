//! Scale by steps along an aspect, and scale to a level (SOL003 clauses 5.4.5 and 5.4.6).

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value};
use windlass_api::grant::GrantedLcmOperationType;
use windlass_api::vnflcm::{ScaleType, ScaleVnfRequest, ScaleVnfToLevelRequest};
use windlass_descriptors::vnfd::Flavour;
use windlass_lcm::{Operation, Plan, StepError};
use windlass_model::vnf::InstantiatedVnf;

use super::resize::{Resize, flavour, flavour_of};
use super::{Planner, SCALE, SCALE_TO_LEVEL, params, running};
use crate::Program;
use crate::plan::PlanError;
use crate::plan::sizing::{self, Sizing};

pub struct ByStep;

#[async_trait]
impl Planner for ByStep {
    fn kind(&self) -> &'static str {
        SCALE
    }

    async fn plan(&self, program: &Arc<Program>, operation: &Operation) -> Result<Plan, StepError> {
        let request: ScaleVnfRequest = params(operation)?;
        let steps = request.number_of_steps.unwrap_or(1);
        let out = request.scale_type == ScaleType::ScaleOut;
        let size = |flavour: &Flavour, now: &InstantiatedVnf| {
            sizing::by_steps(flavour, now, &request.aspect_id, steps, out)
        };
        let kind = GrantedLcmOperationType::Scale;
        scale(program, operation, kind, &request.additional_params, size).await
    }
}

pub struct ToLevel;

#[async_trait]
impl Planner for ToLevel {
    fn kind(&self) -> &'static str {
        SCALE_TO_LEVEL
    }

    async fn plan(&self, program: &Arc<Program>, operation: &Operation) -> Result<Plan, StepError> {
        let request: ScaleVnfToLevelRequest = params(operation)?;
        let level = request.instantiation_level_id.as_deref();
        let scale_info = request.scale_info.iter();
        let levels: Vec<(String, u32)> =
            scale_info.map(|info| (info.aspect_id.clone(), info.scale_level)).collect();
        let size = |flavour: &Flavour, now: &InstantiatedVnf| {
            sizing::to_level(flavour, now, level, &levels)
        };
        let kind = GrantedLcmOperationType::ScaleToLevel;
        scale(program, operation, kind, &request.additional_params, size).await
    }
}

async fn scale(
    program: &Program,
    operation: &Operation,
    kind: GrantedLcmOperationType,
    parameters: &Map<String, Value>,
    size: impl Fn(&Flavour, &InstantiatedVnf) -> Result<Sizing, PlanError>,
) -> Result<Plan, StepError> {
    let (vnf, now) = running(operation)?;
    let known = flavour_of(program, &vnf).await?;
    let flavour = flavour(&known, &now.flavour)?;
    let sizing = size(flavour, &now)?;
    let resize = Resize { operation, kind, vnf: &vnf, known: &known, flavour, parameters };
    resize.plan(program, now, &sizing).await
}
