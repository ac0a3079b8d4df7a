//! Requests about a VNF, from what the command line says.

use anyhow::Result;
use windlass_api::common::ScaleInfo;
use windlass_api::vnflcm::{
    HealVnfRequest, InstantiateVnfRequest, OperateVnfRequest, ScaleVnfRequest,
    ScaleVnfToLevelRequest, TerminateVnfRequest, VnfInfoModificationRequest, VnfInstance,
    VnfOperationalState,
};
use windlass_client::PackageKey;

use super::super::context::Context;
use super::super::{arguments, flavour};
use super::components;
use super::verb::{
    Heal, Instantiate, Modify, Operate, Scale, ScaleToLevel, StartOrStop, Terminate,
};

impl Instantiate {
    /// The request to instantiate a VNF with this VNFD.
    pub async fn request(self, context: &Context, vnfd_id: &str) -> Result<InstantiateVnfRequest> {
        let mut request: InstantiateVnfRequest = match &self.request {
            Some(file) => arguments::request(file)?,
            None => InstantiateVnfRequest::default(),
        };
        if let Some(flavour) = self.flavour {
            request.flavour_id = flavour;
        }
        if request.flavour_id.is_empty() {
            let vnfd = context.nfvo.package_vnfd(PackageKey::Vnfd(vnfd_id)).await?;
            request.flavour_id = flavour::of_vnfd(vnfd).await?;
        }
        request.instantiation_level_id = self.level.or(request.instantiation_level_id);
        request.additional_params.extend(self.params.map());
        Ok(request)
    }
}

impl Scale {
    /// The request to scale by steps.
    pub fn request(self) -> ScaleVnfRequest {
        ScaleVnfRequest {
            scale_type: self.direction.scale_type(),
            aspect_id: self.aspect,
            number_of_steps: Some(self.steps),
            additional_params: self.params.map(),
        }
    }
}

impl ScaleToLevel {
    /// The request to scale to a level.
    pub fn request(self) -> ScaleVnfToLevelRequest {
        let aspects = self.aspects.into_iter();
        let level = |(aspect_id, scale_level)| ScaleInfo { aspect_id, vnfd_id: None, scale_level };
        ScaleVnfToLevelRequest {
            instantiation_level_id: self.level,
            scale_info: aspects.map(level).collect(),
            additional_params: self.params.map(),
        }
    }
}

impl Operate {
    /// The request to start or stop a VNF.
    pub fn request(self, vnf: &VnfInstance) -> Result<OperateVnfRequest> {
        let stops = self.to == StartOrStop::Stop;
        Ok(OperateVnfRequest {
            change_state_to: match self.to {
                StartOrStop::Start => VnfOperationalState::Started,
                StartOrStop::Stop => VnfOperationalState::Stopped,
            },
            stop_type: stops.then(|| self.stopping.stop_type()),
            graceful_stop_timeout: self.stopping.timeout.filter(|_| stops),
            additional_params: serde_json::Map::new(),
            vnfc_instance_id: components(vnf, &self.vnfc)?,
        })
    }
}

impl Heal {
    /// The request to heal a VNF.
    pub fn request(self, vnf: &VnfInstance) -> Result<HealVnfRequest> {
        Ok(HealVnfRequest {
            vnfc_instance_id: components(vnf, &self.vnfc)?,
            cause: self.cause,
            heal_script: None,
            additional_params: self.params.map(),
        })
    }
}

impl Terminate {
    /// The request to terminate.
    pub fn request(self) -> TerminateVnfRequest {
        TerminateVnfRequest {
            termination_type: self.stopping.stop_type(),
            graceful_termination_timeout: self.stopping.timeout,
            additional_params: self.params.map(),
        }
    }
}

impl Modify {
    /// The request to change what is known of a VNF.
    pub fn request(self) -> VnfInfoModificationRequest {
        VnfInfoModificationRequest {
            vnf_instance_name: self.name,
            vnf_instance_description: self.description,
            metadata: self.metadata.into_iter().collect(),
            extensions: self.extensions.into_iter().collect(),
            vnf_configurable_properties: self.properties.into_iter().collect(),
            ..VnfInfoModificationRequest::default()
        }
    }
}
