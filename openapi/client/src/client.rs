//! Sending requests and reading answers; the endpoints are in the files of their APIs.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Certificate, ClientBuilder, Method, RequestBuilder, Response, StatusCode};
use rustls::crypto::CryptoProvider;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::debug;
use url::{Host, Url};
use windlass_api::api::{Api, ApiVersionInformation};

use crate::transport::{self, Lost, Transport};
use crate::{Error, Result, content};

/// How long a server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a server may be silent.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a connection is kept that nobody uses: shorter than any usual server keeps it, so that
/// no request is sent on one that is being closed.
const IDLE: Duration = Duration::from_secs(4);
/// How often a GET is sent in all, while no server is found.
const GET_ATTEMPTS: u32 = 4;
/// How long the client waits after the first attempt; twice as long after each next one.
const FIRST_BACK_OFF: Duration = Duration::from_millis(100);

const MERGE_PATCH: &str = "application/merge-patch+json";

/// A bearer token; it shows itself to nobody.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// The token as the server handed it out.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A client of one server, cheap to clone.
#[derive(Clone)]
pub struct Client {
    base: Url,
    http: reqwest::Client,
    /// Without a read timeout: reqwest counts the time that it takes to send an upload as silence of the server.
    patient: reqwest::Client,
    /// Instead of the network.
    transport: Option<Arc<dyn Transport>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the server at `base_url`, which may have a path, with its own certificate authority if it has one.
    pub fn new(base_url: &str, token: Option<&Token>, ca_pem: Option<&[u8]>) -> Result<Self> {
        if CryptoProvider::get_default().is_none() {
            return Err(Error::Invalid("no cryptography is installed for TLS".to_owned()));
        }
        let base = parse_base(base_url)?;
        let builder = || builder(&base, token, ca_pem);
        let build = |builder: ClientBuilder| {
            builder.build().map_err(|error| Error::Invalid(format!("cannot set up TLS: {error:?}")))
        };
        let http = build(builder()?.read_timeout(READ_TIMEOUT))?;
        let patient = build(builder()?)?;
        Ok(Self { base, http, patient, transport: None })
    }

    /// The same client, with another way to its server than the network.
    #[must_use]
    pub fn over(self, transport: Arc<dyn Transport>) -> Self {
        Self { transport: Some(transport), ..self }
    }

    /// Where the server is.
    pub fn base_url(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// The versions of an API that the server has.
    pub async fn api_versions(&self, api: Api) -> Result<ApiVersionInformation> {
        self.get(api, &["api_versions"]).await
    }

    /// The URL of a resource; each name is one segment, whatever characters it has.
    pub(crate) fn url(&self, api: Api, names: &[&str]) -> Result<Url> {
        // An empty name, `.` or `..` would silently lead to another resource.
        if let Some(name) = names.iter().find(|name| matches!(**name, "" | "." | "..")) {
            return Err(Error::Invalid(format!("`{name}` cannot name a resource")));
        }
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Error::Invalid(format!("{} cannot have a path", self.base)))?
            .pop_if_empty()
            .extend(api.root().trim_start_matches('/').split('/'))
            .extend(names);
        Ok(url)
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    pub(crate) fn request(&self, method: Method, api: Api, url: Url) -> RequestBuilder {
        self.http.request(method, url).header("Version", api.version())
    }

    /// For requests whose body takes long to send, or whose answer is long in coming.
    pub(crate) fn patient_request(&self, method: Method, api: Api, url: Url) -> RequestBuilder {
        self.patient.request(method, url).header("Version", api.version())
    }

    /// Sends a request once; an answer with a status outside 2xx is an error.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Response> {
        let sent = transport::send(self.transport.as_deref(), request).await;
        let response = sent.map_err(|lost| Error::lost(self.base_url(), &lost))?;
        if response.status().is_success() {
            Ok(response)
        } else {
            Err(Error::of(response, self.base_url()).await)
        }
    }

    /// Sends a GET, again and again while no server is found or the connection breaks off: a server
    /// that restarts is soon back.
    pub(crate) async fn send_get(&self, api: Api, url: Url, accept: &str) -> Result<Response> {
        self.send_get_with(api, url, accept, &[]).await
    }

