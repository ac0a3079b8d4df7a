//! Who may come in: on loopback everybody, elsewhere whoever has a token.

use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError};
use sha2::{Digest, Sha256};
use windlass_server::Problem;
use windlass_store::{Store, TokenHash};

/// Who is let in at a listener.
#[derive(Debug, Clone)]
pub enum Door {
    /// Everybody: the listener is on loopback.
    Open,
    /// Whoever has one of this store's tokens.
    Tokens(Store),
}

/// The hash under which a token is kept.
pub fn hash(token: &str) -> TokenHash {
    TokenHash(Sha256::digest(token.as_bytes()).into())
}

/// Lets a request in, or answers 401.
pub async fn check(
    door: Door,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if let Door::Tokens(store) = &door
        && let Err(problem) = admit(store, &request).await
    {
        let response: HttpResponse = problem.error_response();
        return Ok(request.into_response(response).map_into_boxed_body());
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

async fn admit(store: &Store, request: &ServiceRequest) -> Result<(), Problem> {
    let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = sent.and_then(|value| value.strip_prefix("Bearer "));
    let refused = |why: &str| {
        Problem::new(401, why).with_header(header::WWW_AUTHENTICATE, "Bearer realm=\"windlass\"")
    };
    let token = token.ok_or_else(|| {
        refused("this server wants a bearer token; make one with `windlass token add NAME`")
    })?;
    match store.tokens().check(hash(token)).await {
        Ok(Some(_name)) => Ok(()),
        Ok(None) => Err(refused("the bearer token is not known here")),
        Err(error) => Err(Problem::broken("look up the token", &error)),
    }
}
