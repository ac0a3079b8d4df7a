//! A server that may be killed, over a cloud that stays.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use tokio::time::sleep;
use windlass_client::Client;
use windlass_vim_sim::SimCloud;

use crate::chance::Chance;
use crate::support::{Server, folder, root};

/// How long each call on the cloud takes at first: long enough for a kill to fall into it.
pub const CALL_MS: u64 = 20;

/// A server, its data and its cloud.
pub struct Stage {
    pub cloud: SimCloud,
    pub client: Client,
    pub chance: Chance,
    server: Server,
    folder: TempDir,
}

impl Stage {
    /// A server with a site of two hosts and the packages of `ring`.
    pub fn new() -> Self {
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let folder = folder();
        let cloud = folder.path().join("cloud");
        std::fs::create_dir(&cloud).unwrap();
        set_pace(&cloud, CALL_MS);
        let server = Server::up(&folder.path().join("data"));
        server.run(&["vim", "register", "--type", "sim", "lab"]);
        for host in ["host-a", "host-b"] {
            let uri = format!("sim:{}/{host}", cloud.display());
            server.run(&["host", "add", "lab", host, &uri, "--zone", host]);
        }
        let ring = root().join("tests/crashes/ring");
        server.run(&["package", "onboard", ring.join("node").to_str().unwrap()]);
        server.run(&["nsd", "onboard", ring.join("nsd").to_str().unwrap()]);
        let client = Client::new(server.url(), None, None).unwrap();
        Self { cloud: SimCloud::kept_in(&cloud), client, chance: Chance(7), server, folder }
    }

    /// From now on calls on the cloud take so many times as long as at first. Servers read the
    /// cloud's script when they begin, so there is a new one.
    pub fn slow_down(&mut self, times: u64) {
        set_pace(&self.folder.path().join("cloud"), CALL_MS * times);
        self.kill();
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The server dies, and another one begins where it stopped.
    pub fn kill(&mut self) {
        self.server.kill();
        self.rise();
    }

    /// The same, and the next one dies while it comes up.
    pub async fn kill_twice(&mut self) {
        self.server.kill();
        let data = self.data();
        let mut born = Command::new(env!("CARGO_BIN_EXE_windlass"))
            .args(["up", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(self.chance.below_ms(300)).await;
        born.kill().unwrap();
        born.wait().unwrap();
        self.rise();
    }

    fn rise(&mut self) {
        self.server = Server::up(&self.data());
        self.client = Client::new(self.server.url(), None, None).unwrap();
    }

    /// What the server has logged since it came up.
    pub fn log(&self) -> String {
        self.server.log()
    }
}

fn set_pace(cloud: &Path, call_ms: u64) {
    let script = format!("{{ \"call_ms\": {call_ms} }}");
    std::fs::write(cloud.join("script.json"), script).unwrap();
}
