//! The package `solo`: one machine that boots, which counts as ready when a test says so.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::hosts::Hosts;
use crate::support::{Server, folder, root};

/// A server, and two hosts that nobody else uses meanwhile.
pub struct Site {
    pub hosts: Hosts,
    pub server: Server,
    folder: tempfile::TempDir,
}

impl Site {
    /// A server that knows the hosts of these names; `None`, and says so, where there are none.
    pub fn with(names: &[&str]) -> Option<Self> {
        let Some(hosts) = Hosts::of_environment() else {
            println!("not run: no libvirt hosts in the environment; `make test` starts two");
            return None;
        };
        let folder = folder();
        let server = Server::up(&folder.path().join("data"));
        hosts.register_some(&server, names);
        Some(Self { hosts, server, folder })
    }

    /// The server's data directory.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A folder for what the test makes.
    pub fn work(&self) -> &Path {
        self.folder.path()
    }

    /// Onboards `solo`, whose machine is ready when `readiness` says so, within `limit`.
    pub fn onboard(&self, readiness: &str, limit: &str) {
        let package = self.work().join("solo");
        let image = self.hosts.images().join("edge-guest.qcow2");
        for part in ["Definitions", "TOSCA-Metadata", "Files/images"] {
            std::fs::create_dir_all(package.join(part)).unwrap();
        }
        let source = root().join("tests/real/solo");
        let text = std::fs::read_to_string(source.join("Definitions/solo.yaml")).unwrap();
        let text = text
            .replace("@readiness@", readiness)
            .replace("@limit@", limit)
            .replace("@sha256@", &sha256(&image))
            .replace("@bytes@", &std::fs::metadata(&image).unwrap().len().to_string());
        std::fs::write(package.join("Definitions/solo.yaml"), text).unwrap();
        let meta = "TOSCA-Metadata/TOSCA.meta";
        std::fs::copy(source.join(meta), package.join(meta)).unwrap();
        std::fs::copy(&image, package.join("Files/images/edge-guest.qcow2")).unwrap();
        self.server.run(&["package", "onboard", package.to_str().unwrap()]);
    }

    /// The file that the server keeps the machine's image in.
    pub fn image_blob(&self) -> PathBuf {
        let digest = sha256(&self.hosts.images().join("edge-guest.qcow2"));
        let blobs = self.data().join("blobs");
        let found = Command::new("find")
            .args([blobs.to_str().unwrap(), "-type", "f", "-path", &format!("*{}", &digest[4..])])
            .output()
            .unwrap();
        String::from_utf8(found.stdout).unwrap().trim().into()
    }

    /// Starts to instantiate a new VNF of `solo`; the id of the operation.
    pub fn instantiate(&self, name: &str) -> String {
        self.server.run(&["vnf", "create", "solo", "--name", name]);
        self.server.run(&["vnf", "instantiate", name]);
        self.operation()
    }

    /// The id of the VNF operation that was asked for last.
    pub fn operation(&self) -> String {
        let operations = self.server.json(&["op", "list"]);
        operations[0]["id"].as_str().unwrap_or_else(|| panic!("{operations}")).to_owned()
    }

    /// Nothing is left of anything, neither on the hosts nor in the books.
    pub fn assert_empty(&self) {
        assert!(self.server.audit_is_empty());
        assert_eq!(self.hosts.domains(), Vec::<String>::new());
        assert_eq!(self.hosts.networks(), Vec::<String>::new());
    }
}

fn sha256(file: &Path) -> String {
    let output = Command::new("sha256sum").arg(file).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().next().unwrap().to_owned()
}
