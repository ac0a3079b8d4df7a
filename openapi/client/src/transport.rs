//! How requests get to a server: over the network, or any other way that one is told.

use std::fmt::Debug;

use bytes::Bytes;
use futures::future::BoxFuture;
use reqwest::{RequestBuilder, Response};
use thiserror::Error;

use crate::{error, trace};

/// Brings requests to a server and its answers back. A client without one uses the network; a
/// simulation hands the request over in its own process, and may lose it on the way.
pub trait Transport: Debug + Send + Sync {
    /// One request and its answer.
    fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'static, Result<http::Response<Bytes>, Lost>>;
}

/// Why there is no answer.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Lost {
    /// The request got to nobody: it can be sent again.
    #[error("{0}")]
    NoServer(String),
    /// The connection broke off before an answer came; the request may have got to the server.
    #[error("{0}")]
    Broken(String),
    /// No answer came in time; the request may have got to the server.
    #[error("{0}")]
    NoAnswer(String),
}

impl Lost {
    fn of(cause: &reqwest::Error) -> Self {
        let reason = error::reason(cause);
        if cause.is_connect() {
            Self::NoServer(reason)
        } else if cause.is_timeout() {
            Self::NoAnswer(reason)
        } else {
            Self::Broken(reason)
        }
    }
}

pub(crate) async fn send(
    transport: Option<&dyn Transport>,
    request: RequestBuilder,
) -> Result<Response, Lost> {
    let Some(transport) = transport else {
        return trace::send(request).await.map_err(|cause| Lost::of(&cause));
    };
    let request = request.build().map_err(|cause| Lost::of(&cause))?;
    let mut plain = http::Request::new(Bytes::new());
    *plain.method_mut() = request.method().clone();
    *plain.headers_mut() = request.headers().clone();
    let unsent = |what: &str| Lost::NoServer(format!("{what} cannot be handed over in a process"));
    *plain.uri_mut() = request.url().as_str().parse().map_err(|_error| unsent("its address"))?;
    if let Some(body) = request.body() {
        let content = body.as_bytes().ok_or_else(|| unsent("a stream"))?;
        *plain.body_mut() = Bytes::copy_from_slice(content);
    }
    transport.exchange(plain).await.map(Response::from)
}
