//! The description of a machine in libvirt's words.

use windlass_model::Accelerator;
use windlass_vim::{Boot, Nic, NicModel, VmSpec};

use crate::metadata;
use crate::xml::Element;

/// Translated code that QEMU keeps per guest; its default of a gigabyte would cost each guest
/// some 70 MiB more for nothing.
const TRANSLATION_CACHE_MIB: u32 = 32;
const BALLOON_PERIOD_S: u32 = 10;

/// Where the things are that a machine is made of.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) accelerator: Accelerator,
    /// The file of each disk, in order.
    pub(crate) disks: Vec<DiskFile>,
    /// The libvirt network of each card, in order.
    pub(crate) networks: Vec<String>,
    /// The kernel and the initial ramdisk, for a boot without firmware.
    pub(crate) kernel: Option<(String, Option<String>)>,
    pub(crate) seed: Option<String>,
    pub(crate) console: String,
    /// The CPUs of the NUMA node that the machine is bound to, as a cpuset.
    pub(crate) cpuset: Option<String>,
}

/// The file behind a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DiskFile {
    /// A QCOW2 volume.
    Volume(String),
    /// An optical disc.
    Disc(String),
}

/// The whole description.
pub(crate) fn describe(vm: &VmSpec, parts: &Parts) -> Element {
    let kvm = parts.accelerator == Accelerator::Kvm;
    Element::new("domain")
        .attr("type", if kvm { "kvm" } else { "qemu" })
        .child(Element::new("name").text(&vm.name))
        .child(Element::new("uuid").text(vm.id))
        .child(Element::new("metadata").child(metadata::element(&vm.tag)))
        .child(Element::new("memory").attr("unit", "MiB").text(vm.memory_mib))
        .with(vm.hugepage_kib.map(hugepages))
        .child(vcpus(vm, parts))
        .with(vm.numa_node.map(numa))
        .child(os(vm, parts))
        .child(features(kvm))
        .child(cpu(kvm))
        .child(Element::new("clock").attr("offset", "utc"))
        .child(Element::new("on_poweroff").text("destroy"))
        .child(Element::new("on_reboot").text("restart"))
        .child(Element::new("on_crash").text("destroy"))
        .child(devices(vm, parts))
}

fn hugepages(size_kib: u64) -> Element {
    let page = Element::new("page").attr("size", size_kib).attr("unit", "KiB");
    Element::new("memoryBacking").child(Element::new("hugepages").child(page))
}

fn vcpus(vm: &VmSpec, parts: &Parts) -> Element {
    let vcpu = Element::new("vcpu").attr("placement", "static");
    match &parts.cpuset {
        Some(cpuset) => vcpu.attr("cpuset", cpuset),
        None => vcpu,
    }
    .text(vm.vcpus)
}

fn numa(node: u32) -> Element {
    let memory = Element::new("memory").attr("mode", "strict").attr("nodeset", node);
    Element::new("numatune").child(memory)
}

fn os(vm: &VmSpec, parts: &Parts) -> Element {
    let kind = Element::new("type").attr("arch", "x86_64").attr("machine", "q35").text("hvm");
    let os = Element::new("os").child(kind);
    match (&vm.boot, &parts.kernel) {
        (Boot::Kernel { cmdline, .. }, Some((kernel, initrd))) => os
            .child(Element::new("kernel").text(kernel))
            .with(initrd.as_ref().map(|initrd| Element::new("initrd").text(initrd)))
            .child(Element::new("cmdline").text(cmdline)),
        (Boot::Disk | Boot::Kernel { .. }, _) => os,
    }
}

fn features(kvm: bool) -> Element {
    let features = Element::new("features").child(Element::new("acpi"));
    if kvm {
        return features;
    }
    let cache = Element::new("tb-cache").attr("unit", "MiB").text(TRANSLATION_CACHE_MIB);
    features.child(Element::new("tcg").child(cache))
}

/// Under emulation a model that today's distributions still run on and that QEMU emulates whole.
fn cpu(kvm: bool) -> Element {
    let cpu = Element::new("cpu");
    if kvm {
        return cpu.attr("mode", "host-passthrough");
    }
    cpu.attr("mode", "custom")
        .attr("match", "exact")
        .attr("check", "none")
        .child(Element::new("model").text("Nehalem"))
}

fn devices(vm: &VmSpec, parts: &Parts) -> Element {
    let channel =
        Element::new("target").attr("type", "virtio").attr("name", "org.qemu.guest_agent.0");
    let random = Element::new("backend").attr("model", "random").text("/dev/urandom");
    let balloon = Element::new("stats").attr("period", BALLOON_PERIOD_S);
    Element::new("devices")
        .with(disks(vm, parts))
        .with(parts.seed.as_ref().map(|path| seed(path, volumes(parts))))
        .child(Element::new("controller").attr("type", "usb").attr("model", "none"))
        .with(vm.nics.iter().zip(&parts.networks).map(|(nic, network)| interface(nic, network)))
        .child(serial(&parts.console))
        .child(Element::new("channel").attr("type", "unix").child(channel))
        .child(Element::new("rng").attr("model", "virtio").child(random))
        .child(Element::new("memballoon").attr("model", "virtio").child(balloon))
        .child(Element::new("panic").attr("model", "isa"))
}

fn volumes(parts: &Parts) -> usize {
    parts.disks.iter().filter(|disk| matches!(disk, DiskFile::Volume(_))).count()
}

