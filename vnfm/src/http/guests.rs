//! Looking into a guest: its console, what it uses, and commands through its agent. Windlass' own.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use windlass_api::windlass::{ConsoleTail, GuestExecRequest, GuestExecResponse, GuestStats};
use windlass_server::Result;

use super::{Program, id};

/// Lines of a console that are shown when the client does not say.
const CONSOLE_LINES: usize = 100;
/// Bytes of a console that are read at most.
const CONSOLE_BYTES: u32 = 64 * 1024;
/// How long a command may run when the client does not say.
const EXEC_LIMIT_S: u32 = 60;
/// How long a command may run at most.
const EXEC_MAX_S: u32 = 600;

/// The query of `console`.
#[derive(Debug, Deserialize)]
pub struct ConsoleQuery {
    lines: Option<usize>,
}

/// `GET windlass/v1/vnf_instances/{id}/vnfcs/{vnfc}/console`.
pub async fn console(
    vnfm: Program,
    path: web::Path<(String, String)>,
    query: web::Query<ConsoleQuery>,
) -> Result<HttpResponse> {
    let (vnf, vnfc) = path.into_inner();
    let text = vnfm.guest_console(id("VNF instance", &vnf)?, &vnfc, CONSOLE_BYTES).await?;
    let lines: Vec<&str> = text.lines().collect();
    let wanted = query.lines.unwrap_or(CONSOLE_LINES);
    let skipped = lines.len().saturating_sub(wanted);
    Ok(HttpResponse::Ok().json(ConsoleTail {
        vnf_instance_id: vnf,
        vnfc_resource_info_id: vnfc,
        lines: lines[skipped..].iter().map(|line| (*line).to_owned()).collect(),
        truncated: skipped > 0,
    }))
}

/// `GET windlass/v1/vnf_instances/{id}/vnfcs/{vnfc}/stats`.
pub async fn stats(vnfm: Program, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (vnf, vnfc) = path.into_inner();
    let stats = vnfm.guest_stats(id("VNF instance", &vnf)?, &vnfc).await?;
    Ok(HttpResponse::Ok().json(GuestStats {
        vnfc_resource_info_id: vnfc,
        cpu_time_ms: stats.cpu_time_ns / 1_000_000,
        memory_mib: stats.memory_mib,
        disk_read_bytes: stats.disk_read_bytes,
        disk_written_bytes: stats.disk_written_bytes,
        net_received_bytes: stats.net_received_bytes,
        net_sent_bytes: stats.net_sent_bytes,
    }))
}

/// `POST windlass/v1/vnf_instances/{id}/vnfcs/{vnfc}/exec`.
pub async fn exec(
    vnfm: Program,
    path: web::Path<(String, String)>,
    request: web::Json<GuestExecRequest>,
) -> Result<HttpResponse> {
    let (vnf, vnfc) = path.into_inner();
    let GuestExecRequest { path: program, arguments, timeout_seconds } = request.into_inner();
    let limit = timeout_seconds.unwrap_or(EXEC_LIMIT_S).min(EXEC_MAX_S);
    let argv: Vec<String> = std::iter::once(program).chain(arguments).collect();
    let limit = Duration::from_secs(u64::from(limit));
    let output = vnfm.guest_exec(id("VNF instance", &vnf)?, &vnfc, &argv, limit).await?;
    Ok(HttpResponse::Ok().json(GuestExecResponse {
        exit_code: output.status,
        stdout: output.stdout,
        stderr: output.stderr,
        truncated: false,
    }))
}
