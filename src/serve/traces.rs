//! Traces: every span has a place in one, and an OpenTelemetry collector gets them when asked for.
//!
//! ```text
//!  HTTP request ─▶ operation ─▶ step ─▶ call to a VIM ─▶ job on libvirt's connection
//!                                 └───▶ send ══traceparent══▶ HTTP request ─▶ operation ─▶ …
//! ```
//! Without a collector nothing is kept or sent: ids alone are made, which log lines carry, and which
//! go from program to program.

use std::sync::OnceLock;

use anyhow::{Context, Result};
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry::{KeyValue, global};
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::span_processor_with_async_runtime::BatchSpanProcessor;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use opentelemetry_sdk::{Resource, runtime};
use tracing::dispatcher::WeakDispatch;
use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, Level, Metadata, Subscriber, span, warn};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::Context as LayerContext;
use tracing_subscriber::registry::LookupSpan;

/// Where OpenTelemetry's own variables name a collector.
const COLLECTOR_VARIABLES: [&str; 2] =
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// The traces of this process.
#[derive(Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Traces of `service`, sent to the collector at `otlp`, or at the one that OpenTelemetry's
    /// variables name, or kept nowhere.
    pub fn new(service: &'static str, otlp: Option<&str>) -> Result<Self> {
        global::set_text_map_propagator(TraceContextPropagator::new());
        let is_named = |variable| std::env::var_os(variable).is_some_and(|value| !value.is_empty());
        let builder = SdkTracerProvider::builder();
        let builder = if otlp.is_some() || COLLECTOR_VARIABLES.into_iter().any(is_named) {
            let exporter = exporter(otlp).context("cannot send traces")?;
            let processor = BatchSpanProcessor::builder(exporter, runtime::Tokio).build();
            builder.with_resource(resource(service)).with_span_processor(processor)
        } else {
            // The decision of whoever asked goes on to whoever is asked, also when we keep nothing.
            builder.with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOff)))
        };
        Ok(Self { provider: builder.build() })
    }

    /// Gives each of our spans its place in a trace.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        let ours = filter_fn(is_ours).with_max_level_hint(LevelFilter::INFO);
        let spans = tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("windlass"))
            .with_context_activation(false)
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false);
        spans.and_then(TraceIds::default()).with_filter(ours)
    }

    /// Sends what has not been sent yet.
    pub async fn end(self) {
        let sent = tokio::task::spawn_blocking(move || self.provider.shutdown()).await;
        if let Ok(Err(error)) = sent {
            warn!(error = &error as &dyn std::error::Error, "the last traces were not sent");
        }
    }
}

/// What traces are made of: our own spans, and what is told in them.
pub fn is_ours(of: &Metadata<'_>) -> bool {
    *of.level() <= Level::INFO && of.target().starts_with("windlass")
}

fn exporter(otlp: Option<&str>) -> Result<SpanExporter> {
    let builder = SpanExporter::builder().with_http();
    let exporter = match otlp {
        Some(url) => builder.with_endpoint(format!("{}/v1/traces", url.trim_end_matches('/'))),
        None => builder,
    };
    Ok(exporter.build()?)
}

/// Who we are; `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` know better.
fn resource(service: &'static str) -> Resource {
    let builder = Resource::builder()
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    let is_named = std::env::var_os("OTEL_SERVICE_NAME").is_some();
    if is_named { builder.build() } else { builder.with_service_name(service).build() }
}

/// The id of the trace that a span begins or joins.
#[derive(Debug)]
pub struct TraceId(pub String);

/// Puts the id of their trace on outermost spans, for log lines.
#[derive(Debug, Default)]
struct TraceIds {
    dispatch: OnceLock<WeakDispatch>,
}

impl<S> Layer<S> for TraceIds
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        // A layer has one dispatch in its life.
        let _first = self.dispatch.set(dispatch.downgrade());
    }

    /// Not when the span is made: only then it is told which trace it joins.
    fn on_enter(&self, id: &span::Id, context: LayerContext<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if span.parent().is_some() || span.extensions().get::<TraceId>().is_some() {
            return;
        }
        let Some(dispatch) = self.dispatch.get().and_then(WeakDispatch::upgrade) else { return };
        let Some(context) = tracing_opentelemetry::get_otel_context(id, &dispatch) else { return };
        let trace_id = context.span().span_context().trace_id();
        span.extensions_mut().replace(TraceId(trace_id.to_string()));
    }
}
