//! Logs of the servers, on standard error: what to say by `WINDLASS_LOG`, how by `--log-format`.

use std::io::IsTerminal;

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

/// What is said when `WINDLASS_LOG` does not say.
const DEFAULT_FILTER: &str = "info,actix_server=warn";

/// How a log line looks.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// For machines: one JSON object a line
    Json,
}

/// Starts logging. A second call changes nothing.
pub fn start(format: LogFormat) {
    let filter =
        EnvFilter::try_from_env("WINDLASS_LOG").unwrap_or_else(|_unset| DEFAULT_FILTER.into());
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // Only a second start fails, and then logging runs already.
    let _already = match format {
        LogFormat::Text => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
}
