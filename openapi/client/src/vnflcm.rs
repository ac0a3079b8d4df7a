//! VNF lifecycle management (SOL003 clause 5.4).

use std::time::Duration;

use windlass_api::api::Api;
use windlass_api::common::{CancelMode, CancelModeType};
use windlass_api::vnflcm::{
    CreateVnfRequest, HealVnfRequest, InstantiateVnfRequest, OperateVnfRequest, ScaleVnfRequest,
    ScaleVnfToLevelRequest, TerminateVnfRequest, VnfInfoModificationRequest, VnfInstance,
    VnfLcmOpOcc,
};

use crate::client::operation_id;
use crate::{Client, ListOptions, Result};

const API: Api = Api::VnfLcm;
const INSTANCES: &str = "vnf_instances";
const OPERATIONS: &str = "vnf_lcm_op_occs";

impl Client {
    /// Makes the identifier of a VNF to be.
    pub async fn vnf_create(&self, request: &CreateVnfRequest) -> Result<VnfInstance> {
        self.post(API, &[INSTANCES], request).await
    }

    /// The VNFs that the server manages.
    pub async fn vnf_list(&self, options: &ListOptions) -> Result<Vec<VnfInstance>> {
        self.list(API, &[INSTANCES], options).await
    }

    /// One VNF, with everything about it.
    pub async fn vnf_read(&self, id: &str) -> Result<VnfInstance> {
        self.get(API, &[INSTANCES, id]).await
    }

    /// Changes the information about a VNF.
    pub async fn vnf_modify(
        &self,
        id: &str,
        change: &VnfInfoModificationRequest,
    ) -> Result<String> {
        operation_id(&self.patch(API, &[INSTANCES, id], change).await?)
    }

    /// Deletes the identifier of a VNF that has no resources.
    pub async fn vnf_delete(&self, id: &str) -> Result<()> {
        self.delete(API, &[INSTANCES, id]).await
    }

    /// Starts to give a VNF its resources.
    pub async fn vnf_instantiate(
        &self,
        id: &str,
        request: &InstantiateVnfRequest,
    ) -> Result<String> {
        self.start(API, &[INSTANCES, id, "instantiate"], request).await
    }

    /// Starts to scale a VNF by steps.
    pub async fn vnf_scale(&self, id: &str, request: &ScaleVnfRequest) -> Result<String> {
        self.start(API, &[INSTANCES, id, "scale"], request).await
    }

    /// Starts to scale a VNF to a level.
    pub async fn vnf_scale_to_level(
        &self,
        id: &str,
        request: &ScaleVnfToLevelRequest,
    ) -> Result<String> {
        self.start(API, &[INSTANCES, id, "scale_to_level"], request).await
    }

    /// Starts to start or stop a VNF.
    pub async fn vnf_operate(&self, id: &str, request: &OperateVnfRequest) -> Result<String> {
        self.start(API, &[INSTANCES, id, "operate"], request).await
    }

    /// Starts to make a VNF whole again.
    pub async fn vnf_heal(&self, id: &str, request: &HealVnfRequest) -> Result<String> {
        self.start(API, &[INSTANCES, id, "heal"], request).await
    }

    /// Starts to release the resources of a VNF.
    pub async fn vnf_terminate(&self, id: &str, request: &TerminateVnfRequest) -> Result<String> {
        self.start(API, &[INSTANCES, id, "terminate"], request).await
    }

    /// The operation occurrences of all VNFs.
    pub async fn vnf_operation_list(&self, options: &ListOptions) -> Result<Vec<VnfLcmOpOcc>> {
        self.list(API, &[OPERATIONS], options).await
    }

    /// One operation occurrence.
    pub async fn vnf_operation_read(&self, id: &str) -> Result<VnfLcmOpOcc> {
        self.get(API, &[OPERATIONS, id]).await
    }

    /// One operation occurrence, as soon as it is at rest or this time is over, if the server waits
    /// when it is asked to (`Prefer: wait`, RFC 7240); else as it is.
    pub async fn vnf_operation_await(&self, id: &str, limit: Duration) -> Result<VnfLcmOpOcc> {
        let url = self.url(API, &[OPERATIONS, id])?;
        let prefer = [("Prefer", format!("wait={}", limit.as_secs()))];
        let prefer = if limit.as_secs() > 0 { &prefer[..] } else { &[] };
        let response = self.send_get_with(API, url, "application/json", prefer).await?;
        self.json(response).await
    }

    /// Tries again what stopped half way.
    pub async fn vnf_operation_retry(&self, id: &str) -> Result<()> {
        self.post_empty(API, &[OPERATIONS, id, "retry"]).await.map(drop)
    }

    /// Undoes what stopped half way.
    pub async fn vnf_operation_rollback(&self, id: &str) -> Result<()> {
        self.post_empty(API, &[OPERATIONS, id, "rollback"]).await.map(drop)
    }

    /// Gives up on what stopped half way.
    pub async fn vnf_operation_fail(&self, id: &str) -> Result<VnfLcmOpOcc> {
        let response = self.post_empty(API, &[OPERATIONS, id, "fail"]).await?;
        self.json(response).await
    }

    /// Asks an operation to stop.
    pub async fn vnf_operation_cancel(&self, id: &str, mode: CancelModeType) -> Result<()> {
        let url = self.url(API, &[OPERATIONS, id, "cancel"])?;
        let request = self.request(reqwest::Method::POST, API, url);
        self.send(request.json(&CancelMode { cancel_mode: mode })).await.map(drop)
    }
}
