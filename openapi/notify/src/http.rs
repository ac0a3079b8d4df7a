//! `subscriptions` of every API, and how they fare under `/windlass/v1`.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;
use windlass_api::api::Api;
use windlass_api::common::SubscriptionRequest;
use windlass_api::selector;
use windlass_server::{Problem, Result, Routes, list as lists};

use crate::subscriptions::{Answer, Desk};
use crate::{Notifications, NotifyError};

/// The paths of subscriptions, beside those of the programs whose events they are about.
pub fn configure(notifications: Arc<Notifications>) -> impl FnOnce(&mut web::ServiceConfig) {
    move |cfg| notifications.desks().iter().for_each(|desk| mount(desk, cfg))
}

fn mount(desk: &Desk, cfg: &mut web::ServiceConfig) {
    let api = desk.publisher.api();
    let create = {
        let desk = desk.clone();
        move |body: web::Json<SubscriptionRequest<Value>>| create(desk.clone(), body.into_inner())
    };
    Routes::of(api, cfg)
        .at("/subscriptions", |at| at.get(listing(desk, list)).post(create))
        .at("/subscriptions/{id}", |at| at.get(one(desk, read)).delete(one(desk, delete)));
    // Under the API's name: NFVO and VNFM may share a listener.
    let here = format!("/{}/subscriptions", api.name());
    Routes::of(Api::Windlass, cfg)
        .at(&here, |at| at.get(listing(desk, deliveries)))
        .at(&format!("{here}/{{id}}"), |at| at.get(one(desk, delivery)))
        .at(&format!("{here}/{{id}}/resume"), |at| at.post(one(desk, resume)));
}

/// A handler of the list of a desk.
fn listing<F: Future<Output = Result<HttpResponse>> + 'static>(
    desk: &Desk,
    handler: fn(Desk, HttpRequest) -> F,
) -> impl Fn(HttpRequest) -> F + Clone + 'static {
    let desk = desk.clone();
    move |request| handler(desk.clone(), request)
}

/// A handler of one subscription of a desk.
fn one<F: Future<Output = Result<HttpResponse>> + 'static>(
    desk: &Desk,
    handler: fn(Desk, String) -> F,
) -> impl Fn(web::Path<String>) -> F + Clone + 'static {
    let desk = desk.clone();
    move |id| handler(desk.clone(), id.into_inner())
}

async fn create(desk: Desk, request: SubscriptionRequest<Value>) -> Result<HttpResponse> {
    Ok(match desk.create(request).await? {
        Answer::Created(made) => HttpResponse::Created()
            .insert_header((header::LOCATION, made.links.this.href.clone()))
            .json(made),
        Answer::Known(path) => {
            HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
        }
    })
}

async fn list(desk: Desk, request: HttpRequest) -> Result<HttpResponse> {
    let mut members = Vec::new();
    for subscription in desk.every().await? {
        members.push((subscription.id.to_string(), desk.shown(&subscription)?));
    }
    lists::answer(&request, selector::PLAIN, members)
}

async fn read(desk: Desk, id: String) -> Result<HttpResponse> {
    let subscription = desk.get(&id).await?;
    Ok(HttpResponse::Ok().json(desk.shown(&subscription)?))
}

async fn delete(desk: Desk, id: String) -> Result<HttpResponse> {
    desk.delete(&id).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn deliveries(desk: Desk, request: HttpRequest) -> Result<HttpResponse> {
    let mut members = Vec::new();
    for subscription in desk.every().await? {
        members.push((subscription.id.to_string(), desk.delivery(&subscription).await?));
    }
    lists::answer(&request, selector::PLAIN, members)
}

async fn delivery(desk: Desk, id: String) -> Result<HttpResponse> {
    let subscription = desk.get(&id).await?;
    Ok(HttpResponse::Ok().json(desk.delivery(&subscription).await?))
}

async fn resume(desk: Desk, id: String) -> Result<HttpResponse> {
    let subscription = desk.resume(&id).await?;
    Ok(HttpResponse::Ok().json(desk.delivery(&subscription).await?))
}

impl From<NotifyError> for Problem {
    fn from(error: NotifyError) -> Self {
        match error {
            NotifyError::NotFound(_) => Self::new(404, error.to_string()),
            NotifyError::Unprocessable(_) => Self::new(422, error.to_string()),
            NotifyError::Store(source) => Self::broken("use the subscriptions", &source),
            NotifyError::Seal(source) => Self::broken("seal the credentials", &source),
        }
    }
}
