//! Loopback needs no login; anywhere else needs TLS and a token.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Server, folder};

fn windlass(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_windlass")).args(arguments).output().unwrap()
}

/// A certificate for 127.0.0.1 that vouches for itself.
fn certificate(folder: &Path) -> (String, String) {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args(["-keyout", &key, "-out", &cert, "-days", "2", "-subj", "/CN=windlass-test"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (cert, key)
}

#[test]
fn beyond_loopback_only_with_tls_and_a_token() {
    let folder = folder();
    let data = folder.path().join("data").to_str().unwrap().to_owned();
    let (cert, key) = certificate(folder.path());
    let up = ["up", "--listen", "0.0.0.0:0", "--data", &data];

    let naked = windlass(&up);
    let said = String::from_utf8_lossy(&naked.stderr).into_owned();
    assert!(!naked.status.success() && said.contains("--tls-cert"), "{said}");

    let tls = [&up[..], &["--tls-cert", &cert, "--tls-key", &key]].concat();
    let open = windlass(&tls);
    let said = String::from_utf8_lossy(&open.stderr).into_owned();
    assert!(!open.status.success() && said.contains("windlass token add"), "{said}");

    let made = windlass(&["token", "add", "ops", "--data", &data]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let token = String::from_utf8_lossy(&made.stdout).trim().to_owned();
    assert!(token.len() >= 43, "a token that can be guessed: {token}");

    let server = Server::start(&tls);
    let url = server.url().replace("0.0.0.0", "127.0.0.1");
    let ask =
        |token: &str| windlass(&["--server", &url, "--ca", &cert, "--token", token, "ns", "list"]);
    let good = ask(&token);
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    let bad = ask("not-the-token");
    let said = String::from_utf8_lossy(&bad.stderr).into_owned();
    assert!(!bad.status.success() && said.contains("401"), "{said}");
}

#[test]
fn only_the_hash_of_a_token_is_kept() {
    let folder = folder();
    let data = folder.path().join("data");
    let made = windlass(&["token", "add", "ops", "--data", data.to_str().unwrap()]);
    let token = String::from_utf8_lossy(&made.stdout).trim().to_owned();
    assert!(!token.is_empty());
    for entry in std::fs::read_dir(&data).unwrap() {
        let content = std::fs::read(entry.unwrap().path()).unwrap();
        let found = content.windows(token.len()).any(|window| window == token.as_bytes());
        assert!(!found, "the token itself is in the data directory");
    }
}
