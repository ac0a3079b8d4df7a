//! Requests about a service, from what the command line says.

use anyhow::Result;
use windlass_api::nslcm::{
    DegreeHealing, HealNsData, HealNsRequest, HealVnfData, InstantiateNsRequest, NsInstance,
    NsScaleType, ScaleByStepData, ScaleNsByStepsData, ScaleNsData, ScaleNsRequest,
    ScaleNsToLevelData, ScaleToLevelData, ScaleVnfData, ScaleVnfType,
};
use windlass_api::vnflcm::{ScaleType, VnfInstance};

use super::super::context::Context;
use super::super::resolve::{Candidate, resolve};
use super::super::{arguments, flavour};
use super::{Heal, Instantiate, Scale};

impl Instantiate {
    /// The request to instantiate a service made from this NSD.
    pub async fn request(
        self,
        context: &Context,
        nsd_info_id: &str,
    ) -> Result<InstantiateNsRequest> {
        let mut request: InstantiateNsRequest = match &self.request {
            Some(file) => arguments::request(file)?,
            None => InstantiateNsRequest::default(),
        };
        if let Some(flavour) = self.flavour {
            request.ns_flavour_id = flavour;
        }
        if request.ns_flavour_id.is_empty() {
            let document = context.nfvo.nsd_document(nsd_info_id).await?;
            request.ns_flavour_id = flavour::of_nsd(document).await?;
        }
        request.ns_instantiation_level_id = self.level.or(request.ns_instantiation_level_id);
        request.additional_params_for_ns.extend(self.params.map());
        Ok(request)
    }
}

impl Scale {
    /// The request to scale a service, or a VNF of it.
    pub fn request(self, ns: &NsInstance) -> Result<ScaleNsRequest> {
        Ok(match self.vnf.as_deref().map(|vnf| member(ns, vnf)).transpose()? {
            None => ScaleNsRequest {
                scale_type: NsScaleType::ScaleNs,
                scale_ns_data: Some(self.of_service()),
                scale_vnf_data: Vec::new(),
                scale_time: None,
            },
            Some(vnf) => ScaleNsRequest {
                scale_type: NsScaleType::ScaleVnf,
                scale_ns_data: None,
                scale_vnf_data: vec![self.of_vnf(vnf)],
                scale_time: None,
            },
        })
    }

    fn of_service(self) -> ScaleNsData {
        let direction = if self.inwards { ScaleType::ScaleIn } else { ScaleType::ScaleOut };
        let steps = self.aspect.map(|aspect_id| ScaleNsByStepsData {
            scaling_direction: direction,
            aspect_id,
            number_of_steps: Some(self.steps),
        });
        let level = self.level.map(|level| ScaleNsToLevelData {
            ns_instantiation_level: Some(level),
            ns_scale_info: Vec::new(),
        });
        ScaleNsData {
            scale_ns_by_steps_data: steps,
            scale_ns_to_level_data: level,
            ..ScaleNsData::default()
        }
    }

    fn of_vnf(self, vnf_instance_id: String) -> ScaleVnfData {
        let scale_vnf_type = match (&self.level, self.inwards) {
            (Some(_), _) => ScaleVnfType::ScaleToInstantiationLevel,
            (None, true) => ScaleVnfType::ScaleIn,
            (None, false) => ScaleVnfType::ScaleOut,
        };
        ScaleVnfData {
            vnf_instance_id,
            scale_vnf_type,
            scale_to_level_data: self.level.map(|level| ScaleToLevelData {
                vnf_instantiation_level_id: Some(level),
                ..ScaleToLevelData::default()
            }),
            scale_by_step_data: self.aspect.map(|aspect_id| ScaleByStepData {
                aspect_id,
                number_of_steps: Some(self.steps),
                ..ScaleByStepData::default()
            }),
        }
    }
}

