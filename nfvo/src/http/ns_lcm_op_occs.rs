//! Operation occurrences of network services, their tasks and their steps (SOL005 clause 6.4).

use actix_web::{HttpRequest, HttpResponse, web};
use windlass_api::common::{CancelMode as CancelRequest, CancelModeType};
use windlass_api::nslcm::{NsLcmOpOcc, NsResourceChanges};
use windlass_api::selector::NS_LCM_OP_OCC;
use windlass_lcm::{Operation, Request};
use windlass_model::{CancelMode, OperationId};
use windlass_server::{list as lists, progress::operation_progress};

use super::Answer;
use crate::error::Result;
use crate::nfvo::Nfvo;
use crate::operations::{self, tasks};
use crate::view;

type Id = web::Path<OperationId>;

pub async fn list(nfvo: web::Data<Nfvo>, request: HttpRequest) -> Answer {
    // What each has touched is in its log; that is told of one occurrence at a time.
    let member = |one: &Operation| view::ns_lcm_op_occ(one, NsResourceChanges::default());
    let read = async |wanted: lists::Wanted<'_>| {
        let operations = tasks::list(&nfvo, &wanted).await?;
        Ok(operations.iter().map(|one| (one.id.to_string(), member(one))).collect())
    };
    lists::pages(&request, NS_LCM_OP_OCC, read).await
}

pub async fn read(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    Ok(HttpResponse::Ok().json(occurrence(&nfvo, *id).await?))
}

pub async fn retry(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    tasks::request(&nfvo, *id, Request::Retry).await?;
    Ok(HttpResponse::Accepted().finish())
}

pub async fn rollback(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    tasks::request(&nfvo, *id, Request::Rollback).await?;
    Ok(HttpResponse::Accepted().finish())
}

pub async fn fail(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    tasks::fail(&nfvo, *id).await?;
    Ok(HttpResponse::Ok().json(occurrence(&nfvo, *id).await?))
}

pub async fn cancel(nfvo: web::Data<Nfvo>, id: Id, body: web::Json<CancelRequest>) -> Answer {
    let mode = match body.cancel_mode {
        CancelModeType::Graceful => CancelMode::Graceful,
        CancelModeType::Forceful => CancelMode::Forceful,
    };
    tasks::cancel(&nfvo, *id, mode).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Every step of an occurrence, of `/windlass/v1`.
pub async fn steps(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    let (operation, progress) = tasks::known(&nfvo, *id).await?;
    Ok(HttpResponse::Ok().json(operation_progress(&operation, &progress)))
}

async fn occurrence(nfvo: &Nfvo, id: OperationId) -> Result<NsLcmOpOcc> {
    let (operation, progress) = tasks::known(nfvo, id).await?;
    Ok(view::ns_lcm_op_occ(&operation, operations::changes(&operation, &progress)))
}
