//! Whoever watches Windlass: metrics, probes and log lines.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::support::packages::{onboard_edge_web, pack, paper_images};
use crate::support::{Server, eventually, folder, root};

use super::service::register_site;

/// What a GET is answered with: status, head and body.
fn get(url: &str, path: &str, header: &str) -> (u16, String, String) {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{header}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_lowercase(), body.to_owned())
}

fn readiness(server: &Server) -> (u16, Value) {
    let (status, _, body) = get(server.url(), "/readyz", "");
    (status, serde_json::from_str(&body).unwrap())
}

/// A service comes and goes on a simulated site.
fn live_a_life(server: &Server, folder: &Path) {
    register_site(server, folder);
    onboard_edge_web(server, &pack(folder, &paper_images(folder)));
    server.run(&["ns", "up", "edge-web", "--name", "shop"]);
    server.run(&["ns", "down", "shop"]);
}

/// The metrics of the table in `docs/operations.md` with their kinds.
fn documented() -> BTreeMap<String, String> {
    let docs = std::fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let row = |line: &str| {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let name = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
        let is_metric = name.starts_with("windlass_") || name.starts_with("process_");
        is_metric.then(|| Some((name.to_owned(), cells.next()?.to_owned())))?
    };
    docs.lines().filter_map(row).collect()
}

#[test]
fn the_metrics_of_a_life_are_those_that_the_documentation_names() {
    let folder = folder();
    let data = folder.path().join("data").to_str().unwrap().to_owned();
    let both = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];
    let server = Server::start(&[&["up", "--data", &data], &both[..]].concat());
    live_a_life(&server, folder.path());

    let (status, head, scraped) = get(server.url(), "/metrics", "");
    assert_eq!(status, 200);
    assert!(head.contains("content-type: text/plain; version=0.0.4"), "{head}");
    let told: BTreeMap<String, String> = scraped
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '))
        .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
        .collect();
    assert_eq!(told, documented());

    let value = |series: &str| -> f64 {
        let line = scraped.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {series} in:\n{scraped}")).parse().unwrap()
    };
    let operations = |kind: &str| {
        value(&format!("windlass_operations_total{{kind=\"{kind}\",state=\"COMPLETED\"}}"))
    };
    assert!((operations("ns-instantiate") - 1.0).abs() < f64::EPSILON);
    assert!((operations("vnf-terminate") - 5.0).abs() < f64::EPSILON);
    assert!(value("windlass_operations_in_flight{kind=\"vnf-instantiate\"}").abs() < f64::EPSILON);
    assert!(value("windlass_store_queue_length").abs() < f64::EPSILON, "nothing waits any more");
    assert!(value("process_resident_memory_bytes") > 1e6);
    let id = server.json(&["package", "list"])[0]["id"].as_str().unwrap().to_owned();
    assert!(!scraped.contains(&id), "an id in a label makes a series for each of them");

    let log = server.log();
    let own = log.split("metrics and health are at ").nth(1).unwrap().lines().next().unwrap();
    assert_eq!(get(own.trim(), "/metrics", "").0, 200);
    assert_eq!(get(own.trim(), "/readyz", "").0, 200);
    assert_eq!(get(own.trim(), "/vnflcm/v2/vnf_instances", "").0, 404, "and nothing else");
}

#[test]
fn a_server_says_whether_it_lives_and_what_it_waits_for() {
    let folder = folder();
    let server = Server::up(&folder.path().join("data"));
    assert_eq!(get(server.url(), "/healthz", "").0, 200);
    let limit = Duration::from_secs(10);
    eventually("ready", limit, || readiness(&server).0 == 200);
    let (_, report) = readiness(&server);
    let checks: BTreeSet<&str> =
        report["checks"].as_array().unwrap().iter().filter_map(|c| c["name"].as_str()).collect();
    let expected = ["nfvo-operations", "nfvo-store", "vnfm-operations", "vnfm-store"];
    assert_eq!(checks, BTreeSet::from(expected));

    // A VNFM without its NFVO can still heal nothing, but it lives and says what is missing.
    let lone = folder.path().join("lone").to_str().unwrap().to_owned();
    let nobody = ["--listen", "127.0.0.1:0", "--nfvo", "http://127.0.0.1:1"];
    let vnfm = Server::start(&[&["vnfm", "--data", &lone], &nobody[..]].concat());
    eventually("ready", limit, || readiness(&vnfm).0 == 200);
    let (_, report) = readiness(&vnfm);
    assert_eq!(report["status"], "degraded", "{report}");
}

#[test]
fn every_line_of_a_step_says_its_operation_and_both_programs_share_the_trace() {
    let folder = folder();
    let data = folder.path().join("data").to_str().unwrap().to_owned();
    let json = ["up", "--listen", "127.0.0.1:0", "--log-format", "json", "--data", &data];
    let server = Server::start_in(&[("WINDLASS_LOG", "debug")], &json);
    live_a_life(&server, folder.path());

    let mut kinds_of_traces: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut steps = 0;
    for line in server.log().lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in: {line}"));
        for field in ["timestamp", "level", "target", "message"] {
            assert!(line[field].is_string(), "no {field} in {line}");
        }
        if line["step"].is_string() {
            steps += 1;
            for field in ["operation", "kind", "subject", "trace_id"] {
                assert!(line[field].is_string(), "no {field} in {line}");
            }
        }
        if let (Some(trace), Some(kind)) = (line["trace_id"].as_str(), line["kind"].as_str()) {
            kinds_of_traces.entry(trace.to_owned()).or_default().insert(kind.to_owned());
        }
    }
    assert!(steps > 50, "{steps} lines of steps");
    let shared = kinds_of_traces
        .values()
        .any(|kinds| kinds.contains("ns-instantiate") && kinds.contains("vnf-instantiate"));
    assert!(shared, "{kinds_of_traces:?}");
}

#[test]
fn a_request_is_found_again_by_its_id() {
    let folder = folder();
    let server = Server::up(&folder.path().join("data"));
    let ask = |header: &str| get(server.url(), "/nslcm/v2/ns_instances", header).1;
    assert!(ask("X-Request-Id: job-17").contains("x-request-id: job-17"));
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("traceparent: 00-{trace}-00f067aa0ba902b7-01");
    assert!(ask(&parent).contains(&format!("x-request-id: {trace}")));
    let own = ask("");
    let id = own.split("x-request-id: ").nth(1).unwrap().lines().next().unwrap();
    assert!(id.len() == 32 && id != trace, "{id}");
}
