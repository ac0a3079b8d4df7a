//! Calling back whoever subscribed: an address that came in a request, so it is not trusted.
//!
//! It is asked for nothing but what SOL013 clause 5.10 needs, is given a bounded time, may not send us
//! elsewhere, and what it says is repeated to nobody: whoever may name an address must not read with
//! it what only this machine may read. Addresses of the link and of a cloud's metadata are never called, and loopback only when everything is there.

mod reach;

use std::fmt;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Certificate, RequestBuilder, Response, StatusCode};
use rustls::crypto::CryptoProvider;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;
use url::{Url, form_urlencoded};

use crate::error::reason;
use crate::guard::without_query;
use crate::{Error, Result, Token};

pub use reach::Reach;

/// How long a subscriber may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a subscriber may take to answer altogether.
const TIMEOUT: Duration = Duration::from_secs(10);
/// More of an answer is not read.
const ANSWER_BYTES: usize = 64 << 10;

/// Why a subscriber could not be called, in words that both sides may see: addresses are without
/// their query, and nothing is quoted.
#[derive(Debug, Error)]
pub enum CallbackError {
    /// It is at an address that is not called.
    #[error("{0}")]
    Address(String),
    /// Nobody answers there.
    #[error("{uri} does not answer: {reason}")]
    Unreachable {
        /// Where.
        uri: String,
        /// The innermost cause.
        reason: String,
    },
    /// It answers, but not as it should.
    #[error("{uri} answers with status {status}, not {wanted}")]
    Answer {
        /// Where.
        uri: String,
        /// The HTTP status.
        status: u16,
        /// The status that was wanted.
        wanted: &'static str,
    },
    /// It gave no token that can be used.
    #[error("the token endpoint {endpoint} gives no bearer token")]
    NoToken {
        /// Where.
        endpoint: String,
    },
}

impl CallbackError {
    /// Whether the subscriber did not take our authorization.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        matches!(self, Self::Answer { status: 401, .. })
    }
}

/// What shows a subscriber who is calling.
#[derive(Debug, Clone, Default)]
pub enum Authorization {
    /// Nothing.
    #[default]
    Open,
    /// A user and a password.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: Token,
    },
    /// A bearer token.
    Bearer(Token),
}

/// A token that a token endpoint gave (RFC 6749 clause 5.1).
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// The token.
    pub token: Token,
    /// How long it can be used; `None` when the endpoint does not say.
    pub expires_in: Option<Duration>,
}

/// Calls subscribers. Clones share their connections.
#[derive(Clone)]
pub struct Callbacks {
    http: reqwest::Client,
    reach: Reach,
}

impl fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callbacks").field("reach", &self.reach).finish_non_exhaustive()
    }
}

impl Callbacks {
    /// Calls within `reach`; subscribers' certificates are held to `ca_pem`, or to what the machine
    /// trusts.
    pub fn new(reach: Reach, ca_pem: Option<&[u8]>) -> Result<Self> {
        if CryptoProvider::get_default().is_none() {
            return Err(Error::Invalid("no cryptography is installed for TLS".to_owned()));
        }
        // A proxy would be asked for addresses in our place.
        let builder = || {
            reqwest::Client::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(TIMEOUT)
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .dns_resolver(reach.resolver())
        };
        let http = match ca_pem {
            Some(pem) => {
                let authorities = Certificate::from_pem_bundle(pem).map_err(|error| {
                    Error::Invalid(format!("the certificate authority is not PEM: {error}"))
                })?;
                builder().tls_certs_only(authorities).build()
            }
            // A machine without any certificate authorities may still call over plain HTTP.
            None => builder().build().or_else(|_| builder().tls_certs_only([]).build()),
        };
        let http = http.map_err(|error| Error::Invalid(format!("cannot set up TLS: {error:?}")))?;
        Ok(Self { http, reach })
    }

