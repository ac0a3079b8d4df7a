//! What an adapter says of the site that it is tried on.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use windlass_model::{HostId, VmId};

use crate::{ImageSource, ImageSpec, Readiness, Seed, Vim};

/// A site that the suite may use as it likes.
#[derive(Debug, Clone)]
pub struct Rig {
    /// The adapter.
    pub vim: Arc<dyn Vim>,
    /// Hosts of the site, two at least.
    pub hosts: Vec<HostId>,
    /// What its guests are made of.
    pub images: Images,
    /// What its guests are like.
    pub guest: Guest,
    /// What the site or its guests cannot do. What follows from the other fields (no kernel image,
    /// no intruder, a boot that the guest lacks) need not be said again.
    pub cannot: Vec<Ability>,
    /// Somebody who does things on the hosts behind the adapter's back.
    pub intruder: Option<Arc<dyn Intruder>>,
}

/// The images that guests are made of.
#[derive(Debug, Clone)]
pub struct Images {
    /// A disk, which every guest gets an overlay of.
    pub disk: Image,
    /// A kernel.
    pub kernel: Option<Image>,
    /// The kernel's initial ramdisk.
    pub initrd: Option<Image>,
}

/// An image and where its bytes come from.
#[derive(Debug, Clone)]
pub struct Image {
    /// Its true digest and size.
    pub spec: ImageSpec,
    /// Its bytes.
    pub source: Arc<dyn ImageSource>,
}

/// What guests are like.
#[derive(Debug, Clone)]
pub struct Guest {
    /// The ways that a guest can boot; the first is used where it does not matter.
    pub boots: Vec<BootKind>,
    /// The kernel's command line.
    pub cmdline: String,
    /// Virtual CPUs of a guest.
    pub vcpus: u32,
    /// Memory of a guest in MiB.
    pub memory_mib: u64,
    /// Size of its disk in GiB, at least the image's own.
    pub disk_gib: u64,
    /// Its seed, when it reads one.
    pub seed: Option<Seed>,
    /// How it tells that it is ready.
    pub readiness: Readiness,
    /// How long it may take to be ready.
    pub boot_limit: Duration,
    /// Text that its console shows once it is ready.
    pub boot_line: String,
}

/// How a guest boots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BootKind {
    /// By firmware, from its disk.
    Disk,
    /// A kernel and an initial ramdisk, without a boot loader.
    Kernel,
}

/// What a site or its guests can do, or cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ability {
    /// The guest's agent runs commands.
    Exec,
    /// The guest has `ping` and takes the addresses of its cards.
    Ping,
    /// The site keeps networks apart.
    Isolation,
    /// The guest shuts down when it is asked to.
    Shutdown,
    /// The guest boots from its disk.
    DiskBoot,
    /// The guest boots a kernel.
    KernelBoot,
    /// There is an intruder.
    Intrusion,
}

/// Somebody else with power over the hosts. What it is asked for happens, or it panics: a rig
/// that does not work is no verdict on an adapter.
#[async_trait]
pub trait Intruder: Send + Sync + Debug {
    /// Kills the process of one of our machines.
    async fn kill(&self, host: HostId, vm: VmId);

    /// Cuts the power of one of our machines.
    async fn cut_off(&self, host: HostId, vm: VmId);

    /// Removes one of our machines, which does not run, from its host.
    async fn take_away(&self, host: HostId, vm: VmId);

    /// Makes a machine that is not ours; it need not run.
    async fn make(&self, host: HostId, vm: VmId, name: &str);

    /// True while that machine is there.
    async fn has(&self, host: HostId, vm: VmId, name: &str) -> bool;

    /// Removes it.
    async fn remove(&self, host: HostId, vm: VmId, name: &str);
}

impl Rig {
    pub(super) fn can(&self, ability: Ability) -> bool {
        let equipped = match ability {
            Ability::DiskBoot => self.guest.boots.contains(&BootKind::Disk),
            Ability::KernelBoot => {
                self.guest.boots.contains(&BootKind::Kernel) && self.images.kernel.is_some()
            }
            Ability::Intrusion => self.intruder.is_some(),
            Ability::Exec | Ability::Ping | Ability::Isolation | Ability::Shutdown => true,
        };
        equipped && !self.cannot.contains(&ability)
    }

    /// A story boots a guest a few times at most; the rest is work on the hosts.
    pub(super) fn case_limit(&self) -> Duration {
        self.guest.boot_limit * 4 + Duration::from_secs(120)
    }
}

impl Images {
    pub(super) fn all(&self) -> impl Iterator<Item = &Image> {
        std::iter::once(&self.disk).chain(&self.kernel).chain(&self.initrd)
    }
}
