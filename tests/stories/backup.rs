//! A backup of a server that works, and another server that goes on with it.

use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use windlass_test_postgres::Server as Postgres;
use zip::ZipArchive;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::support::{Server, eventually, folder, root};

/// What must be the same afterwards.
const LISTS: [&[&str]; 4] =
    [&["package", "list"], &["nsd", "list"], &["vim", "list"], &["alarm", "list", "--all"]];

/// How long a service may take to go on.
const LIMIT: Duration = Duration::from_secs(60);

/// Where a server keeps things.
struct Place {
    data: PathBuf,
    database: Option<String>,
}

impl Place {
    fn folder(data: PathBuf) -> Self {
        Self { data, database: None }
    }

    /// A verb that works in the place.
    fn arguments<'a>(&'a self, verb: &[&'a str]) -> Vec<&'a str> {
        let mut all = [verb, &["--data", self.data.to_str().unwrap()]].concat();
        if let Some(url) = &self.database {
            all.extend(["--database", url]);
        }
        all
    }

    fn up(&self) -> Server {
        Server::start(&self.arguments(&["up", "--listen", "127.0.0.1:0"]))
    }

    fn run(&self, verb: &[&str]) -> Result<String, String> {
        let output = Command::new(env!("CARGO_BIN_EXE_windlass"))
            .args(self.arguments(verb))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        if output.status.success() { Ok(said(&output.stdout)) } else { Err(said(&output.stderr)) }
    }

    fn back_up(&self, file: &Path) -> Result<String, String> {
        self.run(&["backup", file.to_str().unwrap()])
    }

    fn restore(&self, file: &Path) -> Result<String, String> {
        self.run(&["restore", file.to_str().unwrap()])
    }
}

/// A site whose machines outlive every server, one service that is up, and a package.
fn stage(place: &Place, folder: &Path) -> Server {
    let cloud = folder.join("cloud");
    fs::create_dir(&cloud).unwrap();
    fs::write(cloud.join("script.json"), r#"{ "call_ms": 250 }"#).unwrap();
    let server = place.up();
    server.run(&["vim", "register", "--type", "sim", "lab"]);
    for host in ["host-a", "host-b"] {
        let uri = format!("sim:{}/{host}", cloud.display());
        server.run(&["host", "add", "lab", host, &uri, "--zone", host]);
    }
    let ring = root().join("tests/crashes/ring");
    server.run(&["package", "onboard", ring.join("node").to_str().unwrap()]);
    server.run(&["nsd", "onboard", ring.join("nsd").to_str().unwrap()]);
    server.run(&["ns", "up", "ring", "--name", "first"]);
    server
}

/// How many operations the server works on.
fn at_work(server: &Server) -> usize {
    let operations = server.json(&["op", "list"]);
    let states = operations.as_array().unwrap().iter().map(|one| &one["operationState"]);
    states.filter(|&state| state == "PROCESSING").count()
}

fn lists(server: &Server) -> Vec<Value> {
    LISTS.iter().map(|list| server.json(list)).collect()
}

/// Backs a server up in the middle of an operation, loses it, and goes on elsewhere.
fn a_service_goes_on_elsewhere(from: &Place, to: &Place, folder: &Path) {
    let mut server = stage(from, folder);
    let file = folder.join("backup.zip");
    server.run(&["vnf", "scale", "first-two", "--aspect", "size", "--out"]);
    eventually("the operation has its plan", LIMIT, || at_work(&server) == 1);
    from.back_up(&file).unwrap();
    assert_eq!(at_work(&server), 1, "the backup was made while the operation ran");
    let (before, known) = (lists(&server), server.components("first-one"));
    server.kill();

    let told = to.restore(&file).unwrap();
    assert!(told.contains("databases 2"), "{told}");
    let server = to.up();
    eventually("what was at work is done", LIMIT, || at_work(&server) == 0);
    assert_eq!(lists(&server), before);
    assert_eq!(server.components("first-one"), known);
    assert_eq!(server.components("first-two").len(), 3);
    assert!(server.audit_is_empty());
    let key = |place: &Place| fs::read(place.data.join("key")).unwrap();
    assert_eq!(key(from), key(to));
    server.run(&["ns", "down", "first"]);
    assert!(server.audit_is_empty());
}

#[test]
fn a_server_in_files_goes_on_in_other_files() {
    let folder = folder();
    let place = |name| Place::folder(folder.path().join(name));
    a_service_goes_on_elsewhere(&place("here"), &place("there"), folder.path());
}

#[test]
fn a_server_moves_to_postgresql_and_back() {
    let Some(postgres) = Postgres::start() else { return };
    for to_postgres in [true, false] {
        let folder = folder();
        let files = Place::folder(folder.path().join("files"));
        let data = folder.path().join("beside-the-database");
        let database = Place { data, database: Some(postgres.database()) };
        let (from, to) = if to_postgres { (&files, &database) } else { (&database, &files) };
        a_service_goes_on_elsewhere(from, to, folder.path());
    }
}

#[test]
fn what_is_there_is_not_thrown_away_unasked() {
    let folder = folder();
    let place = Place::folder(folder.path().join("data"));
    let file = folder.path().join("backup.zip");
    let nothing = place.back_up(&file).unwrap_err();
    assert!(nothing.contains("nothing to back up") && !file.exists(), "{nothing}");

    let mut server = place.up();
    server.run(&["vim", "register", "--type", "sim", "before"]);
    place.back_up(&file).unwrap();
    let twice = place.back_up(&file).unwrap_err();
    assert!(twice.contains("exists"), "{twice}");
    let running = place.restore(&file).unwrap_err();
    assert!(running.contains("another windlass works in"), "{running}");
    server.run(&["vim", "register", "--type", "sim", "after"]);
    server.kill();
    let full = place.restore(&file).unwrap_err();
    assert!(full.contains("nfvo.db") && full.contains("--replace"), "{full}");
    let server = place.up();
    assert_eq!(server.json(&["vim", "list"]).as_array().unwrap().len(), 2);
    drop(server);

    place.run(&["restore", file.to_str().unwrap(), "--replace"]).unwrap();
    let server = place.up();
    assert_eq!(server.json(&["vim", "list"])[0]["name"], "before");
    assert_eq!(server.json(&["vim", "list"]).as_array().unwrap().len(), 1);
    drop(server);

    fs::write(place.data.join("restoring"), "").unwrap();
    let half = place.run(&["up", "--listen", "127.0.0.1:0"]).unwrap_err();
    assert!(half.contains("did not come to its end"), "{half}");
    place.run(&["restore", file.to_str().unwrap(), "--replace"]).unwrap();
    drop(place.up());
}

/// A small backup with every kind of part.
fn small_backup(folder: &Path) -> (Place, PathBuf) {
    let place = Place::folder(folder.join("data"));
    let server = place.up();
    let ring = root().join("tests/crashes/ring");
    server.run(&["package", "onboard", ring.join("node").to_str().unwrap()]);
    drop(server);
    let file = folder.join("backup.zip");
    place.back_up(&file).unwrap();
    (place, file)
}

/// The record that ends an archive, and says where its directory is.
const END_BYTES: usize = 22;

#[test]
fn a_flipped_byte_in_any_part_is_found_and_nothing_is_touched() {
    let folder = folder();
    let (_, file) = small_backup(folder.path());
    let whole = fs::read(&file).unwrap();
    let elsewhere = Place::folder(folder.path().join("elsewhere"));
    let damaged = folder.path().join("damaged.zip");
    let mut places = vec![("the directory".to_owned(), whole.len() - END_BYTES)];
    let mut archive = ZipArchive::new(File::open(&file).unwrap()).unwrap();
    for index in 0..archive.len() {
        let part = archive.by_index(index).unwrap();
        let begin = usize::try_from(part.data_start().unwrap()).unwrap();
        let length = usize::try_from(part.compressed_size()).unwrap();
        places.push((part.name().unwrap().into_owned(), begin + length / 2));
    }
    let parts: Vec<&str> = places.iter().map(|(name, _)| name.as_str()).collect();
    for part in ["nfvo.jsonl", "vnfm.jsonl", "key", "manifest.json"] {
        assert!(parts.contains(&part), "{parts:?}");
    }
    assert!(parts.iter().any(|part| part.starts_with("blobs/")), "{parts:?}");
    for (part, at) in places {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        fs::write(&damaged, bytes).unwrap();
        let refused = elsewhere.restore(&damaged).unwrap_err();
        assert!(refused.contains("damaged"), "{part}: {refused}");
        assert!(!elsewhere.data.exists(), "{part}");
    }
    fs::write(&damaged, &whole[..whole.len() / 2]).unwrap();
    assert!(elsewhere.restore(&damaged).unwrap_err().contains("damaged"));
    elsewhere.restore(&file).unwrap();
}

/// The same archive with another manifest; its checksums are right.
fn with_manifest(file: &Path, to: &Path, change: impl FnOnce(&mut Value)) {
    let mut archive = ZipArchive::new(File::open(file).unwrap()).unwrap();
    let mut out = ZipWriter::new(File::create(to).unwrap());
    let mut text = String::new();
    archive.by_name("manifest.json").unwrap().read_to_string(&mut text).unwrap();
    let mut manifest: Value = serde_json::from_str(&text).unwrap();
    change(&mut manifest);
    for index in 0..archive.len() {
        let part = archive.by_index(index).unwrap();
        if part.name().unwrap() != "manifest.json" {
            out.raw_copy_file(part).unwrap();
        }
    }
    out.start_file("manifest.json", SimpleFileOptions::default()).unwrap();
    out.write_all(manifest.to_string().as_bytes()).unwrap();
    out.finish().unwrap().rewind().unwrap();
}

#[test]
fn a_backup_of_a_newer_windlass_is_refused_with_its_version() {
    let folder = folder();
    let (_, file) = small_backup(folder.path());
    let elsewhere = Place::folder(folder.path().join("elsewhere"));
    let changed = folder.path().join("changed.zip");
    let newer_form = |manifest: &mut Value| {
        manifest["format"] = 2.into();
        manifest["windlass"] = "7.0.0".into();
    };
    let newer_tables = |manifest: &mut Value| {
        let schema = &mut manifest["databases"]["vnfm"];
        schema["windlass"] = "7.0.0".into();
        schema["migrations"].as_array_mut().unwrap().push("29990101000000".into());
    };
    for change in [&newer_form as &dyn Fn(&mut Value), &newer_tables] {
        with_manifest(&file, &changed, change);
        let refused = elsewhere.restore(&changed).unwrap_err();
        assert!(refused.contains("Windlass 7.0.0"), "{refused}");
        assert!(!elsewhere.data.exists());
    }
    with_manifest(&file, &changed, |manifest| {
        manifest["parts"].as_array_mut().unwrap().pop();
    });
    assert!(elsewhere.restore(&changed).unwrap_err().contains("damaged"));
}

#[test]
fn content_that_goes_while_a_backup_is_made_is_told() {
    let folder = folder();
    let (place, _) = small_backup(folder.path());
    for entry in fs::read_dir(place.data.join("blobs/sha256")).unwrap() {
        fs::remove_dir_all(entry.unwrap().path()).unwrap();
    }
    let file = folder.path().join("second.zip");
    let refused = place.back_up(&file).unwrap_err();
    assert!(refused.contains("try again"), "{refused}");
    assert!(!file.exists());
}
