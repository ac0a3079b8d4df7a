//! NS scale: VNFs of the service grow or shrink (SCALE_VNF).

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use windlass_api::common::ScaleInfo;
use windlass_api::nslcm::{ScaleNsRequest, ScaleVnfData, ScaleVnfType};
use windlass_api::vnflcm::VnfInstance;
use windlass_lcm::{Operation, Plan, Procedure, Progress, Step, StepError, step};

use super::steps::{Party, ScaleVnf, scale_vnf, unscale_vnf};
use super::{Kind, before, decode, encode};
use crate::catalog;
use crate::nfvo::Core;
use crate::vnfm::membership_of;

const NS_SCALE: &[Step<Core>] = &[step!(scale_vnf, undo = unscale_vnf)];

/// The procedure.
pub(super) struct NsScale;

#[async_trait]
impl Procedure<Core> for NsScale {
    fn kind(&self) -> &'static str {
        Kind::Scale.name()
    }

    fn steps(&self) -> &'static [Step<Core>] {
        NS_SCALE
    }

    async fn plan(&self, core: &Arc<Core>, operation: &Operation) -> Result<Plan, StepError> {
        let ns = before(operation)?;
        let request: ScaleNsRequest = decode("the request", &operation.params)?;
        let mut scalings = Vec::new();
        for data in &request.scale_vnf_data {
            let vnf = core.vnfm.vnf(&data.vnf_instance_id).await?;
            let mine = vnf.and_then(|vnf| Some((membership_of(&vnf)?, vnf)));
            let Some(((_, place), vnf)) = mine.filter(|((of, _), _)| *of == ns.id) else {
                let told = format!("VNF {} is not one of this service's", data.vnf_instance_id);
                return Err(StepError::lasting(422, told));
            };
            let levels = levels(core, data, &vnf).await?;
            let name = vnf.vnf_instance_name.clone().unwrap_or_else(|| place.clone());
            let vnfd_id = vnf.vnfd_id.clone();
            let party = Party { ns: ns.id, place, vnfd_id, name, vnf: Some(vnf.id.clone()) };
            scalings.push((party, levels));
        }
        plan(&scalings)
    }

    fn reflect(&self, operation: &Operation, _: &Progress) -> Result<Value, StepError> {
        // How far its VNFs are scaled, the VNFM knows; of the service nothing changes.
        Ok(operation.before.clone())
    }
}

/// An aspect, the level that it stands at, and the level that it is to stand at.
type Levels = BTreeMap<String, (u32, u32)>;

async fn levels(core: &Core, data: &ScaleVnfData, vnf: &VnfInstance) -> Result<Levels, StepError> {
    let info = vnf.instantiated_vnf_info.as_ref();
    let status = info.map(|info| info.scale_status.as_slice()).unwrap_or_default();
    let now: BTreeMap<&str, u32> =
        status.iter().map(|one| (one.aspect_id.as_str(), one.scale_level)).collect();
    let target: Vec<ScaleInfo> = match (data.scale_vnf_type, &data.scale_to_level_data) {
        (ScaleVnfType::ScaleOut | ScaleVnfType::ScaleIn, _) => vec![by_step(data, &now)?],
        (ScaleVnfType::ScaleToScaleLevels, Some(to)) => to.vnf_scale_info.clone(),
        (ScaleVnfType::ScaleToInstantiationLevel, Some(to)) => {
            let level = to.vnf_instantiation_level_id.as_deref();
            of_instantiation_level(core, vnf, level).await?
        }
        (ScaleVnfType::ScaleToScaleLevels | ScaleVnfType::ScaleToInstantiationLevel, None) => {
            return Err(StepError::lasting(422, "scaleToLevelData is missing"));
        }
    };
    let step = |to: ScaleInfo| {
        let unknown = || unknown_aspect(&to.aspect_id);
        let from = now.get(to.aspect_id.as_str()).copied().ok_or_else(unknown)?;
        Ok((to.aspect_id.clone(), (from, to.scale_level)))
    };
    target.into_iter().map(step).collect()
}

fn by_step(data: &ScaleVnfData, now: &BTreeMap<&str, u32>) -> Result<ScaleInfo, StepError> {
    let by = data.scale_by_step_data.as_ref();
    let by = by.ok_or_else(|| StepError::lasting(422, "scaleByStepData is missing"))?;
    let from = now.get(by.aspect_id.as_str()).copied();
    let from = from.ok_or_else(|| unknown_aspect(&by.aspect_id))?;
    let steps = by.number_of_steps.unwrap_or(1);
    let to = match data.scale_vnf_type {
        ScaleVnfType::ScaleIn => from.checked_sub(steps),
        ScaleVnfType::ScaleOut
        | ScaleVnfType::ScaleToInstantiationLevel
        | ScaleVnfType::ScaleToScaleLevels => from.checked_add(steps),
    };
    let aspect_id = by.aspect_id.clone();
    let beyond = || {
        let told =
            format!("aspect {aspect_id} stands at {from}: {steps} steps lead out of its range");
        StepError::lasting(422, told)
    };
    let scale_level = to.ok_or_else(beyond)?;
    Ok(ScaleInfo { aspect_id, vnfd_id: None, scale_level })
}

async fn of_instantiation_level(
    core: &Core,
    vnf: &VnfInstance,
    level: Option<&str>,
) -> Result<Vec<ScaleInfo>, StepError> {
    let refuse = |told: String| StepError::lasting(422, told);
    let package = catalog::package_of(core, &vnf.vnfd_id).await?;
    let package =
        package.ok_or_else(|| refuse(format!("the VNFD {} is not onboarded", vnf.vnfd_id)))?;
    let vnfd = catalog::vnfd(core, &package).await?;
    let running = vnf.instantiated_vnf_info.as_ref();
    let flavour = running.map_or(vnfd.default_flavour.as_str(), |info| info.flavour_id.as_str());
    let flavour = vnfd.flavour(flavour).map_err(|unknown| refuse(unknown.to_string()))?;
    let levels = flavour.levels_of(level).map_err(|error| refuse(error.to_string()))?;
    let info = |(aspect, scale_level): (windlass_descriptors::names::AspectId, u32)| ScaleInfo {
        aspect_id: aspect.as_str().to_owned(),
        vnfd_id: None,
        scale_level,
    };
    Ok(levels.into_iter().map(info).collect())
}

fn unknown_aspect(aspect: &str) -> StepError {
    StepError::lasting(422, format!("the VNF does not scale along an aspect {aspect:?}"))
}

/// What is to be done so that each VNF stands at its levels: VNFs at once, the aspects of one in turn.
fn plan(scalings: &[(Party, Levels)]) -> Result<Plan, StepError> {
    let mut plan = Plan::default();
    let mut last: BTreeMap<&str, String> = BTreeMap::new();
    for (party, levels) in scalings {
        for (aspect, &(from, to)) in levels.iter().filter(|(_, (from, to))| from != to) {
            let input = ScaleVnf { party: party.clone(), aspect: aspect.clone(), from, to };
            let about = format!("scale VNF {} along {aspect} from {from} to {to}", party.name);
            let after: Vec<String> = last.get(party.place.as_str()).cloned().into_iter().collect();
            let name = format!("{}/{aspect}", party.place);
            let node = plan.add("scale_vnf", &name, about, encode(&input)?, &after);
            last.insert(&party.place, node);
        }
    }
    Ok(plan)
}
