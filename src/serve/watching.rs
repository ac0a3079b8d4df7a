//! `/healthz`, `/readyz` and `/metrics`: what whoever watches Windlass asks.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};

use super::health::{Health, Status};
use super::metrics::Metrics;

/// Where health is asked for; no token is wanted there, and no request is counted.
pub const PROBES: [&str; 2] = ["/healthz", "/readyz"];
/// Where metrics are asked for.
pub const METRICS: &str = "/metrics";

/// What Windlass tells of itself.
#[derive(Debug, Clone)]
pub struct Watching {
    /// Whether it is well.
    pub health: Arc<Health>,
    /// What it has counted.
    pub metrics: Metrics,
}

impl Watching {
    /// Adds the routes.
    pub fn mount(self, cfg: &mut web::ServiceConfig) {
        let Self { health, metrics } = self;
        cfg.route(PROBES[0], web::get().to(async || "ok\n"));
        cfg.route(PROBES[1], web::get().to(move || ready(Arc::clone(&health))));
        cfg.route(METRICS, web::get().to(move || scrape(metrics.clone())));
    }
}

/// True for requests that come every few seconds and mean nothing by themselves.
pub fn is_watch(path: &str) -> bool {
    path == METRICS || PROBES.contains(&path)
}

async fn ready(health: Arc<Health>) -> HttpResponse {
    let report = health.readiness().await;
    let status = match report.status {
        Status::Ok | Status::Degraded => StatusCode::OK,
        Status::Failed => StatusCode::SERVICE_UNAVAILABLE,
    };
    HttpResponse::build(status).insert_header((CACHE_CONTROL, "no-store")).json(report)
}

async fn scrape(metrics: Metrics) -> HttpResponse {
    let format = "text/plain; version=0.0.4; charset=utf-8";
    HttpResponse::Ok().insert_header((CONTENT_TYPE, format)).body(metrics.render())
}
