//! What a component needs of its host, as its VDU says.

use windlass_descriptors::vnfd::Flavour;
use windlass_model::Capacity;
use windlass_planner::placement::Item;

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
            vcpus: compute.vcpus.max(1),
            memory_mib: compute.memory_mib.max(1),
            storage_gib: flavour.disks_of(vdu).iter().map(|disk| disk.size_gib).sum(),
            numa: Vec::new(),
        },
        hugepage_kib: compute.huge_pages.first().map(|pages| pages.page_size_kib),
        numa: compute.numa_enabled,
        ..Item::default()
    })
}
