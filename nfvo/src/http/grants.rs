//! Grants (SOL003 clause 9.4). They are decided at once.

use actix_web::{HttpResponse, web};
use windlass_api::grant::GrantRequest;
use windlass_model::GrantId;

use super::Answer;
use crate::grants;
use crate::nfvo::Nfvo;

pub async fn create(nfvo: web::Data<Nfvo>, body: web::Json<GrantRequest>) -> Answer {
    let decided = grants::grant(&nfvo.core, &body).await;
    let outcome = if decided.is_ok() { "granted" } else { "refused" };
    metrics::counter!("windlass_grants_total", "outcome" => outcome).increment(1);
    let grant = decided?;
    let location = ("Location", grant.links.this.href.clone());
    Ok(HttpResponse::Created().insert_header(location).json(grant))
}

pub async fn read(nfvo: web::Data<Nfvo>, id: web::Path<GrantId>) -> Answer {
    Ok(HttpResponse::Ok().json(grants::granted(&nfvo.core, *id).await?))
}
