//! What a component needs of its host, as its VDU says.

use windlass_descriptors::vnfd::{Compute, DiskFormat, Flavour, StorageKind, Vdu};
use windlass_model::Capacity;
use windlass_planner::placement::Item;

const GIB: u64 = 1 << 30;

/// What one VNFC of a VDU needs; else why that cannot be said.
pub(crate) fn item_of(flavour: &Flavour, vdu: &str) -> Result<Item, String> {
    let found = flavour.vdus.get(vdu);
    let vdu = found.ok_or_else(|| format!("flavour {} has no VDU {vdu}", flavour.id))?;
    let compute = vdu.compute();
    let compute = compute.ok_or_else(|| {
        format!("VDU {} is made of containers, which no registered VIM runs", vdu.id)
    })?;
    Ok(Item {
        takes: Capacity {
            vcpus: compute.vcpus,
            memory_mib: compute.memory_mib,
            storage_gib: storage_gib(flavour, vdu, compute),
            numa: Vec::new(),
        },
        hugepage_kib: compute.huge_pages.first().map(|pages| pages.page_size_kib),
        numa: compute.numa_enabled,
        ..Item::default()
    })
}

/// The disks of a VNFC, each in whole GiB as volumes are made.
fn storage_gib(flavour: &Flavour, vdu: &Vdu, compute: &Compute) -> u64 {
    let boot = compute.image.as_ref().filter(|image| image.disk_format != Some(DiskFormat::Aki));
    let boot = boot.map(|image| image.min_disk_bytes.unwrap_or(0).max(image.size_bytes));
    let locals = compute.local_storages.iter().map(|local| local.size_bytes);
    let attached = vdu.storages.iter().filter_map(|id| {
        let storage = flavour.storages.get(id)?;
        let ramdisk = |format| format == Some(DiskFormat::Ari);
        if storage.image.as_ref().is_some_and(|image| ramdisk(image.disk_format)) {
            return None;
        }
        match storage.kind {
            StorageKind::Block { size_bytes, .. } => Some(size_bytes),
            StorageKind::File { .. } | StorageKind::Object { .. } => None,
        }
    });
    let disks = boot.into_iter().chain(locals).chain(attached);
    disks.map(|bytes| bytes.div_ceil(GIB)).fold(0, u64::saturating_add)
}
