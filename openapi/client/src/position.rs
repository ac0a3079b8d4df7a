//! How far a file has been read, and how to ask for the rest of it.

use reqwest::header::{CONTENT_RANGE, ETAG, HeaderValue, IF_RANGE, LAST_MODIFIED, RANGE};
use reqwest::{RequestBuilder, Response, StatusCode};

/// A place in a file on a server.
#[derive(Debug, Default)]
pub(crate) struct Position {
    /// How much has arrived.
    pub offset: u64,
    /// What the server says that the file is: without it nobody knows whether the rest belongs to
    /// what has arrived.
    validator: Option<HeaderValue>,
}

impl Position {
    /// The beginning of the file in an answer.
    pub fn beginning(response: &Response) -> Self {
        let headers = response.headers();
        // A weak tag promises the same meaning, not the same bytes.
        let tag = headers.get(ETAG).filter(|tag| !tag.as_bytes().starts_with(b"W/"));
        Self { offset: 0, validator: tag.or_else(|| headers.get(LAST_MODIFIED)).cloned() }
    }

    /// Whether the rest can be asked for.
    pub fn can_resume(&self) -> bool {
        self.validator.is_some()
    }

    /// Asks for the rest, and for the whole if the file is not the same any more.
    pub fn ask(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.validator {
            Some(validator) if self.offset > 0 => request
                .header(RANGE, format!("bytes={}-", self.offset))
                .header(IF_RANGE, validator.clone()),
            Some(_) | None => request,
        }
    }

    /// Whether an answer goes on where this is.
    pub fn continues_in(&self, response: &Response) -> bool {
        let range = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
        let first = range.and_then(|range| range.strip_prefix("bytes ")?.split('-').next());
        response.status() == StatusCode::PARTIAL_CONTENT
            && first.and_then(|first| first.parse().ok()) == Some(self.offset)
    }
}
