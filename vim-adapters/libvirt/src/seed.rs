//! The NoCloud seed: a small disc from which a guest learns its name, its addresses and what its
//! owner wants of it. Source: cloud-init, "NoCloud" and "Networking config version 2".

use std::fmt::Write;

use serde_json::Value;
use windlass_vim::{Nic, Seed, VmSpec};

use crate::iso9660::{self, File};

/// The label that cloud-init looks for.
const LABEL: &str = "cidata";

/// The disc for a machine that wants a seed; `None` when its content is too large for one.
pub(crate) fn disc(vm: &VmSpec, seed: &Seed) -> Option<Vec<u8>> {
    let (meta_data, network_config) = (meta_data(vm, seed), network_config(&vm.nics));
    let files = [
        File { name: "meta-data", content: meta_data.as_bytes() },
        File { name: "user-data", content: seed.user_data.as_bytes() },
        File { name: "network-config", content: network_config.as_bytes() },
    ];
    iso9660::image(LABEL, &files)
}

fn meta_data(vm: &VmSpec, seed: &Seed) -> String {
    let mut text = format!("instance-id: {}\nlocal-hostname: {}\n", vm.id, vm.name);
    for (key, value) in &seed.meta_data {
        if !["instance-id", "local-hostname"].contains(&key.as_str()) {
            line(&mut text, format_args!("{}: {}", quoted(key), quoted(value)));
        }
    }
    text
}

fn network_config(nics: &[Nic]) -> String {
    let mut text = "version: 2\nethernets:\n".to_owned();
    for (index, nic) in nics.iter().enumerate() {
        line(&mut text, format_args!("  nic{index}:"));
        line(&mut text, format_args!("    match:\n      macaddress: {}", quoted(&nic.mac)));
        line(&mut text, format_args!("    dhcp4: false"));
        if let Some(mtu) = nic.mtu {
            line(&mut text, format_args!("    mtu: {mtu}"));
        }
        if let Some((address, prefix)) = nic.address {
            line(&mut text, format_args!("    addresses:\n      - {address}/{prefix}"));
        }
        if let Some(gateway) = nic.gateway {
            // Old versions of cloud-init do not know `to: default`.
            let route = format_args!("    routes:\n      - to: 0.0.0.0/0\n        via: {gateway}");
            line(&mut text, route);
        }
    }
    if nics.is_empty() {
        return "version: 2\nethernets: {}\n".to_owned();
    }
    text
}

/// A JSON string, which is a YAML string too.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::net::Ipv4Addr;

    use uuid::Uuid;
    use windlass_model::{NetworkId, OperationId, Owner, Tag, VmId, VnfInstanceId};
    use windlass_vim::{Boot, NicModel};

    use super::*;

    fn nic(gateway: Option<Ipv4Addr>) -> Nic {
        Nic {
            name: "cp".to_owned(),
            network: NetworkId(Uuid::nil()),
            mac: "52:54:00:00:00:01".to_owned(),
            address: gateway.map(|_| (Ipv4Addr::new(10, 1, 0, 5), 24)),
            gateway,
            mtu: gateway.map(|_| 1450),
            model: NicModel::Virtio,
        }
    }

    fn vm(seed: &Seed) -> VmSpec {
        VmSpec {
            id: VmId(Uuid::from_u128(1)),
            tag: Tag {
                owner: Owner::Vnf(VnfInstanceId(Uuid::nil())),
                operation: OperationId(Uuid::nil()),
                name: String::new(),
            },
            name: "web-0".to_owned(),
            vcpus: 1,
            memory_mib: 128,
            hugepage_kib: None,
            numa_node: None,
            boot: Boot::Disk,
            disks: Vec::new(),
            nics: vec![nic(Some(Ipv4Addr::new(10, 1, 0, 1))), nic(None)],
            seed: Some(seed.clone()),
        }
    }

    #[test]
    fn a_guest_learns_its_name_and_its_addresses() {
        let keys = [("role: x", "a \"b\"\n"), ("local-hostname", "somebody-else")];
        let keys = keys.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let seed = Seed { user_data: "#!/bin/sh\n".to_owned(), meta_data: BTreeMap::from(keys) };
        let vm = vm(&seed);
        let texts = format!("{}---\n{}", meta_data(&vm, &seed), network_config(&vm.nics));
        insta::assert_snapshot!(texts);
        let disc = disc(&vm, &seed).unwrap();
        assert!(disc.windows(10).any(|window| window == b"#!/bin/sh\n"));
    }
}
