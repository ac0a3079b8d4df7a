//! Whether KVM works on a host: not whether it is offered, but whether a guest boots with it.
//!
//! A device node and a capability say little where a host is a virtual machine itself. So a guest
//! of 512 bytes is booted with the CPU that machines get: its boot sector goes through real,
//! protected and long mode, as every kernel does, and writes a letter to the serial port in each.
//! Nothing of it is left behind.

use std::time::{Duration, Instant};

use tracing::info;
use uuid::Uuid;
use virt::connect::Connect;
use virt::domain::Domain;
use virt::storage_vol::StorageVol;
use virt_sys as sys;
use windlass_model::Accelerator;

use crate::fault::Outcome;
use crate::pool::{self, Pool};
use crate::xml::Element;

const LIMIT: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(100);
/// What the guest writes: one letter for real, protected and long mode.
const MARK: &[u8] = b"RPL";

/// Firmware wants a disk of some size; the boot sector is its beginning.
const DISK_BYTES: usize = 1 << 20;

/// Tries KVM; anything that goes wrong means emulation.
pub(crate) fn try_out(connect: &Connect) -> Accelerator {
    let offered =
        connect.get_domain_capabilities(None, Some("x86_64"), Some("q35"), Some("kvm"), 0);
    if offered.is_err() {
        return Accelerator::Tcg;
    }
    match boots(connect) {
        Ok(true) => Accelerator::Kvm,
        Ok(false) => {
            info!("the host offers KVM, but a guest does not boot with it: guests are emulated");
            Accelerator::Tcg
        }
        Err(fault) => {
            info!(?fault, "the host offers KVM, but it could not be tried: guests are emulated");
            Accelerator::Tcg
        }
    }
}

fn boots(connect: &Connect) -> Outcome<bool> {
    let pool = Pool::open(connect)?;
    // Names of its own, since several processes may try the same host.
    let name = format!("windlass-kvm-probe-{}", Uuid::now_v7());
    let [disk, log] = ["disk", "log"].map(|part| format!("{name}.{part}"));
    let result = write_disk(&pool, &disk).and_then(|disk_path| {
        let log_volume = pool.ensure(&log, &pool::raw(&log, 0))?;
        let guest = describe(&name, &disk_path, &log_volume.get_path()?);
        boot(connect, &guest, || has_mark(&pool, &log_volume))
    });
    for volume in [disk, log] {
        pool.remove(&volume)?;
    }
    result
}

fn write_disk(pool: &Pool<'_>, name: &str) -> Outcome<String> {
    let content = boot_disk();
    let size = content.len() as u64;
    let volume = pool.ensure(name, &pool::raw(name, size))?;
    pool.write(&volume, &content)?;
    Ok(volume.get_path()?)
}

/// Runs a guest until it has booted, at most [`LIMIT`]. It dies with the connection too.
fn boot(
    connect: &Connect,
    guest: &Element,
    has_booted: impl Fn() -> Outcome<bool>,
) -> Outcome<bool> {
    let xml = guest.to_string();
    let guest = Domain::create_xml(connect, &xml, sys::VIR_DOMAIN_START_AUTODESTROY)?;
    let began = Instant::now();
    let mut booted = Ok(false);
    while began.elapsed() < LIMIT && matches!(booted, Ok(false)) {
        std::thread::sleep(POLL);
        booted = has_booted();
    }
    // It may have died of KVM already.
    let _ = guest.destroy();
    booted
}

fn has_mark(pool: &Pool<'_>, log: &StorageVol) -> Outcome<bool> {
    let said = pool.read(log, 0, log.get_info()?.capacity)?;
    Ok(said.windows(MARK.len()).any(|window| window == MARK))
}

fn describe(name: &str, disk: &str, log: &str) -> Element {
    let kind = Element::new("type").attr("arch", "x86_64").attr("machine", "q35").text("hvm");
    let disk = Element::new("disk")
        .attr("type", "file")
        .attr("device", "disk")
        .child(Element::new("driver").attr("name", "qemu").attr("type", "raw"))
        .child(Element::new("source").attr("file", disk))
        .child(Element::new("target").attr("dev", "vda").attr("bus", "virtio"));
    let serial = Element::new("serial")
        .attr("type", "file")
        .child(Element::new("source").attr("path", log))
        .child(Element::new("target").attr("port", 0));
    let devices = Element::new("devices")
        .child(disk)
        .child(Element::new("controller").attr("type", "usb").attr("model", "none"))
        .child(serial)
        .child(Element::new("memballoon").attr("model", "none"));
    Element::new("domain")
        .attr("type", "kvm")
        .child(Element::new("name").text(name))
        .child(Element::new("memory").attr("unit", "MiB").text(32))
        .child(Element::new("vcpu").text(1))
        .child(Element::new("os").child(kind))
        .child(Element::new("cpu").attr("mode", "host-passthrough"))
        .child(Element::new("on_reboot").text("destroy"))
        .child(devices)
}

