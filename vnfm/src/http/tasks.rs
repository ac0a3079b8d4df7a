//! The tasks of a VNF instance: 202 and where the operation can be watched.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use windlass_api::vnflcm::{
    HealVnfRequest, InstantiateVnfRequest, OperateVnfRequest, ScaleVnfRequest,
    ScaleVnfToLevelRequest, TerminateVnfRequest,
};
use windlass_server::{Problem, Result, answer};

use super::{Program, id, view};
use crate::operations::{HEAL, INSTANTIATE, OPERATE, SCALE, SCALE_TO_LEVEL, TERMINATE};
use crate::vnf::Task;

/// Seconds that guests may be given to shut down: well within the engine's bound for a step.
const MAX_GRACE_S: u32 = 1500;

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
    check_grace(request.graceful_stop_timeout)?;
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
    check_grace(request.graceful_termination_timeout)?;
    start(&vnfm, &path, Task::Manage, TERMINATE, request.into_inner()).await
}

/// A guest may take its time, but not longer than the engine lets a step run.
fn check_grace(seconds: Option<u32>) -> Result<()> {
    match seconds {
        Some(seconds) if seconds > MAX_GRACE_S => {
            let told = format!("a guest gets {MAX_GRACE_S} s to shut down at most, not {seconds}");
            Err(Problem::new(422, told))
        }
        Some(_) | None => Ok(()),
    }
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
