//! Whether this process lives, and whether it is ready for work.
//!
//! | | |
//! |---|---|
//! | `/healthz` | 200 as long as the process answers at all: restart it when this fails |
//! | `/readyz` | 200 when it can work: send it no requests when this says 503 |

use std::time::Duration;

use serde::Serialize;
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, timeout};
use windlass_api::api::Api;
use windlass_client::Client;
use windlass_lcm::Pulse;
use windlass_store::Store;

/// How long a store or a peer may take to answer.
const LIMIT: Duration = Duration::from_secs(2);
/// How long ago an engine may have looked for work last; it does every second.
const PULSE_LIMIT: Duration = Duration::from_secs(15);
/// How long an answer holds. Nobody needs a token to ask, so asking must cost nothing.
const HOLDS: Duration = Duration::from_secs(1);

/// What is looked at.
#[derive(Debug)]
pub enum Check {
    /// A store must answer.
    Store(&'static str, Store),
    /// An engine's loop must turn.
    Engine(&'static str, Pulse),
    /// The other program should answer this API; without it, work waits but nothing is lost.
    Peer(&'static str, Client, Api),
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Ok,
    /// Some work must wait.
    Degraded,
    /// No work can be done.
    Failed,
}

/// What a check found.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    name: &'static str,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// The answer of `/readyz`.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// That of the worst check.
    pub status: Status,
    checks: Vec<Finding>,
}

/// The health of this process.
#[derive(Debug)]
pub struct Health {
    checks: Vec<Check>,
    stopping: watch::Receiver<bool>,
    last: Mutex<Option<(Instant, Report)>>,
}

impl Health {
    /// Health by these checks, until `stopping` says true.
    pub fn new(checks: Vec<Check>, stopping: watch::Receiver<bool>) -> Self {
        Self { checks, stopping, last: Mutex::default() }
    }

    /// Whether work can be done now.
    pub async fn readiness(&self) -> Report {
        if *self.stopping.borrow() {
            let detail = Some("the server is stopping".to_owned());
            let finding = Finding { name: "shutdown", status: Status::Failed, detail };
            return Report { status: Status::Failed, checks: vec![finding] };
        }
        let mut last = self.last.lock().await;
        if let Some((_, report)) = last.as_ref().filter(|(at, _)| at.elapsed() < HOLDS) {
            return report.clone();
        }
        let checks = futures::future::join_all(self.checks.iter().map(Check::look)).await;
        let status = checks.iter().map(|finding| finding.status).max().unwrap_or(Status::Ok);
        let report = Report { status, checks };
        *last = Some((Instant::now(), report.clone()));
        report
    }
}

impl Check {
    async fn look(&self) -> Finding {
        match self {
            Self::Store(name, store) => {
                let answer = timeout(LIMIT, store.tokens().list(None, 1)).await;
                finding(name, Status::Failed, answer.map(|read| read.map_err(|e| e.to_string())))
            }
            Self::Engine(name, pulse) => {
                let problem = match pulse.age() {
                    Some(age) if age < PULSE_LIMIT => return finding_ok(name),
                    Some(age) => format!("it looked for work {} s ago", age.as_secs()),
                    None => "it has not looked for work yet".to_owned(),
                };
                Finding { name, status: Status::Failed, detail: Some(problem) }
            }
            Self::Peer(name, client, api) => {
                let answer = timeout(LIMIT, client.api_versions(*api)).await;
                finding(name, Status::Degraded, answer.map(|said| said.map_err(|e| e.to_string())))
            }
        }
    }
}

fn finding_ok(name: &'static str) -> Finding {
    Finding { name, status: Status::Ok, detail: None }
}

fn finding<T>(
    name: &'static str,
    otherwise: Status,
    answer: Result<Result<T, String>, tokio::time::error::Elapsed>,
) -> Finding {
    let detail = match answer {
        Ok(Ok(_)) => return finding_ok(name),
        Ok(Err(problem)) => problem,
        Err(_elapsed) => format!("no answer within {} s", LIMIT.as_secs()),
    };
    Finding { name, status: otherwise, detail: Some(detail) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_engine_that_has_not_begun_is_not_ready_and_a_stopping_server_says_so() {
        let (stop, stopping) = watch::channel(false);
        let store = Store::in_memory().await.unwrap();
        let checks = vec![
            Check::Store("nfvo-store", store),
            Check::Engine("nfvo-operations", Pulse::default()),
        ];
        let health = Health::new(checks, stopping);
        let report = health.readiness().await;
        let found: Vec<Status> = report.checks.iter().map(|finding| finding.status).collect();
        assert_eq!((report.status, found), (Status::Failed, vec![Status::Ok, Status::Failed]));
        stop.send_replace(true);
        assert_eq!(health.readiness().await.checks[0].name, "shutdown");
    }
}
