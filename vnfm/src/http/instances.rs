//! `vnf_instances`: identifiers of VNFs (SOL003 clauses 5.4.2 and 5.4.3).

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;
use windlass_api::api::Api;
use windlass_api::selector;
use windlass_api::vnflcm::{CreateVnfRequest, VnfInfoModificationRequest};
use windlass_model::VnfInstanceId;
use windlass_server::{Result, answer, list as lists};

use super::{Program, id, view};
use crate::error::VnfmError;

/// `GET api_versions`.
pub async fn api_versions() -> HttpResponse {
    HttpResponse::Ok().json(Api::VnfLcm.information())
}

/// `POST vnf_instances`.
pub async fn create(vnfm: Program, request: web::Json<CreateVnfRequest>) -> Result<HttpResponse> {
    let stored = vnfm.vnf_create(request.into_inner()).await?;
    let location = view::instance_path(stored.document.id);
    Ok(answer::created(&location, stored.generation, view::instance(&stored.document, None)))
}

/// `GET vnf_instances`.
pub async fn list(vnfm: Program, request: HttpRequest) -> Result<HttpResponse> {
    let read = async |wanted: lists::Wanted<'_>| {
        let vnfs = vnfm.vnf_list(&wanted).await?;
        Ok(vnfs.iter().map(|vnf| (vnf.id.to_string(), view::instance(vnf, None))).collect())
    };
    lists::pages(&request, selector::VNF_INSTANCE, read).await
}

/// `GET vnf_instances/{id}`.
pub async fn read(vnfm: Program, path: web::Path<String>) -> Result<HttpResponse> {
    let stored = vnfm.vnf(id("VNF instance", &path)?).await?;
    let flavour = vnfm.vnf_flavour(&stored.document).await;
    let body = view::instance(&stored.document, flavour.as_ref());
    Ok(answer::tagged(stored.generation, body))
}

/// `PATCH vnf_instances/{id}`.
pub async fn modify(
    vnfm: Program,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Json<Value>,
) -> Result<HttpResponse> {
    let vnf: VnfInstanceId = id("VNF instance", &path)?;
    let stored = vnfm.vnf(vnf).await?;
    answer::if_match(&request, stored.generation)?;
    // The patch is kept as it came: in a merge patch null and absent differ.
    let patch = body.into_inner();
    serde_json::from_value::<VnfInfoModificationRequest>(patch.clone())
        .map_err(|error| VnfmError::BadRequest(format!("the body cannot be read: {error}")))?;
    let operation = vnfm.vnf_modify(&stored, patch).await?;
    Ok(answer::accepted(&view::operation_path(operation.id)))
}

/// `DELETE vnf_instances/{id}`.
pub async fn delete(vnfm: Program, path: web::Path<String>) -> Result<HttpResponse> {
    vnfm.vnf_delete(id("VNF instance", &path)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
