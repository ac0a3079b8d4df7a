//! Who may come in: on loopback everybody, elsewhere whoever has a token.

use std::net::IpAddr;

use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::http::uri::Authority;
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError};
use sha2::{Digest, Sha256};
use windlass_server::Problem;
use windlass_store::{Store, TokenHash};

use super::watching::PROBES;

/// Who is let in at a listener.
#[derive(Debug, Clone)]
pub enum Door {
    /// Everybody: the listener is on loopback.
    Open,
    /// Everybody from everywhere: nothing but metrics and health is behind it.
    Watchers,
    /// Whoever has one of this store's tokens.
    Tokens(Store),
}

/// The hash under which a token is kept.
pub fn hash(token: &str) -> TokenHash {
    TokenHash(Sha256::digest(token.as_bytes()).into())
}

/// Lets a request in, or says why not.
pub async fn check(
    door: Door,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let admitted = match &door {
        // Those who ask every few seconds have no token, and learn nothing else.
        _ if PROBES.contains(&request.path()) => Ok(()),
        Door::Watchers => Ok(()),
        Door::Open => meant_for_loopback(&request),
        Door::Tokens(store) => admit(store, &request).await,
    };
    if let Err(problem) = admitted {
        let response: HttpResponse = problem.error_response();
        return Ok(request.into_response(response).map_into_boxed_body());
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Refuses a request that was sent to another name: a page in a browser can make a name of its own
/// lead to loopback, and must not speak to us so.
fn meant_for_loopback(request: &ServiceRequest) -> Result<(), Problem> {
    let Some(host) = request.headers().get(header::HOST) else { return Ok(()) };
    let host = host.to_str().unwrap_or_default();
    let name = host.parse::<Authority>().map_or(String::new(), |a| a.host().to_owned());
    let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
    if name == "localhost" || address.is_ok_and(|address| address.is_loopback()) {
        return Ok(());
    }
    let told = format!("this server is on loopback and does not answer for {host:?}");
    Err(Problem::new(421, told))
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

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::{App, web};

    use super::*;

    #[actix_web::test]
    async fn probes_need_no_token_and_metrics_do() {
        let store = Store::in_memory().await.unwrap();
        let app = init_service(
            App::new()
                .wrap(from_fn(move |request, next| {
                    check(Door::Tokens(store.clone()), request, next)
                }))
                .default_service(web::to(async || "in")),
        )
        .await;
        for (path, status) in [("/healthz", 200), ("/readyz", 200), ("/metrics", 401), ("/x", 401)]
        {
            let request = TestRequest::get().uri(path).to_request();
            assert_eq!(call_service(&app, request).await.status().as_u16(), status, "{path}");
        }
    }

    #[test]
    fn an_open_door_answers_for_loopback_and_for_no_other_name() {
        let sent_to = |host: &str| {
            let request = TestRequest::default().insert_header((header::HOST, host));
            meant_for_loopback(&request.to_srv_request()).is_ok()
        };
        for good in ["127.0.0.1:9890", "localhost:9890", "[::1]:9890", "127.0.0.1"] {
            assert!(sent_to(good), "{good}");
        }
        for bad in ["evil.example:9890", "192.0.2.1", "localhost.evil.example", ""] {
            assert!(!sent_to(bad), "{bad:?}");
        }
    }
}
