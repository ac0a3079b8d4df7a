//! The layers: a crate depends only on lower ones, and the NFVO and the VNFM meet over HTTP alone.
#![expect(clippy::unwrap_used, reason = "a manifest that cannot be read fails the test")]

use std::collections::BTreeMap;
use std::path::Path;

/// Every crate of the workspace with its layer. A crate that is not here fails the test.
const LAYERS: &[(&str, u8)] = &[
    // 0 nouns
    ("windlass-model", 0),
    // 1 rules: no clock, socket or database
    ("windlass-api", 1),
    ("windlass-descriptors", 1),
    ("windlass-lcm", 1),
    ("windlass-planner", 1),
    ("windlass-vim", 1),
    // 2 mechanisms
    ("windlass-client", 2),
    ("windlass-packages", 2),
    ("windlass-server", 2),
    ("windlass-store", 2),
    // for tests alone
    ("windlass-test-postgres", 2),
    // 3 adapters
    ("windlass-notify", 3),
    ("windlass-vim-libvirt", 3),
    ("windlass-vim-sim", 3),
    // 4 programs
    ("windlass-nfvo", 4),
    ("windlass-vnfm", 4),
    // 5 shell
    ("windlass", 5),
];

struct Crate {
    name: String,
    dependencies: Vec<String>,
    lints_are_shared: bool,
}

fn read(manifest: &Path) -> (Crate, toml::Table) {
    let text = std::fs::read_to_string(manifest).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let names = |section: &str| {
        let section = table.get(section).and_then(toml::Value::as_table);
        section.map(|s| s.keys().cloned().collect::<Vec<_>>()).unwrap_or_default()
    };
    let mut dependencies = names("dependencies");
    dependencies.extend(names("build-dependencies"));
    let name = table["package"]["name"].as_str().unwrap().to_owned();
    let lints = table.get("lints").and_then(|lints| lints.get("workspace"));
    let lints_are_shared = lints.and_then(toml::Value::as_bool) == Some(true);
    (Crate { name, dependencies, lints_are_shared }, table)
}

fn workspace() -> Vec<Crate> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (shell, table) = read(&root.join("Cargo.toml"));
    let members = table["workspace"]["members"].as_array().unwrap();
    let member = |path: &toml::Value| read(&root.join(path.as_str().unwrap()).join("Cargo.toml")).0;
    std::iter::once(shell).chain(members.iter().map(member)).collect()
}

#[test]
fn every_crate_depends_only_on_lower_layers() {
    let layers: BTreeMap<&str, u8> = LAYERS.iter().copied().collect();
    let crates = workspace();
    assert_eq!(crates.len(), layers.len(), "a crate of LAYERS is gone");
    for member in &crates {
        let own = layers.get(member.name.as_str());
        let own = own.unwrap_or_else(|| panic!("{} has no layer: add it to LAYERS", member.name));
        for dependency in member.dependencies.iter().filter(|name| name.starts_with("windlass")) {
            let theirs = layers[dependency.as_str()];
            assert!(
                theirs < *own,
                "{} (layer {own}) must not depend on {dependency} (layer {theirs})",
                member.name
            );
        }
    }
}

#[test]
fn only_the_store_knows_the_database_and_only_the_adapter_knows_libvirt() {
    let owners = [
        ("diesel", &["windlass-store"][..]),
        ("virt", &["windlass-vim-libvirt"]),
        (
            "actix-web",
            &["windlass", "windlass-nfvo", "windlass-notify", "windlass-server", "windlass-vnfm"],
        ),
        ("reqwest", &["windlass-client"]),
    ];
    for member in workspace() {
        for (dependency, allowed) in owners {
            let uses = member.dependencies.iter().any(|name| name == dependency);
            let may = allowed.contains(&member.name.as_str());
            assert!(may || !uses, "{} must not use {dependency}: {allowed:?} do", member.name);
        }
    }
}

#[test]
fn every_crate_shares_the_lints() {
    for member in workspace() {
        assert!(member.lints_are_shared, "{} lacks `[lints] workspace = true`", member.name);
    }
}
