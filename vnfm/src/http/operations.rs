//! `vnf_lcm_op_occs`: operation occurrences and their tasks (SOL003 clauses 5.4.12 to 5.4.17).

use actix_web::{HttpRequest, HttpResponse, web};
use windlass_api::common::{CancelMode as CancelRequest, CancelModeType};
use windlass_api::selector;
use windlass_lcm::Request;
use windlass_model::CancelMode;
use windlass_server::{Result, list as lists, prefer, progress};

use super::{Program, id, view};

const WHAT: &str = "operation occurrence";

/// `GET vnf_lcm_op_occs`.
pub async fn list(vnfm: Program, request: HttpRequest) -> Result<HttpResponse> {
    let read = async |wanted: lists::Wanted<'_>| {
        let operations = vnfm.operation_list(&wanted).await?;
        Ok(operations.iter().map(|one| (one.id.to_string(), view::operation(one, None))).collect())
    };
    lists::pages(&request, selector::VNF_LCM_OP_OCC, read).await
}

/// `GET vnf_lcm_op_occs/{id}`; a client that would rather wait gets its answer when the operation
/// comes to rest, or as long after its request as it says.
pub async fn read(
    vnfm: Program,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse> {
    let id = id(WHAT, &path)?;
    if let Some(limit) = prefer::wait(&request) {
        vnfm.operation_rests(id, limit).await?;
    }
    let (operation, progress) = vnfm.operation(id).await?;
    Ok(HttpResponse::Ok().json(view::operation(&operation, Some(&progress))))
}

/// `GET windlass/v1/vnf_lcm_op_occs/{id}/steps`.
pub async fn steps(vnfm: Program, path: web::Path<String>) -> Result<HttpResponse> {
    let (operation, progress) = vnfm.operation(id(WHAT, &path)?).await?;
    Ok(HttpResponse::Ok().json(progress::operation_progress(&operation, &progress)))
}

/// `POST …/retry`.
pub async fn retry(vnfm: Program, path: web::Path<String>) -> Result<HttpResponse> {
    vnfm.operation_request(id(WHAT, &path)?, Request::Retry).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// `POST …/rollback`.
pub async fn rollback(vnfm: Program, path: web::Path<String>) -> Result<HttpResponse> {
    vnfm.operation_request(id(WHAT, &path)?, Request::Rollback).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// `POST …/fail`.
pub async fn fail(vnfm: Program, path: web::Path<String>) -> Result<HttpResponse> {
    let operation = vnfm.operation_fail(id(WHAT, &path)?).await?;
    let (operation, progress) = vnfm.operation(operation.id).await?;
    Ok(HttpResponse::Ok().json(view::operation(&operation, Some(&progress))))
}

/// `POST …/cancel`.
pub async fn cancel(
    vnfm: Program,
    path: web::Path<String>,
    request: web::Json<CancelRequest>,
) -> Result<HttpResponse> {
    let mode = match request.cancel_mode {
        CancelModeType::Graceful => CancelMode::Graceful,
        CancelModeType::Forceful => CancelMode::Forceful,
    };
    vnfm.operation_cancel(id(WHAT, &path)?, mode).await?;
    Ok(HttpResponse::Accepted().finish())
}
