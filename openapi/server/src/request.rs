//! What every request leaves behind: a span within its client's trace, two metrics and a log line.

use std::time::{Duration, Instant};

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use metrics::{counter, histogram};
use opentelemetry::global;
use opentelemetry::propagation::Extractor;
use opentelemetry::trace::TraceContextExt;
use tracing::{Instrument, Span, debug, field, info, info_span, warn};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The header by which a request is found again in the logs of all who worked on it.
static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest request id that is taken over from a client.
const LONGEST_ID: usize = 128;
/// The route of a request that no path of ours answers.
const NOWHERE: &str = "none";

/// Serves a request within a span, and counts it. It is the outermost middleware, so that refusals
/// at the door are seen as well.
///
/// The span joins the trace that a `traceparent` header names. The answer has an `X-Request-Id`: the
/// client's own when it sent one, else the id of the trace.
///
/// # Errors
/// Those of `next`.
pub async fn observed(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let begun = Instant::now();
    let method = method_label(request.method());
    let route = request.match_pattern().unwrap_or_else(|| NOWHERE.to_owned());
    let span = info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = field::Empty,
        request_id = field::Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = field::Empty,
    );
    let id = join_trace(&span, request.headers());
    async move {
        let answered = next.call(request).await;
        let status = match &answered {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        told(method, &route, status.as_u16(), begun.elapsed());
        let mut response = answered?;
        if let Some(id) = id {
            response.headers_mut().insert(REQUEST_ID.clone(), id);
        }
        Ok(response)
    }
    .instrument(span)
    .await
}

/// Makes the span part of the client's trace, and gives the request its id.
fn join_trace(span: &Span, headers: &HeaderMap) -> Option<HeaderValue> {
    let parent = global::get_text_map_propagator(|format| format.extract(&Headers(headers)));
    if parent.span().span_context().is_valid() {
        // It fails only where no traces are kept at all.
        let _nobody_traces = span.set_parent(parent);
    }
    let sent = headers.get(&REQUEST_ID).filter(|id| is_decent(id)).cloned();
    let id = sent.or_else(|| {
        let trace = span.context().span().span_context().trace_id();
        let is_known = trace != opentelemetry::TraceId::INVALID;
        is_known.then(|| HeaderValue::from_str(&trace.to_string()).ok())?
    })?;
    span.record("request_id", id.to_str().unwrap_or_default());
    Some(id)
}

/// A client's id goes into log lines: it must be short, and printable as it is.
fn is_decent(id: &HeaderValue) -> bool {
    !id.is_empty() && id.len() <= LONGEST_ID && id.as_bytes().iter().all(u8::is_ascii_graphic)
}

/// Methods that nobody knows share one label.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

fn told(method: &'static str, route: &str, status: u16, took: Duration) {
    let route = route.to_owned();
    histogram!("windlass_http_request_duration_seconds", "method" => method, "route" => route.clone())
        .record(took);
    let labels =
        [("method", method.to_owned()), ("route", route.clone()), ("status", status.to_string())];
    counter!("windlass_http_requests_total", &labels).increment(1);
    let span = Span::current();
    span.record("http.response.status_code", status);
    let elapsed_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
        warn!(status, elapsed_ms, "{method} {route} was answered with {status}");
    } else if matches!(method, "GET" | "HEAD") {
        debug!(status, elapsed_ms, "{method} {route} was answered with {status}");
    } else {
        info!(status, elapsed_ms, "{method} {route} was answered with {status}");
    }
}

/// Headers as the trace format reads them.
struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clients_id_is_taken_over_only_when_a_log_can_show_it() {
        let decent = |id: &'static str| is_decent(&HeaderValue::from_static(id));
        assert!(decent("4bf92f3577b34da6a3ce929d0e0e4736") && decent("job/17"));
        assert!(!decent("") && !decent("two words"));
        assert!(!is_decent(&HeaderValue::from_str(&"x".repeat(LONGEST_ID + 1)).unwrap()));
    }
}
