//! The one place that turns refusals into HTTP: RFC 9457 bodies with the codes of SOL013 clause 6.4.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError, error as actix, web};
use windlass_api::common::ProblemDetails;

/// JSON bodies longer than this are refused.
const JSON_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// The result of a handler.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// A refusal, as the client reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    details: Box<ProblemDetails>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A refusal with this status; `detail` says what is wrong, where, and what to do.
    #[must_use]
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        let title = StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason());
        let details = ProblemDetails::new(status, detail).with_title(title.unwrap_or("Error"));
        Self { details: Box::new(details), headers: Vec::new() }
    }

    /// Something broke here: the log gets the cause, the client gets what could not be done.
    #[must_use]
    pub fn broken(doing: &str, error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "could not {doing}");
        Self::new(500, format!("could not {doing}; the log of the server says why"))
    }

    /// With a header in the answer. A value that is no header value is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// With a member of our own in the body.
    #[must_use]
    pub fn with_extension(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.details.extensions.insert(name.to_owned(), value.into());
        self
    }

    /// The body.
    #[must_use]
    pub fn details(&self) -> &ProblemDetails {
        &self.details
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.details.fmt(f)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.details.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        if self.status_code().is_server_error() {
            tracing::warn!(status = self.details.status, "a request failed: {self}");
        }
        let mut response = HttpResponse::build(self.status_code())
            .content_type(ProblemDetails::MEDIA_TYPE)
            .json(&self.details);
        for (name, value) in &self.headers {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response
    }
}

/// JSON bodies: bounded, of the right type, and wrong ones are told as problems.
#[must_use]
pub fn json_config() -> web::JsonConfig {
    let any_json = |mime: actix_web::mime::Mime| mime.subtype() == "merge-patch+json";
    web::JsonConfig::default().limit(JSON_LIMIT_BYTES).content_type(any_json).error_handler(
        |error, request| {
            let too_long = matches!(
                error,
                actix::JsonPayloadError::Overflow { .. }
                    | actix::JsonPayloadError::OverflowKnownLength { .. }
            );
            let told = if too_long {
                Problem::new(413, format!("the body is longer than {} MiB", JSON_LIMIT_BYTES >> 20))
            } else if matches!(error, actix::JsonPayloadError::ContentType) {
                let found = content_type(request);
                Problem::new(415, format!("the body is {found:?}; application/json is wanted"))
            } else {
                Problem::new(400, format!("the body cannot be read: {error}"))
            };
            told.into()
        },
    )
}

/// Path segments: an id that is none names nothing.
#[must_use]
pub fn path_config() -> web::PathConfig {
    web::PathConfig::default().error_handler(|_, request| {
        Problem::new(404, format!("there is nothing at {}", request.path())).into()
    })
}

/// The request's content type as it was sent.
#[must_use]
pub fn content_type(request: &HttpRequest) -> String {
    let sent = request.headers().get(actix_web::http::header::CONTENT_TYPE);
    sent.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}
