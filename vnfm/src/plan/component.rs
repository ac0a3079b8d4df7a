//! One component: its machine, its volumes, its cards.

use std::collections::BTreeMap;

use windlass_descriptors::vnfd::{BootData, DiskFormat, Flavour, SwImage, Text, Vdu};
use windlass_model::vnf::{Vnfc, VnfcCp, VnfcVolume};
use windlass_model::{Capacity, ImageDigest, Tag, VolumeId};
use windlass_vim::{Boot, Disk, DiskSource, ImageFormat, Nic, NicModel, Readiness, Seed, VmSpec};

use super::PlanError;
use super::grant::Place;
use super::links::Attachment;
use super::sizing::NewVnfc;

/// What a kernel without a boot loader is told; the timer check fails on busy emulated hosts.
const CMDLINE: &str = "console=ttyS0 no_timer_check tsc=reliable panic=-1 quiet";
/// How long a guest has to become ready when the VNFD does not say.
const READY_LIMIT_S: u64 = 300;

/// A software image that a component needs on its host.
#[derive(Debug, Clone, PartialEq)]
pub struct NeededImage {
    /// Its content.
    pub digest: ImageDigest,
    /// The image in the VNFD.
    pub image: SwImage,
}

/// A volume that a component needs.
#[derive(Debug, Clone, PartialEq)]
pub struct NeededVolume {
    /// The volume.
    pub volume: VnfcVolume,
    /// Its size.
    pub size_gib: u64,
    /// What it is an overlay on.
    pub image: Option<NeededImage>,
}

/// What a VDU's machine starts with.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// Its volumes, the boot disk first.
    pub volumes: Vec<NeededVolume>,
    /// Kernel and initial ramdisk, when it boots without a disk.
    pub kernel: Option<(NeededImage, Option<NeededImage>)>,
}

impl Body {
    /// All images that must be on the host.
    pub fn images(&self) -> impl Iterator<Item = &NeededImage> {
        let kernel = self
            .kernel
            .iter()
            .flat_map(|(kernel, initrd)| std::iter::once(kernel).chain(initrd.as_ref()));
        self.volumes.iter().filter_map(|volume| volume.image.as_ref()).chain(kernel)
    }
}

/// What one machine of a VDU takes of its host.
#[must_use]
pub fn takes(flavour: &Flavour, vdu: &Vdu) -> Capacity {
    let Some(compute) = vdu.compute() else { return Capacity::default() };
    Capacity {
        vcpus: compute.vcpus.max(1),
        memory_mib: compute.memory_mib.max(1),
        storage_gib: flavour.disks_of(vdu).iter().map(|disk| disk.size_gib).sum(),
        numa: vec![],
    }
}

/// The volumes and images of a component.
///
/// # Errors
/// When the VDU has nothing to boot from, or the grant does not know an image.
pub fn body(
    flavour: &Flavour,
    vdu: &Vdu,
    vnfc: &Vnfc,
    images: &BTreeMap<String, ImageDigest>,
) -> Result<Body, PlanError> {
    let nothing = || PlanError::NothingToBoot { vdu: vdu.id.as_str().to_owned() };
    let compute = vdu.compute().ok_or_else(nothing)?;
    let needed = |image: &SwImage| {
        let missing =
            || PlanError::GrantIncomplete(format!("which content image {} has", image.id));
        let digest = images.get(&image.id).cloned().ok_or_else(missing)?;
        Ok::<_, PlanError>(NeededImage { digest, image: image.clone() })
    };
    let volume = |storage: &str| VnfcVolume {
        storage: storage.to_owned(),
        volume: VolumeId::named(vnfc.vm.0, &format!("volume/{storage}")),
    };
    let mut body = Body { volumes: vec![], kernel: None };
    for disk in flavour.disks_of(vdu) {
        let (volume, size_gib) = (volume(&disk.name), disk.size_gib);
        let image = disk.image.map(&needed).transpose()?;
        body.volumes.push(NeededVolume { volume, size_gib, image });
    }
    let kernel = compute.image.as_ref().filter(|image| image.disk_format == Some(DiskFormat::Aki));
    if let Some(kernel) = kernel {
        let ramdisk = flavour.ramdisk_of(vdu).map(&needed).transpose()?;
        body.kernel = Some((needed(kernel)?, ramdisk));
    }
    let boots = body.kernel.is_some() || body.volumes.iter().any(|v| v.image.is_some());
    if boots { Ok(body) } else { Err(nothing()) }
}

/// The format of an image's bytes.
#[must_use]
pub fn image_format(image: &SwImage) -> ImageFormat {
    match image.disk_format {
        Some(DiskFormat::Qcow2) => ImageFormat::Qcow2,
        Some(DiskFormat::Iso) => ImageFormat::Iso,
        Some(
            DiskFormat::Aki
            | DiskFormat::Ami
            | DiskFormat::Ari
            | DiskFormat::Raw
            | DiskFormat::Vdi
            | DiskFormat::Vhd
            | DiskFormat::Vhdx
            | DiskFormat::Vmdk,
        )
        | None => ImageFormat::Raw,
    }
}

/// A component at its place, before its cards are known.
#[must_use]
pub fn vnfc(new: &NewVnfc, place: &Place, vm: windlass_model::VmId, takes: Capacity) -> Vnfc {
    Vnfc {
        name: new.name.clone(),
        vdu: new.vdu.clone(),
        vim: place.vim,
        host: place.host,
        zone: place.zone.clone(),
        numa_node: place.numa_node,
        vm,
        takes,
        volumes: vec![],
        cps: vec![],
    }
}

