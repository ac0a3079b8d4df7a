//! Packages of sizes and origins that only the whole program shows.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use serde_json::Value;

use crate::support::{Server, folder, root};

/// How much memory a package of any size may cost the server.
const ALLOWANCE_KIB: u64 = 64 << 10;
const IMAGE_BYTES: u64 = 1 << 30;

/// The most memory that a process ever had.
fn peak_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A VNF package with one image of zeros, stored and not deflated: as long as the image is.
fn large_package(path: &Path) {
    let vnfd = root().join("descriptors/examples/ping-pong/ping/Definitions/ping.vnfd.yaml");
    let vnfd = without_images(&std::fs::read_to_string(vnfd).unwrap());
    let meta = "TOSCA-Meta-File-Version: 1.0\nCSAR-Version: 1.1\nCreated-By: Windlass\n\
                Entry-Definitions: Definitions/ping.vnfd.yaml\n";
    let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .large_file(true);
    for (name, text) in [("TOSCA-Metadata/TOSCA.meta", meta), ("Definitions/ping.vnfd.yaml", &vnfd)]
    {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let image = image_path(&vnfd);
    zip.start_file(image, options).unwrap();
    std::io::copy(&mut std::io::repeat(0).take(IMAGE_BYTES), &mut zip).unwrap();
    zip.finish().unwrap();
}

/// The example's VNFD with the digest and the size of the image that this test makes.
fn without_images(vnfd: &str) -> String {
    use sha2::Digest;
    let mut hasher = sha2::Sha256::new();
    let chunk = vec![0; 1 << 20];
    for _ in 0..IMAGE_BYTES >> 20 {
        hasher.update(&chunk);
    }
    let digest: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let fill = |text: &str, mark: &str, value: &str| {
        let mut parts = text.split(mark);
        let first = parts.next().unwrap().to_owned();
        parts.fold(first, |filled, part| filled + value + part.split_once('@').unwrap().1)
    };
    fill(&fill(vnfd, "@sha256:", &digest), "@bytes:", &IMAGE_BYTES.to_string())
}

fn image_path(vnfd: &str) -> String {
    let (_, rest) = vnfd.split_once("Files/images/").unwrap();
    let name = rest.split([' ', '"', '\n', ',', '}']).next().unwrap();
    format!("Files/images/{name}")
}

#[test]
fn an_image_of_a_gibibyte_costs_no_memory() {
    let folder = folder();
    let server = Server::up(&folder.path().join("data"));
    let package = folder.path().join("large.csar");
    large_package(&package);
    let idle = peak_kib(server.pid());
    server.run(&["package", "onboard", package.to_str().unwrap()]);
    let after_upload = peak_kib(server.pid());
    let into = folder.path().join("back.csar");
    server.run(&["package", "download", "ping", "--into", into.to_str().unwrap()]);
    let after_download = peak_kib(server.pid());
    println!("peak memory in KiB: idle {idle}, uploaded {after_upload}, read {after_download}");
    assert!(after_download < idle + ALLOWANCE_KIB, "{idle} {after_upload} {after_download}");
    assert!(into.metadata().unwrap().len() >= IMAGE_BYTES);
}

/// A package without content; its id.
fn created(server: &Server) -> String {
    let address = server.url().strip_prefix("http://").unwrap().trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    let ask = format!(
        "POST /vnfpkgm/v2/vnf_packages HTTP/1.0\r\nHost: {address}\r\n\
         Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    stream.write_all(ask.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer:?}"));
    let package: Value = serde_json::from_str(body).unwrap();
    package["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_package_is_fetched_by_the_server_when_it_is_told_where_it_may() {
    let folder = folder();
    let data = folder.path().join("data");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("http://{}/a.csar", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let _asked = stream.read(&mut [0; 4096]);
            let _told = stream.write_all(
                b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nno archive",
            );
        }
    });
    let id = {
        let server = Server::up(&data);
        let id = created(&server);
        let told = server.refuse(&["package", "upload", &id, "--from-uri", &uri]);
        assert!(told.contains("this machine itself"), "{told}");
        id
    };
    let data = data.to_str().unwrap();
    let server =
        Server::start(&["up", "--listen", "127.0.0.1:0", "--data", data, "--fetch-from-loopback"]);
    let told = server.refuse(&["package", "upload", &id, "--from-uri", &uri]);
    assert!(told.contains("not a zip archive"), "{told}");
}
