//! What stories share: the real program, started on a free port, and its own client.

#![allow(dead_code, reason = "every story program uses another part of it")]

pub mod packages;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// How long a server has to come up.
const UP_LIMIT: Duration = Duration::from_secs(30);

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A running server; it is killed with the value.
pub struct Server {
    child: Child,
    url: String,
    log: Arc<Mutex<String>>,
    vnfm: Option<String>,
}

impl Server {
    /// `windlass up` over a data directory.
    pub fn up(data: &Path) -> Self {
        Self::start(&["up", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()])
    }

    /// Starts a server and waits until it says where it is.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_in(&[], arguments)
    }

    /// Starts a server with some variables in its environment.
    pub fn start_in(environment: &[(&str, &str)], arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_windlass"))
            .args(arguments)
            .envs(environment.iter().copied())
            .stderr(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let (found, url) = std::sync::mpsc::channel();
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some((_, url)) = line.split_once(" up at ") {
                    // In a line of JSON a quote ends the message.
                    let url = url.split('"').next().unwrap_or_default().trim();
                    let _nobody_waits = found.send(url.to_owned());
                }
                let mut log = kept.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let Ok(url) = url.recv_timeout(UP_LIMIT) else {
            child.kill().unwrap();
            panic!("the server did not come up:\n{}", log.lock().unwrap());
        };
        Self { child, url, log, vnfm: None }
    }

    /// Lets the client ask this VNFM.
    pub fn ask_vnfm(&mut self, vnfm: &Self) {
        self.vnfm = Some(vnfm.url.clone());
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Ends it without a word, as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Server {
    /// Runs a verb of the client; standard output and how it went.
    pub fn try_run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_windlass"));
        command.args(["--server", &self.url]).args(arguments).stdin(Stdio::null());
        if let Some(vnfm) = &self.vnfm {
            command.args(["--vnfm-server", vnfm]);
        }
        command.output().unwrap()
    }

    /// Runs a verb that must succeed; its standard output.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.try_run(arguments);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "windlass {} failed:\n{text}\n{}\nThe server's log:\n{}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr),
            self.log()
        );
        text
    }

    /// Runs a verb that must fail; all that it says.
    pub fn refuse(&self, arguments: &[&str]) -> String {
        let output = self.try_run(arguments);
        assert!(!output.status.success(), "windlass {} did not fail", arguments.join(" "));
        [output.stdout, output.stderr]
            .map(|said| String::from_utf8_lossy(&said).into_owned())
            .concat()
    }

    /// Runs a verb that must succeed; the JSON that it prints.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let text = self.run(&[&["-o", "json"], arguments].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in: {text}"))
    }

    /// What the server answers to GET, for what the client has no verb for.
    pub fn get(&self, path: &str) -> Value {
        let address = self.url.strip_prefix("http://").unwrap().trim_end_matches('/');
        let mut stream = TcpStream::connect(address).unwrap();
        let ask =
            format!("GET {path} HTTP/1.0\r\nHost: {address}\r\nAccept: application/json\r\n\r\n");
        stream.write_all(ask.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer}"));
        assert!(head.contains(" 200 "), "GET {path}: {answer}");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error} in: {body}"))
    }

    /// The VNFs of the server by name.
    pub fn vnf(&self, name: &str) -> Value {
        self.json(&["vnf", "show", name])
    }

    /// Every component of a VNF: name, host and first address.
    pub fn components(&self, vnf: &str) -> Vec<Component> {
        let vnf = self.vnf(vnf);
        let info = &vnf["instantiatedVnfInfo"]["vnfcResourceInfo"];
        info.as_array().into_iter().flatten().map(Component::of).collect()
    }

    /// True when the audit finds nothing.
    pub fn audit_is_empty(&self) -> bool {
        let audit = self.json(&["audit"]);
        let empty = |list: &Value| list.as_array().is_none_or(Vec::is_empty);
        empty(&audit["orphans"]) && empty(&audit["missing"])
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; both calls then say so, and that is well.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A component of a VNF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    pub name: String,
    pub machine: String,
    pub host: String,
    pub addresses: Vec<Ipv4Addr>,
}

impl Component {
    fn of(info: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let cps = info["vnfcCpInfo"].as_array().into_iter().flatten();
        let addresses = cps.filter_map(|cp| {
            let ethernet = &cp["cpProtocolInfo"][0]["ipOverEthernet"];
            ethernet["ipAddresses"][0]["addresses"][0].as_str()?.parse().ok()
        });
        Self {
            name: text(&info["id"]),
            machine: text(&info["computeResource"]["resourceId"]),
            host: text(&info["metadata"]["hostId"]),
            addresses: addresses.collect(),
        }
    }
}

/// A folder that goes with the test.
pub fn folder() -> TempDir {
    tempfile::Builder::new().prefix("windlass-test-").tempdir().unwrap()
}

/// Waits until something holds; says what did not when it takes longer than `limit`.
pub fn eventually(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < limit, "after {limit:?} still not: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
