//! What a machine uses.

use virt::domain::Domain;
use windlass_model::VmId;
use windlass_vim::{Result, VmState, VmStats};

use crate::fault::Outcome;
use crate::link::Link;
use crate::machine;
use crate::xml::Element;

/// What a machine uses; nothing when it does not run.
pub(crate) async fn get(link: &Link, vm: VmId) -> Result<VmStats> {
    link.call("measure a machine", move |session| {
        let domain = machine::existing(session.connect(), vm)?;
        match machine::state(&domain)? {
            VmState::Running | VmState::Paused => measure(&domain),
            VmState::Stopped | VmState::Crashed => Ok(VmStats::default()),
        }
    })
    .await
}

fn measure(domain: &Domain) -> Outcome<VmStats> {
    let info = domain.get_info()?;
    // The empty path stands for all disks together.
    let disks = domain.get_block_stats("")?;
    let mut stats = VmStats {
        cpu_time_ns: info.cpu_time,
        memory_mib: info.memory / 1024,
        disk_read_bytes: known(disks.rd_bytes),
        disk_written_bytes: known(disks.wr_bytes),
        ..VmStats::default()
    };
    let description = Element::parse(&domain.get_xml_desc(0)?).unwrap_or_default();
    let devices = description.at(&["devices"]).into_iter().flat_map(|d| d.all("interface"));
    for device in devices.filter_map(|card| card.at(&["target"])?.get("dev")) {
        let card = domain.interface_stats(device)?;
        stats.net_received_bytes += known(card.rx_bytes);
        stats.net_sent_bytes += known(card.tx_bytes);
    }
    Ok(stats)
}

/// Libvirt says -1 for what it does not know.
fn known(counter: i64) -> u64 {
    u64::try_from(counter).unwrap_or(0)
}