/// The boot sector: at 0x7c00 in real mode, then one jump for each mode. Everything up to the
/// signature that is not here is zero.
#[rustfmt::skip]
const BOOT_CODE: &[u8] = &[
    // Real mode: write "R" to the serial port.
    0xfa,                                           // cli
    0x31, 0xc0,                                     // xor   ax, ax
    0x8e, 0xd8,                                     // mov   ds, ax
    0xba, 0xf8, 0x03,                               // mov   dx, 0x3f8
    0xb0, b'R',                                     // mov   al, 'R'
    0xee,                                           // out   dx, al
    0x66, 0x0f, 0x01, 0x16, 0xb8, 0x7c,             // lgdt  [0x7cb8]
    0x0f, 0x20, 0xc0,                               // mov   eax, cr0
    0x0c, 0x01,                                     // or    al, 1 (protection)
    0x0f, 0x22, 0xc0,                               // mov   cr0, eax
    0x66, 0xea, 0x21, 0x7c, 0x00, 0x00, 0x08, 0x00, // jmp   8:0x7c21
    // Protected mode: write "P".
    0x66, 0xb9, 0x10, 0x00,                         // mov   cx, 16
    0x8e, 0xd9,                                     // mov   ds, cx
    0x8e, 0xc1,                                     // mov   es, cx
    0xb0, b'P',                                     // mov   al, 'P'
    0xee,                                           // out   dx, al
    // Page tables at 0x1000 that map the first 2 MiB onto themselves.
    0xbf, 0x00, 0x10, 0x00, 0x00,                   // mov   edi, 0x1000
    0x31, 0xc0,                                     // xor   eax, eax
    0xb9, 0x00, 0x0c, 0x00, 0x00,                   // mov   ecx, 0xc00
    0xf3, 0xab,                                     // rep   stosd
    0xc7, 0x05, 0x00, 0x10, 0, 0, 0x03, 0x20, 0, 0, // mov   dword [0x1000], 0x2003
    0xc7, 0x05, 0x00, 0x20, 0, 0, 0x03, 0x30, 0, 0, // mov   dword [0x2000], 0x3003
    0xc7, 0x05, 0x00, 0x30, 0, 0, 0x83, 0x00, 0, 0, // mov   dword [0x3000], 0x83
    0xb8, 0x00, 0x10, 0x00, 0x00,                   // mov   eax, 0x1000
    0x0f, 0x22, 0xd8,                               // mov   cr3, eax
    0xb8, 0x20, 0x00, 0x00, 0x00,                   // mov   eax, 0x20 (physical address extension)
    0x0f, 0x22, 0xe0,                               // mov   cr4, eax
    0xb9, 0x80, 0x00, 0x00, 0xc0,                   // mov   ecx, 0xc0000080 (EFER)
    0x0f, 0x32,                                     // rdmsr
    0x0d, 0x00, 0x01, 0x00, 0x00,                   // or    eax, 0x100 (long mode)
    0x0f, 0x30,                                     // wrmsr
    0x0f, 0x20, 0xc0,                               // mov   eax, cr0
    0x0d, 0x00, 0x00, 0x00, 0x80,                   // or    eax, 0x80000000 (paging)
    0x0f, 0x22, 0xc0,                               // mov   cr0, eax
    0xea, 0x88, 0x7c, 0x00, 0x00, 0x18, 0x00,       // jmp   24:0x7c88
    // Long mode: write "L" and rest.
    0x66, 0xba, 0xf8, 0x03,                         // mov   dx, 0x3f8
    0xb0, b'L',                                     // mov   al, 'L'
    0xee,                                           // out   dx, al
    0xf4,                                           // hlt
    0xeb, 0xfd,                                     // jmp   back to hlt
    0x90, 0x90, 0x90, 0x90, 0x90, 0x90,             // up to 0x7c98
    // Segments at 0x7c98: none, 32-bit code, data, 64-bit code; then what lgdt reads.
    0, 0, 0, 0, 0, 0, 0, 0,
    0xff, 0xff, 0, 0, 0, 0x9b, 0xcf, 0,
    0xff, 0xff, 0, 0, 0, 0x93, 0xcf, 0,
    0xff, 0xff, 0, 0, 0, 0x9b, 0xaf, 0,
    0x1f, 0, 0x98, 0x7c, 0, 0,
];

/// A disk whose first sector is the boot code.
fn boot_disk() -> Vec<u8> {
    let mut disk = BOOT_CODE.to_vec();
    disk.resize(510, 0);
    disk.extend([0x55, 0xaa]);
    disk.resize(DISK_BYTES, 0);
    disk
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The jumps and the descriptor table's address in the code are right only when every
    /// instruction has its place.
    #[test]
    fn the_boot_code_has_its_parts_where_it_jumps_to() {
        assert_eq!(BOOT_CODE[0x21..0x25], [0x66, 0xb9, 0x10, 0x00]);
        assert_eq!(BOOT_CODE[0x88..0x8c], [0x66, 0xba, 0xf8, 0x03]);
        assert_eq!(BOOT_CODE[0x98..0xa0], [0; 8]);
        assert_eq!(BOOT_CODE[0xb8..], [0x1f, 0, 0x98, 0x7c, 0, 0]);
        assert_eq!(boot_disk()[510..512], [0x55, 0xaa]);
    }
}
