//! Packages that mean harm: each meets a bound, and is told what, where and what to do.

use std::io::{Cursor, Write};
use std::time::{Duration, Instant};

use crate::common::{Zip, minimal_vnfd};
use windlass_descriptors::package::Limits;
use windlass_descriptors::{Package, PackageError, read_vnf_package};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// No package may keep a reader busy for longer, also in a build for debugging on a busy machine.
const LONG: Duration = Duration::from_secs(30);

/// What is told of an archive that is not opened.
fn refusal(archive: impl Into<Vec<u8>>) -> String {
    let refused = Package::open(Cursor::new(archive.into())).expect_err("the archive is refused");
    let source = std::error::Error::source(&refused).map(|source| format!(": {source}"));
    format!("{refused}{}", source.unwrap_or_default())
}

/// Every error that is found in an archive which can be opened.
fn errors(zip: Zip) -> Vec<String> {
    let mut package = Package::open(zip.open()).unwrap();
    let start = Instant::now();
    let reading = read_vnf_package(&mut package);
    assert!(start.elapsed() < LONG, "it took {:?}", start.elapsed());
    assert!(reading.value.is_none(), "a hostile package is read");
    reading.errors().map(ToString::to_string).collect()
}

fn descriptor(text: impl AsRef<str>) -> Zip {
    Zip::new()
        .file("vnfd.yaml", minimal_vnfd().as_bytes())
        .file(
            "TOSCA-Metadata/TOSCA.meta",
            b"TOSCA-Meta-File-Version: 1.0\nEntry-Definitions: Definitions/top.yaml\n",
        )
        .file("Definitions/top.yaml", text.as_ref().as_bytes())
}

