//! What guests write to their serial console: a file in the pool that outlives reboots.

use virt::connect::Connect;
use virt::domain::Domain;
use virt_sys as sys;
use windlass_model::VmId;
use windlass_vim::Result;

use crate::fault::Outcome;
use crate::link::Link;
use crate::machine;
use crate::pool::{self, Pool};
use crate::xml::Element;

/// Where the machine's metadata says at which byte of the log its last start began.
const BOOT_NAMESPACE: &str = "urn:windlass:boot:1";
/// The most that is read of a log at once.
const READ_MAX: u64 = 1 << 20;

/// The last `max_bytes` of a console.
pub(crate) async fn tail(link: &Link, vm: VmId, max_bytes: u32) -> Result<String> {
    link.call("read a console", move |session| {
        machine::existing(session.connect(), vm)?;
        let (_, content) = read(session.connect(), vm, 0, max_bytes.into())?;
        Ok(text(&content))
    })
    .await
}

/// Makes an empty log and returns its path on the host.
pub(crate) fn make(pool: &Pool<'_>, vm: VmId) -> Outcome<String> {
    let name = name(vm);
    Ok(pool.ensure(&name, &pool::raw(&name, 0))?.get_path()?)
}

/// Remembers where in the log the coming start begins, so that nobody takes an earlier start's
/// words for this one's.
pub(crate) fn mark_boot(connect: &Connect, domain: &Domain, vm: VmId) -> Outcome<()> {
    let size = match Pool::open(connect)?.find(&name(vm))? {
        Some(log) => log.get_info()?.capacity,
        None => 0,
    };
    domain.set_metadata(
        sys::VIR_DOMAIN_METADATA_ELEMENT.cast_signed(),
        Some(Element::new("boot").attr("console", size).to_string().trim()),
        Some("windlass-boot"),
        Some(BOOT_NAMESPACE),
        sys::VIR_DOMAIN_AFFECT_CONFIG,
    )?;
    Ok(())
}

/// The byte of the log at which the last start began.
pub(crate) fn boot(domain: &Domain) -> u64 {
    let kind = sys::VIR_DOMAIN_METADATA_ELEMENT.cast_signed();
    let element = domain.get_metadata(kind, Some(BOOT_NAMESPACE), 0).ok();
    let element = element.and_then(|xml| Element::parse(&xml));
    element.and_then(|boot| boot.get("console")?.parse().ok()).unwrap_or(0)
}

/// The end of the log, at most `max_bytes` and nothing before the byte `from`, and the size of the
/// log. A log that is shorter than `from` was rotated and begins anew.
pub(crate) fn read(
    connect: &Connect,
    vm: VmId,
    from: u64,
    max_bytes: u64,
) -> Outcome<(u64, Vec<u8>)> {
    let pool = Pool::open(connect)?;
    let Some(log) = pool.find(&name(vm))? else { return Ok((0, Vec::new())) };
    let size = log.get_info()?.capacity;
    let from = if from > size { 0 } else { from };
    let length = (size - from).min(max_bytes).min(READ_MAX);
    Ok((size, pool.read(&log, size - length, length)?))
}

/// Bytes as text; a character that the cut went through is left out.
pub(crate) fn text(content: &[u8]) -> String {
    let is_rest = |byte: &u8| byte & 0b1100_0000 == 0b1000_0000;
    let start = content.iter().take(3).take_while(|byte| is_rest(byte)).count();
    String::from_utf8_lossy(&content[start..]).into_owned()
}

fn name(vm: VmId) -> String {
    format!("{vm}-console.log")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_was_cut_through_is_left_out() {
        assert_eq!(text(&"ä boots".as_bytes()[1..]), " boots");
        assert_eq!(text(b"boots"), "boots");
        assert_eq!(text(b""), "");
    }
}
