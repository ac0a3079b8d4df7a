//! Logs of the servers, on standard error: what to say by `WINDLASS_LOG`, how by `--log-format`.

use std::io::IsTerminal;

use clap::ValueEnum;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use super::log_line::LogLine;
use super::traces::{Traces, is_ours};

/// What is said when `WINDLASS_LOG` does not say.
const DEFAULT_FILTER: &str = "info,actix_server=warn";

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// For machines: one JSON object a line
    Json,
}

/// Starts logging and tracing. A second call changes nothing.
pub fn start(format: LogFormat, traces: &Traces) {
    let said =
        EnvFilter::try_from_env("WINDLASS_LOG").unwrap_or_else(|_unset| DEFAULT_FILTER.into());
    // Lines know what they are part of however few of them are wanted.
    let our_spans =
        filter_fn(|of| of.is_span() && is_ours(of)).with_max_level_hint(LevelFilter::INFO);
    let is_terminal = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt::layer()
        .fmt_fields(JsonFields::new())
        .event_format(LogLine::new(format))
        .with_ansi(is_terminal && format == LogFormat::Text)
        .with_writer(std::io::stderr)
        .with_filter(said.or(our_spans));
    // Only a second start fails, and then logging runs already.
    let _already = Registry::default().with(traces.layer()).with(lines).try_init();
}
