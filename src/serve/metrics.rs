//! Metrics for Prometheus: the table of all that Windlass tells, and how `/metrics` is written.
//!
//! Whoever adds a metric adds a row here and one to the table in `docs/operations.md`; a test compares
//! them with what a server tells. Labels name kinds, never instances: an id in a label would make
//! a time series for each VNF.

use std::time::Duration;

use anyhow::{Context, Result};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::process;

/// How often what was observed is sorted into its buckets, scraped or not; until then it is kept.
const UPKEEP: Duration = Duration::from_secs(5);

/// Upper bounds for what is over soon, in seconds.
const SHORT: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Upper bounds for what a machine is waited for, in seconds.
const LONG: &[f64] = &[0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 5.0, 15.0, 30.0, 60.0, 300.0, 1800.0];
/// Upper bounds for the number of writes that share a transaction.
const BATCH: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

#[derive(Debug, Clone, Copy)]
enum Kind {
    Counter,
    Gauge,
    Histogram(&'static [f64]),
}

/// Every metric: its name, its kind, its unit, and what it tells.
const METRICS: &[(&str, Kind, Unit, &str)] = &[
    (
        "windlass_build_info",
        Kind::Gauge,
        Unit::Count,
        "Always 1; the label says which version runs.",
    ),
    (
        "windlass_http_requests_total",
        Kind::Counter,
        Unit::Count,
        "HTTP requests answered, by method, route pattern and status.",
    ),
    (
        "windlass_http_request_duration_seconds",
        Kind::Histogram(SHORT),
        Unit::Seconds,
        "Time until the head of an answer, by method and route pattern.",
    ),
    (
        "windlass_operations_total",
        Kind::Counter,
        Unit::Count,
        "LCM operations that came to rest, by kind and state.",
    ),
    (
        "windlass_operation_duration_seconds",
        Kind::Histogram(LONG),
        Unit::Seconds,
        "Time from the claim of an operation until it rests, by kind.",
    ),
    (
        "windlass_operations_in_flight",
        Kind::Gauge,
        Unit::Count,
        "Operations that this process works on, by kind.",
    ),
    (
        "windlass_step_duration_seconds",
        Kind::Histogram(LONG),
        Unit::Seconds,
        "Time of a step with its repeats, by step, direction (run, undo) and outcome (ok, error).",
    ),
    (
        "windlass_lease_claims_total",
        Kind::Counter,
        Unit::Count,
        "Operations claimed by this process, by kind.",
    ),
    (
        "windlass_leases_lost_total",
        Kind::Counter,
        Unit::Count,
        "Operations put down because the lease on them was lost.",
    ),
    (
        "windlass_vim_call_duration_seconds",
        Kind::Histogram(LONG),
        Unit::Seconds,
        "Time of a call to a VIM, by call, adapter and outcome (ok, or what went wrong).",
    ),
    (
        "windlass_store_write_batch_size",
        Kind::Histogram(BATCH),
        Unit::Count,
        "Writes that shared a transaction.",
    ),
    (
        "windlass_store_write_duration_seconds",
        Kind::Histogram(SHORT),
        Unit::Seconds,
        "Time until a transaction of writes was durable.",
    ),
    (
        "windlass_store_queue_length",
        Kind::Gauge,
        Unit::Count,
        "Writes that wait for a transaction.",
    ),
    (
        "windlass_grants_total",
        Kind::Counter,
        Unit::Count,
        "Grant requests decided by the NFVO, by outcome (granted, refused).",
    ),
    (
        "windlass_catalog_uploads_total",
        Kind::Counter,
        Unit::Count,
        "Package and descriptor contents read, by kind and outcome (onboarded, refused).",
    ),
];

/// What this process tells Prometheus.
#[derive(Debug, Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Starts to count.
    pub fn start() -> Result<Self> {
        let mut builder = PrometheusBuilder::new();
        for (name, kind, _, _) in METRICS {
            if let Kind::Histogram(bounds) = kind {
                builder =
                    builder.set_buckets_for_metric(Matcher::Full((*name).to_owned()), bounds)?;
            }
        }
        let handle = builder.install_recorder().context("cannot count metrics")?;
        for (name, kind, unit, help) in METRICS {
            match kind {
                Kind::Counter => describe_counter!(*name, *unit, *help),
                Kind::Gauge => describe_gauge!(*name, *unit, *help),
                Kind::Histogram(_) => describe_histogram!(*name, *unit, *help),
            }
        }
        gauge!("windlass_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
        // What has not happened yet is told as zero, so that the first time is seen as a rise.
        counter!("windlass_leases_lost_total").increment(0);
        gauge!("windlass_store_queue_length").increment(0);
        let upkeep = handle.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(UPKEEP).await;
                upkeep.run_upkeep();
            }
        });
        Ok(Self(handle))
    }

    /// The answer to a scrape, in Prometheus' text format.
    pub fn render(&self) -> String {
        self.0.render() + &process::render()
    }
}
