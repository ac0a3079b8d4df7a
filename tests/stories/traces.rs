//! A trace leads from the request for a service to the calls that make its machines.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

use crate::support::packages::{onboard_edge_web, pack, paper_images};
use crate::support::{Server, eventually, folder};

use super::service::register_site;

/// A collector that keeps what it gets.
struct Collector {
    url: String,
    spans: Arc<Mutex<Vec<Span>>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let spans = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&spans);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || receive(stream, &kept));
            }
        });
        Self { url, spans }
    }

    /// The way from a span up to the first of its trace, as names; empty while one is missing.
    fn way_up(&self, from: &str) -> Vec<String> {
        let spans = self.spans.lock().unwrap();
        let by_id: HashMap<&[u8], &Span> =
            spans.iter().map(|span| (span.span_id.as_slice(), span)).collect();
        let Some(mut span) = spans.iter().find(|span| span.name == from) else { return vec![] };
        let trace = &span.trace_id;
        let mut way = vec![span.name.clone()];
        while !span.parent_span_id.is_empty() {
            let Some(parent) = by_id.get(span.parent_span_id.as_slice()) else { return vec![] };
            assert_eq!(&parent.trace_id, trace, "a parent is of the same trace");
            way.push(parent.name.clone());
            span = parent;
        }
        way
    }
}

/// Takes OTLP over HTTP from a connection until it closes.
fn receive(stream: TcpStream, kept: &Mutex<Vec<Span>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let line = line.trim().to_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let request = ExportTraceServiceRequest::decode(body.as_slice()).unwrap();
        let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        kept.lock().unwrap().extend(scopes.flat_map(|scope| scope.spans));
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        reader.get_mut().write_all(answer).unwrap();
    }
}

#[test]
fn a_trace_leads_from_the_request_to_the_calls_that_make_machines() {
    let folder = folder();
    let collector = Collector::start();
    let data = folder.path().join("data").to_str().unwrap().to_owned();
    let up = ["up", "--listen", "127.0.0.1:0", "--data", &data, "--otlp", &collector.url];
    let server = Server::start_in(&[("OTEL_BSP_SCHEDULE_DELAY", "100")], &up);
    register_site(&server, folder.path());
    onboard_edge_web(&server, &pack(folder.path(), &paper_images(folder.path())));
    server.run(&["ns", "up", "edge-web", "--name", "shop"]);

    let limit = Duration::from_secs(20);
    eventually("a whole trace", limit, || !collector.way_up("vim ensure_vm").is_empty());
    let way = collector.way_up("vim ensure_vm");
    let expected = [
        "vim ensure_vm",
        "vnf-instantiate",
        "POST /vnflcm/v2/vnf_instances/{id}/instantiate",
        "POST",
        "ns-instantiate",
        "POST /nslcm/v2/ns_instances/{id}/instantiate",
    ];
    let mut left = way.iter();
    for name in expected {
        assert!(left.any(|passed| passed == name), "{name} is not where it belongs in {way:?}");
    }
    assert_eq!(left.next(), None, "the request is the first of its trace");
}
