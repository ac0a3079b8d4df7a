//! Two real libvirt hosts, as `tests/env/hosts-up.sh` describes them in the environment.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{Server, root};

/// Two libvirt hosts and images that boot on them.
pub struct Hosts {
    uris: [String; 2],
    bridge: String,
    vlans: String,
    images: PathBuf,
    folder: PathBuf,
}

/// A domain that Windlass did not make, on `host-a`; it is removed with the value.
pub struct Foreign<'h> {
    hosts: &'h Hosts,
    name: String,
}

impl Hosts {
    /// The hosts that the environment names; `None` when it names none.
    pub fn of_environment() -> Option<Self> {
        let variable = |name: &str| std::env::var(name).ok();
        let uris = [variable("HOST_A_URI")?, variable("HOST_B_URI")?];
        // With one bridge for each segment the name is a pattern; else segments are VLANs on one.
        let bridge = variable("SEGMENT_BRIDGE")?;
        let per_segment = variable("SEGMENT_MODE")? == "bridges";
        let bridge = if per_segment { format!("{bridge}{{vlan}}") } else { bridge };
        let vlans = format!("{}-{}", variable("SEGMENT_FIRST")?, variable("SEGMENT_LAST")?);
        let (images, folder) = (variable("GUEST_IMAGES")?.into(), variable("HOSTS_DIR")?.into());
        Some(Self { uris, bridge, vlans, images, folder })
    }

    /// The folder of guest images.
    pub fn images(&self) -> &Path {
        &self.images
    }

    /// Makes both hosts known to a server, as one VIM.
    pub fn register(&self, server: &Server) {
        self.register_some(server, &["host-a", "host-b"]);
    }

    /// Makes some hosts known to a server, as one VIM.
    pub fn register_some(&self, server: &Server, names: &[&str]) {
        server.run(&["vim", "register", "--type", "libvirt", "lab"]);
        let all = ["host-a", "host-b"].iter().zip(&self.uris);
        for (name, uri) in all.filter(|(name, _)| names.contains(name)) {
            let segments = ["--bridge", &self.bridge, "--vlans", &self.vlans, "--zone", name];
            server.run(&[&["host", "add", "lab", name, uri], &segments[..]].concat());
        }
    }

    /// Runs a script of `tests/env` that does something to one of the hosts, `a` or `b`.
    pub fn script(&self, name: &str, host: &str, more: &[&str]) {
        let path = root().join("tests/env").join(name);
        let done = Command::new(path).arg(&self.folder).arg(host).args(more).output().unwrap();
        assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// Removes the images that the hosts have cached; how many there were.
    pub fn forget_images(&self) -> usize {
        let mut removed = 0;
        for uri in &self.uris {
            let listed = virsh(uri, &["vol-list", "windlass"]);
            let text = String::from_utf8_lossy(&listed.stdout).into_owned();
            let names = text.split_whitespace().filter(|word| word.starts_with("image-"));
            for name in names {
                removed += usize::from(
                    virsh(uri, &["vol-delete", "--pool", "windlass", name]).status.success(),
                );
            }
        }
        removed
    }

    /// Cuts the power of a machine behind Windlass' back.
    pub fn kill_machine(&self, uuid: &str) {
        let killed = self.uris.iter().filter(|uri| virsh(uri, &["destroy", uuid]).status.success());
        assert_eq!(killed.count(), 1, "the machine {uuid} is on exactly one host");
    }

    /// Does something on `host-a` behind Windlass' back.
    pub fn virsh_a(&self, arguments: &[&str]) {
        let done = virsh(&self.uris[0], arguments);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// The names of all domains on both hosts.
    pub fn domains(&self) -> Vec<String> {
        self.names(&["list", "--all", "--name"])
    }

    /// The names of all networks of ours on both hosts.
    pub fn networks(&self) -> Vec<String> {
        let mut names = self.names(&["net-list", "--all", "--name"]);
        names.retain(|name| name.starts_with("windlass"));
        names
    }

    /// Defines a domain as somebody else would.
    pub fn define_foreign(&self, name: &str) -> Foreign<'_> {
        let xml = format!(
            "<domain type='qemu'><name>{name}</name><memory unit='MiB'>32</memory>\
             <os><type arch='x86_64'>hvm</type></os></domain>"
        );
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), xml).unwrap();
        let defined = virsh(&self.uris[0], &["define", file.path().to_str().unwrap()]);
        assert!(defined.status.success(), "{}", String::from_utf8_lossy(&defined.stderr));
        Foreign { hosts: self, name: name.to_owned() }
    }

    fn names(&self, arguments: &[&str]) -> Vec<String> {
        let mut names = Vec::new();
        for uri in &self.uris {
            let output = virsh(uri, arguments);
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            names.extend(text.split_whitespace().map(str::to_owned));
        }
        names
    }
}

impl Drop for Foreign<'_> {
    fn drop(&mut self) {
        // A test that failed already must not fail again while it cleans up.
        let _gone = virsh(&self.hosts.uris[0], &["undefine", &self.name]);
    }
}

fn virsh(uri: &str, arguments: &[&str]) -> Output {
    Command::new("virsh").args(["-q", "-c", uri]).args(arguments).output().unwrap()
}
