//! The tasks of a VNF instance: 202 and where the operation can be watched.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use windlass_api::vnflcm::{
    HealVnfRequest, InstantiateVnfRequest, OperateVnfRequest, ScaleVnfRequest,
    ScaleVnfToLevelRequest, TerminateVnfRequest,
};
use windlass_server::{Result, answer};

use super::{Program, id, view};
use crate::operations::{HEAL, INSTANTIATE, OPERATE, SCALE, SCALE_TO_LEVEL, TERMINATE};
use crate::vnf::Task;

/// `POST …/instantiate`.
pub async fn instantiate(
    vnfm: Program,
    path: web::Path<String>,
    request: web::Json<InstantiateVnfRequest>,
) -> Result<HttpResponse> {
    vnfm.check_instantiate(id("VNF instance", &path)?, &request).await?;
    start(&vnfm, &path, Task::Instantiate, INSTANTIATE, request.into_inner()).await
}

/// `POST …/scale`.
pub async fn scale(
    vnfm: Program,
    path: web::Path<String>,
    request: web::Json<ScaleVnfRequest>,
) -> Result<HttpResponse> {
    start(&vnfm, &path, Task::Manage, SCALE, request.into_inner()).await
}

/// `POST …/scale_to_level`.
pub async fn scale_to_level(
    vnfm: Program,
    path: web::Path<String>,
    request: web::Json<ScaleVnfToLevelRequest>,
) -> Result<HttpResponse> {
    start(&vnfm, &path, Task::Manage, SCALE_TO_LEVEL, request.into_inner()).await
}

/// `POST …/operate`.
pub async fn operate(
    vnfm: Program,
    path: web::Path<String>,
    request: web::Json<OperateVnfRequest>,
) -> Result<HttpResponse> {
    start(&vnfm, &path, Task::Manage, OPERATE, request.into_inner()).await
}

/// `POST …/heal`.
pub async fn heal(
    vnfm: Program,
    path: web::Path<String>,
    request: web::Json<HealVnfRequest>,
) -> Result<HttpResponse> {
    start(&vnfm, &path, Task::Manage, HEAL, request.into_inner()).await
}

/// `POST …/terminate`.
pub async fn terminate(
    vnfm: Program,
    path: web::Path<String>,
    request: web::Json<TerminateVnfRequest>,
) -> Result<HttpResponse> {
    start(&vnfm, &path, Task::Manage, TERMINATE, request.into_inner()).await
}

async fn start(
    vnfm: &Program,
    path: &str,
    task: Task,
    kind: &str,
    request: impl Serialize,
) -> Result<HttpResponse> {
    let operation = vnfm.vnf_start(id("VNF instance", path)?, task, kind, &request).await?;
    Ok(answer::accepted(&view::operation_path(operation.id)))
}
