//! What servers leave behind when they die: their data, and a cloud in a folder.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use tokio::time::sleep;
use windlass_test_postgres::Server as Postgres;
use windlass_vim_sim::SimCloud;

use crate::chance::Chance;
use crate::support::{Server, folder, root};

/// How long each call on the cloud takes at first: long enough for a kill to fall into it.
pub const CALL_MS: u64 = 20;

/// Where servers keep what they know.
#[derive(Debug)]
pub enum Database {
    Files,
    Postgres { url: String, _server: Postgres },
}

impl Database {
    /// A server of its own; `None` where no PostgreSQL is installed.
    pub fn postgres() -> Option<Self> {
        let server = Postgres::start()?;
        Some(Self::Postgres { url: server.database(), _server: server })
    }
}

/// Data, and a cloud with two hosts.
pub struct Site {
    pub cloud: SimCloud,
    database: Database,
    folder: TempDir,
}

impl Site {
    pub fn new(database: Database) -> Self {
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let folder = folder();
        let cloud = folder.path().join("cloud");
        std::fs::create_dir(&cloud).unwrap();
        let site = Self { cloud: SimCloud::kept_in(&cloud), database, folder };
        site.set_pace(CALL_MS);
        site
    }

    /// How long calls on the cloud take for servers that start from now on.
    pub fn set_pace(&self, call_ms: u64) {
        let script = format!("{{ \"call_ms\": {call_ms} }}");
        std::fs::write(self.folder.path().join("cloud/script.json"), script).unwrap();
    }

    /// Makes the site and the packages of `ring` known.
    pub fn introduce(&self, server: &Server) {
        server.run(&["vim", "register", "--type", "sim", "lab"]);
        for host in ["host-a", "host-b"] {
            let uri = format!("sim:{}/cloud/{host}", self.folder.path().display());
            server.run(&["host", "add", "lab", host, &uri, "--zone", host]);
        }
        let ring = root().join("tests/crashes/ring");
        server.run(&["package", "onboard", ring.join("node").to_str().unwrap()]);
        server.run(&["nsd", "onboard", ring.join("nsd").to_str().unwrap()]);
    }

    /// Starts a server; one of the same name goes on where that one stopped.
    pub fn start(&self, name: &str) -> Server {
        let arguments = self.arguments(name);
        Server::start(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Starts a server and kills it while it comes up.
    pub async fn stillbirth(&self, name: &str, chance: &mut Chance) {
        let mut born = Command::new(env!("CARGO_BIN_EXE_windlass"))
            .args(self.arguments(name))
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(chance.below_ms(300)).await;
        born.kill().unwrap();
        born.wait().unwrap();
    }

    fn arguments(&self, name: &str) -> Vec<String> {
        let at = |name: &str| self.path(name).to_str().unwrap().to_owned();
        let mut arguments = vec!["up".to_owned(), "--listen".to_owned(), "127.0.0.1:0".to_owned()];
        arguments.extend(["--data".to_owned(), at(name)]);
        if let Database::Postgres { url, .. } = &self.database {
            arguments.extend(["--database".to_owned(), url.clone()]);
            arguments.extend(["--blobs".to_owned(), at("blobs"), "--key".to_owned(), at("key")]);
        }
        arguments
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
