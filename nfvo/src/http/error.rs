//! The one place that turns errors into HTTP: RFC 9457 bodies with the codes of SOL013 clause 6.4.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError, error as actix, web};
use windlass_api::common::ProblemDetails;

use crate::error::Error;

/// JSON bodies longer than this are refused.
const JSON_LIMIT_BYTES: usize = 4 * 1024 * 1024;

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        if self.status() >= 500 {
            tracing::error!(error = self as &dyn std::error::Error, "a request failed: {self}");
        }
        let mut response = HttpResponse::build(self.status_code())
            .content_type(ProblemDetails::MEDIA_TYPE)
            .json(self.problem());
        let headers = response.headers_mut();
        match self {
            Self::Method { allowed, .. } => set(headers, header::ALLOW, allowed),
            Self::Range { size_bytes } => {
                set(headers, header::CONTENT_RANGE, &format!("bytes */{size_bytes}"));
            }
            Self::Away { .. } => set(headers, header::RETRY_AFTER, "5"),
            Self::NotFound { .. }
            | Self::Malformed(_)
            | Self::Refused(_)
            | Self::Conflict(_)
            | Self::Precondition { .. }
            | Self::NotAcceptable(_)
            | Self::TooLarge { .. }
            | Self::MediaType { .. }
            | Self::Unprocessable(_)
            | Self::Told { .. }
            | Self::NoRoom
            | Self::Journal(_)
            | Self::Broken { .. } => {}
        }
        response
    }
}

fn set(headers: &mut header::HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

impl Error {
    /// What the client reads. The causes of what broke here go to the log, not to the client.
    fn problem(&self) -> ProblemDetails {
        let title = self.status_code().canonical_reason().unwrap_or("Error");
        ProblemDetails::new(self.status(), self.detail()).with_title(title)
    }

    fn detail(&self) -> String {
        match self {
            Self::Away { source, .. } => format!("{self}: {source}"),
            _ => self.to_string(),
        }
    }
}

/// JSON bodies: bounded, of the right type, and wrong ones are told as problems.
pub(super) fn json_config() -> web::JsonConfig {
    web::JsonConfig::default().limit(JSON_LIMIT_BYTES).error_handler(|error, request| {
        let limit_bytes = JSON_LIMIT_BYTES as u64;
        let told = match &error {
            actix::JsonPayloadError::Overflow { .. }
            | actix::JsonPayloadError::OverflowKnownLength { .. } => {
                Error::TooLarge { limit_bytes }
            }
            actix::JsonPayloadError::ContentType => {
                Error::MediaType { found: content_type(request), wanted: "application/json" }
            }
            _ => Error::Malformed(format!("the body cannot be read: {error}")),
        };
        told.into()
    })
}

/// Path segments: an id that is none names nothing.
pub(super) fn path_config() -> web::PathConfig {
    web::PathConfig::default().error_handler(|_, request| {
        Error::NotFound { what: "resource", id: request.path().to_owned() }.into()
    })
}

/// The request's content type as it was sent.
pub(super) fn content_type(request: &HttpRequest) -> String {
    let sent = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    sent.unwrap_or_default().to_owned()
}