/// The machine of a component.
///
/// # Errors
/// When boot data names a parameter that nobody gave.
pub fn machine(
    vdu: &Vdu,
    vnfc: &Vnfc,
    body: &Body,
    ways: &[(VnfcCp, Attachment)],
    tag: Tag,
    name: String,
    parameters: &BTreeMap<String, String>,
) -> Result<VmSpec, PlanError> {
    let boot = match &body.kernel {
        None => Boot::Disk,
        Some((kernel, initrd)) => Boot::Kernel {
            kernel: kernel.digest.clone(),
            initrd: initrd.as_ref().map(|image| image.digest.clone()),
            cmdline: CMDLINE.to_owned(),
        },
    };
    let compute = vdu.compute();
    let hugepage_kib = compute.and_then(|c| c.huge_pages.first()).map(|pages| pages.page_size_kib);
    let boot_data = compute.and_then(|compute| compute.boot_data.as_ref());
    Ok(VmSpec {
        id: vnfc.vm,
        tag,
        name,
        vcpus: vnfc.takes.vcpus,
        memory_mib: vnfc.takes.memory_mib,
        hugepage_kib,
        numa_node: vnfc.numa_node,
        boot,
        disks: body
            .volumes
            .iter()
            .map(|needed| Disk { source: DiskSource::Volume(needed.volume.volume) })
            .collect(),
        nics: nics(ways),
        seed: Some(seed(vdu, boot_data, parameters)?),
    })
}

/// The cards of a machine. Only the first one whose link has a router takes the default route.
fn nics(ways: &[(VnfcCp, Attachment)]) -> Vec<Nic> {
    let own = |gateway| {
        ways.iter().any(|(cp, _)| cp.address.is_some_and(|(address, _)| Some(address) == gateway))
    };
    let mut routed = false;
    ways.iter()
        .map(|(cp, to)| {
            // A machine that is itself the router of one of its links needs no other router.
            let is_router = ways.iter().any(|(_, to)| to.gateway.is_some() && own(to.gateway));
            let gateway = to.gateway.filter(|_| !routed && !is_router);
            routed |= gateway.is_some();
            Nic {
                name: cp.cpd.clone(),
                network: cp.network,
                mac: cp.mac.clone(),
                address: cp.address,
                gateway,
                mtu: to.mtu,
                model: NicModel::Virtio,
            }
        })
        .collect()
}

fn seed(
    vdu: &Vdu,
    boot_data: Option<&BootData>,
    parameters: &BTreeMap<String, String>,
) -> Result<Seed, PlanError> {
    let resolve = |text: &Text| {
        let missing = || PlanError::MissingParameter {
            vdu: vdu.id.as_str().to_owned(),
            input: match text {
                Text::Input { get_input } => get_input.clone(),
                Text::Literal(_) => String::new(),
            },
        };
        text.resolve(parameters).map(str::to_owned).ok_or_else(missing)
    };
    let Some(boot_data) = boot_data else {
        return Ok(Seed { user_data: String::new(), meta_data: BTreeMap::new() });
    };
    let content = boot_data.content.as_ref();
    let mut user_data =
        content.and_then(|c| c.content.as_ref()).map(&resolve).transpose()?.unwrap_or_default();
    if let Some(content) = content {
        let resolved = content.variables.iter().map(|(name, value)| Ok((&**name, resolve(value)?)));
        user_data = filled_in(&user_data, &resolved.collect::<Result<_, PlanError>>()?);
    }
    let meta_data = boot_data
        .key_values
        .iter()
        .map(|(key, value)| Ok((key.clone(), resolve(value)?)))
        .collect::<Result<_, PlanError>>()?;
    Ok(Seed { user_data, meta_data })
}

/// A text with each `${name}` replaced by its value. What a value holds is not looked at again,
/// and a name without a value stays: it is the guest's own.
fn filled_in(text: &str, values: &BTreeMap<&str, String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, from) = rest.split_at(start);
        filled.push_str(before);
        let name = from[2..].split_once('}').map(|(name, _)| name);
        match name.and_then(|name| Some((name, values.get(name)?))) {
            Some((name, value)) => {
                filled.push_str(value);
                rest = &from[name.len() + 3..];
            }
            None => {
                filled.push_str("${");
                rest = &from[2..];
            }
        }
    }
    filled + rest
}

/// When a VDU's guest counts as ready, and how long it has, in seconds: the VDU's metadata
/// `windlass.readiness` (`running`, `guest-agent`, `console:TEXT`) and `windlass.readiness_timeout`.
#[must_use]
pub fn readiness(vdu: &Vdu) -> (Readiness, u64) {
    let wish = vdu.metadata.get("windlass.readiness").map(String::as_str);
    let readiness = match wish {
        Some("guest-agent") => Readiness::GuestAgent,
        Some(text) => match text.strip_prefix("console:") {
            Some(mark) => Readiness::Console(mark.trim().to_owned()),
            None => Readiness::Running,
        },
        None => Readiness::Running,
    };
    let limit = vdu
        .metadata
        .get("windlass.readiness_timeout")
        .and_then(|text| text.trim().trim_end_matches('s').trim().parse::<u64>().ok());
    (readiness, limit.unwrap_or(READY_LIMIT_S))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_in_once_and_the_guests_own_names_stay() {
        let values = BTreeMap::from([("a", "${b}".to_owned()), ("b", "2".to_owned())]);
        assert_eq!(filled_in("x=${a} y=${b} z=${HOME} ${", &values), "x=${b} y=2 z=${HOME} ${");
    }
}