impl Heal {
    /// The request to heal a service, or VNFs of it.
    pub fn request(self, ns: &NsInstance) -> Result<HealNsRequest> {
        if self.vnf.is_empty() {
            let heal_ns_data = HealNsData {
                degree_healing: DegreeHealing::HealRestore,
                actions_healing: Vec::new(),
                heal_script: None,
                additional_params_for_ns: serde_json::Map::new(),
            };
            return Ok(HealNsRequest {
                heal_ns_data: Some(heal_ns_data),
                heal_vnf_data: Vec::new(),
            });
        }
        let heal = |vnf: &String| {
            let (vnf_instance_id, cause) = (member(ns, vnf)?, self.cause.clone());
            anyhow::Ok(HealVnfData { vnf_instance_id, cause, ..HealVnfData::default() })
        };
        let heal_vnf_data = self.vnf.iter().map(heal).collect::<Result<_>>()?;
        Ok(HealNsRequest { heal_ns_data: None, heal_vnf_data })
    }
}

/// The VNF of a service that somebody means.
fn member(ns: &NsInstance, wanted: &str) -> Result<String> {
    let candidate = |vnf: &VnfInstance| Candidate::new(&vnf.id, vnf.vnf_instance_name.as_ref());
    Ok(resolve("VNF", wanted, ns.vnf_instance.iter().map(candidate).collect())?)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn shop() -> NsInstance {
        let vnf = json!({
            "id": "vnf-1", "vnfInstanceName": "web", "vnfdId": "d", "vnfProvider": "Acme",
            "vnfProductName": "Server", "vnfSoftwareVersion": "1", "vnfdVersion": "1",
            "instantiationState": "INSTANTIATED",
        });
        serde_json::from_value(json!({
            "id": "ns-1", "nsInstanceName": "shop", "nsInstanceDescription": "", "nsdId": "n",
            "nsdInfoId": "i", "nsState": "INSTANTIATED", "vnfInstance": [vnf],
            "_links": { "self": { "href": "/" } },
        }))
        .unwrap()
    }

    fn scale(vnf: Option<&str>, level: Option<&str>) -> Value {
        let scale = Scale {
            aspect: level.is_none().then(|| "size".to_owned()),
            out: level.is_none(),
            inwards: false,
            steps: 2,
            level: level.map(str::to_owned),
            vnf: vnf.map(str::to_owned),
        };
        serde_json::to_value(scale.request(&shop()).unwrap()).unwrap()
    }

    #[test]
    fn a_service_is_scaled_by_steps_or_to_a_level() {
        let steps =
            json!({ "scalingDirection": "SCALE_OUT", "aspectId": "size", "numberOfSteps": 2 });
        assert_eq!(
            scale(None, None),
            json!({ "scaleType": "SCALE_NS", "scaleNsData": { "scaleNsByStepsData": steps } })
        );
        let level = json!({ "nsInstantiationLevel": "large" });
        assert_eq!(
            scale(None, Some("large")),
            json!({ "scaleType": "SCALE_NS", "scaleNsData": { "scaleNsToLevelData": level } })
        );
    }

    #[test]
    fn a_vnf_of_a_service_is_scaled_by_its_name() {
        let steps = json!({ "aspectId": "size", "numberOfSteps": 2 });
        let web = json!({
            "vnfInstanceId": "vnf-1", "scaleVnfType": "SCALE_OUT", "scaleByStepData": steps,
        });
        assert_eq!(
            scale(Some("web"), None),
            json!({ "scaleType": "SCALE_VNF", "scaleVnfData": [web] })
        );
    }

    #[test]
    fn healing_names_the_vnfs_or_means_the_whole_service() {
        let heal = |vnf: &[&str]| {
            let vnf = vnf.iter().map(|name| (*name).to_owned()).collect();
            Heal { vnf, cause: Some("it is gone".to_owned()) }.request(&shop())
        };
        assert_eq!(
            serde_json::to_value(heal(&[]).unwrap()).unwrap(),
            json!({ "healNsData": { "degreeHealing": "HEAL_RESTORE" } })
        );
        assert_eq!(
            serde_json::to_value(heal(&["web"]).unwrap()).unwrap(),
            json!({ "healVnfData": [{ "vnfInstanceId": "vnf-1", "cause": "it is gone" }] })
        );
        let error = heal(&["dns"]).unwrap_err().to_string();
        assert_eq!(error, "there is no VNF `dns`; there is web");
    }
}
