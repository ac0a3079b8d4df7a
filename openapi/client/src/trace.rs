//! Requests as parts of the trace that they are sent in.

use opentelemetry::global;
use opentelemetry::propagation::Injector;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{RequestBuilder, Response};
use tracing::{Instrument, Span, field, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Sends a request within a span of its own, and tells the server of it in `traceparent`.
///
/// Where nobody traces, as on the command line, the span is none and no header is sent.
pub(crate) async fn send(request: RequestBuilder) -> reqwest::Result<Response> {
    let (client, request) = request.build_split();
    let mut request = request?;
    let method = request.method().as_str();
    let span = info_span!(
        "send",
        otel.name = method,
        otel.kind = "client",
        otel.status_code = field::Empty,
        http.request.method = method,
        url.path = request.url().path(),
        server.address = request.url().host_str(),
        server.port = request.url().port_or_known_default(),
        http.response.status_code = field::Empty,
    );
    tell_trace(&span, request.headers_mut());
    let sent = client.execute(request).instrument(span.clone()).await;
    match &sent {
        Ok(response) => span.record("http.response.status_code", response.status().as_u16()),
        Err(_unreachable) => span.record("otel.status_code", "ERROR"),
    };
    sent
}

fn tell_trace(span: &Span, headers: &mut HeaderMap) {
    if span.is_disabled() {
        return;
    }
    let context = span.context();
    global::get_text_map_propagator(|format| {
        format.inject_context(&context, &mut Headers(headers))
    });
}

/// Headers as the trace format writes them.
struct Headers<'a>(&'a mut HeaderMap);

impl Injector for Headers<'_> {
    fn set(&mut self, key: &str, value: String) {
        let name = HeaderName::from_bytes(key.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
            self.0.insert(name, value);
        }
    }
}
