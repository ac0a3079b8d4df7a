//! Names and addresses that follow from the plan itself.

use uuid::Uuid;
use windlass_model::VmId;

/// A name that a host, a guest and DNS accept: letters, digits and inner hyphens, at most 63.
#[must_use]
pub fn machine_name(vnf: &str, vnfc: &str, vm: VmId) -> String {
    let tail = &vm.0.simple().to_string()[24..];
    let stem: String = format!("{vnf}-{vnfc}")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let stem = stem.trim_matches('-');
    let room = 63 - tail.len() - 1;
    let cut = stem[..stem.len().min(room)].trim_end_matches('-');
    format!("{cut}-{tail}")
}

/// The MAC address of a card: KVM's prefix and three bytes that follow from the machine and the
/// card's connection point.
#[must_use]
pub fn mac(vm: VmId, cpd: &str) -> String {
    let bytes = Uuid::new_v5(&vm.0, format!("mac/{cpd}").as_bytes()).into_bytes();
    format!("52:54:00:{:02x}:{:02x}:{:02x}", bytes[0], bytes[1], bytes[2])
}

/// The names of `count` components of a VDU beside those that exist: the lowest free numbers.
#[must_use]
pub fn new_vnfcs(vdu: &str, count: u32, taken: &[&str]) -> Vec<String> {
    (0u32..)
        .map(|number| format!("{vdu}-{number}"))
        .filter(|name| !taken.contains(&name.as_str()))
        .take(usize::try_from(count).unwrap_or(usize::MAX))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_becomes_one_that_a_host_accepts() {
        let vm = VmId(Uuid::from_u128(0x1234));
        let long = "x".repeat(200);
        for (vnf, vnfc) in [("Web Server!", "VDU_1-0"), ("", "a"), (&long, "b-1"), ("ünï", "c")] {
            let name = machine_name(vnf, vnfc, vm);
            assert!(name.len() <= 63, "{name}");
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{name}");
            assert!(!name.starts_with('-') && !name.ends_with('-'), "{name}");
        }
    }

    #[test]
    fn a_new_component_takes_the_lowest_free_number() {
        assert_eq!(new_vnfcs("web", 2, &["web-0", "web-2"]), ["web-1", "web-3"]);
    }
}
