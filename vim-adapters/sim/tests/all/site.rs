//! A site for stories, and short ways to say what is made on it.

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use windlass_model::{
    Accelerator, Capacity, Host, HostId, HostState, NetworkId, OperationId, Owner, Tag, VmId,
    VnfInstanceId, VolumeId,
};
use windlass_vim::{
    Boot, Disk, DiskSource, ImageFormat, ImageSource, ImageSpec, NetworkSpec, Nic, NicModel,
    Vim as _, VmSpec, VolumeSpec,
};
use windlass_vim_sim::{SimCloud, SimVim};

/// A site of so many hosts on one bridge.
pub fn site(cloud: &SimCloud, hosts: u128) -> (SimVim, Vec<HostId>) {
    let hosts: Vec<Host> = (1..=hosts).map(host).collect();
    let ids = hosts.iter().map(|host| host.id).collect();
    (SimVim::new(cloud.clone(), hosts), ids)
}

pub fn host(number: u128) -> Host {
    Host {
        id: HostId(Uuid::from_u128(number)),
        name: format!("host-{number}"),
        zone: "here".to_owned(),
        uri: "sim:test".to_owned(),
        bridge: "br0".to_owned(),
        vlans: Some((100, 4000)),
        drained: false,
        state: HostState::Reachable,
        problem: None,
        capacity: Capacity::default(),
        accelerator: Accelerator::Tcg,
    }
}

/// An image whose content is this text.
#[derive(Debug)]
pub struct Content(pub &'static str);

impl Content {
    pub fn spec(&self) -> ImageSpec {
        let digest = Sha256::digest(self.0).into_iter().map(|byte| format!("{byte:02x}"));
        ImageSpec {
            digest: digest.collect::<String>().parse().unwrap(),
            size_bytes: self.0.len() as u64,
            format: ImageFormat::Raw,
        }
    }
}

#[async_trait]
impl ImageSource for Content {
    async fn open(&self) -> std::io::Result<BoxStream<'static, std::io::Result<Bytes>>> {
        let chunks: Vec<_> = self.0.as_bytes().chunks(4).map(Bytes::from_static).map(Ok).collect();
        Ok(stream::iter(chunks).boxed())
    }
}

/// What one owner makes, named by numbers.
pub struct Owned {
    pub tag: Tag,
}

impl Owned {
    pub fn new() -> Self {
        let owner = Owner::Vnf(VnfInstanceId(Uuid::from_u128(9)));
        let operation = OperationId(Uuid::from_u128(8));
        Self { tag: Tag { owner, operation, name: "thing".to_owned() } }
    }

    pub fn network(&self, number: u128) -> NetworkSpec {
        NetworkSpec {
            id: NetworkId(Uuid::from_u128(1000 + number)),
            tag: self.tag.clone(),
            cidr: format!("10.0.{number}.0/24").parse().unwrap(),
            gateway: None,
            mtu: None,
        }
    }

    pub fn volume(&self, number: u128) -> VolumeSpec {
        let id = VolumeId(Uuid::from_u128(2000 + number));
        VolumeSpec { id, tag: self.tag.clone(), size_gib: 10, image: None }
    }

    /// A machine on its volume, with a card on each network at the address that it is given there.
    pub fn vm(&self, number: u128, cards: &[(u128, &str)]) -> VmSpec {
        VmSpec {
            id: VmId(Uuid::from_u128(3000 + number)),
            tag: self.tag.clone(),
            name: format!("vm-{number}"),
            vcpus: 2,
            memory_mib: 1024,
            hugepage_kib: None,
            numa_node: None,
            boot: Boot::Disk,
            disks: vec![Disk { source: DiskSource::Volume(self.volume(number).id) }],
            nics: cards.iter().map(|(net, at)| self.nic(*net, at)).collect(),
            seed: None,
        }
    }

    fn nic(&self, network: u128, address: &str) -> Nic {
        Nic {
            name: format!("net-{network}"),
            network: self.network(network).id,
            mac: "52:54:00:00:00:01".to_owned(),
            address: Some((address.parse().unwrap(), 24)),
            gateway: None,
            mtu: None,
            model: NicModel::Virtio,
        }
    }

    /// Makes a machine on its networks with its volume, and starts it.
    pub async fn run(&self, vim: &SimVim, host: HostId, spec: &VmSpec) {
        let number = spec.id.0.as_u128() - 3000;
        vim.ensure_volume(host, &self.volume(number)).await.unwrap();
        for nic in &spec.nics {
            let network = self.network(nic.network.0.as_u128() - 1000);
            vim.ensure_network(&[host], &network).await.unwrap();
        }
        vim.ensure_vm(host, spec).await.unwrap();
        vim.start_vm(host, spec.id).await.unwrap();
    }
}
