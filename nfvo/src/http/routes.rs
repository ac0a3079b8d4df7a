//! The pieces of the route table: a path, its methods, and what every path has in common.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::{FromRequest, Handler, HttpRequest, Resource, Responder, web};
use windlass_api::api::Api;

use super::error::{json_config, path_config};
use crate::error::Error;

/// The header that names the version of the API (SOL013 clause 9).
static VERSION: HeaderName = HeaderName::from_static("version");

/// The paths of one API.
///
/// Each path is a resource of its own rather than part of a scope: `/windlass/v1` is shared with
/// the VNFM when both run on one listener, and a scope would keep the other's paths from being
/// found.
pub(super) struct Routes<'cfg> {
    api: Api,
    cfg: &'cfg mut web::ServiceConfig,
}

impl<'cfg> Routes<'cfg> {
    pub fn of(api: Api, cfg: &'cfg mut web::ServiceConfig) -> Self {
        Self { api, cfg }
    }

    /// Adds a path and what may be done there.
    pub fn at(&mut self, path: &str, methods: impl FnOnce(Methods) -> Methods) -> &mut Self {
        let resource = web::resource(format!("{}{path}", self.api.root()));
        let methods = methods(Methods { resource, allowed: Vec::new() });
        let allowed: Arc<str> = methods.allowed.join(", ").into();
        let api = self.api;
        self.cfg.service(
            methods
                .resource
                .default_service(web::to(move |request| not_allowed(request, Arc::clone(&allowed))))
                .app_data(json_config())
                .app_data(path_config())
                .wrap(from_fn(move |request, next| in_version(api, request, next))),
        );
        self
    }
}

/// What may be done at a path.
pub(super) struct Methods {
    resource: Resource,
    allowed: Vec<String>,
}

impl Methods {
    pub fn get<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::GET, handler)
    }

    pub fn post<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::POST, handler)
    }

    pub fn put<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::PUT, handler)
    }

    pub fn patch<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::PATCH, handler)
    }

    pub fn delete<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::DELETE, handler)
    }

    fn on<F, Args>(mut self, method: Method, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.allowed.push(method.to_string());
        self.resource = self.resource.route(web::method(method).to(handler));
        self
    }
}

async fn not_allowed(request: HttpRequest, allowed: Arc<str>) -> Result<&'static str, Error> {
    Err(Error::Method { method: request.method().to_string(), allowed: allowed.to_string() })
}

/// Refuses a client that speaks another major version; a client that names none is taken at its
/// path's word.
async fn in_version(
    api: Api,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if let Some(asked) = request.headers().get(&VERSION) {
        let asked = asked.to_str().unwrap_or_default();
        if !api.speaks(asked) {
            let spoken = api.version();
            let told = format!("version {asked:?} of {} is not spoken; {spoken} is", api.name());
            return Err(Error::NotAcceptable(told).into());
        }
    }
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    headers.insert(VERSION.clone(), HeaderValue::from_static(api.version()));
    Ok(response)
}
