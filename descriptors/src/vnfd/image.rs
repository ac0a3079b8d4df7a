//! Software images: what machines boot from and storages start with.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A software image, in the package or named by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwImage {
    /// Where the descriptor has it: the node template, or `node/artifact` from 3.x on.
    pub id: String,
    /// The image's name.
    pub name: String,
    /// The image's version.
    pub version: String,
    /// Who made it, when not the VNF's provider.
    pub provider: Option<String>,
    /// The digest of the image file. Optional from 3.x on.
    pub checksum: Option<Checksum>,
    /// What wraps the image.
    pub container_format: ContainerFormat,
    /// The image's own format. Container images have none.
    pub disk_format: Option<DiskFormat>,
    /// The smallest disk it fits on.
    pub min_disk_bytes: Option<u64>,
    /// The least memory it runs in.
    pub min_ram_bytes: Option<u64>,
    /// The image's size.
    pub size_bytes: u64,
    /// The operating system inside.
    pub operating_system: Option<String>,
    /// Hypervisors that it is made for.
    pub supported_virtualisation_environments: Vec<String>,
    /// The image file's path in the package, or its URL; `None` when the descriptor names no file.
    pub file: Option<String>,
}

/// A digest as the descriptor states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// How it was computed.
    pub algorithm: DigestAlgorithm,
    /// In lower-case hexadecimal.
    pub hash: String,
}

/// Declares an enum whose members have one spelling each in TOSCA.
macro_rules! spelled {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $member_doc:literal])* $member:ident = $text:literal,)* }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[doc = $member_doc])* #[serde(rename = $text)] $member,)*
        }

        impl $name {
            /// Every spelling, in the standard's order.
            pub const SPELLINGS: &'static [&'static str] = &[$($text),*];

            /// The member's spelling in a descriptor.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$member => $text,)* }
            }

            /// The member of this spelling.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$member),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use spelled;

spelled! {
    /// How a digest is computed.
    DigestAlgorithm {
        /// SHA-224.
        Sha224 = "sha-224",
        /// SHA-256.
        Sha256 = "sha-256",
        /// SHA-384.
        Sha384 = "sha-384",
        /// SHA-512.
        Sha512 = "sha-512",
    }
}

spelled! {
    /// The format of a disk image.
    DiskFormat {
        /// A kernel, for direct kernel boot.
        Aki = "aki",
        /// An Amazon machine image.
        Ami = "ami",
        /// An initial ramdisk, for direct kernel boot.
        Ari = "ari",
        /// An optical disc.
        Iso = "iso",
        /// QEMU's copy-on-write format.
        Qcow2 = "qcow2",
        /// Bytes as they are on the disk.
        Raw = "raw",
        /// VirtualBox's format.
        Vdi = "vdi",
        /// Virtual PC's format.
        Vhd = "vhd",
        /// Hyper-V's format.
        Vhdx = "vhdx",
        /// VMware's format.
        Vmdk = "vmdk",
    }
}

spelled! {
    /// What wraps an image.
    ContainerFormat {
        /// A kernel image.
        Aki = "aki",
        /// An Amazon machine image.
        Ami = "ami",
        /// A ramdisk image.
        Ari = "ari",
        /// Nothing: the file is the image.
        Bare = "bare",
        /// A container image archive.
        Docker = "docker",
        /// An OVA archive.
        Ova = "ova",
        /// An OVF envelope.
        Ovf = "ovf",
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm, self.hash)
    }
}
