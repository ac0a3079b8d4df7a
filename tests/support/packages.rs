//! The example packages, packed for a test.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Server, root};

/// Packs the examples with images from a folder; the folder of packages.
pub fn pack(out: &Path, images: &Path) -> PathBuf {
    let packages = out.join("packages");
    let script = root().join("descriptors/examples/pack.sh");
    let output = Command::new("bash").arg(script).arg(&packages).arg(images).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    packages
}

/// Images that are good enough for the simulator: it reads their bytes and boots nothing.
pub fn paper_images(out: &Path) -> PathBuf {
    let images = out.join("images");
    std::fs::create_dir_all(&images).unwrap();
    for name in ["kernel", "initrd", "edge-guest.qcow2"] {
        std::fs::write(images.join(name), format!("not really a {name}\n")).unwrap();
    }
    images
}

/// The VNFs of the service `edge-web`.
pub const EDGE_WEB: [&str; 5] = ["client", "router", "balancer", "web", "monitor"];

/// Onboards the packages and the descriptor of `edge-web`.
pub fn onboard_edge_web(server: &Server, packages: &Path) {
    for vnf in EDGE_WEB {
        let package = packages.join(format!("edge-web-{vnf}.csar"));
        server.run(&["package", "onboard", package.to_str().unwrap()]);
    }
    let nsd = packages.join("edge-web-nsd.csar");
    server.run(&["nsd", "onboard", nsd.to_str().unwrap()]);
}
