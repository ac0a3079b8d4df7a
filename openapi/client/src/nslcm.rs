//! Network service lifecycle management (SOL005 clause 6.4).

use windlass_api::api::Api;
use windlass_api::common::{CancelMode, CancelModeType};
use windlass_api::nslcm::{
    CreateNsRequest, HealNsRequest, InstantiateNsRequest, NsInstance, NsLcmOpOcc, ScaleNsRequest,
    TerminateNsRequest,
};

use crate::{Client, ListOptions, Result};

const API: Api = Api::NsLcm;
const INSTANCES: &str = "ns_instances";
const OPERATIONS: &str = "ns_lcm_op_occs";

impl Client {
    /// Makes the identifier of a service to be.
    pub async fn ns_create(&self, request: &CreateNsRequest) -> Result<NsInstance> {
        self.post(API, &[INSTANCES], request).await
    }

    /// The services that the server manages.
    pub async fn ns_list(&self, options: &ListOptions) -> Result<Vec<NsInstance>> {
        self.list(API, &[INSTANCES], options).await
    }

    /// One service, with everything about it.
    pub async fn ns_read(&self, id: &str) -> Result<NsInstance> {
        self.get(API, &[INSTANCES, id]).await
    }

    /// Deletes the identifier of a service that has no resources.
    pub async fn ns_delete(&self, id: &str) -> Result<()> {
        self.delete(API, &[INSTANCES, id]).await
    }

    /// Starts to give a service its VNFs and networks.
    pub async fn ns_instantiate(&self, id: &str, request: &InstantiateNsRequest) -> Result<String> {
        self.start(API, &[INSTANCES, id, "instantiate"], request).await
    }

    /// Starts to scale a service, or VNFs of it.
    pub async fn ns_scale(&self, id: &str, request: &ScaleNsRequest) -> Result<String> {
        self.start(API, &[INSTANCES, id, "scale"], request).await
    }

    /// Starts to make a service whole again.
    pub async fn ns_heal(&self, id: &str, request: &HealNsRequest) -> Result<String> {
        self.start(API, &[INSTANCES, id, "heal"], request).await
    }

    /// Starts to release the resources of a service.
    pub async fn ns_terminate(&self, id: &str, request: &TerminateNsRequest) -> Result<String> {
        self.start(API, &[INSTANCES, id, "terminate"], request).await
    }

    /// The operation occurrences of all services.
    pub async fn ns_operation_list(&self, options: &ListOptions) -> Result<Vec<NsLcmOpOcc>> {
        self.list(API, &[OPERATIONS], options).await
    }

    /// One operation occurrence.
    pub async fn ns_operation_read(&self, id: &str) -> Result<NsLcmOpOcc> {
        self.get(API, &[OPERATIONS, id]).await
    }

    /// Tries again what stopped half way.
    pub async fn ns_operation_retry(&self, id: &str) -> Result<()> {
        self.post_empty(API, &[OPERATIONS, id, "retry"]).await.map(drop)
    }

    /// Undoes what stopped half way.
    pub async fn ns_operation_rollback(&self, id: &str) -> Result<()> {
        self.post_empty(API, &[OPERATIONS, id, "rollback"]).await.map(drop)
    }

    /// Gives up on what stopped half way.
    pub async fn ns_operation_fail(&self, id: &str) -> Result<NsLcmOpOcc> {
        let response = self.post_empty(API, &[OPERATIONS, id, "fail"]).await?;
        self.json(response).await
    }

    /// Asks an operation to stop.
    pub async fn ns_operation_cancel(&self, id: &str, mode: CancelModeType) -> Result<()> {
        let url = self.url(API, &[OPERATIONS, id, "cancel"])?;
        let request = self.request(reqwest::Method::POST, API, url);
        self.send(request.json(&CancelMode { cancel_mode: mode })).await.map(drop)
    }
}