    /// Refuses a URI that is never called. Names are looked up, and judged, with every call.
    ///
    /// # Errors
    /// [`CallbackError::Address`].
    pub fn check(&self, uri: &str) -> std::result::Result<Url, CallbackError> {
        self.reach.check(uri).map_err(CallbackError::Address)
    }

    /// Asks a subscriber whether it is one: it answers a GET with 204 (SOL013 clause 5.10.4).
    ///
    /// # Errors
    /// When it does not.
    pub async fn test(
        &self,
        uri: &str,
        authorization: &Authorization,
    ) -> std::result::Result<(), CallbackError> {
        let request = self.http.get(self.check(uri)?);
        let response = send(uri, authorize(request, authorization)).await?;
        match response.status() {
            StatusCode::NO_CONTENT => Ok(()),
            _ => Err(refusal(uri, "204", &response)),
        }
    }

    /// Hands a subscriber a notification.
    ///
    /// # Errors
    /// When it does not take it.
    pub async fn deliver(
        &self,
        uri: &str,
        authorization: &Authorization,
        version: &'static str,
        notification: &Value,
    ) -> std::result::Result<(), CallbackError> {
        let request = self.http.post(self.check(uri)?).header("Version", version);
        let request = request.json(notification);
        let response = send(uri, authorize(request, authorization)).await?;
        // The standard wants 204; a receiver that says 200 or 202 has got it as well.
        if response.status().is_success() {
            return Ok(());
        }
        Err(refusal(uri, "204", &response))
    }

    /// Gets a token with the client credentials grant (RFC 6749 clause 4.4).
    ///
    /// # Errors
    /// When the endpoint gives none.
    pub async fn token(
        &self,
        endpoint: &str,
        client_id: &str,
        client_password: &str,
    ) -> std::result::Result<AccessToken, CallbackError> {
        #[derive(Deserialize)]
        struct Granted {
            access_token: String,
            expires_in: Option<u64>,
        }
        let media_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        let request = self
            .http
            .post(self.check(endpoint)?)
            .basic_auth(encoded(client_id), Some(encoded(client_password)))
            .header(CONTENT_TYPE, media_type)
            .body("grant_type=client_credentials");
        let response = send(endpoint, request).await?;
        if response.status() != StatusCode::OK {
            return Err(refusal(endpoint, "200", &response));
        }
        let granted: Granted = json(response).await.ok_or_else(|| CallbackError::NoToken {
            endpoint: without_query(endpoint).to_owned(),
        })?;
        Ok(AccessToken {
            token: Token::new(granted.access_token),
            expires_in: granted.expires_in.map(Duration::from_secs),
        })
    }
}

fn authorize(request: RequestBuilder, authorization: &Authorization) -> RequestBuilder {
    match authorization {
        Authorization::Open => request,
        Authorization::Basic { user, password } => {
            request.basic_auth(user, Some(password.expose()))
        }
        Authorization::Bearer(token) => request.bearer_auth(token.expose()),
    }
}

async fn send(uri: &str, request: RequestBuilder) -> std::result::Result<Response, CallbackError> {
    let unreachable = |error: reqwest::Error| CallbackError::Unreachable {
        uri: without_query(uri).to_owned(),
        reason: reason(&error),
    };
    request.send().await.map_err(unreachable)
}

fn refusal(uri: &str, wanted: &'static str, response: &Response) -> CallbackError {
    let (uri, status) = (without_query(uri).to_owned(), response.status().as_u16());
    CallbackError::Answer { uri, status, wanted }
}

async fn json<T: DeserializeOwned>(response: Response) -> Option<T> {
    serde_json::from_slice(&beginning(response).await).ok()
}

/// As much of an answer as anybody needs; what breaks off counts as its end.
async fn beginning(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < ANSWER_BYTES
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk[..chunk.len().min(ANSWER_BYTES - body.len())]);
    }
    body
}

/// As RFC 6749 clause 2.3.1 wants ids and passwords of clients.
pub(crate) fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
