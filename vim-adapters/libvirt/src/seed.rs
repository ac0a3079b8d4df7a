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