fn disks(vm: &VmSpec, parts: &Parts) -> Vec<Element> {
    let (mut volumes, mut discs) = (0, 0);
    let mut described = Vec::new();
    for (index, file) in parts.disks.iter().enumerate() {
        let disk = match file {
            DiskFile::Volume(path) => {
                volumes += 1;
                disk("disk", "qcow2", path, &target("vd", volumes - 1), "virtio")
            }
            DiskFile::Disc(path) => {
                discs += 1;
                disk("cdrom", "raw", path, &target("sd", discs - 1), "sata")
                    .child(Element::new("readonly"))
            }
        };
        // Firmware tries the disks in the order in which they were asked for.
        let boot = Element::new("boot").attr("order", index + 1);
        described.push(disk.with((vm.boot == Boot::Disk).then_some(boot)));
    }
    described
}

/// A read-only virtio disk, which every guest with virtio sees and where cloud-init looks.
fn seed(path: &str, volumes: usize) -> Element {
    disk("disk", "raw", path, &target("vd", volumes), "virtio").child(Element::new("readonly"))
}

fn disk(device: &str, format: &str, path: &str, target: &str, bus: &str) -> Element {
    let driver = Element::new("driver").attr("name", "qemu").attr("type", format);
    let driver = if format == "qcow2" { driver.attr("discard", "unmap") } else { driver };
    Element::new("disk")
        .attr("type", "file")
        .attr("device", device)
        .child(driver)
        .child(Element::new("source").attr("file", path))
        .child(Element::new("target").attr("dev", target).attr("bus", bus))
}

/// The name of a disk: `vda` to `vdz`, then `vdaa`.
fn target(prefix: &str, index: usize) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap_or(0));
    match index / 26 {
        0 => format!("{prefix}{}", letter(index)),
        tens => format!("{prefix}{}{}", letter(tens - 1), letter(index)),
    }
}

fn interface(nic: &Nic, network: &str) -> Element {
    let model = match nic.model {
        NicModel::Virtio => "virtio",
        NicModel::E1000e => "e1000e",
    };
    Element::new("interface")
        .attr("type", "network")
        .child(Element::new("mac").attr("address", &nic.mac))
        .child(Element::new("source").attr("network", network))
        .child(Element::new("model").attr("type", model))
        .with(nic.mtu.map(|mtu| Element::new("mtu").attr("size", mtu)))
        .child(Element::new("alias").attr("name", alias(&nic.name)))
}

/// Libvirt allows letters, digits, hyphens and underscores after the `ua-` of users' aliases.
fn alias(name: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    format!("ua-{}", name.chars().map(allowed).collect::<String>())
}

fn serial(path: &str) -> Element {
    Element::new("serial")
        .attr("type", "file")
        .child(Element::new("source").attr("path", path).attr("append", "on"))
        .child(Element::new("target").attr("port", 0))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use uuid::Uuid;
    use windlass_model::{NetworkId, OperationId, Owner, Tag, VmId, VnfInstanceId, VolumeId};
    use windlass_vim::{Disk, DiskSource};

    use super::*;

    fn nic(name: &str, model: NicModel) -> Nic {
        Nic {
            name: name.to_owned(),
            network: NetworkId(Uuid::from_u128(4)),
            mac: "52:54:00:00:00:01".to_owned(),
            address: Some((Ipv4Addr::new(10, 1, 0, 5), 24)),
            gateway: None,
            mtu: (model == NicModel::Virtio).then_some(1450),
            model,
        }
    }

    fn vm() -> VmSpec {
        VmSpec {
            id: VmId(Uuid::from_u128(1)),
            tag: Tag {
                owner: Owner::Vnf(VnfInstanceId(Uuid::from_u128(2))),
                operation: OperationId(Uuid::from_u128(3)),
                name: "web-0 <first>".to_owned(),
            },
            name: "shop-web-0".to_owned(),
            vcpus: 2,
            memory_mib: 512,
            hugepage_kib: None,
            numa_node: None,
            boot: Boot::Disk,
            disks: vec![Disk { source: DiskSource::Volume(VolumeId(Uuid::from_u128(5))) }],
            nics: vec![nic("internal", NicModel::Virtio), nic("fast/path", NicModel::E1000e)],
            seed: None,
        }
    }

    fn parts() -> Parts {
        Parts {
            accelerator: Accelerator::Tcg,
            disks: vec![
                DiskFile::Volume("/pool/5".to_owned()),
                DiskFile::Disc("/pool/cd".to_owned()),
            ],
            networks: vec!["windlass-vlan-100".to_owned(), "windlass-vlan-101".to_owned()],
            kernel: None,
            seed: Some("/pool/1-seed".to_owned()),
            console: "/pool/1-console.log".to_owned(),
            cpuset: None,
        }
    }

    #[test]
    fn an_emulated_machine_boots_from_its_first_disk() {
        insta::assert_snapshot!(describe(&vm(), &parts()));
    }

    #[test]
    fn a_machine_with_kvm_is_bound_to_a_node_and_boots_a_kernel() {
        let digest = "ab".repeat(32).parse().unwrap();
        let boot =
            Boot::Kernel { kernel: digest, initrd: None, cmdline: "console=ttyS0 a&b".to_owned() };
        let vm = VmSpec { hugepage_kib: Some(2048), numa_node: Some(1), boot, ..vm() };
        let parts = Parts {
            accelerator: Accelerator::Kvm,
            kernel: Some(("/pool/kernel".to_owned(), Some("/pool/initrd".to_owned()))),
            cpuset: Some("2,3".to_owned()),
            ..parts()
        };
        insta::assert_snapshot!(describe(&vm, &parts));
    }

    #[test]
    fn disks_beyond_the_alphabet_have_two_letters() {
        assert_eq!(target("vd", 25), "vdz");
        assert_eq!(target("vd", 26), "vdaa");
    }
}
