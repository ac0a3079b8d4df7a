//! Files on the servers of strangers, fetched on somebody's behalf.
//!
//! ```text
//!  next ─▶ Beginning ─▶ Bytes ─▶ Bytes ─▶ … ─▶ None
//!              ▲          │ the connection breaks
//!              │          ▼
//!              │     ask for the rest (Range, If-Range) ─▶ Bytes …
//!              └──── the file has changed, or its server cannot resume
//! ```
//! Where a file may come from is decided by [`guard`]: whoever may name an address must not reach
//! with it what only this machine may reach.

mod credentials;
mod error;

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Response, StatusCode};
use rustls::crypto::CryptoProvider;
use url::Url;

pub use credentials::Credentials;
pub use error::FetchError;

use crate::client::is_loopback;
use crate::guard::{self, without_query};
use crate::position::Position;

/// How long a server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A file, and what its server wants to know of whoever asks for it.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where it is.
    pub uri: String,
    /// Who asks.
    pub credentials: Credentials,
}

/// How much patience there is.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// How often the server is asked in a row without coming further in the file.
    pub attempts: u32,
    /// The pause after the first attempt; twice as long after each next one.
    pub first_back_off: Duration,
    /// How long the server may be silent.
    pub silence: Duration,
    /// How often it may redirect.
    pub redirects: usize,
    /// Whether the file may come from this machine.
    pub from_loopback: bool,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            attempts: 6,
            first_back_off: Duration::from_millis(500),
            silence: Duration::from_secs(30),
            redirects: 5,
            from_loopback: false,
        }
    }
}

/// What arrives of a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// The file begins here. What came before, if anything, is void.
    Beginning {
        /// How long it will be, if the server knows.
        length: Option<u64>,
    },
    /// The next bytes.
    Bytes(Bytes),
}

/// A file that is being fetched.
#[derive(Debug)]
pub struct Fetch {
    http: reqwest::Client,
    uri: Url,
    credentials: Credentials,
    bounds: Bounds,
    response: Option<Response>,
    position: Position,
    /// The furthest that any attempt has come.
    furthest: u64,
    /// Attempts in a row that came no further.
    failures: u32,
}

impl Fetch {
    /// Prepares to fetch a file; nobody is asked yet.
    ///
    /// # Errors
    /// [`FetchError::Refused`] when the file is where it may not be fetched from.
    pub fn new(source: Source, bounds: Bounds) -> Result<Self, FetchError> {
        let Source { uri, credentials } = source;
        let uri = read(&uri, &credentials, &bounds)?;
        if let Some(endpoint) = credentials.token_endpoint() {
            read(endpoint, &credentials, &bounds)?;
        }
        Ok(Self {
            http: client(&bounds)?,
            uri,
            credentials,
            bounds,
            response: None,
            position: Position::default(),
            furthest: 0,
            failures: 0,
        })
    }

    /// What comes next; `None` at the end of the file. A connection that breaks is made again.
    ///
    /// # Errors
    /// When the server refuses, or when all attempts are used up.
    pub async fn next(&mut self) -> Result<Option<Piece>, FetchError> {
        loop {
            let failure = match &mut self.response {
                Some(response) => match response.chunk().await {
                    Ok(Some(bytes)) => {
                        self.moves_on(bytes.len() as u64);
                        return Ok(Some(Piece::Bytes(bytes)));
                    }
                    Ok(None) => return Ok(None),
                    Err(error) => FetchError::of(&error),
                },
                None => match self.open().await {
                    Ok(Some(beginning)) => return Ok(Some(beginning)),
                    Ok(None) => continue,
                    Err(error) => error,
                },
            };
            self.pause(failure).await?;
        }
    }

    /// Only what has never come before is worth more patience: a file that breaks off at the same
    /// place and begins anew each time would be fetched for ever.
    fn moves_on(&mut self, bytes: u64) {
        self.position.offset += bytes;
        if self.position.offset > self.furthest {
            self.furthest = self.position.offset;
            self.failures = 0;
        }
    }

    /// Asks for the rest, or for all; a beginning when it is all.
    async fn open(&mut self) -> Result<Option<Piece>, FetchError> {
        let request = self.http.get(self.uri.clone());
        let request = self.credentials.attach(&self.http, self.position.ask(request)).await?;
        let response = request.send().await.map_err(|error| FetchError::of(&error))?;
        if self.position.offset > 0 && self.position.continues_in(&response) {
            self.response = Some(response);
            return Ok(None);
        }
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
            // The file is shorter than it was: it is another one, and is read from its beginning.
            self.position = Position::default();
            return Err(FetchError::Unreachable("the file changed while it was fetched".into()));
        }
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        self.position = Position::beginning(&response);
        let length = response.content_length();
        self.response = Some(response);
        Ok(Some(Piece::Beginning { length }))
    }

    /// Waits before the next attempt, unless there is none.
    async fn pause(&mut self, failure: FetchError) -> Result<(), FetchError> {
        self.response = None;
        self.failures += 1;
        if !failure.may_pass() {
            return Err(failure);
        }
        if self.failures >= self.bounds.attempts {
            let (attempts, last) = (self.failures, failure.to_string());
            return Err(FetchError::GaveUp { attempts, last });
        }
        if !self.position.can_resume() {
            self.position = Position::default();
        }
        let back_off = self.bounds.first_back_off * 2u32.saturating_pow(self.failures - 1);
        tracing::debug!(uri = without_query(self.uri.as_str()), %failure, "a fetch broke off, trying again");
        tokio::time::sleep(back_off).await;
        Ok(())
    }
}

/// Reads an address that may be asked, also with these credentials.
fn read(uri: &str, credentials: &Credentials, bounds: &Bounds) -> Result<Url, FetchError> {
    let refused =
        |reason: String| FetchError::Refused { uri: without_query(uri).to_owned(), reason };
    let url = Url::parse(uri).map_err(|error| refused(error.to_string()))?;
    guard::check(&url, bounds.from_loopback).map_err(refused)?;
    if credentials.are_secret() && url.scheme() != "https" && !is_loopback(&url) {
        return Err(refused("credentials are not sent there without TLS".to_owned()));
    }
    Ok(url)
}

/// A client that goes only where the guard lets it. Proxies of the environment are not used: they
/// would go anywhere.
fn client(bounds: &Bounds) -> Result<reqwest::Client, FetchError> {
    if CryptoProvider::get_default().is_none() {
        return Err(FetchError::Unusable("no cryptography is installed for TLS".to_owned()));
    }
    let builder = || {
        reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(bounds.silence)
            .no_proxy()
            .redirect(guard::redirects(bounds.redirects, bounds.from_loopback))
            .dns_resolver(guard::Resolver { loopback: bounds.from_loopback })
    };
    // A machine without any certificate authorities can still fetch what needs none.
    let built = builder().build().or_else(|_| builder().tls_certs_only([]).build());
    built.map_err(|error| FetchError::Unusable(format!("cannot set up TLS: {error:?}")))
}
