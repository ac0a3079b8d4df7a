//! Who asks for a file. All of it stays in memory, and shows itself to nobody.

use reqwest::RequestBuilder;
use serde::Deserialize;
use windlass_api::common::{ClientCredentialsParams, Secret};

use super::FetchError;
use crate::callback::encoded;

/// No answer with a token is longer.
const TOKEN_BYTES: usize = 64 << 10;

/// What a server wants to know of whoever asks.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// Nothing.
    None,
    /// A user and a password (RFC 7617).
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A bearer token from a token endpoint (RFC 6749 clause 4.4).
    ClientCredentials(ClientCredentialsParams),
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

impl Credentials {
    /// Whether whoever overhears them learns something.
    pub(super) fn are_secret(&self) -> bool {
        match self {
            Self::None => false,
            Self::Basic { .. } | Self::ClientCredentials(_) => true,
        }
    }

    /// Where a token is got, if one is needed.
    pub(super) fn token_endpoint(&self) -> Option<&str> {
        match self {
            Self::None | Self::Basic { .. } => None,
            Self::ClientCredentials(params) => Some(&params.token_endpoint),
        }
    }

    /// Adds them to a request; a token is asked for anew each time, since it does not last.
    pub(super) async fn attach(
        &self,
        http: &reqwest::Client,
        request: RequestBuilder,
    ) -> Result<RequestBuilder, FetchError> {
        match self {
            Self::None => Ok(request),
            Self::Basic { user, password } => Ok(request.basic_auth(user, Some(&password.0))),
            Self::ClientCredentials(params) => {
                Ok(request.bearer_auth(token(http, params).await?.access_token))
            }
        }
    }
}

async fn token(
    http: &reqwest::Client,
    params: &ClientCredentialsParams,
) -> Result<Token, FetchError> {
    let request = http
        .post(&params.token_endpoint)
        .basic_auth(encoded(&params.client_id), Some(encoded(&params.client_password.0)))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    let mut response = request.send().await.map_err(|error| FetchError::of(&error))?;
    let status = response.status();
    if status.is_server_error() {
        return Err(FetchError::Status(status.as_u16()));
    }
    if !status.is_success() {
        return Err(FetchError::NoToken(format!("its server answered with status {status}")));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| FetchError::of(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > TOKEN_BYTES {
            return Err(FetchError::NoToken("the answer is too long".to_owned()));
        }
    }
    // What the answer holds instead of a token is not repeated: it may be half a secret.
    serde_json::from_slice(&body)
        .map_err(|_error| FetchError::NoToken("the answer holds none".to_owned()))
}
