//! The audit.

use actix_web::{HttpResponse, web};

use super::Answer;
use crate::nfvo::Nfvo;
use crate::sites;

pub async fn read(nfvo: web::Data<Nfvo>) -> Answer {
    Ok(HttpResponse::Ok().json(sites::audit(&nfvo.core).await?))
}
