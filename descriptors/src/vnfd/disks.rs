//! The disks of a VDU's machines: one rule for whoever counts their room and whoever makes them.

use std::borrow::Cow;

use super::{Compute, DiskFormat, Flavour, StorageKind, SwImage, Vdu};

const GIB: u64 = 1 << 30;
/// The smallest disk that is made.
const SMALLEST_GIB: u64 = 1;

/// A disk of each machine of a VDU.
#[derive(Debug, Clone, PartialEq)]
pub struct VduDisk<'a> {
    /// The storage's name; for the boot disk and further local disks it follows from the VDU's.
    pub name: Cow<'a, str>,
    /// Its size in whole GiB.
    pub size_gib: u64,
    /// What it starts with; empty without.
    pub image: Option<&'a SwImage>,
}

impl Flavour {
    /// The disks of each machine of a VDU, the boot disk first. A kernel and an initial ramdisk
    /// (`aki`, `ari`) are no disks; file and object storages are none either.
    #[must_use]
    pub fn disks_of<'a>(&'a self, vdu: &'a Vdu) -> Vec<VduDisk<'a>> {
        let Some(compute) = vdu.compute() else { return Vec::new() };
        let mut disks = local_disks(vdu, compute);
        for id in &vdu.storages {
            let Some(storage) = self.storages.get(id) else { continue };
            let image = storage.image.as_ref();
            if image.is_some_and(|image| image.disk_format == Some(DiskFormat::Ari)) {
                continue;
            }
            if let StorageKind::Block { size_bytes, .. } = storage.kind {
                let least = image.map_or(0, needs_bytes);
                let size_gib = whole_gib(size_bytes.max(least));
                disks.push(VduDisk { name: Cow::Borrowed(id.as_str()), size_gib, image });
            }
        }
        disks
    }

    /// The initial ramdisk that a VDU's machines boot with, when they boot a kernel directly.
    #[must_use]
    pub fn ramdisk_of<'a>(&'a self, vdu: &'a Vdu) -> Option<&'a SwImage> {
        let images = vdu.storages.iter().filter_map(|id| self.storages.get(id)?.image.as_ref());
        images.into_iter().find(|image| image.disk_format == Some(DiskFormat::Ari))
    }
}

/// The boot disk, which is as large as the first local storage at least, and the other local
/// storages as empty disks.
fn local_disks<'a>(vdu: &'a Vdu, compute: &'a Compute) -> Vec<VduDisk<'a>> {
    let is_disk = |image: &&SwImage| image.disk_format != Some(DiskFormat::Aki);
    let mut locals = compute.local_storages.iter().map(|local| local.size_bytes);
    let mut disks = Vec::new();
    if let Some(image) = compute.image.as_ref().filter(is_disk) {
        let bytes = locals.next().unwrap_or(0).max(needs_bytes(image));
        let name = Cow::Borrowed(vdu.id.as_str());
        disks.push(VduDisk { name, size_gib: whole_gib(bytes), image: Some(image) });
    }
    for (number, bytes) in locals.enumerate() {
        let name = Cow::Owned(format!("{}-local-{}", vdu.id, number + 1));
        disks.push(VduDisk { name, size_gib: whole_gib(bytes), image: None });
    }
    disks
}

fn needs_bytes(image: &SwImage) -> u64 {
    image.min_disk_bytes.unwrap_or(0).max(image.size_bytes)
}

fn whole_gib(bytes: u64) -> u64 {
    bytes.div_ceil(GIB).max(SMALLEST_GIB)
}

#[cfg(test)]
mod tests {
    use super::super::{LocalStorage, VduKind, VirtualStorage};
    use super::*;

    fn image(disk_format: DiskFormat, size_bytes: u64) -> SwImage {
        SwImage {
            id: "image".to_owned(),
            name: String::new(),
            version: String::new(),
            provider: None,
            checksum: None,
            container_format: super::super::ContainerFormat::Bare,
            disk_format: Some(disk_format),
            min_disk_bytes: None,
            min_ram_bytes: None,
            size_bytes,
            operating_system: None,
            supported_virtualisation_environments: vec![],
            file: None,
        }
    }

    fn vdu(compute: Compute, storages: &[&str]) -> Vdu {
        Vdu {
            id: "web".into(),
            name: String::new(),
            description: String::new(),
            min_instances: 1,
            max_instances: 1,
            initial_instances: None,
            kind: VduKind::Compute(Box::new(compute)),
            storages: storages.iter().map(|id| (*id).into()).collect(),
            nfvi_constraints: Default::default(),
            monitoring_parameters: Default::default(),
            configurable_properties: Default::default(),
            requested_capabilities: Default::default(),
            logical_nodes: Default::default(),
            metadata: Default::default(),
        }
    }

    fn local(gib: u64) -> LocalStorage {
        LocalStorage { size_bytes: gib * GIB, requirements: Default::default() }
    }

    #[test]
    fn a_boot_disk_holds_its_image_and_further_local_storages_are_disks_of_their_own() {
        let compute = Compute {
            image: Some(image(DiskFormat::Qcow2, 3 * GIB + 1)),
            local_storages: vec![local(2), local(5)],
            ..Compute::default()
        };
        let (flavour, vdu) = (Flavour::default(), vdu(compute, &[]));
        let disks = flavour.disks_of(&vdu);
        let shown: Vec<_> =
            disks.iter().map(|d| (&*d.name, d.size_gib, d.image.is_some())).collect();
        assert_eq!(shown, [("web", 4, true), ("web-local-1", 5, false)]);
    }

    #[test]
    fn a_kernel_and_its_ramdisk_are_no_disks() {
        let compute = Compute { image: Some(image(DiskFormat::Aki, GIB)), ..Compute::default() };
        let storage = |image| VirtualStorage {
            id: "s".into(),
            kind: StorageKind::Block {
                size_bytes: GIB / 2,
                rdma_enabled: false,
                requirements: Default::default(),
            },
            per_vnfc_instance: true,
            image,
            metadata: Default::default(),
        };
        let mut flavour = Flavour::default();
        flavour.storages.insert("initrd".into(), storage(Some(image(DiskFormat::Ari, 1))));
        flavour.storages.insert("data".into(), storage(None));
        let vdu = vdu(compute, &["initrd", "data"]);
        let names: Vec<_> =
            flavour.disks_of(&vdu).into_iter().map(|d| (d.name, d.size_gib)).collect();
        assert_eq!(names, [(Cow::Borrowed("data"), 1)]);
        assert!(flavour.ramdisk_of(&vdu).is_some());
    }
}