fn zeros(entries: usize, each: usize) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let chunk = vec![0; each];
    for index in 0..entries {
        zip.start_file(format!("Files/{index}"), SimpleFileOptions::default()).unwrap();
        zip.write_all(&chunk).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The offset of the last place where some bytes stand.
fn last(bytes: &[u8], mark: &[u8]) -> usize {
    bytes.windows(mark.len()).rposition(|window| window == mark).unwrap()
}

#[test]
fn a_bomb_is_refused_by_what_it_would_unpack_to() {
    let told = refusal(zeros(5, 64 << 20));
    assert!(told.contains("unpacks to 335544320"), "{told}");
    assert!(told.contains("more than 200 times") && told.contains("qcow2"), "{told}");
    // A sparse file of a sensible size is no bomb.
    assert!(Package::open(Cursor::new(zeros(1, 64 << 20))).is_ok());
}

#[test]
fn an_entry_that_is_longer_than_its_size_says_is_cut_off() {
    let mut bytes = zeros(1, 1 << 20);
    let size = (1u32 << 20).to_le_bytes();
    let directory = last(&bytes, b"PK\x01\x02");
    assert_eq!(bytes[directory + 24..directory + 28], size);
    bytes[directory + 24..directory + 28].copy_from_slice(&1000u32.to_le_bytes());
    let mut package = Package::open(Cursor::new(bytes)).unwrap();
    let mut content = Vec::new();
    let mut file = package.file("Files/0").unwrap();
    let told = std::io::Read::read_to_end(&mut file, &mut content).unwrap_err().to_string();
    assert!(told.contains("larger than"), "{told}");
    assert!(content.len() <= 1000);
}

#[test]
fn entries_that_share_their_bytes_are_refused() {
    let mut bytes = Zip::new().file("aaa", &[1; 500]).file("bbb", &[2; 500]).bytes();
    // The second entry of the directory is made to point at the data of the first.
    let second = last(&bytes, b"PK\x01\x02");
    bytes[second + 42..second + 46].copy_from_slice(&0u32.to_le_bytes());
    let told = refusal(bytes);
    assert!(told.contains("`aaa` and `bbb` share bytes"), "{told}");
}

#[test]
fn a_directory_is_judged_before_room_is_made_for_it() {
    let mut bytes = zeros(2, 10);
    let end = last(&bytes, b"PK\x05\x06");
    bytes[end + 8..end + 12].copy_from_slice(&[0x20, 0x4e, 0x20, 0x4e]);
    let told = refusal(bytes.clone());
    assert!(told.contains("too much of entries: 20000, and at most 10000"), "{told}");
    // A large archive says it in another record, which may announce any number.
    let mut large = bytes[..end].to_vec();
    let at = large.len() as u64;
    large.extend(b"PK\x06\x06");
    large.extend(44u64.to_le_bytes());
    large.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [1u64 << 40, 1 << 40, 1 << 46, 0] {
        large.extend(number.to_le_bytes());
    }
    large.extend(b"PK\x06\x07\0\0\0\0");
    large.extend(at.to_le_bytes());
    large.extend(1u32.to_le_bytes());
    large.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
    let told = refusal(large);
    assert!(told.contains("too much of entries: 1099511627776"), "{told}");
}

#[test]
fn names_links_and_doubles_are_refused_by_name_and_with_advice() {
    let double = || {
        let mut bytes = Zip::new().file("aaa", b"1").file("aab", b"2").bytes();
        while let Some(at) = bytes.windows(3).position(|window| window == b"aab") {
            bytes[at + 2] = b'a';
        }
        bytes
    };
    let cases: [(Vec<u8>, &[&str]); 6] = [
        (Zip::new().file("../evil", b"x").bytes(), &["\"../evil\"", "without `..`"]),
        (Zip::new().file("/etc/passwd", b"x").bytes(), &["\"/etc/passwd\"", "from the root"]),
        (Zip::new().file("c:\\boot", b"x").bytes(), &["c:\\\\boot"]),
        (Zip::new().symlink("Files/a", "/etc/passwd").bytes(), &["`Files/a`", "the file itself"]),
        (double(), &["`aaa` twice"]),
        (b"a letter to my aunt".to_vec(), &["not a zip archive"]),
    ];
    for (archive, words) in cases {
        let told = refusal(archive);
        for word in words {
            assert!(told.contains(word), "{word:?} is not in: {told}");
        }
    }
}

#[test]
fn a_text_that_means_harm_is_refused_with_its_place() {
    let head = "tosca_definitions_version: tosca_simple_yaml_1_3\n";
    let fours = |name: &str| format!("[ *{name}, *{name}, *{name}, *{name} ]");
    let tower = (1..30).fold("a0: &a0 [ x, x, x, x ]\n".to_owned(), |text, level| {
        text + &format!("a{level}: &a{level} {}\n", fours(&format!("a{}", level - 1)))
    });
    let long = format!("a: &a {}\nb: [ {} ]\n", "x".repeat(1 << 19), "*a, ".repeat(20_000));
    let merged = (1..40).fold("m0: &m0 { a: 1, b: 2 }\n".to_owned(), |text, level| {
        let below = format!("*m{}", level - 1);
        text + &format!("m{level}: &m{level} {{ x: {below}, y: {below}, <<: {below} }}\n")
    });
    let chain = (1..5_000)
        .fold("node_types:\n  t0: { derived_from: tosca.nodes.Root }\n".to_owned(), |text, n| {
            text + &format!("  t{n}: {{ derived_from: t{} }}\n", n - 1)
        });
    let wrong = (0..20_000).fold(
        "topology_template:\n  node_templates:\n    vnf: { type: tosca.nodes.nfv.VNF }\n"
            .to_owned(),
        |text, n| text + &format!("    n{n}: {{ type: tosca.nodes.nfv.no.such.type.{n} }}\n"),
    );
    let cases = [
        ("alias bomb", tower, "top.yaml:", "what aliases repeat counts again"),
        ("long text repeated", long, "top.yaml:3:", "what aliases repeat counts again"),
        ("merges", merged, "top.yaml:", "what aliases repeat counts again"),
        (
            "huge scalar",
            format!("a: {}\n", "x".repeat(2 << 20)),
            "top.yaml:2:4",
            "1048576 are read",
        ),
        ("too many values", format!("a: [ {} ]\n", "1, ".repeat(300_000)), "top.yaml:2:", "200000"),
        ("nested lists", format!("a: {}", "[".repeat(100_000)), "top.yaml:2:", ""),
        ("nested maps", format!("a: {}", "{a: ".repeat(100)), "top.yaml:2:", "64 levels"),
        (
            "nested blocks",
            (0..200).fold(String::new(), |t, n| t + &" ".repeat(n) + "a:\n"),
            "top.yaml:",
            "64 levels",
        ),
        ("tower of types", chain, "top.yaml:", "at most 64 types"),
        ("many wrong names", wrong, "top.yaml:", "no.such.type"),
        (
            "import of itself",
            "imports: [ top.yaml ]\n".to_owned(),
            "top.yaml:2:",
            "Definitions/top.yaml -> Definitions/top.yaml",
        ),
        (
            "import of what is outside",
            "imports: [ ../../../etc/passwd ]\n".to_owned(),
            "top.yaml:2:",
            "leads out of the package",
        ),
    ];
    for (name, body, place, advice) in cases {
        let errors = errors(descriptor(format!("{head}{body}")));
        let told = |error: &String| error.contains(place) && error.contains(advice);
        let longest = errors.iter().map(String::len).max().unwrap_or_default();
        assert!(errors.iter().any(told), "{name}: {:.2000}", format!("{errors:?}"));
        assert!(errors.len() <= 500 && longest < 4_000, "{name}: {} errors", errors.len());
    }
}

#[test]
fn a_text_that_is_too_large_is_refused_unread() {
    let large = "# nothing\n".repeat(500_000);
    let told = errors(descriptor(large)).join("\n");
    assert!(told.contains("Definitions/top.yaml") && told.contains("too large"), "{told}");
}

#[test]
fn what_is_not_utf8_is_told_with_line_and_column() {
    let zip = Zip::new()
        .file("TOSCA-Metadata/TOSCA.meta", b"Entry-Definitions: top.yaml\n")
        .file("top.yaml", b"tosca_definitions_version: tosca_1_3\nna\xc3\xafve: \xff\n");
    let told = errors(zip).join("\n");
    assert!(told.contains("top.yaml:2:8: error[not-utf8]"), "{told}");
    assert!(told.contains("save the file as UTF-8"), "{told}");
}

#[test]
fn a_circle_of_imports_is_told_with_the_circle() {
    let head = "tosca_definitions_version: tosca_simple_yaml_1_3\n";
    let zip = descriptor(format!("{head}imports: [ a.yaml ]\n"))
        .file("Definitions/a.yaml", format!("{head}imports:\n  - b.yaml\n").as_bytes())
        .file("Definitions/b.yaml", format!("{head}imports:\n  - a.yaml\n").as_bytes());
    let told = errors(zip).join("\n");
    assert!(told.contains("Definitions/b.yaml:3:5: error[import-cycle]"), "{told}");
    assert!(
        told.contains("Definitions/a.yaml -> Definitions/b.yaml -> Definitions/a.yaml"),
        "{told}"
    );
}

#[test]
fn files_of_a_descriptor_are_bounded_together() {
    let head = "tosca_definitions_version: tosca_simple_yaml_1_3\n";
    let names: Vec<String> = (0..300).map(|n| format!("f{n}.yaml")).collect();
    let top = format!("{head}imports: [ {} ]\n", names.join(", "));
    let small = names.iter().fold(descriptor(&top), |zip, name| {
        zip.file(&format!("Definitions/{name}"), head.as_bytes())
    });
    let told = errors(small).join("\n");
    assert!(told.contains("too many files") && told.contains("at most 256"), "{told:.500}");
    let body = format!("{head}metadata: [ {} ]\n", "1, ".repeat(150_000));
    let large = names.iter().take(5).fold(descriptor(top), |zip, name| {
        zip.file(&format!("Definitions/{name}"), body.as_bytes())
    });
    let told = errors(large).join("\n");
    assert!(told.contains("hold too much") && told.contains("400000 values"), "{told:.500}");
}

#[test]
fn a_manifest_that_asks_a_thousand_times_for_one_digest_gets_it_computed_once() {
    let line = "Source: Files/image\nAlgorithm: SHA-256\nHash: 00\n\n";
    let manifest = format!("metadata:\n  vnf_product_name: a\n\n{}", line.repeat(20_000));
    let zip = Zip::new()
        .file("vnfd.yaml", minimal_vnfd().as_bytes())
        .file("a.mf", manifest.as_bytes())
        .file("Files/image", &vec![7; 4 << 20]);
    let told = errors(zip);
    assert!(told.len() <= 500, "{} errors", told.len());
    assert!(told[0].contains("a.mf:4:1: error[digest-mismatch]"), "{}", told[0]);
}

#[test]
fn the_bounds_can_be_tightened() {
    let tight = Limits { unpacked_freely_bytes: 1000, unpacked_times: 2, ..Limits::default() };
    let refused = Package::open_within(Zip::new().file("a", &[0; 5000]).open(), tight);
    assert!(matches!(refused, Err(PackageError::Bomb { unpacked: 5000, times: 2, .. })));
}
