//! The stage of one case: makes things, remembers them, removes them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use windlass_model::{
    HostId, Ipv4Net, NetworkId, OperationId, Owner, Tag, VmId, VnfInstanceId, VolumeId,
};

use super::rig::{BootKind, Image, Rig};
use super::{Expect, Failure, that};
use crate::{Boot, Disk, DiskSource, NetworkSpec, Nic, NicModel, Vim, VmSpec, VmState, VolumeSpec};

/// A rig with an owner of its own for what is made.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) rig: &'a Rig,
    owner: Owner,
    operation: OperationId,
    made: Mutex<Made>,
}

#[derive(Debug, Default)]
struct Made {
    vms: Vec<(HostId, VmId)>,
    volumes: Vec<(HostId, VolumeId)>,
    networks: Vec<NetworkId>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(rig: &'a Rig) -> Self {
        Self {
            rig,
            owner: Owner::Vnf(VnfInstanceId::new()),
            operation: OperationId::new(),
            made: Mutex::default(),
        }
    }

    pub(super) fn vim(&self) -> &'a dyn Vim {
        self.rig.vim.as_ref()
    }

    /// The first host.
    pub(super) fn here(&self) -> HostId {
        self.rig.hosts[0]
    }

    /// The second host.
    pub(super) fn there(&self) -> HostId {
        self.rig.hosts[1]
    }

    pub(super) fn tag(&self, name: &str) -> Tag {
        Tag { owner: self.owner, operation: self.operation, name: name.to_owned() }
    }

    // What is about to be made is written down before the call, so that a call that was dropped
    // half way is cleaned up too.

    /// A network that is only described yet.
    pub(super) fn network_spec(&self, cidr: Ipv4Net) -> NetworkSpec {
        let id = NetworkId::new();
        self.note(|made| made.networks.push(id));
        NetworkSpec { id, tag: self.tag("net"), cidr, gateway: None, mtu: None }
    }

    /// A volume that is only described yet: an overlay on the rig's disk.
    pub(super) fn volume_spec(&self, host: HostId) -> VolumeSpec {
        let id = VolumeId::new();
        self.note(|made| made.volumes.push((host, id)));
        VolumeSpec {
            id,
            tag: self.tag("disk"),
            size_gib: self.rig.guest.disk_gib,
            image: Some(self.rig.images.disk.spec.clone()),
        }
    }

    /// A machine that is only described yet, booting as asked, with a card on each network that
    /// takes the address with the given number.
    pub(super) fn vm_spec(
        &self,
        host: HostId,
        kind: BootKind,
        volume: VolumeId,
        networks: &[(&NetworkSpec, usize)],
    ) -> VmSpec {
        let id = VmId::new();
        self.note(|made| made.vms.push((host, id)));
        let guest = &self.rig.guest;
        VmSpec {
            id,
            tag: self.tag("vm"),
            name: format!("conform-{}", &id.0.simple().to_string()[20..]),
            vcpus: guest.vcpus,
            memory_mib: guest.memory_mib,
            hugepage_kib: None,
            numa_node: None,
            boot: self.boot(kind),
            disks: vec![Disk { source: DiskSource::Volume(volume) }],
            nics: networks.iter().enumerate().map(|(i, (net, at))| nic(id, i, net, *at)).collect(),
            seed: guest.seed.clone(),
        }
    }

    fn boot(&self, kind: BootKind) -> Boot {
        let digest = |image: &Image| image.spec.digest.clone();
        match (kind, &self.rig.images.kernel) {
            (BootKind::Kernel, Some(kernel)) => Boot::Kernel {
                kernel: digest(kernel),
                initrd: self.rig.images.initrd.as_ref().map(digest),
                cmdline: self.rig.guest.cmdline.clone(),
            },
            (BootKind::Kernel, None) | (BootKind::Disk, _) => Boot::Disk,
        }
    }

    /// Puts the rig's images into a host's cache.
    pub(super) async fn cache_images(&self, host: HostId) -> Result<(), Failure> {
        for image in self.rig.images.all() {
            let kept = self.vim().ensure_image(host, &image.spec, image.source.as_ref()).await;
            kept.expecting("a good image is taken into the cache")?;
        }
        Ok(())
    }

    /// A network on hosts.
    pub(super) async fn network(&self, hosts: &[HostId]) -> Result<NetworkSpec, Failure> {
        let spec = self.network_spec(subnet(1));
        self.vim().ensure_network(hosts, &spec).await.expecting("a network can be made")?;
        Ok(spec)
    }

    /// A volume on a host, with the images that it and its machine need.
    pub(super) async fn volume(&self, host: HostId) -> Result<VolumeSpec, Failure> {
        self.cache_images(host).await?;
        let spec = self.volume_spec(host);
        self.vim().ensure_volume(host, &spec).await.expecting("a volume can be made")?;
        Ok(spec)
    }

    /// A machine of the rig's first kind that is defined and does not run.
    pub(super) async fn machine(
        &self,
        host: HostId,
        networks: &[(&NetworkSpec, usize)],
    ) -> Result<VmSpec, Failure> {
        self.machine_of(host, self.rig.guest.boots[0], networks).await
    }

    /// A machine that boots as asked, is defined and does not run.
    pub(super) async fn machine_of(
        &self,
        host: HostId,
        kind: BootKind,
        networks: &[(&NetworkSpec, usize)],
    ) -> Result<VmSpec, Failure> {
        let volume = self.volume(host).await?;
        let spec = self.vm_spec(host, kind, volume.id, networks);
        self.vim().ensure_vm(host, &spec).await.expecting("a machine can be defined")?;
        Ok(spec)
    }

    /// A machine whose guest is ready.
    pub(super) async fn guest(
        &self,
        host: HostId,
        networks: &[(&NetworkSpec, usize)],
    ) -> Result<VmSpec, Failure> {
        let spec = self.machine(host, networks).await?;
        self.vim().start_vm(host, spec.id).await.expecting("a defined machine starts")?;
        self.ready(host, spec.id).await?;
        Ok(spec)
    }

    /// Waits for a guest.
    pub(super) async fn ready(&self, host: HostId, vm: VmId) -> Result<(), Failure> {
        let guest = &self.rig.guest;
        let ready = self.vim().await_ready(host, vm, &guest.readiness, guest.boot_limit).await;
        ready.expecting("a started guest becomes ready")
    }

    /// Runs a command in a guest.
    pub(super) async fn exec(
        &self,
        host: HostId,
        vm: VmId,
        argv: &[&str],
    ) -> Result<crate::ExecOutput, Failure> {
        let argv: Vec<String> = argv.iter().map(|&word| word.to_owned()).collect();
        let ran = self.vim().exec(host, vm, &argv, Duration::from_secs(60)).await;
        ran.expecting("the guest's agent runs a command")
    }

    /// The state of a machine that must be there.
    pub(super) async fn state(&self, host: HostId, vm: VmId) -> Result<VmState, Failure> {
        let found = self.vim().vm(host, vm).await.expecting("a machine can be asked for")?;
        found.map(|vm| vm.state).ok_or_else(|| Failure::new("a machine that was made is not there"))
    }

    /// What the site says that this scene owns.
    pub(super) async fn owned(&self) -> Result<Vec<crate::Owned>, Failure> {
        let mut owned = self.vim().owned().await.expecting("what is ours can be listed")?;
        owned.retain(|thing| thing.tag.owner == self.owner);
        Ok(owned)
    }

    /// Removes everything that was made, and holds when nothing with this scene's tag is left.
    pub(super) async fn clean(&self) -> Result<(), Failure> {
        let made = std::mem::take(&mut *self.made.lock().unwrap_or_else(PoisonError::into_inner));
        let mut first = Ok(());
        for (host, vm) in made.vms {
            let gone = self.vim().delete_vm(host, vm).await;
            first = first.and(gone.expecting("a machine can be removed at the end"));
        }
        for (host, volume) in made.volumes {
            let gone = self.vim().delete_volume(host, volume).await;
            first = first.and(gone.expecting("a volume can be removed at the end"));
        }
        for network in made.networks {
            let gone = self.vim().delete_network(network).await;
            first = first.and(gone.expecting("a network can be removed at the end"));
        }
        first?;
        let left = self.owned().await?;
        that(left.is_empty(), format!("nothing is left at the end, but there is {left:?}"))
    }

    fn note(&self, write: impl FnOnce(&mut Made)) {
        write(&mut self.made.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// A private /24 by number.
pub(super) fn subnet(number: u8) -> Ipv4Net {
    let base = std::net::Ipv4Addr::new(10, 213, number, 0);
    Ipv4Net::new(base, 24).unwrap_or_else(|| unreachable!("24 is at most 32"))
}

fn nic(vm: VmId, index: usize, network: &NetworkSpec, at: usize) -> Nic {
    let random = vm.0.as_bytes();
    let address = network.cidr.hosts().nth(at).map(|ip| (ip, network.cidr.prefix_length()));
    Nic {
        name: format!("cp{index}"),
        network: network.id,
        mac: format!("52:54:00:{:02x}:{:02x}:{index:02x}", random[14], random[15]),
        address,
        gateway: None,
        mtu: None,
        model: NicModel::default(),
    }
}
