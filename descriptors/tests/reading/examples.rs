//! Our own example packages: packed as the demo packs them, read without a finding.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use windlass_descriptors::nsd::Nsd;
use windlass_descriptors::vnfd::{DiskFormat, Vnfd};
use windlass_descriptors::{
    Code, Descriptor, Package, read_any, read_nsd_archive, read_vnf_package,
};

/// Packs the examples with small stand-ins for the images.
fn pack(into: &Path) -> Vec<PathBuf> {
    let images = into.join("images");
    std::fs::create_dir_all(&images).unwrap();
    for name in ["kernel", "initrd", "edge-guest.qcow2"] {
        std::fs::write(images.join(name), format!("this stands for {name}")).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/pack.sh");
    let output = Command::new(script).arg(into.join("out")).arg(&images).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(PathBuf::from).collect()
}

fn vnfd(folder: &Path, name: &str) -> Vnfd {
    let file = File::open(folder.join("out").join(name)).unwrap();
    read_vnf_package(&mut Package::open(file).unwrap()).value.unwrap()
}

fn nsd(folder: &Path, name: &str) -> Nsd {
    let file = File::open(folder.join("out").join(name)).unwrap();
    read_nsd_archive(&mut Package::open(file).unwrap()).value.unwrap()
}

#[test]
fn every_example_reads_without_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let packages = pack(folder.path());
    assert_eq!(packages.len(), 9);
    for path in packages {
        let reading = read_any(&mut Package::open(File::open(&path).unwrap()).unwrap());
        let findings: Vec<String> = reading.findings.iter().map(ToString::to_string).collect();
        assert_eq!(findings, [""; 0], "{}", path.display());
        let is_nsd = path.to_string_lossy().ends_with("-nsd.csar");
        assert_eq!(matches!(reading.value, Some(Descriptor::Nsd(_))), is_nsd, "{}", path.display());
    }
}

#[test]
fn packing_twice_gives_the_same_bytes() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (a, b) in pack(first.path()).iter().zip(pack(second.path())) {
        assert!(std::fs::read(a).unwrap() == std::fs::read(&b).unwrap(), "{} differs", b.display());
    }
}

#[test]
fn the_services_know_their_vnfs_and_every_connection_leads_somewhere() {
    let folder = tempfile::tempdir().unwrap();
    pack(folder.path());
    for service in ["edge-web", "ping-pong"] {
        let nsd = nsd(folder.path(), &format!("{service}-nsd.csar"));
        let flavour = nsd.flavour(nsd.default_flavour.as_str()).unwrap();
        for vnf in flavour.vnfs.values() {
            let vnfd = vnfd(folder.path(), &format!("{service}-{}.csar", vnf.id));
            assert_eq!(vnf.vnfd_id, vnfd.id);
            let of_vnf = vnfd.flavour(vnf.flavour_id.as_ref().unwrap().as_str()).unwrap();
            for connection in &vnf.connections {
                assert!(of_vnf.ext_cp(&connection.cp).is_some(), "{connection:?} of {}", vnf.id);
            }
        }
    }
}

#[test]
fn edge_web_starts_from_the_router_on() {
    let folder = tempfile::tempdir().unwrap();
    pack(folder.path());
    let nsd = nsd(folder.path(), "edge-web-nsd.csar");
    let flavour = &nsd.flavours[0];
    let waves: Vec<Vec<&str>> = flavour
        .start_waves()
        .iter()
        .map(|wave| wave.iter().map(|id| id.as_str()).collect())
        .collect();
    assert_eq!(waves, [vec!["router"], vec!["balancer"], vec!["client", "monitor", "web"]]);
    // The router's own addresses are the gateways of the links that it joins.
    let router = vnfd(folder.path(), "edge-web-router.csar");
    for (link, port) in [("access", "access_port"), ("service", "service_port")] {
        let gateway =
            flavour.virtual_links[link].profile.subnet().unwrap().gateway_ip.clone().unwrap();
        let fixed: Vec<_> = router.flavours[0].vdu_cps[port].cp.fixed_addresses().collect();
        assert_eq!(fixed, [gateway]);
    }
}

#[test]
fn the_client_boots_a_kernel_and_the_web_scales() {
    let folder = tempfile::tempdir().unwrap();
    pack(folder.path());
    let client = vnfd(folder.path(), "edge-web-client.csar");
    let client = &client.flavours[0];
    let kernel = client.vdus["client"].compute().unwrap().image.as_ref().unwrap();
    assert_eq!(kernel.disk_format, Some(DiskFormat::Aki));
    assert_eq!(kernel.file.as_deref(), Some("Files/images/kernel"));
    let ramdisk = client.storages["ramdisk"].image.as_ref().unwrap();
    assert_eq!(ramdisk.disk_format, Some(DiskFormat::Ari));
    assert_eq!(client.vdus["client"].metadata["windlass.readiness_timeout"], "180 s");

    let web = vnfd(folder.path(), "edge-web-web.csar");
    let web = &web.flavours[0];
    assert_eq!(web.initial_counts(None).unwrap()["web"], 1);
    assert_eq!(web.initial_counts(Some("large")).unwrap()["web"], 3);
}

#[test]
fn an_image_changed_after_packing_is_noticed_twice() {
    let folder = tempfile::tempdir().unwrap();
    pack(folder.path());
    let file = File::open(folder.path().join("out/ping-pong-pong.csar")).unwrap();
    let mut package = Package::open(file).unwrap();
    let paths: Vec<String> = package.files().map(|(path, _)| path.to_owned()).collect();
    let changed = paths.iter().fold(crate::common::Zip::new(), |zip, path| {
        let mut content = Vec::new();
        std::io::copy(&mut package.file(path).unwrap(), &mut content).unwrap();
        if path.ends_with(".qcow2") {
            content.push(b'!');
        }
        zip.file(path, &content)
    });
    let reading = read_vnf_package(&mut Package::open(changed.open()).unwrap());
    assert_eq!(reading.value, None);
    let codes: Vec<Code> = reading.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::DigestMismatch; 2], "by the manifest and by the VNFD");
}
