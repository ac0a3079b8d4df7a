//! The simulator as the conformance suite sees it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use windlass_model::{HostId, VmId};
use windlass_vim::Readiness;
use windlass_vim::conformance::{BootKind, Guest, Image, Images, Intruder, Rig};
use windlass_vim_sim::{READY_LINE, SimCloud};

use crate::site::{Content, site};

pub fn rig(cloud: &SimCloud) -> Rig {
    let (vim, hosts) = site(cloud, 2);
    let image = |content| {
        let source = Arc::new(Content(content));
        Image { spec: source.spec(), source }
    };
    Rig {
        vim: Arc::new(vim),
        hosts,
        images: Images {
            disk: image("a disk"),
            kernel: Some(image("a kernel")),
            initrd: Some(image("a ramdisk")),
        },
        guest: Guest {
            boots: vec![BootKind::Disk, BootKind::Kernel],
            cmdline: "console=ttyS0".to_owned(),
            vcpus: 1,
            memory_mib: 128,
            disk_gib: 1,
            seed: None,
            readiness: Readiness::Console(READY_LINE.to_owned()),
            boot_limit: Duration::from_secs(60),
            boot_line: READY_LINE.to_owned(),
        },
        cannot: Vec::new(),
        intruder: Some(Arc::new(Hooks(cloud.clone()))),
    }
}

/// The simulator's hooks as the suite's intruder.
#[derive(Debug)]
struct Hooks(SimCloud);

#[async_trait]
impl Intruder for Hooks {
    async fn kill(&self, _host: HostId, vm: VmId) {
        assert!(self.0.crash(vm), "the machine to be killed does not run");
    }

    async fn cut_off(&self, _host: HostId, vm: VmId) {
        assert!(self.0.power_off(vm), "the machine to be cut off does not run");
    }

    async fn take_away(&self, _host: HostId, vm: VmId) {
        assert!(self.0.delete_behind(vm), "the machine to be removed is not there");
    }

    async fn make(&self, host: HostId, vm: VmId, name: &str) {
        self.0.make_foreign(host, vm, name);
    }

    async fn has(&self, host: HostId, vm: VmId, name: &str) -> bool {
        self.0.has_foreign(host, vm, name)
    }

    async fn remove(&self, host: HostId, vm: VmId, _name: &str) {
        assert!(self.0.remove_foreign(host, vm), "the foreign machine is gone already");
    }
}
