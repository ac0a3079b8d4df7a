//! What a server tells of itself from its first moment on: log lines, traces and metrics.

use std::sync::Arc;

use anyhow::Result;
use tokio::sync::watch;

use super::Common;
use super::health::{Check, Health};
use super::logging;
use super::metrics::Metrics;
use super::traces::Traces;
use super::watching::Watching;

/// A server that can be watched.
#[derive(Debug)]
pub struct Observed {
    traces: Traces,
    metrics: Metrics,
}

impl Observed {
    /// Starts to log, to trace and to count, as the command line says.
    pub fn start(service: &'static str, common: &Common) -> Result<Self> {
        let traces = Traces::new(service, common.otlp.as_deref())?;
        logging::start(common.log_format, &traces);
        Ok(Self { traces, metrics: Metrics::start()? })
    }

    /// What `/metrics`, `/healthz` and `/readyz` answer from.
    pub fn watching(&self, checks: Vec<Check>, stopping: watch::Receiver<bool>) -> Watching {
        let health = Arc::new(Health::new(checks, stopping));
        Watching { health, metrics: self.metrics.clone() }
    }

    /// Tells what has not been told yet.
    pub async fn end(self) {
        self.traces.end().await;
    }
}
