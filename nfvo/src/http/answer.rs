//! Answers: created, accepted, tagged with what the client must have seen before it may change it.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::error::{Error, Result};

/// 200 with the resource and the tag of its present form.
pub(super) fn tagged(generation: i64, body: impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::ETAG, etag(generation))).json(body)
}

/// 201 with the new resource and where it is.
pub(super) fn created(location: &str, generation: i64, body: impl Serialize) -> HttpResponse {
    HttpResponse::Created()
        .insert_header((header::LOCATION, location))
        .insert_header((header::ETAG, etag(generation)))
        .json(body)
}

/// 202, and where the operation that was started can be watched.
pub(super) fn accepted(location: &str) -> HttpResponse {
    HttpResponse::Accepted().insert_header((header::LOCATION, location)).finish()
}

/// The entity tag of a generation.
fn etag(generation: i64) -> String {
    format!("\"{generation}\"")
}

/// Lets a change pass only when `If-Match`, where there is one, names the present form.
pub(super) fn if_match(request: &HttpRequest, generation: i64) -> Result<()> {
    let current = etag(generation);
    let mut conditions = request.headers().get_all(header::IF_MATCH).peekable();
    let named = |condition: &str| {
        condition.split(',').map(str::trim).any(|tag| tag == "*" || tag == current)
    };
    let unconditional = conditions.peek().is_none();
    if unconditional || conditions.filter_map(|value| value.to_str().ok()).any(named) {
        return Ok(());
    }
    Err(Error::Precondition { current })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_change_passes_only_when_the_client_has_seen_the_present_form() {
        let with = |tag: &str| {
            let request = TestRequest::default().insert_header((header::IF_MATCH, tag));
            if_match(&request.to_http_request(), 7).is_ok()
        };
        assert!(if_match(&TestRequest::default().to_http_request(), 7).is_ok());
        assert!(with("\"7\"") && with("*") && with("\"3\", \"7\""));
        assert!(!with("\"6\"") && !with("7"));
    }
}
