//! What is asked of a VIM. A spec leaves nothing to choose.

use std::fmt::Debug;
use std::net::Ipv4Addr;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use windlass_model::{ImageDigest, Ipv4Net, NetworkId, Tag, VmId, VolumeId};

/// The format of an image's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImageFormat {
    /// A QEMU copy-on-write disk.
    Qcow2,
    /// A raw disk, a kernel or an initial ramdisk.
    Raw,
    /// An optical disc.
    Iso,
}

/// An image, named by its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSpec {
    /// SHA-256 of the content.
    pub digest: ImageDigest,
    /// Length of the content in bytes.
    pub size_bytes: u64,
    /// Format of the content.
    pub format: ImageFormat,
}

/// Where an image's bytes come from when a host does not have them yet.
#[async_trait]
pub trait ImageSource: Send + Sync + Debug {
    /// Opens the content from its start.
    async fn open(&self) -> std::io::Result<BoxStream<'static, std::io::Result<Bytes>>>;
}

/// A virtual network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkSpec {
    /// Its id.
    pub id: NetworkId,
    /// Whose it is.
    pub tag: Tag,
    /// Its IPv4 subnet.
    pub cidr: Ipv4Net,
    /// The router of the subnet, when there is one.
    pub gateway: Option<Ipv4Addr>,
    /// MTU in bytes; `None` leaves the infrastructure's default.
    pub mtu: Option<u16>,
}

/// A volume to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeSpec {
    /// Its id.
    pub id: VolumeId,
    /// Whose it is.
    pub tag: Tag,
    /// Its virtual size in GiB, at least the image's own.
    pub size_gib: u64,
    /// The cached image that it is an overlay on; `None` makes it empty.
    pub image: Option<ImageSpec>,
}

/// Where a disk's content comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiskSource {
    /// A volume of the machine's own.
    Volume(VolumeId),
    /// A cached image, read only, for optical discs.
    Image(ImageDigest),
}

/// A disk of a machine, in boot order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// What it holds.
    pub source: DiskSource,
}

/// How a virtual network card is presented to the guest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NicModel {
    /// virtio-net.
    #[default]
    Virtio,
    /// Intel 82574.
    E1000e,
}

/// A network card of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nic {
    /// The connection point's name, for people and for libvirt's alias.
    pub name: String,
    /// The network that it is on.
    pub network: NetworkId,
    /// Its MAC address, `52:54:00:..` in lower case.
    pub mac: String,
    /// Its address with the prefix of its network, when it has one.
    pub address: Option<(Ipv4Addr, u8)>,
    /// The default route that the guest takes through this card.
    pub gateway: Option<Ipv4Addr>,
    /// MTU in bytes; `None` leaves the default.
    pub mtu: Option<u16>,
    /// How it is presented.
    pub model: NicModel,
}

/// How a machine boots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Boot {
    /// From its first disk, by firmware.
    Disk,
    /// A kernel and an initial ramdisk from the image cache, without a boot loader.
    Kernel {
        /// The kernel's image.
        kernel: ImageDigest,
        /// The initial ramdisk's image.
        initrd: Option<ImageDigest>,
        /// The kernel's command line.
        cmdline: String,
    },
}

/// What the guest finds on its NoCloud seed beside the network configuration, which follows
/// from the machine's cards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed {
    /// `user-data`: a script or a `#cloud-config`; empty for none.
    pub user_data: String,
    /// More `meta-data` keys for the guest; `instance-id` and `local-hostname` are ours.
    pub meta_data: std::collections::BTreeMap<String, String>,
}

/// A machine to be defined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VmSpec {
    /// Its id; in libvirt the domain's UUID.
    pub id: VmId,
    /// Whose it is.
    pub tag: Tag,
    /// Its name on the host and in the guest: letters, digits and hyphens, at most 63.
    pub name: String,
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Huge pages of this size in KiB back the memory, when asked for.
    pub hugepage_kib: Option<u64>,
    /// The host's NUMA node that the machine is bound to, when placed on one.
    pub numa_node: Option<u32>,
    /// How it boots.
    pub boot: Boot,
    /// Its disks, the boot disk first.
    pub disks: Vec<Disk>,
    /// Its network cards, in order.
    pub nics: Vec<Nic>,
    /// Its seed; `None` for a guest that wants none.
    pub seed: Option<Seed>,
}

/// When a guest counts as ready.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readiness {
    /// As soon as the machine runs: all that can be known of a guest without an agent.
    #[default]
    Running,
    /// When the QEMU guest agent answers.
    GuestAgent,
    /// When this text has appeared on the serial console.
    Console(String),
}
