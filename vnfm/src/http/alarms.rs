//! `alarms`: what is wrong with VNFs (SOL003 clauses 7.4.2 and 7.4.3).

use actix_web::{HttpRequest, HttpResponse, web};
use windlass_api::api::Api;
use windlass_api::selector;
use windlass_api::vnffm::{AckState, AlarmModifications};
use windlass_server::{Result, answer, list as lists};

use super::{Program, id, view};

const WHAT: &str = "alarm";

/// `GET api_versions`.
pub async fn api_versions() -> HttpResponse {
    HttpResponse::Ok().json(Api::VnfFm.information())
}

/// `GET alarms`.
pub async fn list(vnfm: Program, request: HttpRequest) -> Result<HttpResponse> {
    let alarms = vnfm.alarm_list().await?;
    let rows = alarms.into_iter().map(|alarm| (alarm.id.to_string(), view::alarm(&alarm)));
    lists::answer(&request, selector::ALARM, rows.collect())
}

/// `GET alarms/{id}`.
pub async fn read(vnfm: Program, path: web::Path<String>) -> Result<HttpResponse> {
    let stored = vnfm.alarm(id(WHAT, &path)?).await?;
    Ok(answer::tagged(stored.generation, view::alarm(&stored.document)))
}

/// `PATCH alarms/{id}`.
pub async fn modify(
    vnfm: Program,
    path: web::Path<String>,
    request: HttpRequest,
    change: web::Json<AlarmModifications>,
) -> Result<HttpResponse> {
    let stored = vnfm.alarm(id(WHAT, &path)?).await?;
    answer::if_match(&request, stored.generation)?;
    let acknowledged = change.ack_state == AckState::Acknowledged;
    let stored = vnfm.alarm_acknowledge(stored, acknowledged).await?;
    Ok(answer::tagged(stored.generation, change.into_inner()))
}
