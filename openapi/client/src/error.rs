//! Why there is no answer, or not the one that was asked for.

use std::error::Error as _;

use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Response, StatusCode};
use serde_json::Value;
use thiserror::Error;
use windlass_api::common::ProblemDetails;

use crate::content;
use crate::transport::Lost;

/// What can go wrong between a client and its server; each message can be shown to people as it is.
#[derive(Debug, Error)]
pub enum Error {
    /// The server understood and refused, and says why.
    #[error("{0}")]
    Problem(Box<ProblemDetails>),
    /// There is no server, or it stopped answering.
    #[error("cannot reach {server}: {reason}")]
    Unreachable {
        /// The base URL of the server.
        server: String,
        /// The innermost cause, such as a refused connection.
        reason: String,
    },
    /// Something answered that does not speak this API.
    #[error("unexpected answer with status {status}: {body}")]
    Unexpected {
        /// The HTTP status.
        status: u16,
        /// What it said, or what about it was unexpected.
        body: String,
    },
    /// The client cannot be made, or the request cannot be sent, as asked.
    #[error("{0}")]
    Invalid(String),
}

/// How much of an answer that is not understood is kept.
const EXCERPT_CHARACTERS: usize = 300;

impl Error {
    /// The HTTP status, if a server answered.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Problem(problem) => Some(problem.status),
            Self::Unexpected { status, .. } => Some(*status),
            Self::Unreachable { .. } | Self::Invalid(_) => None,
        }
    }

    /// Whether the server says that there is no such resource.
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }

    /// Whether the server says that the resource's state does not allow it.
    pub fn is_conflict(&self) -> bool {
        self.status() == Some(409)
    }

    pub(crate) fn unreachable(server: &str, error: &reqwest::Error) -> Self {
        Self::Unreachable { server: server.to_owned(), reason: reason(error) }
    }

    pub(crate) fn lost(server: &str, lost: &Lost) -> Self {
        Self::Unreachable { server: server.to_owned(), reason: lost.to_string() }
    }

    pub(crate) fn unexpected(status: StatusCode, reason: impl Into<String>) -> Self {
        Self::Unexpected { status: status.as_u16(), body: reason.into() }
    }

    /// The error that a response with a status outside 2xx stands for.
    pub(crate) async fn of(response: Response, server: &str) -> Self {
        let status = response.status();
        if status.is_redirection() {
            let target = response.headers().get(LOCATION).and_then(|target| target.to_str().ok());
            let target = target.unwrap_or("nowhere").to_owned();
            return Self::unexpected(status, format!("it redirects to {target}"));
        }
        let is_json = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|media_type| media_type.to_str().ok())
            .is_some_and(|media_type| media_type.contains("json"));
        match content::read(response, server).await {
            Err(error) => error,
            Ok(body) if is_json => Self::from_json(status, &body),
            Ok(body) => Self::unexpected(status, excerpt(&body)),
        }
    }

    /// A `ProblemDetails`, if the body is one.
    fn from_json(status: StatusCode, body: &[u8]) -> Self {
        let problem = serde_json::from_slice::<Value>(body)
            .ok()
            .filter(|value| value.get("detail").or(value.get("title")).is_some())
            .and_then(|value| serde_json::from_value::<ProblemDetails>(value).ok());
        match problem {
            // The status line is what proxies and the server agree on; the member may be missing.
            Some(problem) => {
                Self::Problem(Box::new(ProblemDetails { status: status.as_u16(), ..problem }))
            }
            None => Self::unexpected(status, excerpt(body)),
        }
    }
}

/// Why there is no answer, in a few words.
pub(crate) fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() { "it does not answer in time".to_owned() } else { root_cause(error) }
}

/// The end of the chain: what really happened, without the layers that passed it on.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    // Only the outermost error of reqwest repeats the URL, and the message names the server already.
    match error.source() {
        Some(_) => cause.to_string(),
        None => "the request failed".to_owned(),
    }
}

/// The beginning of an answer, on one line, without what would command a terminal.
fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut line = words.join(" ").replace(char::is_control, "\u{fffd}");
    if let Some((end, _)) = line.char_indices().nth(EXCERPT_CHARACTERS) {
        line.truncate(end);
        line.push('…');
    }
    if line.is_empty() { "an empty body".to_owned() } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_one_line_that_commands_no_terminal() {
        assert_eq!(excerpt(b"no\r\n  room\x1b[2J\x07!"), "no room\u{fffd}[2J\u{fffd}!");
        assert_eq!(excerpt("\u{9b}2J".as_bytes()), "\u{fffd}2J");
        assert_eq!(excerpt(&[b'a'; 400]).chars().count(), EXCERPT_CHARACTERS + 1);
        assert_eq!(excerpt(b" \n"), "an empty body");
    }
}