    /// [`Client::send_get`] with more headers.
    pub(crate) async fn send_get_with(
        &self,
        api: Api,
        url: Url,
        accept: &str,
        headers: &[(&str, String)],
    ) -> Result<Response> {
        let mut back_off = FIRST_BACK_OFF;
        let mut attempt = 1;
        loop {
            let request = self.request(Method::GET, api, url.clone()).header(ACCEPT, accept);
            let with = |request: RequestBuilder, (name, value): &(&str, String)| {
                request.header(*name, value)
            };
            let request = headers.iter().fold(request, with);
            match transport::send(self.transport.as_deref(), request).await {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) => return Err(Error::of(response, self.base_url()).await),
                Err(Lost::NoServer(_) | Lost::Broken(_)) if attempt < GET_ATTEMPTS => {
                    debug!(server = self.base_url(), attempt, "found no server, trying again");
                }
                Err(lost) => return Err(Error::lost(self.base_url(), &lost)),
            }
            tokio::time::sleep(back_off).await;
            back_off *= 2;
            attempt += 1;
        }
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, api: Api, names: &[&str]) -> Result<T> {
        let response = self.send_get(api, self.url(api, names)?, "application/json").await?;
        self.json(response).await
    }

    pub(crate) async fn post<B, T>(&self, api: Api, names: &[&str], body: &B) -> Result<T>
    where
        B: Serialize + ?Sized,
        T: DeserializeOwned,
    {
        let request = self.request(Method::POST, api, self.url(api, names)?).json(body);
        self.json(self.send(request).await?).await
    }

    /// Posts a task, and gives the id of the operation occurrence that performs it.
    pub(crate) async fn start<B>(&self, api: Api, names: &[&str], body: &B) -> Result<String>
    where
        B: Serialize + ?Sized,
    {
        let request = self.request(Method::POST, api, self.url(api, names)?).json(body);
        operation_id(&self.send(request).await?)
    }

    /// Posts a task of an operation occurrence, which has no body; the answer is returned unread.
    pub(crate) async fn post_empty(&self, api: Api, names: &[&str]) -> Result<Response> {
        self.send(self.request(Method::POST, api, self.url(api, names)?)).await
    }

    /// Sends a merge patch; the answer is returned unread.
    pub(crate) async fn patch<B>(&self, api: Api, names: &[&str], body: &B) -> Result<Response>
    where
        B: Serialize + ?Sized,
    {
        let media_type = HeaderValue::from_static(MERGE_PATCH);
        let request = self.request(Method::PATCH, api, self.url(api, names)?);
        self.send(request.header("Content-Type", media_type).json(body)).await
    }

    pub(crate) async fn delete(&self, api: Api, names: &[&str]) -> Result<()> {
        self.send(self.request(Method::DELETE, api, self.url(api, names)?)).await.map(drop)
    }

    pub(crate) async fn json<T: DeserializeOwned>(&self, response: Response) -> Result<T> {
        let status = response.status();
        let body = content::read(response, self.base_url()).await?;
        serde_json::from_slice(&body)
            .map_err(|error| Error::unexpected(status, format!("it is not understood: {error}")))
    }
}

/// The id at the end of a `202 Accepted` answer's `Location`.
pub(crate) fn operation_id(response: &Response) -> Result<String> {
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let id = location
        .map(|location| location.split(['?', '#']).next().unwrap_or_default())
        .and_then(|path| path.trim_end_matches('/').rsplit('/').next())
        .filter(|id| !id.is_empty());
    match (response.status(), id) {
        (StatusCode::ACCEPTED, Some(id)) => Ok(id.to_owned()),
        (StatusCode::ACCEPTED, None) => {
            Err(Error::unexpected(response.status(), "it does not say which operation it started"))
        }
        (status, _) => Err(Error::unexpected(status, "it did not start an operation")),
    }
}

fn parse_base(base_url: &str) -> Result<Url> {
    let invalid = |reason: &str| Error::Invalid(format!("`{base_url}` is no server: {reason}"));
    let base = Url::parse(base_url).map_err(|error| invalid(&error.to_string()))?;
    if !matches!(base.scheme(), "http" | "https") {
        return Err(invalid("expected http:// or https://"));
    }
    if base.query().is_some() || base.fragment().is_some() {
        return Err(invalid("expected nothing after the path"));
    }
    Ok(base)
}

fn builder(base: &Url, token: Option<&Token>, ca_pem: Option<&[u8]>) -> Result<ClientBuilder> {
    let is_plain = base.scheme() == "http";
    let mut builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE)
        .redirect(reqwest::redirect::Policy::none());
    if is_loopback(base) {
        builder = builder.no_proxy();
    }
    if let Some(token) = token {
        if is_plain && !is_loopback(base) {
            let reason = format!("a token is not sent to {base} without TLS");
            return Err(Error::Invalid(reason));
        }
        builder = builder.default_headers(authorization(token)?);
    }
    if let Some(pem) = ca_pem {
        let authorities = Certificate::from_pem_bundle(pem).map_err(|error| {
            Error::Invalid(format!("the certificate authority is not PEM: {error}"))
        })?;
        builder = builder.tls_certs_only(authorities);
    } else if is_plain {
        // A machine without any certificate authorities may still talk to itself.
        builder = builder.tls_certs_only([]);
    }
    Ok(builder)
}

fn authorization(token: &Token) -> Result<HeaderMap> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.0))
        .map_err(|error| Error::Invalid(format!("the token is not one: {error}")))?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(AUTHORIZATION, value)]))
}

/// Whether a URL names this machine itself, so that what is sent there stays on it.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}
