//! The adapter on two real libvirt hosts: the conformance suite, and hosts that go and come back.
//!
//! `tests/env/images.sh` makes guest images (their folder is `GUEST_IMAGES`), `tests/env/hosts-up.sh`
//! makes hosts (their folder is `HOSTS_DIR`) and prints variables such as `HOST_A_URI`. Where these
//! are not in the environment the tests say that they did not run.
//!
//! One test takes a host away, so run them one at a time (`--test-threads=1`).
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::env;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use sha2::{Digest, Sha256};
use windlass_model::{Accelerator, Capacity, Host, HostId, HostState, VmId};
use windlass_vim::conformance::{
    Ability, BootKind, Guest, Image, Images, Intruder, Rig, Verdict, report, run_all,
};
use windlass_vim::{
    Error, Event, EventKind, ImageFormat, ImageSource, ImageSpec, Readiness, Seed, Vim,
};
use windlass_vim_libvirt::LibvirtVim;

#[tokio::test(flavor = "multi_thread")]
async fn real_hosts_pass_the_conformance_suite() {
    let Some(site) = Site::from_environment() else {
        println!("not run: HOST_A_URI, HOST_B_URI and GUEST_IMAGES are not set");
        return;
    };
    let outcomes = run_all(&site.rig()).await;
    let report = report(&outcomes);
    println!("{report}");
    assert!(outcomes.iter().all(|(_, outcome)| outcome.is_ok()), "{report}");
    let held = outcomes.iter().filter(|(_, o)| matches!(o, Ok(Verdict::Holds))).count();
    assert!(held > outcomes.len() / 2, "too much was skipped:\n{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_comes_back_after_its_libvirtd_was_killed_and_after_it_was_cut_off() {
    let (Some(site), Ok(folder)) = (Site::from_environment(), env::var("HOSTS_DIR")) else {
        println!("not run: HOSTS_DIR is not set");
        return;
    };
    let host = site.hosts[0].id;
    let vim = LibvirtVim::connect(site.hosts.clone());
    let mut events = vim.events();
    vim.probe().await.unwrap();

    script("host-restart.sh", &[&folder, "a", "KILL"]);
    expect(&mut events, host, EventKind::HostLost).await;
    expect(&mut events, host, EventKind::HostBack).await;
    assert_eq!(vim.vm(host, VmId::new()).await.unwrap(), None);

    script("host-cut.sh", &[&folder, "a"]);
    let began = Instant::now();
    let answer = vim.vm(host, VmId::new()).await;
    let took = began.elapsed();
    let reports = vim.probe().await.unwrap();
    expect(&mut events, host, EventKind::HostLost).await;
    script("host-join.sh", &[&folder, "a"]);
    assert!(matches!(&answer, Err(Error::Unreachable { .. })), "{answer:?}");
    assert!(took < Duration::from_secs(15), "a call to a dead host took {took:?}");
    let silent = reports.iter().filter(|report| report.answer.is_err()).map(|report| report.host);
    assert_eq!(silent.collect::<Vec<_>>(), [host], "{reports:?}");
    expect(&mut events, host, EventKind::HostBack).await;
    assert_eq!(vim.vm(host, VmId::new()).await.unwrap(), None);

    drop(vim);
    let rest = tokio::time::timeout(Duration::from_secs(10), events.count()).await;
    assert!(rest.is_ok(), "the events go on after the adapter is gone");
}

async fn expect(events: &mut BoxStream<'static, Event>, host: HostId, kind: EventKind) {
    let wanted = Event { host, kind };
    let seen = async { while events.next().await.unwrap() != wanted {} };
    let seen = tokio::time::timeout(Duration::from_secs(30), seen).await;
    assert!(seen.is_ok(), "there was no {wanted:?}");
}

fn script(name: &str, arguments: &[&str]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/env").join(name);
    let done = Command::new(path).args(arguments).output().unwrap();
    assert!(done.status.success(), "{done:?}");
}

/// Two hosts and a folder of guest images.
struct Site {
    hosts: Vec<Host>,
    isolated: bool,
    images: PathBuf,
}

impl Site {
    fn from_environment() -> Option<Self> {
        let uris = [env::var("HOST_A_URI").ok()?, env::var("HOST_B_URI").ok()?];
        let images = env::var("GUEST_IMAGES").ok()?.into();
        let mode = env::var("SEGMENT_MODE").unwrap_or_default();
        let bridge = env::var("SEGMENT_BRIDGE").unwrap_or_else(|_| "br0".to_owned());
        let bridge = if mode == "bridges" { bridge + "{vlan}" } else { bridge };
        let vlans = segment("SEGMENT_FIRST").zip(segment("SEGMENT_LAST"));
        let host = |(name, uri): (&str, String)| Host {
            id: HostId::new(),
            name: name.to_owned(),
            zone: "zone".to_owned(),
            uri,
            bridge: bridge.clone(),
            vlans,
            drained: false,
            state: HostState::Reachable,
            problem: None,
            capacity: Capacity::default(),
            accelerator: Accelerator::Tcg,
        };
        let hosts = ["host-a", "host-b"].into_iter().zip(uris).map(host).collect();
        Some(Self { hosts, isolated: vlans.is_some(), images })
    }

    fn rig(&self) -> Rig {
        let cmdline = std::fs::read_to_string(self.images.join("cmdline")).unwrap();
        Rig {
            vim: Arc::new(LibvirtVim::connect(self.hosts.clone())),
            hosts: self.hosts.iter().map(|host| host.id).collect(),
            images: Images {
                disk: image(&self.images.join("edge-guest.qcow2"), ImageFormat::Qcow2),
                kernel: Some(image(&self.images.join("kernel"), ImageFormat::Raw)),
                initrd: Some(image(&self.images.join("initrd"), ImageFormat::Raw)),
            },
            guest: Guest {
                boots: vec![BootKind::Kernel, BootKind::Disk],
                cmdline: cmdline.trim().to_owned(),
                vcpus: 1,
                memory_mib: 128,
                disk_gib: 1,
                seed: Some(Seed { user_data: String::new(), meta_data: Default::default() }),
                readiness: Readiness::Console("WINDLASS-GUEST READY".to_owned()),
                boot_limit: Duration::from_secs(90),
                boot_line: "WINDLASS-GUEST READY".to_owned(),
            },
            cannot: if self.isolated { Vec::new() } else { vec![Ability::Isolation] },
            intruder: Some(Arc::new(Shell { hosts: self.hosts.clone() })),
        }
    }
}

fn segment(variable: &str) -> Option<u16> {
    env::var(variable).ok()?.parse().ok()
}

/// An image in a file.
#[derive(Debug)]
struct File(PathBuf);

fn image(path: &Path, format: ImageFormat) -> Image {
    let content = std::fs::read(path).unwrap();
    let digest: String =
        Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    let spec =
        ImageSpec { digest: digest.parse().unwrap(), size_bytes: content.len() as u64, format };
    Image { spec, source: Arc::new(File(path.to_owned())) }
}

#[async_trait]
impl ImageSource for File {
    async fn open(&self) -> std::io::Result<BoxStream<'static, std::io::Result<Bytes>>> {
        let file = std::fs::File::open(&self.0)?;
        let pieces = stream::unfold(file, |mut file| async move {
            let mut piece = vec![0; 1 << 20];
            let read = file.read(&mut piece).map(|length| {
                piece.truncate(length);
                Bytes::from(piece)
            });
            match read {
                Ok(piece) if piece.is_empty() => None,
                piece => Some((piece, file)),
            }
        });
        Ok(pieces.boxed())
    }
}

/// Somebody with `virsh` and a shell on the hosts.
#[derive(Debug)]
struct Shell {
    hosts: Vec<Host>,
}

impl Shell {
    fn virsh(&self, host: HostId, arguments: &[&str]) -> std::process::Output {
        let host = self.hosts.iter().find(|known| known.id == host).unwrap();
        Command::new("virsh").args(["-q", "-c", &host.uri]).args(arguments).output().unwrap()
    }
}

#[async_trait]
impl Intruder for Shell {
    async fn kill(&self, _host: HostId, vm: VmId) {
        // The hosts are namespaces of this machine, so their machines' processes are seen here.
        let pattern = format!("qemu-system.*-uuid {vm}");
        let killed = Command::new("pkill").args(["-KILL", "-f", &pattern]).status().unwrap();
        assert!(killed.success(), "there is no process of machine {vm}");
    }

    async fn cut_off(&self, host: HostId, vm: VmId) {
        let cut = self.virsh(host, &["destroy", &vm.to_string()]);
        assert!(cut.status.success(), "{cut:?}");
    }

    async fn take_away(&self, host: HostId, vm: VmId) {
        let gone = self.virsh(host, &["undefine", &vm.to_string()]);
        assert!(gone.status.success(), "{gone:?}");
    }

    async fn make(&self, host: HostId, vm: VmId, name: &str) {
        let xml = format!(
            "<domain type='qemu'><name>{name}</name><uuid>{vm}</uuid>\
             <memory unit='MiB'>32</memory><os><type>hvm</type></os></domain>"
        );
        let file = env::temp_dir().join(format!("windlass-intruder-{vm}.xml"));
        std::fs::write(&file, xml).unwrap();
        let made = self.virsh(host, &["define", file.to_str().unwrap()]);
        std::fs::remove_file(&file).unwrap();
        assert!(made.status.success(), "{made:?}");
    }

    async fn has(&self, host: HostId, vm: VmId, name: &str) -> bool {
        let named = self.virsh(host, &["domname", &vm.to_string()]);
        String::from_utf8_lossy(&named.stdout).trim() == name
    }

    async fn remove(&self, host: HostId, vm: VmId, _name: &str) {
        let gone = self.virsh(host, &["undefine", &vm.to_string()]);
        assert!(gone.status.success(), "{gone:?}");
    }
}
